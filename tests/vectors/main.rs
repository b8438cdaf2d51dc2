//! Test vectors from outside: derivations and tokens, on every back end, and the manifest.

#[cfg(feature = "member")]
mod backends;
mod manifest;
#[cfg(feature = "member")]
mod tokens;

#[path = "../support/mod.rs"]
mod support;
