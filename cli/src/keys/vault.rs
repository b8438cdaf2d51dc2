//! Reads secrets and key files: from a file, protected or not, or from what a command prints.

use std::path::Path;

use veilmatch::Error;
#[cfg(feature = "member")]
use veilmatch::member::key::{CoalitionSecret, SecretShare};
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::round::seal::passphrase::{Passphrase, protect, unprotect};
use zeroize::Zeroizing;

use crate::Failure;
#[cfg(feature = "member")]
use crate::arguments::SecretFrom;
use crate::arguments::{IdentityFrom, Protection};
use crate::keys::guard;
use crate::keys::key_command;
use crate::keys::passphrases::Passphrases;

const SECRET_COMMAND: &str = "--secret-command";
const IDENTITY_COMMAND: &str = "--identity-command";

/// Returns the keys of who runs the command, if any are given.
pub(crate) fn identity(passphrases: &Passphrases, from: &IdentityFrom) -> Result<Option<Identity>, Failure> {
    Ok(match (&from.identity, &from.identity_command) {
        (Some(path), _) => Some(identity_file(passphrases, path)?),
        (None, Some(line)) => Some(printed(passphrases, line, IDENTITY_COMMAND, Identity::parse)?),
        (None, None) => None,
    })
}

pub(crate) fn identity_file(passphrases: &Passphrases, path: &Path) -> Result<Identity, Error> {
    Identity::read_wrapped_file(path, |bytes| opened(passphrases, &path.display().to_string(), bytes))
}

#[cfg(feature = "member")]
pub(crate) fn secret(passphrases: &Passphrases, from: &SecretFrom) -> Result<CoalitionSecret, Failure> {
    let secret = match (&from.secret_file, &from.secret_command) {
        (Some(path), _) => CoalitionSecret::read_wrapped_file(path, |bytes| {
            opened(passphrases, &path.display().to_string(), bytes)
        })?,
        (None, Some(line)) => printed(passphrases, line, SECRET_COMMAND, CoalitionSecret::parse)?,
        (None, None) => return Err(Failure::Usage("expected --secret-file or --secret-command")),
    };
    guard::hold_range(&secret.memory_range());
    Ok(secret)
}

#[cfg(feature = "member")]
pub(crate) fn share(passphrases: &Passphrases, path: &Path) -> Result<SecretShare, Error> {
    let share = SecretShare::read_wrapped_file(path, |bytes| {
        opened(passphrases, &path.display().to_string(), bytes)
    })?;
    guard::hold_range(&share.memory_range());
    Ok(share)
}

/// Reads what a command prints; it may be protected as a file may.
fn printed<T>(
    passphrases: &Passphrases,
    line: &str,
    option: &'static str,
    parse: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<T, Failure> {
    let parsed = opened(passphrases, option, key_command::output(line, option)?)
        .and_then(|text| parse(std::str::from_utf8(&text).unwrap_or_default()));
    Ok(parsed.map_err(|error| error.at(option))?)
}

/// Returns the text of a key file. It asks for a passphrase if one protects the file.
fn opened(
    passphrases: &Passphrases,
    whose: &str,
    bytes: Zeroizing<Vec<u8>>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    guard::hold(&bytes[..]);
    if bytes.starts_with(ARMOURED) {
        return Err(Error::Passphrase {
            problem: "expected age's binary form, got the one for mail (--armor)",
        });
    }
    if !seal::is_sealed(&bytes) {
        return Ok(bytes);
    }
    let text = unprotect(&bytes, &passphrases.of(whose)?)?;
    guard::hold(&text[..]);
    Ok(text)
}

const ARMOURED: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// How a new key file is written: as it is, or protected.
pub(crate) struct Wrapping(Option<(Passphrase, u8)>);

impl Wrapping {
    /// Asks for the passphrase, if one is wanted.
    pub(crate) fn of(passphrases: &Passphrases, how: &Protection, whose: &str) -> Result<Self, Error> {
        let wanted = how.passphrase.then(|| passphrases.for_new(whose)).transpose()?;
        Ok(Self(wanted.map(|passphrase| (passphrase, how.work_factor))))
    }

    pub(crate) fn wrap(&self, text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(Zeroizing::new(match &self.0 {
            None => text.to_vec(),
            Some((passphrase, work_factor)) => protect(text, passphrase, *work_factor)?,
        }))
    }
}
