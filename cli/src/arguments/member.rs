//! What a member does with its rows.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args, ValueEnum};
use veilmatch::terms::Name;

use super::blind::CustodyFrom;
use super::{Agreed, IdentityFrom, Memory, OutputFormat, SecretFrom};

/// Options that say which member takes part in which round.
#[derive(Debug, Args)]
pub(crate) struct Part {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    #[command(flatten)]
    pub(crate) secret: SecretFrom,
    /// The member whose rows these are
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The suppression list that the round was made with; by default the one that ships with the program
    #[arg(long, value_name = "FILE")]
    pub(crate) suppression: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) custody: CustodyFrom,
}

/// The option that names a configuration.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct ConfigFrom {
    /// The configuration, a TOML file whose keys are names of options [default: veilmatch.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Heed no configuration
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,
}

/// Options that say where the raw identifiers are.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The kind of all identifiers; they stand one on a line, or in the first column
    #[arg(long, value_name = "KIND", conflicts_with = "columns")]
    pub(crate) kind: Option<String>,
    /// A column of a CSV export or Parquet file and its kind (several times; columns of one kind give one set)
    #[arg(long = "column", value_name = "NAME=KIND")]
    pub(crate) columns: Vec<String>,
    /// The column of a CSV export or Parquet file that names the kind of each row
    #[arg(long, value_name = "NAME", requires = "value_column", conflicts_with_all = ["kind", "columns"])]
    pub(crate) kind_column: Option<String>,
    /// The column with the identifier of that kind
    #[arg(long, value_name = "NAME", requires = "kind_column")]
    pub(crate) value_column: Option<String>,
    /// Layout of the input; by default parquet if it begins as such a file does, csv if columns are named or the file ends in
    /// .csv, and otherwise lines
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<InputFormat>,
    /// The character between the fields of a CSV export, or its name: tab, semicolon, comma or pipe; by default a comma
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<Delimiter>,
    /// The encoding of the input, such as latin1, windows-1252 or utf-16le; by default UTF-8. A byte-order mark goes before
    /// it
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// The CSV export has no header: its first record is a row, and columns are given by number, such as 3=card.pan
    #[arg(long)]
    pub(crate) no_header: bool,
    /// The CSV export quotes nothing: quotes are ordinary characters
    #[arg(long, conflicts_with = "quoted_lines")]
    pub(crate) no_quotes: bool,
    /// Number of lines that a quoted field of the CSV export may span [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) quoted_lines: Option<u32>,
    /// Refuse an input that does not have exactly N rows, in all its files together. Rows of all kinds count, and
    /// rejected rows too. The header and empty lines do not count
    #[arg(long, value_name = "N")]
    pub(crate) expect_rows: Option<u64>,
    /// How the input's national phone numbers are dialled: calling code/trunk prefix, such as 44/0
    #[arg(long, value_name = "PLAN")]
    pub(crate) national_plan: Option<String>,
    /// The files with raw identifiers, or a folder with files that end in .csv, .txt or .parquet; - is standard input
    #[arg(long = "input", value_name = "FILE|DIR", required = true, num_args = 1..)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Skip what else lies in a folder of --input, and say so
    #[arg(long)]
    pub(crate) skip_others: bool,
}

/// A byte between the fields of a CSV export, as people spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delimiter(pub(crate) u8);

impl Delimiter {
    /// Those that exports have, and their names.
    pub(crate) const NAMED: [(Self, &str); 4] =
        [(Self(b','), "comma"), (Self(b';'), "semicolon"), (Self(b'\t'), "tab"), (Self(b'|'), "pipe")];
}

impl FromStr for Delimiter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::NAMED.into_iter().find(|(_, name)| *name == text).map(|(delimiter, _)| delimiter);
        match (named, text.as_bytes()) {
            (Some(named), _) => Ok(named),
            (None, b"\\t") => Ok(Self(b'\t')),
            (None, [byte]) if byte.is_ascii() => Ok(Self(*byte)),
            _ => Err("expected one ASCII character, or tab, semicolon, comma or pipe"),
        }
    }
}

/// The name, or else the character itself.
impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMED.iter().find(|(named, _)| named == self) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "{}", char::from(self.0)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// One identifier on a line
    Lines,
    /// A header, then records (RFC 4180)
    Csv,
    /// A Parquet file; such files are known without this option too
    Parquet,
}

/// Turn raw identifiers into sets of tokens for the hub: one .vms file for each kind.
///
/// Rows that are not identifiers of their kind are counted by reason, on standard error. Try dry-run first. With
/// --handshake only public test identifiers are tokenised, for every kind of the round that the member brings.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veilmatch tokenize --round round.json --secret-file efc-7.secret --member bank-a \\\n      \
                        --identity bank-a.key --column card=card.pan --column mail=email.mailbox --input export.csv --out sets\n  \
                        veilmatch tokenize --round round.json --secret-file efc-7.secret --member bank-a \\\n      \
                        --identity bank-a.key --handshake --out handshake"
)]
pub(crate) struct Tokenize {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) part: Part,
    /// Tokenise public test identifiers instead of rows
    #[arg(long, conflicts_with_all = ["kind", "columns", "kind_column", "value_column", "inputs"])]
    pub(crate) handshake: bool,
    #[command(flatten)]
    pub(crate) source: Option<Source>,
    /// Keep at most this size of tokens in memory, such as 512MiB, and the others in files beside the output
    #[arg(long, value_name = "SIZE", conflicts_with = "handshake")]
    pub(crate) memory: Option<Memory>,
    /// Folder to create
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Folder to create with a copy of the sets, sealed to the member itself: delta needs these sets
    #[arg(long, value_name = "DIR", conflicts_with = "handshake")]
    pub(crate) keep: Option<PathBuf>,
    /// The folder that --keep made last time: the new sets follow the sets in it
    #[arg(long, value_name = "DIR", conflicts_with = "handshake")]
    pub(crate) follow: Option<PathBuf>,
    /// Least share of the values of a column, in percent, that are accepted or suppressed. With fewer it is most likely
    /// the wrong column, and nothing is written; 0 allows any
    #[arg(long, value_name = "PERCENT", default_value_t = 1, conflicts_with = "handshake",
          value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) min_accepted: u8,
    /// In a round with custodians: leave out the identifiers that the cache lacks, and say how many
    #[arg(long, requires = "cache", conflicts_with = "handshake")]
    pub(crate) allow_unevaluated: bool,
    /// Last moment at which the sets may be used, such as 2026-12-01T00:00:00Z. It counts if it is before the round's
    /// end
    #[arg(long, value_name = "TIME")]
    pub(crate) not_after: Option<String>,
}

/// Write the changes from one kept set to the next, for the hub: one .vmd file.
///
/// The new set must follow the base: see --keep and --follow of tokenize.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch delta --round round.json --member bank-a --identity bank-a.key \\\n      \
                        --base monday/card.pan-1.vms --new tuesday/card.pan-1.vms --out card.pan-1.vmd"
)]
pub(crate) struct Delta {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// The member whose sets they are
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The set that the hub has, as --keep wrote it
    #[arg(long, value_name = "FILE")]
    pub(crate) base: PathBuf,
    /// The set that the hub is to have, as --keep wrote it
    #[arg(long, value_name = "FILE")]
    pub(crate) new: PathBuf,
    /// Where to write the delta
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Say what would become of the rows. It needs no secret and prints only counts, reasons and row numbers.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veilmatch dry-run --column phone=phone.e164 --national-plan 44/0 --input export.csv\n  \
                        veilmatch dry-run --kind-column kind --value-column value --input export.csv"
)]
pub(crate) struct DryRun {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) source: Source,
    /// A suppression list in the place of the one that ships with the program
    #[arg(long, value_name = "FILE")]
    pub(crate) suppression: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) summary: OutputFormat,
}

/// List which of my own rows others have seen, as CSV on standard output.
///
/// There is one line for each matching row: row, line, kind, number of holders, and their names where the policy
/// allows; with several files, or several columns of a kind, also which one. Rows are counted from 1, as records: the
/// header and empty lines have no number, and a record of several lines has one. Lines are those that an editor shows.
/// The input must be the one that was tokenised.
///
/// With --notice, the command lists the rows that others have withdrawn since: how many have, and who. It counts the
/// tokens of the notice that no row has.
///
/// With --trail, it lists the own subjects in trails, with the input and the --subject-column that link had: rows, trail,
/// distance, kind, behind, members. There is a line for each identifier of a subject that leads on: its kind, and the
/// number of subjects of other members behind it, unless that is withheld. A subject without one has a line without a
/// kind. Members are named or counted. Rows stand beside each other, with several files as FILE:ROW, the files counted
/// from 1. A trail is a lead and never a verdict: victims are in it too.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("shown").args(["with_values", "subject_column"]).multiple(true)),
    after_help = "Example:\n  veilmatch resolve --round round.json --secret-file efc-7.secret --member bank-a \\\n      \
                        --identity bank-a.key --share bank-a.card.pan-1.vsh --column card=card.pan --input export.csv"
)]
pub(crate) struct Resolve {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) part: Part,
    #[command(flatten)]
    pub(crate) source: Source,
    /// The shares from the hub, one for each kind, or a folder with them. Required unless --notice or --trail is given
    #[arg(
        long = "share",
        value_name = "FILE|DIR",
        num_args = 1..,
        required_unless_present_any = ["notices", "trail"],
        conflicts_with = "notices"
    )]
    pub(crate) shares: Vec<PathBuf>,
    /// Notices from the hub, one for each kind, or a folder with them, instead of shares
    #[arg(long = "notice", value_name = "FILE|DIR", num_args = 1.., conflicts_with = "memory")]
    pub(crate) notices: Vec<PathBuf>,
    /// Keep at most this size of the rows' tokens in memory, such as 512MiB, and the others in files beside the share
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<Memory>,
    /// Add what a column of the export says of each row, such as the customer number
    #[arg(long, value_name = "NAME")]
    pub(crate) subject_column: Option<String>,
    /// Form of the list on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Csv)]
    pub(crate) list_format: ListFormat,
    /// Add the raw value of each row, as it stands in the input
    ///
    /// A spreadsheet runs a value that begins with = + - or @ as a formula: see --spreadsheet-safe.
    #[arg(long)]
    pub(crate) with_values: bool,
    /// Write an apostrophe before each raw value and subject that a spreadsheet could run as a formula, and before each
    /// that begins with an apostrophe
    ///
    /// Such values begin with = + - @, their full-width forms, a tab or a line end. Telephone numbers such as +44...
    /// are among them. Remove one apostrophe at its beginning, and each is the raw value again.
    #[arg(long, requires = "shown")]
    pub(crate) spreadsheet_safe: bool,
    /// Also write a page for a browser: how many rows others hold too, by kind and number of holders, and who they are
    /// where the policy allows. With --with-values it lists the rows; otherwise it has no identifier. With --trail the page
    /// draws the trails and lists the own subjects in each
    #[arg(long, value_name = "FILE", conflicts_with = "notices")]
    pub(crate) html: Option<PathBuf>,
    /// The answer from the hub about trails, instead of shares
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["shares", "notices", "memory", "with_values", "spreadsheet_safe", "list_format"]
    )]
    pub(crate) trail: Option<PathBuf>,
    /// Of trails: add what each subject is called in a statement for this authority, given by its public keys. So a
    /// pseudonym that an order names is found again
    #[arg(long, value_name = "PUBFILE", requires_all = ["trail", "case"])]
    pub(crate) authority: Option<PathBuf>,
    /// The authority's number of the case, as the statement has it
    #[arg(long, value_name = "ID", requires = "authority")]
    pub(crate) case: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A header, then records (RFC 4180); names are separated by spaces
    Csv,
    /// A Parquet file with the same columns; names are a list
    Parquet,
}

/// Answer a stream: identifiers come on standard input, one on a line or in columns of CSV records; those that a share
/// has go to standard output as CSV.
///
/// Each line is answered at once: row, line, kind and, for a share, the holders as in resolve. With --set the command
/// asks the member's own set, as --keep wrote it. If another file takes the place of the given one, it is used from
/// then on.
#[derive(Debug, Args)]
#[command(
    after_help = "Memory:\n  18 bytes a token, and 48 while a sealed file is opened; of a share also what it tells of the holders. With\n  \
                        --memory 4 bytes a token of the set, and SIZE; a token that is found, and one in a thousand others, costs\n  \
                        a read of 16 KiB. When a new file takes the place of the one before, both are there for a moment.\n\n\
                        Example:\n  tail -f payments.txt | veilmatch screen --round round.json --secret-file efc-7.secret \\\n      \
                        --member bank-a --identity bank-a.key --share bank-a.card.pan-1.vsh"
)]
pub(crate) struct Screen {
    #[command(flatten)]
    pub(crate) config: ConfigFrom,
    #[command(flatten)]
    pub(crate) part: Part,
    /// The share from the hub. Required unless --set is given
    #[arg(long, value_name = "FILE", conflicts_with = "set", required_unless_present = "set")]
    pub(crate) share: Option<PathBuf>,
    /// The member's own set, as tokenize --keep wrote it. Required unless --share is given
    #[arg(long, value_name = "FILE")]
    pub(crate) set: Option<PathBuf>,
    /// Keep at most this size of the set's tokens in memory, such as 512MiB, and leave the others on disk. For that, a
    /// sealed set is opened into a file beside it, unless it is under a third of this size
    #[arg(long, value_name = "SIZE", requires = "set", conflicts_with = "share")]
    pub(crate) memory: Option<Memory>,
    #[command(flatten)]
    pub(crate) stream: Stream,
}

/// Options that say how a stream is written.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Stream {
    /// Layout of the stream; by default csv if columns are named, and otherwise lines
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<InputFormat>,
    /// A column of a CSV stream and its kind (several times). The header comes first, then one record a line. Columns of
    /// another kind than the share's are left alone
    #[arg(long = "column", value_name = "NAME=KIND")]
    pub(crate) columns: Vec<String>,
    /// Add what a column of the CSV stream says of each hit, such as the customer number
    #[arg(long, value_name = "NAME")]
    pub(crate) subject_column: Option<String>,
    /// The character between the fields of a CSV stream, or its name: tab, semicolon, comma or pipe; by default a comma
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<Delimiter>,
    /// The encoding of the stream, such as latin1; by default UTF-8
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// How national phone numbers in the stream are dialled, such as 44/0
    #[arg(long, value_name = "PLAN")]
    pub(crate) national_plan: Option<String>,
}
