//! Secrets, identities and key files: who may hold them, and in which form.

#[cfg(feature = "seal")]
mod identity;
#[cfg(feature = "secret-shares")]
mod secret_shares;

#[path = "../support/mod.rs"]
mod support;
