//! Raw identifiers: where they come from, and the digest of what was read.

pub(crate) mod headers;
mod layout;
mod one_file;
pub(crate) mod raw_input;
pub(crate) mod records;
pub(crate) mod remembered;
pub(crate) mod source;
pub(crate) mod stream_lines;
pub(crate) mod wanted;
