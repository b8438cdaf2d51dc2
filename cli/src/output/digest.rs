//! Digests of whole files, for the run record.

use std::io::{self, Write};

use ring::digest::{Context, SHA256};
use veilmatch::Error;
use veilmatch::container::FileType;
use veilmatch::terms::ContentDigest;

/// Whether a file that begins so may have tokens that are not sealed: one of ours, or Parquet.
pub(crate) fn has_open_tokens(beginning: &[u8]) -> bool {
    FileType::from_beginning(beginning).is_some() || beginning.starts_with(b"PAR1")
}

/// Returns the SHA-256 of what is written.
pub(crate) fn digest_of_written(
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<ContentDigest, Error> {
    let mut out = Digest(Context::new(&SHA256));
    write(&mut out)?;
    let mut digest = ContentDigest([0; 32]);
    digest.0.copy_from_slice(out.0.finish().as_ref());
    Ok(digest)
}

/// A writer that keeps only the digest of what is written.
struct Digest(Context);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the SHA-256 of a whole file.
pub(crate) fn digest_of(bytes: &[u8]) -> ContentDigest {
    let mut digest = ContentDigest([0; 32]);
    digest.0.copy_from_slice(ring::digest::digest(&SHA256, bytes).as_ref());
    digest
}
