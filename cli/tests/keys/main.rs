//! Secrets and keys: from files, commands and terminals, and never where others can read them.
#![cfg(feature = "member")]

#[cfg(unix)]
mod key_commands;
#[cfg(unix)]
mod passphrases;
#[cfg(unix)]
mod private_files;
mod secret_ids;
#[cfg(target_os = "linux")]
mod secrets_in_memory;
mod weak_keys;

#[path = "../support/mod.rs"]
mod support;
