//! veilmatch
pub mod domain;
pub mod error;
pub mod format;
mod holders;
#[cfg(feature = "member")]
pub mod identifier;
pub mod intersect;
#[cfg(feature = "member")]
pub mod key;
pub mod prefilter;
pub mod progress;
pub mod rejection;
pub mod report;
#[cfg(feature = "member")]
pub mod resolve;
pub mod set;
pub mod share;
pub mod token;
#[cfg(feature = "member")]
pub mod tokenize;

pub use error::Error;
pub use intersect::{Intersection, Overlaps};
pub use prefilter::Prefilter;
pub use progress::Progress;
pub use rejection::{Counters, Reason, Rejection};
pub use report::Report;
pub use set::{Stamp, TokenSet};
pub use share::{Disclosure, Share};
pub use token::Token;
