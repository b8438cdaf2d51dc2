//! How long matching takes by itself, for comparisons with other programs on the same tokens; `benches/rivals`
//! runs it.
//!
//! ```text
//! cargo run --release --example match_tokens -- --at-least 3 a=a.tokens b=b.tokens c=c.tokens
//! ```
//!
//! A file holds raw tokens of 16 bytes in any order, and nothing about what they are; so their terms are made up here.
//! In earnest sets travel in the files of `TokenSet::write_to`, which say under which terms they were made.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lexopt::prelude::*;
use veilmatch::terms::{KeyContext, KeyId, KindId, Name, RuleDigest, SuppressionDigest, Terms};
use veilmatch::{Intersection, Token, TokenSet};

const USAGE: &str = "\
Usage: match_tokens [options] MEMBER=FILE MEMBER=FILE...

A file is raw tokens of 16 bytes. Prints one line of JSON: `nanoseconds` for matching the sets, and
`nanoseconds_with_sets` with building them from the tokens in memory. Options:
  --at-least K   find what at least K members hold (default 2)
  --count        only count; otherwise tokens and holders are collected
  --runs R       match R times and tell the fastest (default 1)
";

struct Arguments {
    members: Vec<(Name, String)>,
    at_least: usize,
    count: bool,
    runs: usize,
}

/// Reads the command line; nothing where help is asked for.
fn parse() -> Result<Option<Arguments>, lexopt::Error> {
    let mut arguments = Arguments { members: Vec::new(), at_least: 2, count: false, runs: 1 };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("at-least") => arguments.at_least = parser.value()?.parse()?,
            Long("count") => arguments.count = true,
            Long("runs") => arguments.runs = parser.value()?.parse()?,
            Value(member) => {
                let member = member.string()?;
                let (name, file) = member.split_once('=').ok_or("a member is MEMBER=FILE")?;
                let name = Name::new(name).map_err(|error| error.to_string())?;
                arguments.members.push((name, file.to_owned()));
            }
            other => return Err(other.unexpected()),
        }
    }
    if arguments.members.is_empty() || arguments.runs == 0 {
        return Err("expected the members' files, and at least one run".into());
    }
    Ok(Some(arguments))
}

fn read(path: &str) -> Result<Vec<Token>, Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let (tokens, rest) = bytes.as_chunks::<{ Token::LEN }>();
    if !rest.is_empty() {
        return Err(format!("{path}: {} bytes are no whole number of tokens", bytes.len()).into());
    }
    Ok(tokens.iter().copied().map(Token::from_bytes).collect())
}

/// What every set of a match has in common; any will do, as long as all have the same.
fn terms() -> Result<Terms, veilmatch::Error> {
    Ok(Terms {
        context: KeyContext::new(Name::new("benchmark")?, 1, KindId::new("opaque.token/1")?)?,
        key_id: KeyId([0; 8]),
        rules: RuleDigest([0; 32]),
        suppression: SuppressionDigest([0; 32]),
        round: None,
    })
}

fn run(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let terms = terms()?;
    let (mut sets, mut building, mut tokens) = (Vec::new(), Duration::ZERO, 0);
    for (member, path) in &arguments.members {
        let read = read(path)?;
        tokens += read.len();
        let start = Instant::now();
        sets.push(TokenSet::from_tokens(terms.clone(), member.clone(), read));
        building += start.elapsed();
    }

    let (mut fastest, mut overlaps) = (Duration::MAX, 0);
    for _ in 0..arguments.runs {
        let start = Instant::now();
        let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set))?;
        let all = all.at_least(arguments.at_least)?;
        if arguments.count {
            overlaps = all.count()?;
            fastest = fastest.min(start.elapsed());
        } else {
            let collected = all.collect()?;
            fastest = fastest.min(start.elapsed());
            overlaps = collected.len() as u64;
        }
    }
    let (matching, whole) = (fastest.as_nanos(), (building + fastest).as_nanos());
    Ok(format!(
        "{{\"overlaps\":{overlaps},\"nanoseconds\":{matching},\"nanoseconds_with_sets\":{whole},\"tokens\":{tokens}}}\n"
    ))
}

fn main() -> ExitCode {
    let output = match parse() {
        Ok(None) => Ok(USAGE.to_owned()),
        Ok(Some(arguments)) => run(&arguments),
        Err(usage) => {
            let _ = writeln!(std::io::stderr(), "match_tokens: {usage}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match output.and_then(|text| Ok(std::io::stdout().write_all(text.as_bytes())?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "match_tokens: {error}");
            ExitCode::from(1)
        }
    }
}
