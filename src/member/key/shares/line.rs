//! The line of a share: tagged and checksummed like the line of a secret, in a file of its own.
//!
//! The line is bech32m (BIP-350) under the prefix `vmshare`, of 47 bytes:
//!
//! ```text
//! version 1 (1 byte) | id of the split (4) | threshold (1) | index (1) | secret id (8) | values (32)
//! ```
//!
//! This makes 90 characters, the most for which the checksum finds any four wrong ones.

use std::path::Path;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp};
use zeroize::Zeroizing;

use crate::container::private_file::Wording;
use crate::container::{private_file, wrapped};
use crate::error::Error;
use crate::member::key::CoalitionSecret;
use crate::terms::SecretId;

use super::{LEAST_THRESHOLD, SET_ID_LEN, SecretShare};

const PREFIX: &str = "vmshare";
const VERSION: u8 = 1;
const SECRET_ID_LEN: usize = 8;
const PAYLOAD_LEN: usize = 1 + SET_ID_LEN + 1 + 1 + SECRET_ID_LEN + CoalitionSecret::LEN;

/// Length of the line: `vmshare1`, 76 characters for 47 bytes, 6 of checksum.
const LINE_LEN: usize = PREFIX.len() + 1 + (8 * PAYLOAD_LEN).div_ceil(5) + 6;
const _: () = assert!(LINE_LEN == 90);

const WORDING: Wording = Wording {
    error: |problem| Error::SecretShares { problem },
    expected: "expected one line that begins with `vmshare1` and whose checksum fits; is a character mistyped?",
};

impl SecretShare {
    /// Reads the line of a share; white space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`Error::SecretShares`] for anything else, another version, index 0, or a threshold below 2, without
    /// repeating it.
    pub fn parse(line: &str) -> Result<Self, Error> {
        let line = line.trim();
        // Only one case is allowed, as for secrets, so that a search for a leaked `vmshare1` finds all.
        if line.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(WORDING.malformed());
        }
        let checked = CheckedHrpstring::new::<Bech32m>(line).map_err(|_| WORDING.malformed())?;
        // Length and prefix fix the payload at 47 bytes and 4 bits of padding, which must be zero.
        let padded = line.len() != LINE_LEN || checked.validate_segwit_padding().is_err();
        if padded || checked.hrp() != Hrp::parse(PREFIX).map_err(|_| WORDING.malformed())? {
            return Err(WORDING.malformed());
        }
        let mut bytes = checked.byte_iter();
        let mut next = || bytes.next().ok_or_else(|| WORDING.malformed());
        if next()? != VERSION {
            return Err(Error::SecretShares {
                problem: "a share of a version that this build does not read",
            });
        }
        let mut set = [0; SET_ID_LEN];
        for byte in &mut set {
            *byte = next()?;
        }
        let (threshold, index) = (next()?, next()?);
        if threshold < LEAST_THRESHOLD {
            return Err(Error::SecretShares { problem: "a share with a threshold below 2, which none has" });
        }
        if index == 0 {
            return Err(Error::SecretShares { problem: "a share of index 0, which none has" });
        }
        let mut secret = [0; SECRET_ID_LEN];
        for byte in &mut secret {
            *byte = next()?;
        }
        let mut values = Box::new(Zeroizing::new([0; CoalitionSecret::LEN]));
        for byte in values.iter_mut() {
            *byte = next()?;
        }
        Ok(Self { set, threshold, index, secret: SecretId(secret), values })
    }

    /// Returns the line of the share, without a newline; it is wiped when dropped.
    pub fn to_line(&self) -> Zeroizing<String> {
        // There is room for a newline too: a string that grew would leave its old bytes behind.
        let mut line = Zeroizing::new(String::with_capacity(LINE_LEN + 1));
        let hrp = Hrp::parse(PREFIX).expect("the prefix is lower-case letters");
        let bytes = std::iter::once(VERSION)
            .chain(self.set)
            .chain([self.threshold, self.index])
            .chain(self.secret.0)
            .chain(self.values.iter().copied());
        line.extend(bytes.bytes_to_fes().with_checksum::<Bech32m>(&hrp).chars());
        line
    }

    /// Reads a file of one share.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::SecretShares`] if others than its owner may read or write it (on Unix), or if its
    /// content is not one line as [`SecretShare::parse`] takes it. Every error names the file.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        Self::read_wrapped_file(path, |bytes| wrapped::plain(bytes, &WORDING))
    }

    /// Reads a file of one share that is kept wrapped. `unwrap` takes its content, of at most 4,096 bytes, and returns
    /// the line.
    ///
    /// # Errors
    ///
    /// As [`SecretShare::read_file`], and those of `unwrap`.
    pub fn read_wrapped_file(
        path: &Path,
        unwrap: impl FnOnce(Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Error>,
    ) -> Result<Self, Error> {
        // More than a line and some white space is not a share.
        wrapped::read(path, 2 * LINE_LEN, &WORDING, unwrap, Self::parse)
    }

    /// Writes a new file that only its owner may read (mode 0600 on Unix) and syncs it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if the file exists: a share is never overwritten.
    pub fn write_new_file(&self, path: &Path) -> Result<(), Error> {
        self.write_new_wrapped_file(path, |line| Ok(Zeroizing::new(line.to_vec())))
    }

    /// Writes a new file; `wrap` wraps the line of the share.
    ///
    /// # Errors
    ///
    /// As [`SecretShare::write_new_file`], and those of `wrap`.
    pub fn write_new_wrapped_file(
        &self,
        path: &Path,
        wrap: impl FnOnce(&[u8]) -> Result<Zeroizing<Vec<u8>>, Error>,
    ) -> Result<(), Error> {
        let mut line = self.to_line();
        line.push('\n');
        let written = wrap(line.as_bytes()).and_then(|content| private_file::write_new(path, &content));
        written.map_err(|error| error.at(path.display().to_string()))
    }
}
