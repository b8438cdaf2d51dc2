//! What a member tells the hub for trails.

use std::path::PathBuf;

use clap::Args;

use super::Memory;
use super::member::{ConfigFrom, Part, Source};

/// Link my subjects to the identifiers that others have too, for trails: one .vml file for the hub.
///
/// A subject is a customer or an account: all rows with one value in --subject-column, or each row. Its name goes to the
/// hub as a pseudonym, which only the holder of this key file can resolve; identifiers go as tokens of this round alone.
/// The input must be the one that was tokenised. Keep it, and the key file, until the last answer is resolved.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch link --round round.json --secret-file efc-7.secret --member bank-a \\\n      \
                        --identity bank-a.key --share shares --column card=card.pan --subject-column customer \\\n      \
                        --seed-column case --input export.csv --out links"
)]
pub(crate) struct Link {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) part: Part,
    #[command(flatten)]
    pub(crate) source: Source,
    /// The shares from the hub, one for each kind, or a folder with them
    #[arg(long = "share", value_name = "FILE|DIR", num_args = 1.., required = true)]
    pub(crate) shares: Vec<PathBuf>,
    /// The column that says whose a row is, such as the customer number; rows with an empty cell are subjects of their own
    #[arg(long, value_name = "NAME")]
    pub(crate) subject_column: Option<String>,
    /// The column that marks confirmed cases, from which trails begin: offender, victim or unknown in one row of a subject.
    /// Which of them does not leave this machine
    #[arg(long, value_name = "NAME")]
    pub(crate) seed_column: Option<String>,
    /// Keep at most this size of the rows' tokens in memory, such as 512MiB, and the others in files beside the share
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<Memory>,
    /// Folder to create
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
