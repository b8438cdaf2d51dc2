//! apply: the hub makes a member's next set of its last set and a delta.

use veilmatch::container::Revision;
use veilmatch::{Delta, Error, Round};

use super::sets;
use crate::Failure;
use crate::arguments::Apply;
use crate::files::envelope::{Streamed, sealed};
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Apply) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    session.signer(round.manifest().hub.as_ref(), "the hub")?;
    let delta = sets::read_delta(session, &arguments.delta, &round)?;
    let mut base = Streamed::open(session, &arguments.base, &round)?;
    let is_done = || is_there_already(session, arguments, &round, &delta);
    let made = Pending::file_unless(&arguments.out, session.force, Makes::Set, is_done, |out| {
        // The hub's sets are sealed to the hub, whoever wrote them.
        sealed(round.hub_seal(), out, |out| {
            delta.apply_to(&mut base, out).map_err(|error| match error {
                Error::Io(_) => error, // of the output, or with the name of the base
                _ => error.at(format!("{} with {}", arguments.base.display(), arguments.delta.display())),
            })
        })
    })?;
    if delta.tokens() == 0 {
        let kind = delta.terms().context.kind();
        session.warn(format_args!("{kind}: the new set of {} is empty", delta.member()));
    }
    let Some(file) = made else {
        session.result(format_args!("{} is there already", arguments.out.display()));
        return Ok(());
    };
    base.finish(session)?;
    session.tell_delta(&delta);
    session.publish(file);
    Ok(())
}

/// Whether the new set stands under the output's name already: an earlier run was killed after it was done. A newer
/// set, or another one, is never replaced.
fn is_there_already(
    session: &Session,
    arguments: &Apply,
    round: &Round,
    delta: &Delta,
) -> Result<bool, Error> {
    let named = |error: Error| error.at(arguments.out.display().to_string());
    // Anything there that is not a file is refused before anything is written; opening a pipe would wait for a writer.
    if !arguments.out.try_exists().map_err(|error| named(error.into()))? || !arguments.out.is_file() {
        return Ok(false);
    }
    let there = Revision::read(Streamed::open(session, &arguments.out, round)?).map_err(named)?;
    if there.root == delta.root() {
        return Ok(true);
    }
    there.require_older_than(delta).map_err(named)?;
    Ok(false)
}
