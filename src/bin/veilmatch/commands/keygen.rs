//! keygen: a coalition secret, or a member's or hub's key pair.

use veilmatch::identity::Identity;

use crate::Failure;
use crate::arguments::Keygen;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Keygen) -> Result<(), Failure> {
    if arguments.identity {
        let identity = Identity::generate()?;
        identity.write_new_files(&arguments.out)?;
        session.say(format_args!("wrote {0} and {0}.pub", arguments.out.display()));
        return Ok(());
    }
    secret(session, arguments)
}

#[cfg(feature = "member")]
fn secret(session: &Session, arguments: &Keygen) -> Result<(), Failure> {
    let secret = veilmatch::key::CoalitionSecret::generate()?;
    secret.write_new_file(&arguments.out)?;
    session.say(format_args!("wrote {}, secret id {}", arguments.out.display(), secret.id()));
    Ok(())
}

#[cfg(not(feature = "member"))]
fn secret(_: &Session, _: &Keygen) -> Result<(), Failure> {
    Err(super::of_members_alone("keygen without --identity"))
}
