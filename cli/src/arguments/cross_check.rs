//! What two members compare without the hub.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use veilmatch::terms::Name;

use super::{Agreed, IdentityFrom};

#[derive(Debug, Subcommand)]
pub(crate) enum CrossCheckCommand {
    Make(CrossCheckMake),
    Compare(CrossCheckCompare),
}

impl CrossCheckCommand {
    /// Returns the options of the key file of who runs the command.
    pub(crate) fn identity(&self) -> &IdentityFrom {
        match self {
            Self::Make(make) => &make.told.identity,
            Self::Compare(compare) => &compare.told.identity,
        }
    }
}

/// The options for the shares that are compared.
#[derive(Debug, Args)]
pub(crate) struct OwnShares {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// The member that the shares are for
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// A share from the hub (several times, one for each kind)
    #[arg(long = "share", value_name = "FILE", required = true)]
    pub(crate) shares: Vec<PathBuf>,
}

/// Write what the hub said about me and each other member: one file for each member, sealed to it.
///
/// A file says how many tokens both members are said to hold. It also has a keyed digest of them, under a fresh key
/// that only the recipient can read. The shares must name holders. The command needs no secret.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch cross-check make --round round.json --member bank-a --identity bank-a.key \\\n      \
                        --share bank-a.card.pan-1.vsh --out checks"
)]
pub(crate) struct CrossCheckMake {
    #[command(flatten)]
    pub(crate) told: OwnShares,
    /// Folder to create, with one file MEMBER.vmx for each other member
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Compare what others were told about them and me with what I was told: one line for each member and kind.
///
/// The command finds an overlap that the hub told to one of two members and not to the other. It cannot find what the
/// hub told both members alike, or hid from both. The exit status is 1 if any line says something other than "agrees".
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch cross-check compare --round round.json --member bank-a --identity bank-a.key \\\n      \
                        --share bank-a.card.pan-1.vsh from-b/bank-a.vmx from-c/bank-a.vmx"
)]
pub(crate) struct CrossCheckCompare {
    #[command(flatten)]
    pub(crate) told: OwnShares,
    /// The files that the other members sent
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}
