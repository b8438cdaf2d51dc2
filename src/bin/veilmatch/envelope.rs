//! Signing and sealing around the files of a round.

use std::io::Write;
use std::path::Path;

use veilmatch::domain::SealKey;
use veilmatch::{Error, Round, seal};

use crate::session::Session;

/// Writes sealed to the recipient's key, or as it is in a trial.
pub(crate) fn sealed(
    recipient: Option<&SealKey>,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    match recipient {
        None => write(out),
        Some(key) => {
            let mut sealer = seal::seal(key, out)?;
            write(&mut sealer)?;
            sealer.finish()?;
            Ok(())
        }
    }
}

/// Reads a file of a round, which is sealed but in a trial.
pub(crate) fn read(session: &mut Session, path: &Path, round: Option<&Round>) -> Result<Vec<u8>, Error> {
    let bytes = session.read(path)?;
    open(session, bytes, round).map_err(|error| error.at(path.display().to_string()))
}

fn open(session: &Session, bytes: Vec<u8>, round: Option<&Round>) -> Result<Vec<u8>, Error> {
    if !seal::is_sealed(&bytes) {
        return match round {
            Some(round) if !round.is_trial() => {
                Err(Error::Seal { problem: "expected a sealed file: this round is signed and sealed" })
            }
            _ => Ok(bytes),
        };
    }
    let needed = Error::Identity { problem: "expected --identity: the file is sealed" };
    let identity = session.identity().ok_or(needed)?;
    seal::open(identity, &bytes)
}
