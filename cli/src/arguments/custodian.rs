//! What custodians do: making keys that nobody has alone, and evaluating under quotas.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use veilmatch::terms::Name;

use super::{Agreed, IdentityFrom, OutputFormat};

#[derive(Debug, Subcommand)]
pub(crate) enum CustodianCommand {
    Ceremony(CustodianCeremony),
    Dkg(CustodianDkg),
    Publish(CustodianPublish),
    Evaluate(CustodianEvaluate),
    Reconcile(CustodianReconcile),
}

impl CustodianCommand {
    /// Returns the name of the command in the run record.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ceremony(_) => "custodian ceremony",
            Self::Dkg(_) => "custodian dkg",
            Self::Publish(_) => "custodian publish",
            Self::Evaluate(_) => "custodian evaluate",
            Self::Reconcile(_) => "custodian reconcile",
        }
    }

    /// Returns the options of the key file of who runs the command.
    pub(crate) fn identity(&self) -> Option<&IdentityFrom> {
        match self {
            Self::Dkg(dkg) => Some(&dkg.identity),
            Self::Evaluate(evaluate) => Some(&evaluate.identity),
            Self::Ceremony(_) | Self::Publish(_) | Self::Reconcile(_) => None,
        }
    }
}

/// Write what custodians agree to before they make keys, to be sent to all of them.
///
/// Custodians compare its digest over another channel than the file's. They make one key for each kind and epoch.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch custodian ceremony --coalition efc --epoch 7 --kind card.pan/1 --threshold 2 --quota 1000000 \\\n      \
                        --custodian auditor=auditor.key.pub --custodian court=court.key.pub \\\n      \
                        --custodian registry=registry.key.pub --out ceremony.json"
)]
pub(crate) struct CustodianCeremony {
    /// The coalition for which the keys are made
    #[arg(long, value_name = "NAME")]
    pub(crate) coalition: Name,
    /// The epoch for which the keys are made
    #[arg(long, value_name = "N")]
    pub(crate) epoch: u64,
    /// A kind for which a key is made, with its version, such as card.pan/1 (several times)
    #[arg(long = "kind", value_name = "KIND", required = true)]
    pub(crate) kinds: Vec<String>,
    /// Number of custodians that a member needs, 2 or more
    #[arg(long, value_name = "T")]
    pub(crate) threshold: u64,
    /// Most identifiers of each kind that one member may have evaluated in the epoch
    #[arg(long, value_name = "Q")]
    pub(crate) quota: u64,
    /// A custodian, with its public keys (several times)
    #[arg(long = "custodian", value_name = "NAME=PUBFILE", required = true)]
    pub(crate) custodians: Vec<String>,
    /// Where to write the ceremony
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Make a share of each key, in three steps, between which custodians send each other files.
///
/// Step 1 writes NAME.step-1, for all other custodians. Step 2 reads theirs, and writes NAME.OTHER.step-2 for each of them, sealed
/// to it. Step 3 reads the files of both steps, and writes NAME.vmk and NAME.ledger, which stay with the custodian, and
/// NAME.custody, which publish takes. Steps 1 and 2 make the same when they are done again;
/// step 3 begins the ledger, once. No custodian ever has a whole key.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch custodian dkg --ceremony ceremony.json --name court --identity court.key --step 2 \\\n      \
                        --state state --out step-2 auditor.step-1 registry.step-1"
)]
pub(crate) struct CustodianDkg {
    /// The ceremony, whose digest was compared with that of the others
    #[arg(long, value_name = "FILE")]
    pub(crate) ceremony: PathBuf,
    /// The custodian that runs the command
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The step, 1 to 3
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) step: u8,
    /// Folder of what the custodian keeps between the steps, sealed to itself. Delete it when the custody is published
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// Folder to create, with the files of the step
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The files of the other custodians: step 2 needs those of step 1, step 3 those of both. A folder stands for its files
    #[arg(value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

/// Put together what is public of the custodians' keys, once all of them have signed it.
///
/// It makes the same bytes for whoever runs it, and needs no key.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch custodian publish --ceremony ceremony.json --out custody.json auditor.custody court.custody \\\n      \
                        registry.custody"
)]
pub(crate) struct CustodianPublish {
    /// The ceremony, whose digest was compared with that of the others
    #[arg(long, value_name = "FILE")]
    pub(crate) ceremony: PathBuf,
    /// Where to write what is public of the keys
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// What each custodian signed in step 3. A folder stands for its files
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

/// Evaluate members' requests, count them, and charge them in the ledger.
///
/// A request is charged before its evaluation leaves the program, and all of it or nothing. A request that was charged is evaluated
/// again and not charged. The evaluations, KIND.MEMBER.NAME.vme, are sealed to the members.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch custodian evaluate --round round.json --custody custody.json --name court --identity court.key \\\n      \
                        --share court.vmk --ledger court.ledger --out evaluations card.pan-1.bank-a.court.vmb"
)]
pub(crate) struct CustodianEvaluate {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// What is public of the custodians' keys (custodian publish)
    #[arg(long, value_name = "FILE")]
    pub(crate) custody: PathBuf,
    /// The custodian that runs the command
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Name,
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// The custodian's shares of the keys (custodian dkg, step 3)
    #[arg(long, value_name = "FILE")]
    pub(crate) share: PathBuf,
    /// The custodian's ledger, begun by step 3. It is appended to. Keep its last state: an older one is refused
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: PathBuf,
    /// Folder to create
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// In a folder, skip what is no such file, with a warning. By default it is refused
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// The members' requests. A folder stands for the files *.vmb in it
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

/// Hold custodians' ledgers against each other, and against what the hub matched.
///
/// It is refused if the hub has more tokens of a member than the custodians can have evaluated for it: some were made without
/// them, or a ledger lacks charges. It is refused too if a ledger charged a member more than a custodian's part of the quota. It
/// shows accidents and stolen keys. A member that pads its set, or a hub that lies, evades it: only the quota bounds what can be
/// tried out.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch custodian reconcile --custody custody.json --ledger auditor.ledger --ledger court.ledger \\\n      \
                        --hub hub-only.json"
)]
pub(crate) struct CustodianReconcile {
    /// What is public of the custodians' keys (custodian publish)
    #[arg(long, value_name = "FILE")]
    pub(crate) custody: PathBuf,
    /// A custodian's ledger, as it is or a copy (several times). One that is not given counts as used up
    #[arg(long = "ledger", value_name = "FILE", required = true)]
    pub(crate) ledgers: Vec<PathBuf>,
    /// The hub-only.json of a match of the epoch (several times): of each member the largest set counts
    #[arg(long = "hub", value_name = "FILE")]
    pub(crate) hub: Vec<PathBuf>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) format: OutputFormat,
}
