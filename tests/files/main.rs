//! Files: their bytes, and what is refused of damaged, forged and dated ones.

#[cfg(feature = "cli")]
mod dates;
mod disk;
mod forgery;
mod format;

#[path = "../support/mod.rs"]
mod support;
