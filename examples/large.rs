//! Sets larger than memory: makes them on disk, matches them, and builds one from lines within a budget.
//!
//! ```sh
//! cargo run --release --example large -- sets --size 500000000 --folder DIR       # two sets, half of it shared
//! cargo run --release --example large -- read --folder DIR                        # the disk's own rate
//! cargo run --release --example large -- intersect --folder DIR
//! cargo run --release --example large -- build --size 500000000 --memory 1800 --folder DIR
//! ```
//!
//! Each says how long it took, and its peak memory. Sets are made in order, so that nothing is sorted; lines are made as
//! they are read. What is to be measured from a cold disk needs the page cache dropped before.
//!
//! On 2 cores of an Intel Xeon with AVX-512, 500 M tokens a set, 8 GB each, on a shared disk that reads 0.5 to 1.3 GB/s:
//! matching both from a cold disk takes 11.7 ns a token and 72 MiB (reading both in one go 21.7), half a minute later 5.6;
//! verifying one set 3.7 to 4.0, and the compressions alone 2.5; building one from lines within 1,800 MiB 169.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use veilmatch::member::identifier::Kind;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::rows::Rows;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::set::SetWriter;
use veilmatch::terms::{KeyContext, KeyId, KindId, Name, RuleDigest, SuppressionDigest, Terms};
use veilmatch::{Intersection, SetBuilder, SetFile, Token};

type Failure = Box<dyn std::error::Error>;

struct Arguments {
    command: String,
    size: u64,
    memory: u64,
    folder: PathBuf,
}

fn main() -> Result<(), Failure> {
    let arguments = parse()?;
    let folder = &arguments.folder;
    match arguments.command.as_str() {
        "sets" => sets(folder, arguments.size)?,
        "read" => read(folder)?,
        "intersect" => intersect(folder)?,
        "build" => build(folder, arguments.size, arguments.memory << 20)?,
        _ => return Err("expected sets, read, intersect or build".into()),
    }
    if let Some(peak) = peak_memory() {
        println!("peak memory {peak}");
    }
    Ok(())
}

fn parse() -> Result<Arguments, Failure> {
    use lexopt::prelude::*;
    let mut arguments =
        Arguments { command: String::new(), size: 10_000_000, memory: 512, folder: PathBuf::from(".") };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("size") => arguments.size = parser.value()?.parse()?,
            Long("memory") => arguments.memory = parser.value()?.parse()?,
            Long("folder") => arguments.folder = parser.value()?.into(),
            Value(command) if arguments.command.is_empty() => arguments.command = command.string()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(arguments)
}

/// Two sets of so many tokens, of which every second one is in both.
fn sets(folder: &Path, size: u64) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let terms = Terms {
        context: KeyContext::new(Name::new("large")?, 1, KindId::new("card.pan/1")?)?,
        key_id: KeyId([1; 8]),
        rules: RuleDigest([2; 32]),
        suppression: SuppressionDigest([3; 32]),
        round: None,
    };
    for (number, member) in (1..).zip(["a", "b"]) {
        let start = Instant::now();
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path_of(folder, member))?);
        let mut writer = SetWriter::begin(terms.clone(), Name::new(member)?, &mut out)?;
        let mut tokens = Vec::with_capacity(1 << 16);
        for first in (0..size).step_by(1 << 16) {
            tokens.clear();
            tokens.extend((first..size.min(first + (1 << 16))).map(|at| token(at, size, number)));
            writer.push(&tokens)?;
        }
        writer.finish()?;
        out.into_inner()?.sync_all()?;
        say("written", size, start);
    }
    Ok(())
}

fn path_of(folder: &Path, member: &str) -> PathBuf {
    folder.join(format!("{member}.vms"))
}

/// The token at a place in a set: its share of the way through all, and somewhere within its step.
fn token(at: u64, size: u64, set: u64) -> Token {
    let shared = at.is_multiple_of(2);
    let step = u64::MAX / size;
    let seed = mix(2 * at + u64::from(!shared) * set * size);
    let leading = at * step + seed % step;
    Token::from_bytes((u128::from(leading) << 64 | u128::from(mix(seed))).to_be_bytes())
}

/// A 64-bit mixer (SplitMix64).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Reads both files from beginning to end, as a disk likes it best.
fn read(folder: &Path) -> Result<(), Failure> {
    let mut buffer = vec![0; 1 << 20];
    for member in ["a", "b"] {
        let start = Instant::now();
        let mut file = File::open(path_of(folder, member))?;
        let mut bytes = 0;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => bytes += read as u64,
            }
        }
        say("read in one go", bytes / Token::LEN as u64, start);
    }
    Ok(())
}

fn intersect(folder: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    let (a, b) = (SetFile::open(path_of(folder, "a"))?, SetFile::open(path_of(folder, "b"))?);
    println!("opened in {:.2} s", start.elapsed().as_secs_f64());
    let matched = Intersection::new().add(&a)?.add(&b)?.at_least(2)?;
    println!("told: at most {} MiB besides indexes and answer", matched.memory() >> 20);
    let start = Instant::now();
    let overlaps = matched.count()?;
    say("matched", a.len() + b.len(), start);
    assert_eq!(overlaps, a.len().min(b.len()).div_ceil(2), "every second token is in both");
    let start = Instant::now();
    a.verify()?;
    say("verified", a.len(), start);
    Ok(())
}

/// Builds a set from lines of card numbers that are made as they are read.
fn build(folder: &Path, size: u64, memory: u64) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    println!("needs up to {} MiB of disk", SetBuilder::disk_need(size) >> 20);
    let context = KeyContext::new(Name::new("large")?, 1, Kind::CardPan.kind_id())?;
    let tokenizer = Tokenizer::new(&CoalitionSecret::generate()?, context)?;
    let path = path_of(folder, "built");
    let start = Instant::now();
    let builder = SetBuilder::new(tokenizer.terms().clone(), Name::new("a")?, memory, &folder.join("spill"))?;
    tokenizer.tokenize_into(&builder, Rows::lines(Cards::new(size)))?;
    say("tokenised and sorted", size, start);
    let mut out = File::create(&path)?;
    let set = builder.write_to(&mut out)?;
    out.sync_all()?;
    say("built", size, start);
    let rejected = set.counters().rejected.total();
    println!("{} distinct, {} rejected", set.tokens(), rejected);
    assert_eq!(set.counters().rows, size);
    Ok(())
}

/// Lines of 16-digit numbers under an unassigned prefix that satisfy Luhn.
struct Cards {
    next: u64,
    size: u64,
    line: [u8; 17],
    given: usize,
}

impl Cards {
    fn new(size: u64) -> Self {
        Self { next: 0, size, line: [b'\n'; 17], given: 17 }
    }

    fn make(&mut self) {
        self.line[..4].copy_from_slice(b"9999");
        let mut number = mix(self.next) % 100_000_000_000;
        for place in (4..15).rev() {
            self.line[place] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        let value = |place: usize| {
            let doubled = u32::from(self.line[place] - b'0') << (1 - place % 2);
            doubled / 10 + doubled % 10
        };
        let sum: u32 = (0..15).map(value).sum();
        self.line[15] = b'0' + ((10 - sum % 10) % 10) as u8;
        self.next += 1;
        self.given = 0;
    }
}

impl Read for Cards {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut rest = &mut buffer[..];
        loop {
            let given = rest.write(&self.line[self.given..])?;
            self.given += given;
            if self.given < self.line.len() || self.next == self.size {
                let left = rest.len();
                return Ok(buffer.len() - left);
            }
            self.make();
        }
    }
}

fn say(what: &str, tokens: u64, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    let rate = tokens as f64 / seconds;
    println!(
        "{what}: {tokens} in {seconds:.2} s: {:.1} M/s, {:.2} ns each, {:.0} MB/s",
        rate / 1e6,
        1e9 / rate,
        rate * Token::LEN as f64 / 1e6
    );
}

/// The most memory that this process has had, where Linux says so.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}
