//! What stays at the member: raw values, keys, tokens of its own rows. Needs the feature `member`.

pub mod cross_check;
pub mod identifier;
pub mod key;
pub mod linking;
mod of_round;
#[cfg(feature = "oprf")]
pub mod oprf;
pub mod profile;
pub mod resolve;
pub mod rows;
pub mod tokenize;

pub use identifier::Kind;
pub use key::CoalitionSecret;
pub use rows::{Column, CsvRows, Rows};
pub use tokenize::Tokenizer;
