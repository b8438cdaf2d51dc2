//! What a member tells an authority, and how the authority puts it together.

use std::path::PathBuf;

use clap::Args;
use veilmatch::terms::{Name, TrailId};

use super::{Agreed, IdentityFrom};

/// Tell one authority what I have to do with one trail, in one case: one .vma file, signed by me and sealed to it.
///
/// The statement has the hub's slip, the contact, and my subjects under names for this authority and case alone, with
/// distances and kinds. It has no identifier, no token and no row. It asks that records be preserved, and is no order. Nobody
/// but the authority learns of it. Keep the key file and the input: with them alone I can tell, on an order, who is meant.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch release --round round.json --member bank-a --identity bank-a.key --trail bank-a.vmt \\\n      \
                        --trail-id 5f1c0f6a3b7e4d2c9a8b7c6d5e4f3a2b --authority police.key.pub --case 2026/17 \\\n      \
                        --contact \"Bank A, law enforcement desk, +44 20 7946 0000\" --out bank-a.vma"
)]
pub(crate) struct Release {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// The member whose subjects they are
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The answer from the hub, as it was received
    #[arg(long, value_name = "FILE")]
    pub(crate) trail: PathBuf,
    /// The trail, as resolve lists it
    #[arg(long, value_name = "ID")]
    pub(crate) trail_id: TrailId,
    /// The authority's public keys, as they were compared with it. In a trial too: the statement is for this authority
    #[arg(long, value_name = "PUBFILE")]
    pub(crate) authority: PathBuf,
    /// The authority's number of the case: 1 to 128 printable ASCII characters
    #[arg(long, value_name = "ID")]
    pub(crate) case: String,
    /// Where the authority asks: at most 512 bytes of text
    #[arg(long, value_name = "TEXT")]
    pub(crate) contact: String,
    /// The way that an order has to take, such as the central authority of a treaty
    #[arg(long, value_name = "TEXT")]
    pub(crate) legal_channel: Option<String>,
    /// Where to write the statement
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// At an authority: put members' statements together, and say whom to address for what.
///
/// The command checks the round, each member's signature and the hub's slips. It tells trails and cases apart, and says how
/// many members of a trail have not made a statement, by name where the manifest allows it. Nobody has to make one. It works
/// after the round has ended too.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch referral --round round.json --identity police.key --out referral statements/*"
)]
pub(crate) struct Referral {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// Folder to create, with referral.json, and referral.html, the same as a page for any browser
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// In a folder, skip what is no such file, with a warning. By default it is refused
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// The members' statements. A folder stands for the files *.vma in it
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}
