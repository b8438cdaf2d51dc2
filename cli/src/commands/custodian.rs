//! Commands that custodians' programs have.

mod ceremony;
mod dkg;
mod evaluate;
mod reconcile;

use crate::Failure;
use crate::arguments::CustodianCommand;
use crate::session::Session;

pub(super) fn run(session: &mut Session, command: &CustodianCommand) -> Result<(), Failure> {
    match command {
        CustodianCommand::Ceremony(arguments) => ceremony::new(session, arguments),
        CustodianCommand::Dkg(arguments) => dkg::run(session, arguments),
        CustodianCommand::Publish(arguments) => ceremony::publish(session, arguments),
        CustodianCommand::Evaluate(arguments) => evaluate::run(session, arguments),
        CustodianCommand::Reconcile(arguments) => reconcile::run(session, arguments),
    }
}
