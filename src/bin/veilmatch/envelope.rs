//! Signing and sealing around the files of a round.

use std::io::{Read as _, Write};
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

/// Reads a file of a round, which is sealed but in a trial; `round` is none where any file will do.
pub(crate) fn read_as<T>(
    session: &mut Session,
    path: &Path,
    round: Option<&Round>,
    parse: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    let identity = session.identity();
    session.read_as(path, |bytes| match (seal::is_sealed(bytes), round, identity) {
        (false, Some(round), _) if !round.is_trial() => {
            Err(Error::Seal { problem: "expected a sealed file: this round is signed and sealed" })
        }
        (false, ..) => parse(bytes),
        (true, _, None) => Err(Error::Identity { problem: "expected --identity: the file is sealed" }),
        (true, _, Some(identity)) => {
            let mut content = Vec::with_capacity(bytes.len());
            seal::open(&identity, bytes)?.read_to_end(&mut content)?;
            parse(&content)
        }
    })
}
