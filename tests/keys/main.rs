//! Secrets, identities and key files: who may hold them, and in which form. What lies in memory has a program of its
//! own, `secrets_in_memory`.

#[cfg(feature = "seal")]
mod identity;
#[cfg(all(unix, feature = "cli"))]
mod key_commands;
#[cfg(all(unix, feature = "cli"))]
mod passphrases;
#[cfg(all(unix, feature = "cli"))]
mod private_files;
#[cfg(feature = "secret-shares")]
mod secret_shares;
#[cfg(feature = "cli")]
mod weak_keys;

#[path = "../support/mod.rs"]
mod support;
