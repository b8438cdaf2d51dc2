//! The library in Rust on the very column of `tokens.py`, with Arrow arrays and the package's own reading of them.
//!
//! ```text
//! cargo run --release --package veilmatch-twin --bin column --manifest-path python/Cargo.toml -- 4000000
//! ```

#[allow(dead_code, reason = "the package uses it all")]
#[path = "../../../src/column/chunk.rs"]
mod chunk;

use std::sync::Arc;
use std::time::Instant;

use arrow_array::StringArray;
use veilmatch::Error;
use veilmatch::member::{CoalitionSecret, Kind, Rows, Tokenizer};
use veilmatch::terms::{KeyContext, Name};

fn main() -> Result<(), Error> {
    let rows: u64 = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let context = KeyContext::new(Name::new("bench")?, 1, Kind::CryptoEvm.kind_id())?;
    let tokenizer = Tokenizer::new(&CoalitionSecret::generate()?, context)?;
    let values = (1..=rows).map(|row| Some(format!("0x{:040x}", u128::from(row) * 0x9E37_79B9_7F4A_7C15)));
    let array = Arc::new(values.collect::<StringArray>());
    let member = Name::new("bank-a")?;
    let mut best = f64::MAX;
    for _ in 0..5 {
        let column = [chunk::Chunk::new(array.clone()).map_err(std::io::Error::other).map_err(Error::from)];
        let begun = Instant::now();
        let set = tokenizer.tokenize(&member, Rows::column(column))?.set;
        best = best.min(begun.elapsed().as_secs_f64());
        assert_eq!(set.len() as u64, rows);
    }
    println!("Rust, tokenize: {:.2} million rows a second", rows as f64 / best / 1e6);
    Ok(())
}
