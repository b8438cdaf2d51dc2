//! Secrets and keys: where they come from, and how they are protected.

pub(crate) mod guard;
pub(crate) mod key_command;
pub(crate) mod passphrases;
pub(crate) mod vault;
