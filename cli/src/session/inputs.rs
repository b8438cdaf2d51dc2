//! What a run reads, and how its run record states it.

use std::io::Write;
use std::path::Path;
#[cfg(feature = "member")]
use std::sync::Arc;

use veilmatch::Error;
#[cfg(feature = "member")]
use veilmatch::member::identifier::SuppressionList;
use veilmatch::round::log;
use veilmatch::round::log::{FileRecord, How, InputNonce};
use veilmatch::terms::ContentDigest;

#[cfg(feature = "member")]
use crate::arguments::config::Config;
use crate::files::bounded;
use crate::files::envelope::Stated;
use crate::output;
#[cfg(feature = "member")]
use crate::rows::raw_input::RawFile;

use super::Session;

impl Session {
    /// Reads a whole file of the round, of at most `longest` bytes, and states it in the run record.
    ///
    /// Only a valid file is stated there: if a raw file is given by mistake, its digest could be guessed.
    pub(crate) fn read_as<T>(
        &mut self,
        path: &Path,
        longest: u64,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.read_by(bounded::read, path, longest, parse)
    }

    /// Reads a file that the command trusts: it must belong to the user, and must not be a link.
    pub(crate) fn read_own_as<T>(
        &mut self,
        path: &Path,
        longest: u64,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.read_by(bounded::read_own, path, longest, parse)
    }

    pub(super) fn read_by<T>(
        &mut self,
        read: fn(&Path, u64) -> Result<Vec<u8>, Error>,
        path: &Path,
        longest: u64,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let read = || {
            let bytes = read(path, longest)?;
            Ok((parse(&bytes)?, bytes))
        };
        let (parsed, bytes) = read().map_err(|error: Error| error.at(path.display().to_string()))?;
        if self.record.is_some() {
            let digest = output::digest_of(&bytes);
            match output::has_open_tokens(&bytes) {
                true => self.state_open_digest(path, digest)?,
                false => self.state_digest(path, digest),
            }
        }
        Ok(parsed)
    }

    /// States a file of the round that is not sealed and stays on disk. `write` gives out its very bytes.
    pub(crate) fn state_input(
        &mut self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.record.is_some() {
            let digest = output::digest_of_written(write)?;
            self.state_open_digest(path, digest)?;
        }
        Ok(())
    }

    /// States a file of the round that was read.
    pub(crate) fn state(&mut self, path: &Path, stated: Stated) -> Result<(), Error> {
        match stated {
            Stated::Not => {}
            Stated::Digest(digest) => self.state_digest(path, digest),
            Stated::OpenDigest(digest) => self.state_open_digest(path, digest)?,
        }
        Ok(())
    }

    /// States a file with tokens that are not sealed, by the digest of the bytes that were read.
    pub(crate) fn state_open_digest(&mut self, path: &Path, digest: ContentDigest) -> Result<(), Error> {
        if self.record.is_some() {
            self.read_log_nonce()?;
            let record = self.record_of_open(path, digest);
            self.entry.inputs.push(record);
        }
        Ok(())
    }

    /// Reads the nonce beside the run record, or makes it.
    pub(crate) fn read_log_nonce(&mut self) -> Result<(), Error> {
        if let (Some(record), None) = (&self.record, &self.log_nonce) {
            self.log_nonce = Some(InputNonce::beside(record)?);
        }
        Ok(())
    }

    /// Records a file with open tokens under a nonce. A plain digest would show whoever has the secret and the record
    /// which of some guesses the tokens are.
    pub(super) fn record_of_open(&self, path: &Path, digest: ContentDigest) -> FileRecord {
        let nonce = self.log_nonce.as_ref();
        let nonce = nonce.expect("read with the manifest of a trial, or before an input is stated");
        let digest = log::raw_input_digest(nonce, &digest.0[..]).expect("memory can be read");
        FileRecord::new(path, digest, How::LogNonceSha256)
    }

    /// States a file of the round without open tokens, by the digest of the bytes that were read.
    pub(crate) fn state_digest(&mut self, path: &Path, digest: ContentDigest) {
        if self.record.is_some() {
            self.entry.inputs.push(FileRecord::new(path, digest, How::Sha256));
        }
    }

    /// Reads a suppression list; without a path, takes the one that ships with the program.
    #[cfg(feature = "member")]
    pub(crate) fn suppression(&mut self, path: Option<&Path>) -> Result<Arc<SuppressionList>, Error> {
        let Some(path) = path else { return Ok(SuppressionList::standard()) };
        self.read_as(path, bounded::SUPPRESSION, |bytes| {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
                Error::SuppressionList { line, expected: "UTF-8 text" }
            })?;
            Ok(Arc::new(SuppressionList::parse(text)?))
        })
    }

    /// Says which configuration gave options, and states it.
    #[cfg(feature = "member")]
    pub(crate) fn heed(&mut self, config: &Config) {
        if !config.gave.is_empty() {
            self.result(format_args!("with {}: {}", config.path.display(), config.gave.join(", ")));
            self.state_digest(&config.path, config.digest);
            self.config = Some(config.path.clone());
        }
    }

    /// Opens a file of raw rows. The run record states what is read of it, under a nonce that stays beside the file.
    #[cfg(feature = "member")]
    pub(crate) fn open_raw(&mut self, path: &Path) -> Result<RawFile, Error> {
        let named = |error: std::io::Error| Error::from(error).at(path.display().to_string());
        let file = std::fs::File::open(path).map_err(named)?;
        let nonce = self.record.as_ref().map(|_| log::InputNonce::beside(path)).transpose()?;
        let (file, watched) = RawFile::new(path, file, nonce).map_err(named)?;
        self.raw_inputs.push((self.entry.inputs.len(), watched));
        Ok(file)
    }

    /// States the raw files that were read.
    #[cfg(feature = "member")]
    pub(super) fn state_raw_inputs(&mut self) {
        for (place, raw) in std::mem::take(&mut self.raw_inputs).into_iter().rev() {
            if let Some(digest) = raw.digest() {
                let record = FileRecord::new(&raw.path, digest, How::NonceSha256);
                self.entry.inputs.insert(place, record);
            }
        }
    }
}
