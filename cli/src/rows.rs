//! Raw identifiers: where they come from, and the digest of what was read.

mod headers;
mod one_file;
pub(crate) mod raw_input;
pub(crate) mod source;
