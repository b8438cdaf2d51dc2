//! How fast a live stream is screened on this machine: lookups a second, and how long single ones take.
//!
//! ```text
//! cargo run --release --example screen -- --size 100000000
//! ```
//!
//! Writes a set of that size to a temporary file, opens it, and asks for random tokens. With `--rivals` a binary search and
//! a `hashbrown` set in memory answer the same stream: 16 and about 24 bytes of memory a token more.

#[path = "../benches/support/mod.rs"]
mod support;

use std::error::Error;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use hashbrown::HashSet;
use lexopt::prelude::*;
use support::{mix, token};
use veilmatch::screen::{Screen, ScreenIndex};
use veilmatch::{SetFile, Token};

const USAGE: &str = "\
Usage: screen [options]

Options:
  --size N     tokens of the set (default 1000000)
  --memory B   bytes of tokens that are kept in memory (default: all)
  --rivals     measure a binary search and a hash set too
";

/// Tokens of a stream.
const ASKED: u64 = 1 << 22;

/// Lookups that are timed one by one.
const TIMED: usize = 1 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "screen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut size, mut memory, mut rivals) = (1_000_000, u64::MAX, false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("size") => size = parser.value()?.parse()?,
            Long("memory") => memory = parser.value()?.parse()?,
            Long("rivals") => rivals = true,
            Long("help") | Short('h') => return Ok(write!(std::io::stdout(), "{USAGE}")?),
            other => return Err(other.unexpected().into()),
        }
    }
    let mut out = std::io::stdout().lock();
    let file = tempfile::NamedTempFile::new()?;
    let set = support::set("bank", 0..size);
    let mut writer = BufWriter::with_capacity(1 << 20, file.as_file());
    set.write_to(&mut writer)?;
    writer.flush()?;
    drop(writer);
    let set = rivals.then_some(set);

    let start = Instant::now();
    let screened = ScreenIndex::from_file(SetFile::open(file.path())?, memory)?;
    let (seconds, used) = (start.elapsed().as_secs_f64(), screened.memory());
    writeln!(out, "{size} tokens opened and verified in {seconds:.1} s, {} MB of memory", used / 1_000_000)?;
    let screen = Screen::new(screened);
    let hashed: Option<HashSet<Token>> = set.as_ref().map(|set| set.tokens().iter().copied().collect());

    writeln!(out, "{:28}{:>14}{:>12}{:>12}{:>12}", "", "million/s", "p50 ns", "p99 ns", "p99.9 ns")?;
    let nothing = quantiles(&[token(0)], |_| Ok(false))?;
    writeln!(out, "{:28}{:14}{}", "an empty call, as timed", "", columns(nothing))?;
    for (name, hits) in [("misses", 0), ("one hit in a hundred", 1), ("hits", 100)] {
        let asked = stream(size, hits);
        let expected = asked.len() as u64 * hits / 100;
        let now = screen.current();
        let find = |token: &Token| Ok(screen.find(token)?.is_some());
        let mut line = |what: &str, rate: f64, timed: Option<[u64; 3]>| {
            let timed = timed.map(columns).unwrap_or_default();
            writeln!(out, "{:28}{rate:14.1}{timed}", format!("{name}, {what}"))
        };
        line("one by one", rate(&asked, expected, find)?, Some(quantiles(&asked, find)?))?;
        let start = Instant::now();
        let mut found = 0;
        now.find_each(&asked, |_, _| found += 1)?;
        assert_eq!(found, expected);
        line("together", asked.len() as f64 / start.elapsed().as_secs_f64() / 1e6, None)?;
        line("two threads, each", two_threads(&asked, expected, &screen)?, None)?;
        if let (Some(set), Some(hashed)) = (&set, &hashed) {
            let search = |token: &Token| Ok(set.contains(token));
            line("binary search", rate(&asked, expected, search)?, Some(quantiles(&asked, search)?))?;
            let search = |token: &Token| Ok(hashed.contains(token));
            line("hashbrown", rate(&asked, expected, search)?, Some(quantiles(&asked, search)?))?;
        }
    }
    Ok(())
}

/// Random tokens, of which so many in a hundred are in the set.
fn stream(size: u64, hits: u64) -> Vec<Token> {
    let asked = ASKED / 100 * 100;
    (0..asked).map(|n| token(if n % 100 < hits { mix(n) % size } else { (1 << 40) + n })).collect()
}

type Found = Result<bool, veilmatch::Error>;

/// Million lookups a second; the second time, when all is warm.
fn rate(asked: &[Token], expected: u64, find: impl Fn(&Token) -> Found) -> Result<f64, veilmatch::Error> {
    let mut seconds = 0.0;
    for _ in 0..2 {
        let (start, mut found) = (Instant::now(), 0);
        for token in asked {
            found += u64::from(find(token)?);
        }
        seconds = start.elapsed().as_secs_f64();
        assert_eq!(found, expected);
    }
    Ok(asked.len() as f64 / seconds / 1e6)
}

/// The same by each of two threads that ask at once.
fn two_threads(asked: &[Token], expected: u64, screen: &Screen) -> Result<f64, veilmatch::Error> {
    let find = |token: &Token| Ok(screen.find(token)?.is_some());
    std::thread::scope(|threads| {
        let other = threads.spawn(|| rate(asked, expected, find));
        let own = rate(asked, expected, find)?;
        Ok(own.min(other.join().expect("it does not panic")?))
    })
}

/// Median, 99th and 99.9th percentile of single lookups, in nanoseconds, with the time that taking the time takes.
fn quantiles(asked: &[Token], find: impl Fn(&Token) -> Found) -> Result<[u64; 3], veilmatch::Error> {
    let mut times = Vec::with_capacity(TIMED);
    for token in asked.iter().cycle().take(TIMED) {
        let start = Instant::now();
        black_box(find(token)?);
        times.push(start.elapsed().as_nanos() as u64);
    }
    times.sort_unstable();
    Ok([500, 990, 999].map(|thousandth| times[TIMED / 1000 * thousandth]))
}

fn columns(quantiles: [u64; 3]) -> String {
    quantiles.map(|time| format!("{time:12}")).concat()
}
