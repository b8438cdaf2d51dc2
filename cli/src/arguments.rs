//! The command line: what a user can ask, with help and examples.

mod blind;
#[cfg(feature = "member")]
pub(crate) mod config;
mod config_init;
mod cross_check;
mod custodian;
mod hub;
mod keys;
mod kinds;
mod known;
mod linking;
mod member;
mod memory;
pub(crate) mod mistyped;
mod round;
mod statements;
mod tables;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use veilmatch::terms::ContentDigest;

#[cfg(feature = "member")]
pub(crate) use blind::CustodyFrom;
pub(crate) use blind::{Blind, Unblind};
pub(crate) use config_init::ConfigCommand;
#[cfg(feature = "member")]
pub(crate) use config_init::ConfigInit;
pub(crate) use cross_check::CrossCheckCommand;
#[cfg(feature = "member")]
pub(crate) use cross_check::{CrossCheckCompare, CrossCheckMake, OwnShares};
pub(crate) use custodian::CustodianCommand;
#[cfg(feature = "custodian")]
pub(crate) use custodian::{
    CustodianCeremony, CustodianDkg, CustodianEvaluate, CustodianPublish, CustodianReconcile,
};
pub(crate) use hub::{Apply, Inspect, Intersect, Notices, ReportPage, Trail, Verify, Without};
pub(crate) use keys::{Combine, IdentityFrom, Keygen, Protection, SecretFrom, SecretId, Split};
pub(crate) use kinds::Kinds;
#[cfg(feature = "member")]
pub(crate) use kinds::RawValue;
pub(crate) use known::{KnownAdd, KnownCommand, KnownList};
pub(crate) use linking::Link;
#[cfg(feature = "member")]
pub(crate) use member::{Delimiter, InputFormat, ListFormat, Part, Source, Stream};
pub(crate) use member::{Delta, DryRun, Resolve, Screen, Tokenize};
pub(crate) use memory::Memory;
pub(crate) use round::{Agreed, RoundCommand};
#[cfg(feature = "member")]
pub(crate) use round::{RoundNew, Trails};
pub(crate) use statements::{Referral, Release};
pub(crate) use tables::{Export, Import};

/// The version of the program, and whose build it is.
#[cfg(feature = "member")]
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (member)");
#[cfg(all(not(feature = "member"), feature = "custodian"))]
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (custodian)");
#[cfg(not(any(feature = "member", feature = "custodian")))]
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (hub)");

/// Exact k-of-N matching of payment identifiers that were hashed under a key.
///
/// Members tokenise their own rows under a secret that the hub does not have. The hub matches the tokens. Each member
/// learns about its own rows only.
#[derive(Debug, Parser)]
#[command(
    name = "veilmatch",
    version = VERSION,
    after_help = "Exit status: 0 done, 1 error or refusal, 2 wrong use.\n\
                  A round from start to end: docs/runbook.md. What is protected and what is not: docs/security.md."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// Threads to use; by default one for each processor
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Replace what the same command made earlier under the name of an output. An input, a key or a secret is never
    /// replaced
    #[arg(long, global = true)]
    pub(crate) force: bool,
    /// Append one line about this command to a run record. The record is made if it is not there; verify only checks it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Sign the new line although this key did not sign the last lines of the run record: HEAD is the head of the
    /// record that you looked at
    #[arg(long, global = true, value_name = "HEAD", requires = "log")]
    pub(crate) log_after: Option<ContentDigest>,
    /// The name of who runs the command, for the run record
    #[arg(long, global = true, value_name = "NAME", requires = "log")]
    pub(crate) operator: Option<String>,
    /// Read the passphrases of protected files from this file descriptor, not from the terminal. Give one line for all
    /// files, or one line for each: first the key file, then the secret or the shares, then new files
    #[arg(long, global = true, value_name = "N")]
    pub(crate) passphrase_fd: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Keygen(Keygen),
    SecretId(SecretId),
    Split(Split),
    Combine(Combine),
    /// Prepare a round
    #[command(subcommand)]
    Round(RoundCommand),
    /// Keep names and keys that were agreed earlier
    #[command(subcommand)]
    Known(KnownCommand),
    /// Prepare a member's configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    Kinds(Kinds),
    Blind(Blind),
    Unblind(Unblind),
    Tokenize(Tokenize),
    DryRun(DryRun),
    Delta(Delta),
    Apply(Apply),
    Intersect(Intersect),
    Notices(Notices),
    Trail(Trail),
    Resolve(Resolve),
    Link(Link),
    Release(Release),
    Referral(Referral),
    Screen(Screen),
    /// Compare with other members what the hub told each of them
    #[command(subcommand)]
    CrossCheck(CrossCheckCommand),
    /// Make and keep keys without which members cannot make tokens
    #[command(subcommand)]
    Custodian(CustodianCommand),
    Export(Export),
    Import(Import),
    Report(ReportPage),
    Inspect(Inspect),
    Verify(Verify),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Text for people
    Text,
    /// JSON for programs
    Json,
}
