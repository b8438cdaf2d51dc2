//! Test vectors from outside: derivations and tokens, on every back end, the manifest, and a statement.

#[cfg(feature = "member")]
mod backends;
#[cfg(all(feature = "member", feature = "seal"))]
mod links;
mod manifest;
#[cfg(all(feature = "member", feature = "seal"))]
mod statement;
#[cfg(feature = "member")]
mod tokens;

#[path = "../support/mod.rs"]
mod support;
