//! Sealing: whole files encrypted to one recipient in the format age (age-encryption.org/v1). Feature `seal`.
//!
//! X25519, HKDF, ChaCha20-Poly1305 in chunks of 64 KiB; files that the program `age` opens and makes. Sealing
//! keeps a file from others on the way; who made it is what the signature inside says.

use std::fmt;
use std::io::{self, Read, Write};
use std::iter::once;

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor};

use crate::domain::SealKey;
use crate::error::Error;
use crate::identity::Identity;

/// Whether a file begins as a sealed one does.
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"age-encryption.org/v1\n")
}

/// Seals what is written to it; without [`Sealer::finish`] nothing that can be opened is left.
pub struct Sealer<W: Write>(StreamWriter<W>);

/// Begins a sealed file for one recipient: about 200 bytes more than what is sealed, and 16 for each 64 KiB.
///
/// # Errors
///
/// [`Error::Seal`] for a key whose checksum does not fit; [`Error::Io`].
pub fn seal<W: Write>(recipient: &SealKey, out: W) -> Result<Sealer<W>, Error> {
    const NOT_A_KEY: Error = Error::Seal { problem: "expected a key whose checksum fits" };
    let recipient: age::x25519::Recipient = recipient.as_str().parse().map_err(|_| NOT_A_KEY)?;
    let encryptor =
        Encryptor::with_recipients(once(&recipient as &dyn age::Recipient)).map_err(|_| NOT_A_KEY)?;
    Ok(Sealer(encryptor.wrap_output(out)?))
}

impl<W: Write> Sealer<W> {
    /// Ends the file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn finish(self) -> Result<W, Error> {
        Ok(self.0.finish()?)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write> fmt::Debug for Sealer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

/// Opens a whole sealed file; cost and memory: those of its content.
///
/// # Errors
///
/// [`Error::Seal`] for a file that is sealed to another key, damaged or cut short.
pub fn open(identity: &Identity, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    const DAMAGED: Error = Error::Seal { problem: "the sealed file is damaged or cut short" };
    let opened =
        Decryptor::new(sealed).and_then(|file| file.decrypt(once(identity.opener() as &dyn age::Identity)));
    let mut reader: StreamReader<&[u8]> = opened.map_err(|error| match error {
        DecryptError::NoMatchingKeys => Error::Seal { problem: "the file is sealed to another key" },
        _ => DAMAGED,
    })?;
    let mut content = Vec::with_capacity(sealed.len());
    reader.read_to_end(&mut content).map_err(|_| DAMAGED)?;
    Ok(content)
}
