//! Keys and secrets.

use std::path::PathBuf;

use clap::Args;

/// Make a coalition secret, or with --identity a member's or hub's key pair.
///
/// The file is readable by its owner alone and is never overwritten. With --identity the public keys go to
/// FILE.pub, which is what the others need.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  veilmatch keygen --out efc-7.secret\n  \
                        veilmatch keygen --identity --out bank-a.key")]
pub(crate) struct Keygen {
    /// Make a key pair for signing and sealing instead of a secret
    #[arg(long)]
    pub(crate) identity: bool,
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Split a secret into shares for custodians, some of which restore it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch split --secret-file efc-7.secret --threshold 3 --custodians 5 --out shares"
)]
pub(crate) struct Split {
    /// The secret to split
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: PathBuf,
    /// How many shares restore it
    #[arg(long, value_name = "T")]
    pub(crate) threshold: u8,
    /// How many shares there are
    #[arg(long, value_name = "N")]
    pub(crate) custodians: u8,
    /// Folder to create, with one file for each custodian
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Restore a secret from custodians' shares.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  veilmatch combine --out efc-7.secret share-1 share-4 share-5")]
pub(crate) struct Combine {
    /// Where to write the secret
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The shares
    #[arg(required = true, value_name = "SHARE")]
    pub(crate) shares: Vec<PathBuf>,
}
