//! The secret file: one line, tagged and checksummed. Only its owner can read it.
//!
//! The line is bech32m (BIP-350) of the 32 bytes under the prefix `vmsecret`. The form finds typing errors, and a leak
//! can be searched for.

use std::path::Path;

use zeroize::Zeroizing;

use crate::container::private_file::Wording;
use crate::container::{private_file, tagged, wrapped};
use crate::error::Error;

use super::CoalitionSecret;

const PREFIX: &str = "vmsecret";

const LINE_LEN: usize = tagged::len(PREFIX);

const WORDING: Wording = Wording {
    error: |problem| Error::Secret { problem },
    expected: "expected one line that begins with `vmsecret1` and whose checksum fits; is a character mistyped?",
};

impl CoalitionSecret {
    /// Reads the line of a secret file; white space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Secret`] for anything else, without repeating it.
    pub fn parse(line: &str) -> Result<Self, Error> {
        let mut bytes = tagged::decode(PREFIX, line.trim()).ok_or_else(|| WORDING.malformed())?;
        Self::from_bytes(&mut bytes)
    }

    /// Returns the line of a secret file, without a newline; it is wiped when dropped.
    pub fn to_line(&self) -> Zeroizing<String> {
        tagged::encode(PREFIX, &self.0)
    }

    /// Reads a secret file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Secret`] if others than its owner may read or write it (on Unix), or if its
    /// content is not one line as [`CoalitionSecret::parse`] takes it. Every error names the file.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        Self::read_wrapped_file(path, |bytes| wrapped::plain(bytes, &WORDING))
    }

    /// Reads a secret file that is kept wrapped. `unwrap` takes its content, of at most 4,096 bytes, and returns the
    /// line.
    ///
    /// The feature `seal` has a way to wrap, by a passphrase; a program with a key service has its own.
    ///
    /// # Errors
    ///
    /// As [`CoalitionSecret::read_file`], and those of `unwrap`.
    pub fn read_wrapped_file(
        path: &Path,
        unwrap: impl FnOnce(Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Error>,
    ) -> Result<Self, Error> {
        // More than a line and some white space is not a secret file.
        wrapped::read(path, 2 * LINE_LEN - 1, &WORDING, unwrap, Self::parse)
    }

    /// Writes a new secret file that only its owner may read (mode 0600 on Unix) and syncs it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if the file exists: a secret is never overwritten.
    pub fn write_new_file(&self, path: &Path) -> Result<(), Error> {
        self.write_new_wrapped_file(path, |line| Ok(Zeroizing::new(line.to_vec())))
    }

    /// Writes a new secret file; `wrap` wraps its line.
    ///
    /// # Errors
    ///
    /// As [`CoalitionSecret::write_new_file`], and those of `wrap`.
    pub fn write_new_wrapped_file(
        &self,
        path: &Path,
        wrap: impl FnOnce(&[u8]) -> Result<Zeroizing<Vec<u8>>, Error>,
    ) -> Result<(), Error> {
        let mut line = self.to_line();
        debug_assert!(line.len() < line.capacity());
        line.push('\n');
        let written = wrap(line.as_bytes()).and_then(|content| private_file::write_new(path, &content));
        written.map_err(|error| error.at(path.display().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use bech32::{Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp};

    use super::*;

    fn secret() -> CoalitionSecret {
        CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| index as u8)).unwrap()
    }

    #[test]
    fn a_line_comes_back_and_any_typo_is_found() {
        let line = secret().to_line();
        assert_eq!(line.len(), LINE_LEN);
        assert!(line.starts_with("vmsecret1"));
        assert!(CoalitionSecret::parse(&line.to_uppercase()).is_err());
        assert_eq!(*CoalitionSecret::parse(&format!(" {}\r\n", *line)).unwrap().0, *secret().0);
        for at in 0..line.len() {
            for with in ["q", "p", "1", "b", " ", "é", ""] {
                let mut typo = line.to_string();
                typo.replace_range(at..=at, with);
                if typo != *line {
                    assert!(CoalitionSecret::parse(&typo).is_err(), "{at} {with}");
                }
            }
        }
    }

    #[test]
    fn a_newline_after_the_line_leaves_no_copy_behind() {
        let mut line = secret().to_line();
        let place = line.as_ptr();
        line.push('\n');
        assert_eq!(line.as_ptr(), place);
    }

    #[test]
    fn other_bech32m_strings_are_refused() {
        let line = |prefix: &str, len: usize| -> String {
            let hrp = Hrp::parse(prefix).unwrap();
            (0..len).map(|n| n as u8).bytes_to_fes().with_checksum::<Bech32m>(&hrp).chars().collect()
        };
        assert!(CoalitionSecret::parse(&line(PREFIX, 32)).is_ok());
        for other in [line(PREFIX, 31), line(PREFIX, 33), line("vmsecres", 32), String::new()] {
            assert!(CoalitionSecret::parse(&other).is_err());
        }
    }

    #[test]
    fn placeholders_are_refused_and_the_callers_copy_is_wiped() {
        assert!(CoalitionSecret::from_bytes(&mut [0; 32]).is_err());
        assert!(CoalitionSecret::from_bytes(&mut [0x41; 32]).is_err());
        let mut bytes = [7; 32];
        bytes[0] = 8;
        assert!(CoalitionSecret::from_bytes(&mut bytes).is_ok());
        assert_eq!(bytes, [0; 32]);
    }
}
