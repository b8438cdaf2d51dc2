//! Sealing: whole files encrypted to one member or hub, in the binary format of age. Needs the feature `seal`.
//!
//! ```
//! use std::io::{Read as _, Write as _};
//! use veilmatch::round::seal;
//! use veilmatch::round::identity::Identity;
//!
//! let hub = Identity::generate()?;
//! let mut sealer = seal::seal(&hub.public_keys().seal, Vec::new())?;
//! sealer.write_all(b"the bytes of a set's file")?;
//! let sealed = sealer.finish()?;
//! assert!(seal::is_sealed(&sealed));
//!
//! let mut bytes = Vec::new();
//! seal::open(&hub, &sealed[..])?.read_to_end(&mut bytes)?;
//! assert_eq!(bytes, b"the bytes of a set's file");
//! # Ok::<(), veilmatch::Error>(())
//! ```
//!
//! A sealed file has one recipient. The program `age` reads and writes such files (<https://age-encryption.org/v1>):
//! X25519 and HKDF wrap a fresh file key, and ChaCha20-Poly1305 encrypts in chunks of 64 KiB. The file hides the
//! content, but not its length. Any change shows to whoever opens it. It does not say who sealed it: signatures do
//! that. Sealing equal bytes twice gives different files.

mod open;
pub mod passphrase;

use std::io::{self, Write};
use std::iter;

use age::stream::StreamWriter;
use age::{Encryptor, x25519};

use crate::error::Error;
use crate::terms::{NO_SEAL_KEY as NO_KEY, SealKey};

pub use open::{Opened, open};

/// First line of a sealed file.
pub const MAGIC: &[u8] = b"age-encryption.org/v1\n";

/// Whether a file with this beginning is sealed.
pub fn is_sealed(beginning: &[u8]) -> bool {
    beginning.starts_with(MAGIC)
}

/// Begins a file that only the owner of `key` can open, and writes its header to `out`.
///
/// Memory: some 200 KiB, whatever the length of the file.
///
/// # Errors
///
/// As of [`SealKey::check`]; [`Error::Io`] if writing fails.
pub fn seal<W: Write>(key: &SealKey, out: W) -> Result<Sealer<W>, Error> {
    let recipient = recipient(key)?;
    let encryptor =
        Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient)).map_err(|_| NO_KEY)?;
    Ok(Sealer { stream: Some(encryptor.wrap_output(out)?) })
}

fn recipient(key: &SealKey) -> Result<x25519::Recipient, Error> {
    key.check()?;
    key.as_str().parse().map_err(|_| NO_KEY)
}

/// Encrypts what is written to it.
///
/// [`Sealer::finish`] completes the file. Without it, or after a write that failed, the file does not open.
/// The last bytes written, up to 64 KiB, stay in memory that is not wiped.
///
/// See the example of [`Opened`].
pub struct Sealer<W> {
    /// The stream; none once a write failed: part of a chunk may have been written, so nothing may follow.
    stream: Option<StreamWriter<W>>,
}

impl<W: Write> Sealer<W> {
    /// Writes what is left, flushes, and returns the writer.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if this fails, or if a write before it failed.
    pub fn finish(mut self) -> Result<W, Error> {
        let mut out = self.stream.take().ok_or_else(failed_before)?.finish()?;
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.as_mut().ok_or_else(failed_before)?.write(bytes);
        if written.is_err() {
            self.stream = None;
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.as_mut().ok_or_else(failed_before)?.flush()
    }
}

impl<W> std::fmt::Debug for Sealer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

fn failed_before() -> io::Error {
    io::Error::other("a write before this one failed")
}
