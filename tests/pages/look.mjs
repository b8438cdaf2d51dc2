// Opens the pages that `make.rs` wrote in a browser and compares them with the reports beside them.
//
//     node look.mjs DIR [SCREENSHOTS]
//
// Each page: one request, no message of the console, no violation in axe-core in light, dark and on paper, every number of
// the report in the tables as a screen reader finds them, and marks as long or as dark as their numbers say.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [folder, screenshots] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

/** The table whose region has this name, as rows of cells. */
const table = (page, label) => page.getByRole('region', { name: `${label}, table`, exact: true })
  .getByRole('table').evaluate((one) => [...one.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())));

/** What a cell says of a count. */
const word = (count) => count === null ? 'withheld'
  : count < 10_000 ? String(count) : String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** Lengths are rounded to tenths of a pixel of the drawing. */
const near = (found, expected, what) =>
  assert.ok(Math.abs(found - expected) <= 0.11, `${what}: expected ${expected}, got ${found}`);

async function compareTables(page, report) {
  const many = report.members.length > 64;
  for (const kind of report.kinds) {
    const names = kind.members.map((member) => member.name);
    const of = (what) => table(page, `${kind.kind}: ${what}`);
    const overlaps = await table(page, 'Overlaps by kind');
    assert.deepEqual(overlaps.find((row) => row[0] === kind.kind)?.[1], word(kind.overlaps));

    const rows = (await of('rows of each member')).slice(1);
    assert.deepEqual(rows, kind.members.map((one) => [
      one.name,
      ...[one.rows, one.accepted, one.unique, one.duplicates, one.changed, one.warnings, one.suppressed].map(word),
      Object.entries(one.rejected).map(([reason, count]) => `${word(count)} ${reason}`).join(', '),
    ]));

    const byCount = Object.entries(kind.by_holder_count);
    if (byCount.some(([, count]) => count !== null)) {
      const shown = byCount.filter(([, count]) => !many || count !== 0);
      assert.deepEqual((await of('numbers of holders')).slice(1), shown.map(([of, count]) => [of, word(count)]));
    }

    if (kind.combinations?.largest.length) {
      const found = (await of('combinations of holders')).slice(1);
      assert.deepEqual(found.map((row) => row[1]), kind.combinations.largest.map((one) => word(one.count)));
      if (!many) assert.deepEqual(found.map((row) => row[0]), kind.combinations.largest.map((one) => one.holders.join(', ')));
    }

    if (kind.pairs.every((pair) => pair.overlap === null)) continue;
    const found = await of('pairs of members');
    if (many) {
      const largest = (await of('largest pairs')).slice(1);
      const expected = [...kind.pairs].filter((pair) => pair.overlap).sort((a, b) => b.overlap - a.overlap).slice(0, 64);
      assert.deepEqual(largest, expected.map((pair) => [pair.a, pair.b, word(pair.overlap)]));
    } else {
      assert.deepEqual(found[0].slice(1), names.slice(0, -1));
      assert.deepEqual(found.slice(1).map((row) => row[0]), names.slice(1));
      for (const { a, b, overlap } of kind.pairs) {
        assert.deepEqual(found[names.indexOf(b)][names.indexOf(a) + 1], word(overlap), `${a}, ${b}`);
      }
    }
  }
}

/** What the drawings and heat maps of a page show, in the drawings' own unit. */
const marks = (page) => page.evaluate(() => {
  const path = (svg, name) => svg.querySelector(`.${name}`)?.getAttribute('d') ?? '';
  const bars = (svg) => [...path(svg, 'bar').matchAll(/M(\S+) (\S+)h([^M]+)/g)].map(([, x, y, h]) => [x, y, h].map(Number));
  const spans = (svg, name) => [...path(svg, name).matchAll(/M(\S+) \S+H([^M]+)/g)].map(([, from, to]) => to - from);
  const of = (svg) => ({
    labelled: svg.getAttribute('aria-labelledby').split(' ').every((id) => document.getElementById(id)?.textContent),
    bars: bars(svg).map(([, , long]) => long),
    barsBegin: bars(svg).map(([x]) => x),
    bottoms: bars(svg).map(([, y]) => y),
    dots: path(svg, 'dots').split('M').slice(1).map((dot) => Number(dot.match(/ (\d+)h0/)[1])),
    whole: [...path(svg, 'whole').matchAll(/h([\d.]+)v/g)].map(([, long]) => Number(long)),
    parts: ['u', 'd', 's'].map((name) => spans(svg, name)),
    // What is drawn must lie within the drawing.
    outside: [...svg.querySelectorAll('text, path')].filter((one) => {
      const [inner, outer] = [one.getBoundingClientRect(), svg.getBoundingClientRect()];
      return inner.width && (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 ||
        inner.bottom > outer.bottom + 1);
    }).map((one) => one.outerHTML.slice(0, 120)),
  });
  const shade = (cell) => Number(getComputedStyle(cell).backgroundColor.match(/^rgba\(.*, ([\d.]+)\)$/)?.[1] ?? 1);
  const heats = [...document.querySelectorAll('table.heat')].map((heat) =>
    [...heat.tBodies[0].rows].flatMap((row) => [...row.querySelectorAll('td')].map((cell) => [cell.textContent, shade(cell)])));
  const drawings = [...document.querySelectorAll('svg[role=img]')].map((svg) => [svg.querySelector('title').textContent, of(svg)]);
  return { heats, ...Object.fromEntries(drawings) };
});

/** Compares lengths with numbers: the largest is 300 long. */
function compareBars(bars, counts, what) {
  const largest = Math.max(...counts);
  const seen = counts.filter((count) => Math.floor((count * 3000) / largest) > 0);
  assert.equal(bars.length, seen.length, what);
  seen.forEach((count, at) => near(bars[at], (count * 300) / largest, what));
}

async function compareMarks(page, report) {
  const { heats, ...drawn } = await marks(page);
  for (const [what, one] of Object.entries(drawn)) {
    assert.ok(one.labelled, what);
    assert.deepEqual(one.outside, [], what);
  }
  compareBars(drawn['Overlaps by kind']?.bars ?? [], report.kinds.map((kind) => kind.overlaps ?? 0), 'overlaps');
  for (const kind of report.kinds) {
    const of = (what) => drawn[`${kind.kind}: ${what}`];
    const many = kind.members.length > 64;
    const holders = of('numbers of holders');
    if (holders) {
      const counts = Object.values(kind.by_holder_count).filter((count) => !many || count > 0).slice(0, 64);
      compareBars(holders.bars, counts, `${kind.kind} holders`);
    }
    const upset = of('combinations of holders');
    if (upset) {
      const rows = kind.combinations.largest.slice(0, upset.bars.length);
      compareBars(upset.bars, rows.map((one) => one.count), `${kind.kind} combinations`);
      assert.equal(new Set(upset.barsBegin).size, 1, 'bars begin together');
      const dots = upset.bottoms.map((y) => upset.dots.filter((dot) => dot === y).length);
      assert.deepEqual(dots, rows.map((one) => one.holders.length));
    }
    if (kind.pairs.some((pair) => pair.overlap !== null)) {
      const cells = heats.shift();
      const number = (text) => Number(text.replaceAll('\u202f', ''));
      const largest = kind.pairs.reduce((most, pair) => Math.max(most, pair.overlap ?? 0), 0);
      for (const [text, shade] of cells) {
        const expected = /\d/.test(text) && number(text) ? Math.ceil((10 * number(text)) / largest) / 20 : 0;
        assert.ok(Math.abs(shade - expected) < 0.01, `${text} of ${largest}: ${shade}, expected ${expected}`);
      }
    }
    if (!many) {
      const rows = of('rows of each member');
      const most = Math.max(...kind.members.map((one) => one.rows));
      compareBars(rows.whole, kind.members.map((one) => one.rows), `${kind.kind} rows`);
      ['unique', 'duplicates', 'suppressed'].forEach((name, at) => {
        const all = kind.members.reduce((sum, one) => sum + (one[name] * 300) / most, 0);
        const found = rows.parts[at].reduce((sum, one) => sum + one, 0);
        assert.ok(Math.abs(found - all) <= 0.11 * kind.members.length, `${name}: ${found}, expected ${all}`);
      });
    }
  }
  assert.equal(heats.length, 0);
}

/** The hub's page of trails: tables and rings are what its JSON says. */
async function compareTrails(page, overview) {
  const sent = (await table(page, 'What members sent')).slice(1);
  assert.deepEqual(sent, overview.members.map((one) => [one.member, ...['subjects', 'links', 'seeds', 'too_large', 'dropped',
    'dropped_for_all'].map((what) => word(one[what]))]));
  for (const [at, trail] of overview.trails.entries()) {
    const label = `Trail ${at + 1}: subjects by distance from the seed`;
    const all = trail.rings.flatMap((ring) => ring.members.map((one) => [one.member, String(ring.distance), word(one.subjects)]));
    assert.deepEqual((await table(page, label)).slice(1), all);
    const kinds = Object.entries(trail.joined_by).map(([kind, count]) => [kind, word(count)]);
    assert.deepEqual((await table(page, `Trail ${at + 1}: kinds`)).slice(1), kinds);
    const drawn = page.getByRole('img', { name: label }).first();
    const dots = await drawn.evaluate((svg) => [...svg.querySelectorAll('text.dot, text.seed')].map((one) => one.textContent));
    assert.deepEqual(dots, trail.rings.flatMap((ring) => ring.members.map((one) => String(one.subjects))));
    const places = await drawn.evaluate((svg) => [...svg.querySelectorAll('circle.dot, circle.seed')]
      .map((one) => [one.cx.baseVal.value, one.cy.baseVal.value]));
    const [x, y] = places[0];
    trail.rings.flatMap((ring) => ring.members.map(() => ring.distance)).forEach((distance, dot) =>
      assert.ok(Math.abs(Math.hypot(places[dot][0] - x, places[dot][1] - y) - 58 * distance) < 0.2, `${label}, dot ${dot}`));
  }
}

async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const said = violations.map((one) => `${one.id}: ${one.help}: ${one.nodes[0].html.slice(0, 200)}`);
  assert.deepEqual(said, [], what);
  assert.ok(passes.length > 10, 'axe-core ran');
}

async function open(file, options) {
  // axe-core is put into the page, which its policy forbids; the page itself runs nothing.
  const context = await browser.newContext({ bypassCSP: true, ...options });
  const page = await context.newPage();
  const [requests, messages] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  await page.goto(pathToFileURL(file).href);
  return { context, page, requests, messages };
}

/** The page alone may not scroll sideways, whatever it holds: its parts do. */
async function requireNoOverflow(page, what) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wider <= 0, `${what}: ${wider} pixels wider than the window`);
}

const sizes = { narrow: [360, 800], desk: [1280, 900], large: [3840, 2160] };
const names = fs.readdirSync(folder).filter((name) => name.endsWith('.html')).sort();
assert.ok(names.length >= 10, 'ten cases');
for (const name of names) {
  const file = path.join(folder, name);
  const json = file.replace(/html$/, 'json');
  const report = fs.existsSync(json) ? JSON.parse(fs.readFileSync(json, 'utf8')) : null;
  const large = (report?.members.length ?? 0) > 12;
  for (const [size, [width, height]] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark']) {
      if (large && (size !== 'desk' || colorScheme === 'dark') && !screenshots) continue;
      const viewport = { width, height };
      const { context, page, requests, messages } = await open(file, { viewport, colorScheme });
      const what = `${name}, ${size}, ${colorScheme}`;
      assert.equal(await page.locator('script, img, link, iframe, [onerror]').count(), 0, what);
      await requireNoOverflow(page, what);
      if (size === 'desk' && colorScheme === 'light' && report) {
        await compareTables(page, report);
        await compareMarks(page, report);
      }
      if (size === 'desk' && colorScheme === 'light' && !report) {
        for (const [drawing, one] of Object.entries(await marks(page))) {
          if (drawing !== 'heats') assert.deepEqual([one.labelled, one.outside], [true, []], `${what}: ${drawing}`);
        }
        const overview = file.replace(/html$/, 'overview');
        if (fs.existsSync(overview)) await compareTrails(page, JSON.parse(fs.readFileSync(overview, 'utf8')));
      }
      if (screenshots) {
        await page.screenshot({ path: path.join(screenshots, `${name}-${size}-${colorScheme}.png`), fullPage: !large });
      }
      if (!large || size === 'desk') await accessible(page, what);
      assert.deepEqual(messages, [], what);
      assert.equal(requests.length, 1, `${what}: ${requests}`);
      await context.close();
    }
  }
  const { context, page } = await open(file, { viewport: { width: 1000, height: 1400 } });
  await page.emulateMedia({ media: 'print' });
  if (screenshots) await page.screenshot({ path: path.join(screenshots, `${name}-print.png`), fullPage: !large });
  if (!large) await accessible(page, `${name}, print`);
  await context.close();
  // The policy itself: under it a script that is put in does not run.
  if (name.startsWith('hostile')) {
    const { context, page } = await open(file, { bypassCSP: false });
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.ran), undefined, 'the policy lets a script run');
    await context.close();
  }
  console.log(`${name}: as the report says`);
}
await browser.close();
