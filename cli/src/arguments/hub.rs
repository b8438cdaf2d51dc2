//! What the hub does, and what anyone can do with a file.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use veilmatch::Error;
use veilmatch::terms::{ContentDigest, Name};

use super::{Agreed, IdentityFrom, Memory, OutputFormat};

/// At the hub: match the members' sets, and write a report and each member's shares.
///
/// The report is report.json, and report.html, the same as a page for any browser.
///
/// The folder also has hub-only.json, with what the report withholds. It stays at the hub: whoever has the secret could
/// use it to try out what a small set holds.
///
/// The manifest gives the threshold, the policy, and the members that bring a set of each kind. A set that is missing
/// or has no token is refused, unless --without names its member. With --handshake, the command says whether the
/// members' secret, rules and round agree.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veilmatch intersect --round round.json --identity hub.key --handshake handshakes/*\n  \
                        veilmatch intersect --round round.json --identity hub.key --out result sets/*"
)]
pub(crate) struct Intersect {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// Compare handshakes instead of matching sets
    #[arg(long, conflicts_with_all = ["out", "min_result"])]
    pub(crate) handshake: bool,
    /// Folder to create. Required unless --handshake is given
    #[arg(long, value_name = "DIR", required_unless_present = "handshake")]
    pub(crate) out: Option<PathBuf>,
    /// Memory for opening sealed sets, such as 4GiB. A set is opened in memory while it fits in what is left, with what
    /// opening it takes. Any other set is opened into a file beside the output. By default all sets are opened in
    /// memory
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<Memory>,
    /// Withhold cells of the report above 0 and under N, and the cells that would give them back. It counts only if N
    /// is more than the manifest's number
    #[arg(long, value_name = "N")]
    pub(crate) min_result: Option<u64>,
    /// The members' handshakes: a member whose set has another key id than its handshake is refused by name. All words
    /// up to the next option, or up to --, are files or folders of files
    #[arg(long, value_name = "FILE|DIR", num_args = 1.., conflicts_with = "handshake")]
    pub(crate) handshakes: Vec<PathBuf>,
    /// Go on without the sets of a member, or without its set of one kind (several times). Such a set may not be among
    /// the files unless it is empty
    #[arg(long, value_name = "MEMBER[:KIND]", conflicts_with = "handshake")]
    pub(crate) without: Vec<Without>,
    /// Go on although too few sets of this kind take part; the kind is not matched then (several times)
    #[arg(long, value_name = "KIND", conflicts_with = "handshake")]
    pub(crate) allow_unmatched: Vec<String>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) format: OutputFormat,
    /// In a folder, skip what is no such file, with a warning. By default it is refused
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// The members' sets, or with --handshake their handshakes. A folder stands for the files *.vms in it, or *.vmh
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

/// The member whose sets the hub does without: those of all kinds, or of one.
#[derive(Clone, Debug)]
pub(crate) struct Without {
    pub(crate) member: Name,
    pub(crate) kind: Option<String>,
}

impl FromStr for Without {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.split_once(':') {
            Some((member, kind)) => Ok(Self { member: member.parse()?, kind: Some(kind.to_owned()) }),
            None => Ok(Self { member: text.parse()?, kind: None }),
        }
    }
}

/// At the hub: make a member's next set of its last set and a delta.
///
/// The new set is, byte by byte, the file that the member has, with the member's signature, sealed to the hub. A delta
/// that does not follow the set is refused. A delta that would put an older set in the place of a newer one is refused
/// too.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch apply --round round.json --identity hub.key --base sets/card.pan-1.vms \\\n      \
                        --delta card.pan-1.vmd --out sets/card.pan-1.vms --force"
)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The member's last set
    #[arg(long, value_name = "FILE")]
    pub(crate) base: PathBuf,
    /// The delta that the member sent
    #[arg(long, value_name = "FILE")]
    pub(crate) delta: PathBuf,
    /// Where to write the new set; with --force it may replace the last one
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// At the hub: tell members which tokens of their shares other members have withdrawn.
///
/// The command needs hub-only.json, all sets of the deltas' kinds as they were matched, before any delta was applied,
/// and all deltas since. A notice has tokens of its recipient's share alone. It says who has withdrawn each token, or
/// how many have, as the policy allows. resolve --notice lists the rows.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch notices --round round.json --identity hub.key --hub-only result/hub-only.json \\\n      \
                        --delta card.pan-1.vmd --out notices sets/*"
)]
pub(crate) struct Notices {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The hub-only.json that intersect wrote beside the shares
    #[arg(long, value_name = "FILE")]
    pub(crate) hub_only: PathBuf,
    /// A delta that a member has sent since the match, or a folder of them, *.vmd (several times)
    #[arg(long = "delta", value_name = "FILE|DIR", required = true)]
    pub(crate) deltas: Vec<PathBuf>,
    /// Folder to create
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Memory for opening sealed sets, such as 4GiB. A set is opened in memory while it fits in what is left, with what
    /// opening it takes. Any other set is opened into a file beside the output. By default all sets are opened in
    /// memory
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<Memory>,
    /// In a folder, skip what is no such file, with a warning. By default it is refused
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// The sets that were matched. A folder stands for the files *.vms in it
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

/// At the hub: follow the trails from the members' confirmed cases, and write each member's answer.
///
/// The members link their subjects after they have their shares (link). The manifest says which kinds are followed, how
/// far, and how large a trail may be (round new --trail). Beside the answers, MEMBER.vmt, the folder has trails.json, and
/// trails.html, the same as a page for any browser. Both stay at the hub: they say who was near whom, with small numbers.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch trail --round round.json --identity hub.key --hub-only result/hub-only.json \\\n      \
                        --out trails links/*"
)]
pub(crate) struct Trail {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The hub-only.json that intersect wrote beside the shares: links must be of that match
    #[arg(long, value_name = "FILE")]
    pub(crate) hub_only: PathBuf,
    /// Folder to create
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Go on without links of a member, or without some of its kinds (several times): no trail leads through what is
    /// missing, and nobody is told
    #[arg(long, value_name = "MEMBER")]
    pub(crate) without: Vec<Name>,
    /// In a folder, skip what is no such file, with a warning. By default it is refused
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// The members' links. A folder stands for the files *.vml in it
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

/// Draw a report: write report.json as an HTML page.
///
/// intersect writes this page beside report.json; the command writes it again, for a report that was kept or sent. The
/// page opens offline in any browser, runs no script and fetches nothing. It shows what report.json has, and no more.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  veilmatch report result/report.json --out report.html")]
pub(crate) struct ReportPage {
    /// The report.json that intersect wrote, or the JSON of the library
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write the page
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Show what a file says about itself: its header and counts, nothing secret.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A set, delta, handshake, share, notice, cross-check, overlaps, prefilter, links, trail, statement, manifest or
    /// public keys
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) format: OutputFormat,
}

/// Check files, or a run record, from the first byte to the last.
///
/// A valid file may still be outside its dates, or the round's, so that other commands refuse it at this time. The
/// command says so. With --round, sets and handshakes under different secrets are refused, and empty sets are named.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  veilmatch verify --round round.json --identity hub.key sets/*\n  \
                        veilmatch verify --log run.log --head 5f7c…")]
pub(crate) struct Verify {
    /// The files to check. A folder stands for the files of a round in it (*.vms, *.vmh and the like). Required unless
    /// --log is given
    #[arg(value_name = "FILE|DIR", required_unless_present = "log")]
    pub(crate) files: Vec<PathBuf>,
    /// In a folder, skip what is no such file, with a warning. By default it is refused
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// The manifest of a round: check also whether the files belong to it
    #[arg(long, value_name = "FILE")]
    pub(crate) round: Option<PathBuf>,
    /// Names and keys that were agreed earlier (known add). A manifest that gives one of these names another key is
    /// refused
    #[arg(long, value_name = "FILE", requires = "round")]
    pub(crate) known: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The digest of a line that must be in the run record
    #[arg(long, value_name = "DIGEST", requires = "log")]
    pub(crate) head: Option<ContentDigest>,
    /// Public keys: one of them must have signed the run record's last line, and no other key may have signed any line
    #[arg(long, value_name = "PUBFILE", requires = "log")]
    pub(crate) signer: Vec<PathBuf>,
    /// Require that these keys signed every line of the run record
    #[arg(long, requires = "signer")]
    pub(crate) every_line: bool,
}
