//! Names and keys that were agreed earlier.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use veilmatch::terms::{Name, RoundDigest};

#[derive(Debug, Subcommand)]
pub(crate) enum KnownCommand {
    Add(KnownAdd),
    List(KnownList),
}

/// Add names and public keys, once they are confirmed, to the file that --known of other commands reads.
///
/// From a manifest, the command adds all names that are not known yet. It refuses a name that is known with another
/// key, and a key that is known under another name of the coalition; then it adds nothing. If a key was changed, first
/// remove its line from the file, which is text.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veilmatch known add --known efc.known --coalition efc --member bank-a=bank-a.key.pub --hub hub.key.pub\n  \
                        veilmatch known add --known efc.known --round round.json --round-digest 5f7c…"
)]
pub(crate) struct KnownAdd {
    /// The file of known keys; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) known: PathBuf,
    /// A manifest whose digest was compared with that of the others. Required unless --coalition is given
    #[arg(long, value_name = "FILE", conflicts_with_all = ["coalition", "members", "hub"], required_unless_present = "coalition")]
    pub(crate) round: Option<PathBuf>,
    /// The manifest's digest, as it was compared. Any other manifest is refused
    #[arg(long, value_name = "DIGEST", requires = "round")]
    pub(crate) round_digest: Option<RoundDigest>,
    /// The coalition to which the names belong
    #[arg(long, value_name = "NAME")]
    pub(crate) coalition: Option<Name>,
    /// A member, with its public keys (several times)
    #[arg(long = "member", value_name = "NAME=PUBFILE", requires = "coalition")]
    pub(crate) members: Vec<String>,
    /// The hub's public keys
    #[arg(long, value_name = "PUBFILE", requires = "coalition")]
    pub(crate) hub: Option<PathBuf>,
}

/// List the names and keys that are known: coalition, name (@hub for the hub), signing key, sealing key.
#[derive(Debug, Args)]
pub(crate) struct KnownList {
    /// The file of known keys
    #[arg(long, value_name = "FILE")]
    pub(crate) known: PathBuf,
}
