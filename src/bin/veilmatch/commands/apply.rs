//! apply: the hub makes a member's next set of its last one and a delta.

use veilmatch::delta::Place;
use veilmatch::{Delta, Error, Round};

use crate::Failure;
use crate::arguments::Apply;
use crate::envelope::{Streamed, read_as, sealed};
use crate::output::Pending;
use crate::part::Part;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Apply) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    session.identify(arguments.identity.as_deref())?;
    session.signer(round.manifest().hub.as_ref(), "the hub")?;
    let now = session.now;
    let delta = read_as(session, &arguments.delta, &round, |bytes| {
        let delta = Delta::from_file_bytes(bytes)?;
        round.admit_delta(&delta)?;
        delta.stamp().require_current(now)?;
        Ok(delta)
    })?;
    if is_there_already(session, arguments, &round, &delta)? {
        session.say(format_args!("{} is there already", arguments.out.display()));
        // What a killed run left beside it goes away.
        return match Part::beside(&arguments.out) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::from(error).at(arguments.out.display().to_string()).into()),
        };
    }
    let mut base = Streamed::open(session, &arguments.base, &round)?;
    let file = Pending::file(&arguments.out, session.force, |out| {
        // The hub's sets are sealed to it, whoever wrote them.
        sealed(round.hub_seal(), out, |out| delta.apply_to(&mut base, out))
    })?;
    base.finish(session)?;
    session.tell_delta(&delta);
    session.publish(file);
    Ok(())
}

/// Whether the new set stands under the output's name: then an earlier run was killed after it was done. A set that is
/// newer, or another one, is never replaced.
fn is_there_already(
    session: &Session,
    arguments: &Apply,
    round: &Round,
    delta: &Delta,
) -> Result<bool, Error> {
    let named = |error: Error| error.at(arguments.out.display().to_string());
    // What is there and no file is refused before anything is written; opening a pipe would wait for a writer.
    if !arguments.out.try_exists().map_err(|error| named(error.into()))? || !arguments.out.is_file() {
        return Ok(false);
    }
    let there = Place::read(Streamed::open(session, &arguments.out, round)?).map_err(named)?;
    if there.root == delta.root() {
        return Ok(true);
    }
    there.require_older_than(delta).map_err(named)?;
    Ok(false)
}
