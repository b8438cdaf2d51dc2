//! Exact matching of hashed identifiers across organisations that may not show each other their data.
//!
//! Each member of a coalition turns its own payment identifiers into tokens: keyed hashes under a key that the members
//! share. A hub without the key finds the tokens that at least k of N members hold, and who holds them. Each member
//! learns about its own rows only.
//!
//! ```text
//!  member                                            hub, without the key               member
//!  raw identifier -> canonical form -> token -> set -> (prefilter) -> intersection ─┬─> share -> my own rows
//!  member::rows      member::identifier  member::tokenize  set        matching      │            member::resolve
//!                                                                                   └─> report
//! ```
//!
//! ```
//! # #[cfg(feature = "member")] fn example() -> Result<(), veilmatch::Error> {
//! use veilmatch::member::resolve::resolve;
//! use veilmatch::member::{CoalitionSecret, Kind, Rows, Tokenizer};
//! use veilmatch::terms::{KeyContext, Name};
//! use veilmatch::{Disclosure, Intersection};
//!
//! // Two members and what their exports hold: the same wallet in two spellings.
//! let (a, b) = (Name::new("bank-a")?, Name::new("bank-b")?);
//! let rows_a = || Rows::values(["0x52908400098527886E0F7030069857D2E4169EE7"]);
//! let rows_b = || Rows::values(["not a wallet", "52908400098527886e0f7030069857d2e4169ee7"]);
//!
//! // Each member, with the coalition's secret.
//! let secret = CoalitionSecret::generate()?;
//! let context = KeyContext::new(Name::new("efc")?, 1, Kind::CryptoEvm.kind_id())?;
//! let tokenizer = Tokenizer::new(&secret, context)?;
//! let set_a = tokenizer.tokenize(&a, rows_a())?.set;
//! let set_b = tokenizer.tokenize(&b, rows_b())?.set;
//!
//! // The hub, without it.
//! let overlaps = Intersection::new().add(&set_a)?.add(&set_b)?.at_least(2)?.collect()?;
//! let share = overlaps.share(&b, Disclosure::Holders)?;
//!
//! // The second member again: its second row, which both have seen.
//! let resolved = resolve(&tokenizer, &b, &share, rows_b())?;
//! assert_eq!(resolved.rows[0].place.row, 2);
//! assert!(share.holders(resolved.rows[0].index).unwrap().names().eq([&a, &b]));
//! # Ok(()) }
//! # #[cfg(feature = "member")] example().unwrap();
//! ```
//!
//! # What it does not protect
//!
//! 1. Identifiers are guessable and every member holds the key. Whoever has the key and another member's tokens can try
//!    all values. So sets go to a hub without the key, and a member gets back only what it holds itself. A hub that
//!    colludes with one member breaks this.
//! 2. A member learns of any identifier that it can guess and dares to contribute.
//! 3. Tokens are pseudonymous personal data, never anonymous.
//!
//! # The trust boundary
//!
//! The boundary is in the features and in the types. The hub is this crate without the feature `member`: no key, no
//! canonical form and no tokeniser is compiled.
//!
//! | stays at the member | only to the hub | to one member | to all |
//! |---|---|---|---|
//! | `CoalitionSecret`, `TokenKey`, `Tokenizer`, `Canonical`, raw rows, its `Identity`, `LinkKeys`, `Pseudonyms` | [`TokenSet`], [`SetFile`], [`Delta`], [`Prefilter`], [`Overlaps`] | [`Share`], [`Notice`], `CrossCheck` | [`Report`], [`terms::KeyContext`], [`terms::KeyId`], [`terms::PublicKeys`], [`Manifest`] |
//!
//! What stays at the member has neither `Serialize` nor `Display`. Its `Debug` shows nothing, and it is wiped if it is
//! secret.
//!
//! # The rooms
//!
//! A room imports only from those above it: [`terms`], [`error`], [`token`], [`progress`], [`outcome`], `oprf` (feature `oprf`), [`container`],
//! [`prefilter`], [`set`], [`matching`], [`screen`], [`report`], [`round`], `custody` (feature `oprf`), [`trail`], `member`
//! (feature `member`), `custodian` (feature `custodian`). ARCHITECTURE.md says what each is for and where a change belongs.
//!
//! Public types are `Send + Sync`. Exceptions: `Rows` and `CsvRows` are only `Send`; writers of requests and evaluations are neither; [`set::SetWriter`] and
//! [`matching::ShareWriter`] are `Send` and `Sync` if their output is. Long calls run in the caller's rayon pool. The library never prints
//! and never reads a clock.

#![cfg_attr(not(test), warn(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used))]

pub mod container;
#[cfg(feature = "custodian")]
pub mod custodian;
#[cfg(feature = "oprf")]
pub mod custody;
mod engine;
pub mod error;
pub mod matching;
#[cfg(feature = "member")]
pub mod member;
#[cfg(feature = "oprf")]
pub mod oprf;
pub mod outcome;
pub mod prefilter;
pub mod progress;
pub mod report;
pub mod round;
pub mod screen;
pub mod set;
mod sha256;
pub mod terms;
pub mod token;
pub mod trail;

pub use container::Metadata;
pub use error::Error;
pub use matching::{Intersection, Notice, Overlaps, Share};
pub use outcome::{Counters, Place, Reason, Rejection};
pub use prefilter::Prefilter;
pub use progress::Progress;
pub use report::Report;
pub use round::handshake::Handshake;
pub use round::{Manifest, Round};
pub use screen::Screen;
pub use set::{Delta, SetBuilder, SetFile, TokenSet};
pub use terms::Disclosure;
pub use token::Token;

/// The specification, whose worked example is tested with the code.
#[doc = include_str!("../SPEC.md")]
pub mod spec {}

#[cfg(all(doctest, any(feature = "member", feature = "seal")))]
mod boundary;

/// The examples of the pages are tested too.
#[cfg(all(doctest, feature = "member"))]
mod pages {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/embedding.md")]
    mod embedding {}
}
