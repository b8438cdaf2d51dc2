//! One file for each command.

mod apply;
#[cfg(feature = "custodian")]
mod custodian;
#[cfg(feature = "parquet")]
mod export;
pub(crate) mod hub_only;
#[cfg(feature = "parquet")]
mod import;
mod inspect;
mod intersect;
mod keygen;
mod known;
#[cfg(feature = "member")]
mod member;
mod notices;
mod referral;
mod report;
mod sets;
mod taking_part;
mod trail;
mod verify;

use std::io::{self, Write};

use clap::CommandFactory as _;
use veilmatch::Error;
use veilmatch::terms::KindId;

use crate::Failure;
use crate::arguments::{
    Arguments, Command, ConfigCommand, CrossCheckCommand, IdentityFrom, KnownCommand, RoundCommand,
};
use crate::session::Session;

/// Returns the name of a command in the run record.
pub(crate) fn name(command: &Command) -> &'static str {
    match command {
        Command::Keygen(_) => "keygen",
        Command::SecretId(_) => "secret-id",
        Command::Split(_) => "split",
        Command::Combine(_) => "combine",
        Command::Round(RoundCommand::New(_)) => "round new",
        Command::Known(KnownCommand::Add(_)) => "known add",
        Command::Known(KnownCommand::List(_)) => "known list",
        Command::Config(ConfigCommand::Init(_)) => "config init",
        Command::Kinds(_) => "kinds",
        Command::Blind(_) => "blind",
        Command::Unblind(_) => "unblind",
        Command::Tokenize(_) => "tokenize",
        Command::DryRun(_) => "dry-run",
        Command::Delta(_) => "delta",
        Command::Apply(_) => "apply",
        Command::Intersect(_) => "intersect",
        Command::Notices(_) => "notices",
        Command::Trail(_) => "trail",
        Command::Resolve(_) => "resolve",
        Command::Link(_) => "link",
        Command::Release(_) => "release",
        Command::Referral(_) => "referral",
        Command::Screen(_) => "screen",
        Command::CrossCheck(CrossCheckCommand::Make(_)) => "cross-check make",
        Command::CrossCheck(CrossCheckCommand::Compare(_)) => "cross-check compare",
        Command::Custodian(command) => command.name(),
        Command::Export(_) => "export",
        Command::Import(_) => "import",
        Command::Report(_) => "report",
        Command::Inspect(_) => "inspect",
        Command::Verify(_) => "verify",
        Command::Completions { .. } => "completions",
        Command::Man => "man",
    }
}

/// Returns the options of the key file of who runs a command.
pub(crate) fn identity(command: &Command) -> Option<&IdentityFrom> {
    let identity = match command {
        Command::Tokenize(arguments) => &arguments.part.identity,
        Command::Resolve(arguments) => &arguments.part.identity,
        Command::Link(arguments) => &arguments.part.identity,
        Command::Screen(arguments) => &arguments.part.identity,
        Command::Blind(arguments) => &arguments.identity,
        Command::Unblind(arguments) => &arguments.identity,
        Command::Delta(arguments) => &arguments.identity,
        Command::Apply(arguments) => &arguments.identity,
        Command::Intersect(arguments) => &arguments.identity,
        Command::Notices(arguments) => &arguments.identity,
        Command::Trail(arguments) => &arguments.identity,
        Command::Release(arguments) => &arguments.identity,
        Command::Referral(arguments) => &arguments.identity,
        Command::Export(arguments) => &arguments.identity,
        Command::Inspect(arguments) => &arguments.identity,
        Command::Verify(arguments) => &arguments.identity,
        Command::CrossCheck(command) => command.identity(),
        Command::Custodian(command) => return command.identity(),
        Command::Keygen(_)
        | Command::SecretId(_)
        | Command::Split(_)
        | Command::Combine(_)
        | Command::Round(_)
        | Command::Known(_)
        | Command::Config(_)
        | Command::Kinds(_)
        | Command::DryRun(_)
        | Command::Import(_)
        | Command::Report(_)
        | Command::Completions { .. }
        | Command::Man => return None,
    };
    Some(identity)
}

pub(crate) fn run(session: &mut Session, arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Keygen(arguments) => keygen::run(session, arguments),
        Command::Known(KnownCommand::Add(arguments)) => known::add(session, arguments),
        Command::Known(KnownCommand::List(arguments)) => known::list(session, arguments),
        Command::Apply(arguments) => apply::run(session, arguments),
        Command::Intersect(arguments) => intersect::run(session, arguments),
        Command::Notices(arguments) => notices::run(session, arguments),
        Command::Trail(arguments) => trail::run(session, arguments),
        Command::Referral(arguments) => referral::run(session, arguments),
        #[cfg(feature = "parquet")]
        Command::Export(arguments) => export::run(session, arguments),
        #[cfg(feature = "parquet")]
        Command::Import(arguments) => import::run(session, arguments),
        #[cfg(not(feature = "parquet"))]
        Command::Export(_) | Command::Import(_) => {
            let message = "this build has no Parquet: it lacks the feature `parquet`".to_owned();
            Err(Failure::Refused { code: "no_parquet", message })
        }
        #[cfg(feature = "custodian")]
        Command::Custodian(command) => custodian::run(session, command),
        #[cfg(not(feature = "custodian"))]
        Command::Custodian(command) => {
            let message = format!(
                "{} is a custodian's command; this build lacks the feature `custodian`",
                command.name()
            );
            Err(Failure::Refused { code: "no_custodian", message })
        }
        Command::Report(arguments) => report::run(session, arguments),
        Command::Inspect(arguments) => inspect::run(session, arguments),
        Command::Verify(of) => verify::run(session, of, arguments.common.log.as_deref()),
        Command::Completions { shell } => {
            let shell = *shell;
            show(session, move |out| {
                clap_complete::generate(shell, &mut Arguments::command(), "veilmatch", out);
                Ok(())
            })
        }
        Command::Man => show(session, |out| Ok(clap_mangen::Man::new(Arguments::command()).render(out)?)),
        Command::SecretId(_)
        | Command::Split(_)
        | Command::Combine(_)
        | Command::Round(_)
        | Command::Config(_)
        | Command::Kinds(_)
        | Command::Blind(_)
        | Command::Unblind(_)
        | Command::Tokenize(_)
        | Command::DryRun(_)
        | Command::Delta(_)
        | Command::Resolve(_)
        | Command::Link(_)
        | Command::Release(_)
        | Command::Screen(_)
        | Command::CrossCheck(_) => member::run(session, &arguments.command),
    }
}

/// Refuses the commands of members: hubs and custodians have neither secrets nor rules.
#[cfg(not(feature = "member"))]
mod member {
    use super::{Command, Failure, Session, name, of_members_alone};

    pub(super) fn run(_: &mut Session, command: &Command) -> Result<(), Failure> {
        Err(of_members_alone(name(command)))
    }
}

/// Says, in another's build, that a command is a member's.
#[cfg(not(feature = "member"))]
fn of_members_alone(command: &str) -> Failure {
    let whose = if cfg!(feature = "custodian") { "custodian" } else { "hub" };
    let message = format!(
        "{command} is a member's command; this build is a {whose}'s, without secrets, rules and tokeniser (feature member)"
    );
    Failure::Refused { code: "no_member", message }
}

/// Writes to standard output after the run record has its line.
fn show(
    session: &mut Session,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error> + 'static,
) -> Result<(), Failure> {
    session.at_last(|_| print(write));
    Ok(())
}

/// Writes to standard output; it is an error if not everything arrives there.
fn print(write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<(), Failure> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let written = write(&mut stdout).and_then(|()| Ok(stdout.flush()?));
    Ok(written.map_err(|error| error.at("standard output"))?)
}

/// Returns a kind's id as part of a file's name, such as `card.pan-1`.
fn file_name(kind: &KindId) -> String {
    kind.as_str().replace('/', "-")
}
