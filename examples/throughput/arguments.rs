//! The command line of the example.

use std::ops::RangeInclusive;

use lexopt::prelude::*;

pub(crate) const USAGE: &str = "\
Usage: throughput [options]     measures each stage on this machine, in about a minute

  --size N           tokens of the largest stages, from 1000 on (default 10000000);
                     memory is about 60 bytes each
  --format FORMAT    text (default), or json: an array of objects with
                     stage, what, ns_per_item, items, threads

Other programs that run meanwhile distort what is measured.
";

/// Below, groups would be empty; above, a token's number would not fit the generator.
const SIZES: RangeInclusive<u64> = 1_000..=1_000_000_000;

/// What to do.
pub(crate) enum Arguments {
    Help,
    Measure(Job),
}

/// How much to measure, and how to print it.
pub(crate) struct Job {
    pub(crate) size: u64,
    pub(crate) json: bool,
}

/// Reads the command line, or says in one line what is wrong with it.
pub(crate) fn parse() -> Result<Arguments, lexopt::Error> {
    let mut job = Job { size: 10_000_000, json: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Arguments::Help),
            Long("size") => {
                job.size = parser.value()?.parse()?;
                if !SIZES.contains(&job.size) {
                    return Err(format!("--size takes {} to {}", SIZES.start(), SIZES.end()).into());
                }
            }
            Long("format") => {
                job.json = match parser.value()?.string()?.as_str() {
                    "json" => true,
                    "text" => false,
                    _ => return Err("--format takes text or json".into()),
                };
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Arguments::Measure(job))
}
