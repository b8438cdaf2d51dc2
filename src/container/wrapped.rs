//! Key files whose content is wrapped: by a passphrase, by a key service, or by anything that their reader can open.

use std::path::Path;

use zeroize::Zeroizing;

use crate::error::Error;

use super::private_file;
use super::private_file::Wording;

/// The longest file that its reader is asked to open. A line that age encrypts takes a tenth of it.
const LONGEST: usize = 4096;

/// The beginnings of what age writes: the binary form, and the form for mail.
const ENCRYPTED: [&[u8]; 2] = [b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----"];

/// Reads a private file whose content `unwrap` turns into a text of at most `longest` bytes. Every error names the file.
pub(crate) fn read<T>(
    path: &Path,
    longest: usize,
    wording: &Wording,
    unwrap: impl FnOnce(Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Error>,
    parse: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<T, Error> {
    let read = || {
        let bytes = unwrap(private_file::read(path, LONGEST, wording)?)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) if text.len() <= longest => parse(text),
            _ => Err(wording.malformed()),
        }
    };
    read().map_err(|error: Error| error.at(path.display().to_string()))
}

/// Passes on what is not wrapped. If age has encrypted it, says so.
pub(crate) fn plain(bytes: Zeroizing<Vec<u8>>, wording: &Wording) -> Result<Zeroizing<Vec<u8>>, Error> {
    match ENCRYPTED.iter().any(|beginning| bytes.starts_with(beginning)) {
        true => Err((wording.error)("expected the text itself, got a file that age encrypted")),
        false => Ok(bytes),
    }
}
