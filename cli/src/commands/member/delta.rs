//! delta: the changes from one kept set to the next, for the hub.

use veilmatch::{Delta, Error};

use crate::files::envelope::{Streamed, sealed};
use crate::output::{Makes, Pending};
use crate::session::Session;
use crate::{Failure, arguments};

pub(crate) fn run(session: &mut Session, arguments: &arguments::Delta) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    let member = round.member(&arguments.member)?.clone();
    let signer = session.signer(member.keys.as_ref(), member.name.as_str())?;
    let mut base = Streamed::open(session, &arguments.base, &round)?;
    let mut new = Streamed::open(session, &arguments.new, &round)?;
    let delta = Delta::between_files(&mut base, &mut new)
        .map_err(|error| error.at(format!("{} to {}", arguments.base.display(), arguments.new.display())))?;
    base.finish(session)?;
    new.finish(session)?;
    let whose = || -> Result<(), Error> {
        if *delta.member() != member.name {
            let (expected, found) = (member.name.clone(), delta.member().clone());
            return Err(Error::OtherMember { expected, found });
        }
        round.admit_delta(&delta)?;
        delta.metadata().require_current(session.now)
    };
    whose().map_err(|error| error.at(arguments.new.display().to_string()))?;
    let file = Pending::file(&arguments.out, session.force, Makes::Delta, |out| {
        sealed(round.hub_seal(), out, |out| match &signer {
            Some(signer) => delta.sign_to(&**signer, out),
            None => delta.write_to(out),
        })
    })?;
    session.tell_delta(&delta);
    session.publish(file);
    Ok(())
}
