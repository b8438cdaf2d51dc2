//! What a member asks custodians, and what it does with their answers.

use std::path::PathBuf;

use clap::Args;
use veilmatch::terms::Name;

use super::member::{ConfigFrom, Source};
use super::{Agreed, IdentityFrom};

/// Options that say where tokens come from in a round with custodians.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct CustodyFrom {
    /// What is public of the custodians' keys (custody.json). Required if the manifest names a custody
    #[arg(long, value_name = "FILE", requires = "cache")]
    pub(crate) custody: Option<PathBuf>,
    /// The folder with what custodians have evaluated, which unblind writes
    #[arg(long, value_name = "DIR", requires = "custody")]
    pub(crate) cache: Option<PathBuf>,
}

/// Blind identifiers for custodians: one file KIND.MEMBER.CUSTODIAN.vmb for each kind and custodian.
///
/// What the cache has is not asked again. A first request of a kind includes its public test identifiers, for the
/// handshake. What unblinding needs stays in the cache until unblind takes it; there is one request of a kind at a time.
/// Send every custodian its file; answers of as many custodians as the threshold says are enough. If a file was lost, run the
/// command again with its rows: as long as answers are awaited, it writes the same request, and no custodian charges it twice.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch blind --round round.json --custody custody.json --member bank-a --identity bank-a.key \\\n      \
                        --column card=card.pan --input export.csv --cache cache --out requests"
)]
pub(crate) struct Blind {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// What is public of the custodians' keys (custody.json)
    #[arg(long, value_name = "FILE")]
    pub(crate) custody: PathBuf,
    /// The member whose rows these are
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The suppression list that the round was made with; by default the one that ships with the program
    #[arg(long, value_name = "FILE")]
    pub(crate) suppression: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
    /// Least share of the values of a column, in percent, that are accepted or suppressed. With fewer it is most likely
    /// the wrong column, and nothing is asked; 0 allows any
    #[arg(long, value_name = "PERCENT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) min_accepted: u8,
    /// Ask for at most this number of identifiers of a kind; the next request, once this one is unblinded, asks for more. So
    /// requests can be spread over custodians, of whom each evaluates but a part of the quota
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) at_most: Option<u64>,
    /// The folder with what custodians have evaluated; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: PathBuf,
    /// Folder to create with the requests
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Unblind what custodians have evaluated, into the cache.
///
/// All answers are checked. Right ones of as many custodians as the threshold says are enough. Each that is wrong is named and
/// left out. One that is not proven is kept in the cache with its request, as KIND.REQUEST.CUSTODIAN.vme and KIND.REQUEST.vmb: the
/// two show everybody what the custodian did, and no command removes or replaces them. Once the cache is written, what was pending
/// is erased.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch unblind --round round.json --custody custody.json --member bank-a --identity bank-a.key \\\n      \
                        --cache cache card.pan-1.bank-a.notary-1.vme card.pan-1.bank-a.notary-3.vme"
)]
pub(crate) struct Unblind {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// What is public of the custodians' keys (custody.json)
    #[arg(long, value_name = "FILE")]
    pub(crate) custody: PathBuf,
    /// The member whose answers these are
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The folder that blind had
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: PathBuf,
    /// Skip what else lies in a folder of evaluations, and say so
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// The custodians' evaluations, or folders with them
    #[arg(value_name = "FILE|DIR", required = true)]
    pub(crate) evaluations: Vec<PathBuf>,
}
