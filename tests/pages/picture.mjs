// Takes the picture of the README: the first part of a page, as a browser shows it.
//
//     cargo run --release --example intersect -- --format html > report.html
//     npm --prefix tests/pages ci && node tests/pages/picture.mjs report.html docs/pictures/report.png

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [page, picture] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const tab = await browser.newPage({ viewport: { width: 840, height: 900 } });
await tab.goto(pathToFileURL(path.resolve(page)).href);
const bottom = await tab.locator('h3').nth(2).evaluate((third) => third.getBoundingClientRect().top + scrollY);
await tab.screenshot({ path: picture, fullPage: true, clip: { x: 0, y: 0, width: 840, height: Math.floor(bottom) - 24 } });
await browser.close();
