//! Commands that a member's program has and a hub's has not.

mod blind;
mod config_init;
mod cross_check;
mod custodied;
mod delta;
mod dry_run;
mod evidence;
mod kinds;
mod link;
mod linked;
mod listing;
mod release;
mod resolve;
mod round;
mod screen;
mod secret_id;
mod secret_shares;
mod summary;
mod tokenize;
mod unblind;

use crate::Failure;
use crate::arguments::{Command, ConfigCommand, CrossCheckCommand, RoundCommand};
use crate::session::Session;

pub(super) fn run(session: &mut Session, command: &Command) -> Result<(), Failure> {
    match command {
        Command::SecretId(arguments) => secret_id::run(session, arguments),
        Command::Split(arguments) => secret_shares::split(session, arguments),
        Command::Combine(arguments) => secret_shares::combine(session, arguments),
        Command::Round(RoundCommand::New(arguments)) => round::new(session, arguments),
        Command::Config(ConfigCommand::Init(arguments)) => config_init::run(session, arguments),
        Command::Kinds(arguments) => kinds::run(session, arguments),
        Command::Blind(arguments) => blind::run(session, arguments),
        Command::Unblind(arguments) => unblind::run(session, arguments),
        Command::Tokenize(arguments) => tokenize::run(session, arguments),
        Command::DryRun(arguments) => dry_run::run(session, arguments),
        Command::Delta(arguments) => delta::run(session, arguments),
        Command::Resolve(arguments) => resolve::run(session, arguments),
        Command::Link(arguments) => link::run(session, arguments),
        Command::Release(arguments) => release::run(session, arguments),
        Command::Screen(arguments) => screen::run(session, arguments),
        Command::CrossCheck(CrossCheckCommand::Make(arguments)) => cross_check::make(session, arguments),
        Command::CrossCheck(CrossCheckCommand::Compare(arguments)) => {
            cross_check::compare(session, arguments)
        }
        _ => unreachable!("commands of the hub are run above"),
    }
}
