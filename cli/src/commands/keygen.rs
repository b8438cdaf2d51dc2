//! keygen: a coalition secret, or the key pair of a member or hub.

use std::path::Path;

use veilmatch::Error;
use veilmatch::round::identity::Identity;

use crate::Failure;
use crate::arguments::Keygen;
use crate::files::envelope::starts_sealed;
use crate::keys::vault;
use crate::keys::vault::Wrapping;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Keygen) -> Result<(), Failure> {
    if arguments.identity {
        let mut public = arguments.out.as_os_str().to_owned();
        public.push(".pub");
        if arguments.out.exists() && !Path::new(&public).exists() {
            return complete(session, arguments);
        }
        return identity(session, arguments);
    }
    secret(session, arguments)
}

fn identity(session: &mut Session, arguments: &Keygen) -> Result<(), Failure> {
    let (out, wrapping) = (arguments.out.clone(), wrapping(session, arguments)?);
    session.at_last(move |session| {
        Identity::generate()?.write_new_wrapped_files(&out, |text| wrapping.wrap(text))?;
        session.say(format_args!("wrote {0} and {0}.pub", out.display()));
        Ok(())
    });
    Ok(())
}

/// Makes the public file of an identity if an earlier run was cut off before.
fn complete(session: &mut Session, arguments: &Keygen) -> Result<(), Failure> {
    let protected = starts_sealed(&arguments.out).map_err(Error::from)?;
    if arguments.protection.passphrase && !protected {
        let message = format!("{}: is there already, without a passphrase", arguments.out.display());
        return Err(Failure::Refused { code: "not_protected", message });
    }
    let (out, identity) =
        (arguments.out.clone(), vault::identity_file(&session.passphrases, &arguments.out)?);
    session.at_last(move |session| {
        identity.write_public_file(&out)?;
        session.say(format_args!("{0} was there, without {0}.pub, which is now written", out.display()));
        Ok(())
    });
    Ok(())
}

fn wrapping(session: &Session, arguments: &Keygen) -> Result<Wrapping, Failure> {
    let whose = arguments.out.display().to_string();
    Ok(Wrapping::of(&session.passphrases, &arguments.protection, &whose)?)
}

#[cfg(feature = "member")]
fn secret(session: &mut Session, arguments: &Keygen) -> Result<(), Failure> {
    let (out, wrapping) = (arguments.out.clone(), wrapping(session, arguments)?);
    session.at_last(move |session| {
        let secret = veilmatch::member::key::CoalitionSecret::generate()?;
        crate::keys::guard::hold_range(&secret.memory_range());
        secret.write_new_wrapped_file(&out, |line| wrapping.wrap(line))?;
        session.say(format_args!("wrote {}, secret id {}", out.display(), secret.id()));
        Ok(())
    });
    Ok(())
}

#[cfg(not(feature = "member"))]
fn secret(_: &mut Session, _: &Keygen) -> Result<(), Failure> {
    Err(super::of_members_alone("keygen without --identity"))
}
