//! The engine: finds the tokens that at least k of N sorted runs hold, in memory or on disk. It knows no sets and no
//! members' names.

mod filter;
pub(crate) mod holders;
pub(crate) mod kernel;
pub(crate) mod large;
mod merge;
mod ranges;
pub(crate) mod scatter;
pub(crate) mod sinks;
pub(crate) mod windows;
