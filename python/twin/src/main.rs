//! The library alone, in Rust, on what the package's tests have: it writes what Python and the program must write too.
//!
//! ```text
//! twin SECRET KIND OUT COLUMN_OF_BANK_A COLUMN_OF_BANK_B
//! ```
//!
//! A column is a file of values: four bytes of length, little-endian, and the value; a length of 2³² − 1 is a null.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use veilmatch::member::resolve::resolve;
use veilmatch::member::rows::ColumnChunk;
use veilmatch::member::{CoalitionSecret, Kind, Rows, Tokenizer};
use veilmatch::terms::{KeyContext, Name};
use veilmatch::{Disclosure, Error, Intersection, Token, TokenSet};

#[derive(Clone)]
struct Column {
    bytes: std::sync::Arc<Vec<u8>>,
    ends: std::sync::Arc<Vec<(usize, Option<usize>)>>,
}

impl Column {
    fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path)?;
        let (mut ends, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let len = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
            at += 4;
            match len {
                u32::MAX => ends.push((at, None)),
                len => {
                    ends.push((at, Some(at + len as usize)));
                    at += len as usize;
                }
            }
        }
        Ok(Self { bytes: bytes.into(), ends: ends.into() })
    }
}

impl ColumnChunk for Column {
    fn rows(&self) -> usize {
        self.ends.len()
    }

    fn value(&self, row: usize) -> Option<&[u8]> {
        let (start, end) = self.ends[row];
        Some(&self.bytes[start..end?])
    }
}

fn set(tokenizer: &Tokenizer, member: &Name, column: &Column, out: &Path) -> Result<TokenSet, Error> {
    let begun = Instant::now();
    let set = tokenizer.tokenize(member, Rows::column([Ok(column.clone())]))?.set;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{member}: {:.0} rows a second", column.rows() as f64 / seconds);
    set.write_to(&mut File::create(out.join(format!("{member}.vms")))?)?;
    Ok(set)
}

fn main() -> Result<(), Error> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [secret, kind, out, a, b] = &arguments[..] else { panic!("expected SECRET KIND OUT COLUMN COLUMN") };
    let kind: Kind = kind.to_str().unwrap_or_default().parse()?;
    let context = KeyContext::new(Name::new("efc")?, 7, kind.kind_id())?;
    let tokenizer = Tokenizer::new(&CoalitionSecret::read_file(secret)?, context)?;
    let (a, b) = (Column::read(a)?, Column::read(b)?);
    let mut tokens = File::create(out.join("tokens"))?;
    let (mut bytes, mut reasons) = (Vec::new(), String::new());
    for outcome in tokenizer.tokens((0..a.rows()).map(|row| a.value(row).unwrap_or_default())) {
        let token = outcome.unwrap_or_default().map_or([0; Token::LEN], |token| *token.as_bytes());
        bytes.extend_from_slice(&token);
        reasons += match outcome {
            Ok(Some(_)) => "",
            Ok(None) => "suppressed",
            Err(reason) => reason.name(),
        };
        reasons.push('\n');
    }
    tokens.write_all(&bytes)?;
    fs::write(out.join("reasons"), reasons)?;
    let (bank_a, bank_b) = (Name::new("bank-a")?, Name::new("bank-b")?);
    let (set_a, set_b) = (set(&tokenizer, &bank_a, &a, out)?, set(&tokenizer, &bank_b, &b, out)?);
    let overlaps = Intersection::new().add(&set_a)?.add(&set_b)?.at_least(2)?.collect()?;
    overlaps.write_to(&mut File::create(out.join("overlaps.vmo"))?)?;
    let share = overlaps.share(&bank_a, Disclosure::Holders)?.with_own_set(&set_a)?;
    share.write_to(&mut File::create(out.join("share.vsh"))?)?;
    let mut rows = String::new();
    for found in resolve(&tokenizer, &bank_a, &share, Rows::column([Ok(a)]))?.rows {
        rows += &format!("{},{}\n", found.place.row, share.holder_count(found.index));
    }
    Ok(fs::write(out.join("rows"), rows)?)
}
