//! The options of rounds.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use veilmatch::Disclosure;
use veilmatch::terms::{Name, RoundDigest};

#[derive(Debug, Subcommand)]
pub(crate) enum RoundCommand {
    New(RoundNew),
}

/// Write the manifest of a round, to be sent to all members and the hub.
///
/// With keys of the hub and of every member, all files of the round are signed and sealed. Without any keys the round
/// is a trial: its files are neither signed nor sealed, and every command says so.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch round new --coalition efc --epoch 7 --at-least 3 --kind card.pan/1 \\\n      \
                        --member bank-a=bank-a.key.pub --member bank-b=bank-b.key.pub --hub hub.key.pub \\\n      \
                        --not-after 2027-01-31T00:00:00Z --out round.json"
)]
pub(crate) struct RoundNew {
    /// The coalition's name
    #[arg(long, value_name = "NAME")]
    pub(crate) coalition: Name,
    /// The epoch: its number changes with the secret
    #[arg(long, value_name = "N")]
    pub(crate) epoch: u64,
    /// The number of the round
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) number: u64,
    /// Number of members that must have an identifier, 2 or more: the threshold k
    #[arg(long, value_name = "K")]
    pub(crate) at_least: u64,
    /// A kind of identifier to match, such as card.pan (several times). The command kinds lists them
    #[arg(long = "kind", value_name = "KIND", required = true)]
    pub(crate) kinds: Vec<String>,
    /// A suppression list for all kinds, in the place of the one that ships with the program; every member needs it
    #[arg(long, value_name = "FILE")]
    pub(crate) suppression: Option<PathBuf>,
    /// A member, with its public keys (several times). PUBFILE is required unless the round is a trial
    #[arg(long = "member", value_name = "NAME[=PUBFILE]", required = true)]
    pub(crate) members: Vec<String>,
    /// The kinds that a member brings a set of, separated by commas; by default all kinds (several times)
    #[arg(long, value_name = "NAME=KIND[,KIND]")]
    pub(crate) brings: Vec<String>,
    /// The hub's public keys. Required unless the round is a trial
    #[arg(long, value_name = "PUBFILE")]
    pub(crate) hub: Option<PathBuf>,
    /// What members learn about the other holders of their own rows
    #[arg(long, value_enum, default_value_t = Policy::Holders)]
    pub(crate) policy: Policy,
    /// Least tokens of a set: a member with fewer tokens of a kind takes no part in it
    #[arg(long, value_name = "N")]
    pub(crate) min_set: Option<u64>,
    /// Most tokens of a set: a set with more tokens is refused
    #[arg(long, value_name = "N")]
    pub(crate) max_set: Option<u64>,
    /// Withhold cells of the report above 0 and under N
    #[arg(long, value_name = "N")]
    pub(crate) min_result: Option<u64>,
    /// First moment at which files of the round may be used, such as 2026-12-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) not_before: Option<String>,
    /// Last moment at which files of the round may be used
    #[arg(long, value_name = "TIME")]
    pub(crate) not_after: Option<String>,
    /// Purpose of the round, stated in every file
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) purpose: String,
    /// Names and keys that were agreed earlier (known add). Another key for one of these names is refused
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// The custodians without whom no tokens can be made: what is public of their keys (custodian publish). None of them may
    /// be the hub or a member
    #[arg(long, value_name = "FILE")]
    pub(crate) custody: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trail: Trails,
    /// Where to write the manifest
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// What a manifest allows of trails. What is not given is as usual.
#[derive(Debug, Args)]
#[command(next_help_heading = "Trails")]
pub(crate) struct Trails {
    /// Allow trails: from a confirmed case, by identifiers that several members hold, to other members' subjects
    #[arg(long)]
    pub(crate) trail: bool,
    /// Most subjects of one member that an identifier joins [default: 25]
    #[arg(long, value_name = "N", requires = "trail")]
    pub(crate) max_degree: Option<u64>,
    /// Most steps from a confirmed case, 1 to 6 [default: 2]
    #[arg(long, value_name = "N", requires = "trail")]
    pub(crate) max_hops: Option<u64>,
    /// Most subjects of a trail; a larger one is given to nobody [default: 1000]
    #[arg(long, value_name = "N", requires = "trail")]
    pub(crate) max_trail: Option<u64>,
    /// Most confirmed cases of one member [default: 100]
    #[arg(long, value_name = "N", requires = "trail")]
    pub(crate) max_seeds: Option<u64>,
    /// Least members of a trail, 2 or more [default: 2]
    #[arg(long, value_name = "N", requires = "trail")]
    pub(crate) min_members: Option<u64>,
    /// What members of a trail learn about each other [default: counts]
    #[arg(long, value_enum, requires = "trail")]
    pub(crate) trail_policy: Option<Policy>,
    /// A kind that shows a lead and joins nothing (several times). Usual: net.ip, net.domain, net.url, bank.bic,
    /// merchant.mid
    #[arg(long = "leaf", value_name = "KIND", requires = "trail")]
    pub(crate) leaves: Vec<String>,
    /// A kind that joins subjects although it usually does not (several times)
    #[arg(long, value_name = "KIND", requires = "trail")]
    pub(crate) traverse: Vec<String>,
}

/// Whether members learn who the other holders are, or how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Policy {
    /// Names of the holders
    Holders,
    /// Number of holders
    Counts,
}

impl From<Policy> for Disclosure {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Holders => Disclosure::Holders,
            Policy::Counts => Disclosure::Counts,
        }
    }
}

/// Options that say which round it is.
#[derive(Debug, Args)]
pub(crate) struct Agreed {
    /// The manifest of the round
    #[arg(long, value_name = "FILE")]
    pub(crate) round: PathBuf,
    /// The manifest's digest, as it was compared with that of the others. Any other manifest is refused
    #[arg(long, value_name = "DIGEST")]
    pub(crate) round_digest: Option<RoundDigest>,
    /// Names and keys that were agreed earlier (known add). A manifest that gives one of these names another key is
    /// refused
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
}
