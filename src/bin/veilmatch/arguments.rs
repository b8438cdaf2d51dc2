//! The command line: what can be asked, with help and examples.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use veilmatch::Disclosure;
use veilmatch::domain::{ContentDigest, Name, RoundDigest};

/// Exact k-of-N matching of keyed-hashed payment identifiers.
///
/// Members tokenise their own rows under a secret that the hub does not have; the hub matches the tokens; each
/// member learns about its own rows only.
#[derive(Debug, Parser)]
#[command(
    name = "veilmatch",
    version,
    after_help = "Exit status: 0 done, 1 error or refusal, 2 wrong use.\n\
                  A round from start to end: docs/runbook.md. What is protected and what is not: docs/security.md."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Threads to use; by default one for each processor
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Replace what is there under the name of an output (never a key or secret)
    #[arg(long, global = true)]
    pub(crate) force: bool,
    /// Append one line about this command to a run record
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Who runs the command, for the run record
    #[arg(long, global = true, value_name = "NAME", requires = "log")]
    pub(crate) operator: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Keygen(Keygen),
    Split(Split),
    Combine(Combine),
    /// Prepare a round
    #[command(subcommand)]
    Round(RoundCommand),
    Tokenize(Tokenize),
    DryRun(DryRun),
    Intersect(Intersect),
    Resolve(Resolve),
    Inspect(Inspect),
    Verify(Verify),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum RoundCommand {
    New(RoundNew),
}

/// Write the manifest of a round, to be sent to all members and the hub.
///
/// With keys of the hub and of every member, all files of the round are signed and sealed. Without any it is a
/// trial: unsigned, unsealed, and every command says so.
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
    /// How many members must have an identifier, 2 or more
    #[arg(long, value_name = "K")]
    pub(crate) at_least: u64,
    /// What is matched, such as card.pan (several times)
    #[arg(long = "kind", value_name = "KIND", required = true)]
    pub(crate) kinds: Vec<String>,
    /// A member, with its public keys (several times)
    #[arg(long = "member", value_name = "NAME[=PUBFILE]", required = true)]
    pub(crate) members: Vec<String>,
    /// The hub's public keys
    #[arg(long, value_name = "PUBFILE")]
    pub(crate) hub: Option<PathBuf>,
    /// What members learn about the other holders of their own rows
    #[arg(long, value_enum, default_value_t = Policy::Holders)]
    pub(crate) policy: Policy,
    /// A member with fewer tokens of a kind takes no part in it
    #[arg(long, value_name = "N")]
    pub(crate) min_set: Option<u64>,
    /// A set with more tokens is refused
    #[arg(long, value_name = "N")]
    pub(crate) max_set: Option<u64>,
    /// Cells of the report under N are withheld
    #[arg(long, value_name = "N")]
    pub(crate) min_result: Option<u64>,
    /// Not to be used before, such as 2026-12-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) not_before: Option<String>,
    /// Not to be used after
    #[arg(long, value_name = "TIME")]
    pub(crate) not_after: Option<String>,
    /// What the round is for, stated in every file
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) purpose: String,
    /// Where to write the manifest
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Whether members learn who or how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Policy {
    /// Who they are
    Holders,
    /// How many they are
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

/// Which round.
#[derive(Debug, Args)]
pub(crate) struct Agreed {
    /// The manifest of the round
    #[arg(long, value_name = "FILE")]
    pub(crate) round: PathBuf,
    /// The manifest's digest, as it was compared with the others'; any other manifest is refused
    #[arg(long, value_name = "DIGEST")]
    pub(crate) round_digest: Option<RoundDigest>,
}

/// Whose part in which round a command plays.
#[derive(Debug, Args)]
pub(crate) struct Part {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// The coalition's secret
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: PathBuf,
    /// Whose rows these are
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Name,
    /// The member's key file; needed but in a trial
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
}

/// Where the raw identifiers are.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The kind of all identifiers, one a line or in the first column
    #[arg(long, value_name = "KIND", conflicts_with = "columns")]
    pub(crate) kind: Option<String>,
    /// A column of a CSV export and its kind (several times)
    #[arg(long = "column", value_name = "NAME=KIND")]
    pub(crate) columns: Vec<String>,
    /// How the input is laid out; by default csv where columns are named or the file ends in .csv
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<InputFormat>,
    /// What separates the fields of a CSV export
    #[arg(long, value_name = "CHARACTER", default_value = ",")]
    pub(crate) delimiter: char,
    /// How the input's national phone numbers are dialled: calling code/trunk prefix, such as 44/0
    #[arg(long, value_name = "PLAN")]
    pub(crate) national_plan: Option<String>,
    /// The raw identifiers; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// One identifier a line
    Lines,
    /// A header, then records (RFC 4180)
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Turn raw identifiers into sets of tokens for the hub: one .vms file a kind.
///
/// Rows that are no identifiers of their kind are counted by reason, on standard error. Try dry-run first. With
/// --handshake only public test identifiers are tokenised, for every kind of the round.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veilmatch tokenize --round round.json --secret-file efc-7.secret --member bank-a \\\n      \
                        --identity bank-a.key --column card=card.pan --column mail=email.mailbox --input export.csv --out sets\n  \
                        veilmatch tokenize --round round.json --secret-file efc-7.secret --member bank-a \\\n      \
                        --identity bank-a.key --handshake --out handshake"
)]
pub(crate) struct Tokenize {
    #[command(flatten)]
    pub(crate) part: Part,
    /// Tokenise public test identifiers instead of rows
    #[arg(long, conflicts_with_all = ["kind", "columns", "input"])]
    pub(crate) handshake: bool,
    #[command(flatten)]
    pub(crate) source: Option<Source>,
    /// Folder to create
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Say what would become of the rows: no secret, no output but counts, reasons and row numbers.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch dry-run --column phone=phone.e164 --national-plan 44/0 --input export.csv"
)]
pub(crate) struct DryRun {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) summary: OutputFormat,
}

/// At the hub: match the members' sets, and write a report and each member's shares.
///
/// Threshold and policy are those of the manifest. With --handshake, say whether the members' secret, rules and
/// round agree.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veilmatch intersect --round round.json --identity hub.key --handshake handshakes/*/*.vmh\n  \
                        veilmatch intersect --round round.json --identity hub.key --out result sets/*/*.vms"
)]
pub(crate) struct Intersect {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// The hub's key file; needed but in a trial
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Compare handshakes instead of matching sets
    #[arg(long, conflicts_with_all = ["out", "min_result"])]
    pub(crate) handshake: bool,
    /// Folder to create
    #[arg(long, value_name = "DIR", required_unless_present = "handshake")]
    pub(crate) out: Option<PathBuf>,
    /// Withhold cells of the report under N, if that is more than the manifest's
    #[arg(long, value_name = "N")]
    pub(crate) min_result: Option<u64>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) format: OutputFormat,
    /// The members' sets, or handshakes
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// List which of my own rows others have seen, as CSV on standard output.
///
/// One line for each matching row: row number, kind, number of holders, and their names where the policy allows.
/// The input must be the one that was tokenised.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch resolve --round round.json --secret-file efc-7.secret --member bank-a \\\n      \
                        --identity bank-a.key --share bank-a.card.pan-1.vsh --column card=card.pan --input export.csv"
)]
pub(crate) struct Resolve {
    #[command(flatten)]
    pub(crate) part: Part,
    #[command(flatten)]
    pub(crate) source: Source,
    /// The share from the hub (several times, one for each kind)
    #[arg(long = "share", value_name = "FILE", required = true)]
    pub(crate) shares: Vec<PathBuf>,
    /// Add the raw value of each row
    #[arg(long)]
    pub(crate) with_values: bool,
}

/// Show what a file says about itself: header and counts, nothing secret.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A set, handshake, share, overlaps, prefilter, manifest or public keys
    pub(crate) file: PathBuf,
    /// The key file to open a sealed file with
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) format: OutputFormat,
}

/// Check files, or a run record, from the first byte to the last.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veilmatch verify --round round.json --identity hub.key sets/*/*.vms\n  \
                        veilmatch verify --log run.log --head 5f7c…"
)]
pub(crate) struct Verify {
    /// The files
    #[arg(value_name = "FILE", required_unless_present = "log")]
    pub(crate) files: Vec<PathBuf>,
    /// Also whether they belong to this round
    #[arg(long, value_name = "FILE")]
    pub(crate) round: Option<PathBuf>,
    /// The key file to open sealed files with
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// A line's digest that must be in the run record
    #[arg(long, value_name = "DIGEST", requires = "log")]
    pub(crate) head: Option<ContentDigest>,
    /// Public keys whose signatures the run record's lines must bear
    #[arg(long, value_name = "PUBFILE", requires = "log")]
    pub(crate) signer: Vec<PathBuf>,
}
