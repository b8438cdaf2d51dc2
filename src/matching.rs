//! Matching: every token that at least k of N sets hold, and what each member learns about it.

mod encoding;
mod holders;
pub(crate) mod intersection;
mod notice;
mod overlaps;
#[cfg(feature = "parquet")]
mod parquet;
mod query;
mod share;
mod streamed;

pub use crate::engine::sinks::PairCounts;
pub use holders::Holders;
pub use intersection::{Intersection, SetRef};
pub use notice::Notice;
pub use overlaps::Overlaps;
pub use query::{Query, Tally};
pub use share::Share;
#[cfg(feature = "member")]
pub(crate) use share::Told;
pub use streamed::{ShareWriter, StreamedShare};
