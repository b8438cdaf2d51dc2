//! keygen: a coalition secret, or a member's or hub's key pair.

use std::path::Path;

use veilmatch::identity::Identity;

use crate::Failure;
use crate::arguments::Keygen;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Keygen) -> Result<(), Failure> {
    if arguments.identity {
        let out = arguments.out.clone();
        session.at_last(move |session| identity(session, &out));
        return Ok(());
    }
    secret(session, arguments)
}

/// Makes both files, or the public one of an identity whose making was cut off.
fn identity(session: &Session, out: &Path) -> Result<(), Failure> {
    let mut public = out.as_os_str().to_owned();
    public.push(".pub");
    if out.exists() && !Path::new(&public).exists() {
        Identity::read_file(out)?.write_public_file(out)?;
        session.say(format_args!("{0} was there, without {0}.pub, which is now written", out.display()));
        return Ok(());
    }
    Identity::generate()?.write_new_files(out)?;
    session.say(format_args!("wrote {0} and {0}.pub", out.display()));
    Ok(())
}

#[cfg(feature = "member")]
fn secret(session: &mut Session, arguments: &Keygen) -> Result<(), Failure> {
    let out = arguments.out.clone();
    session.at_last(move |session| {
        let secret = veilmatch::key::CoalitionSecret::generate()?;
        crate::guard::hold_range(&secret.place());
        secret.write_new_file(&out)?;
        session.say(format_args!("wrote {}, secret id {}", out.display(), secret.id()));
        Ok(())
    });
    Ok(())
}

#[cfg(not(feature = "member"))]
fn secret(_: &mut Session, _: &Keygen) -> Result<(), Failure> {
    Err(super::of_members_alone("keygen without --identity"))
}
