//! The file of an identity, which only its owner can read, and the file of its public keys beside it.

use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::container::opening::open_regular;
use crate::container::{private_file, tagged, wrapped};
use crate::error::Error;
use crate::terms::{PublicKeys, two_lines};

use super::Identity;

/// First line of the file of an identity.
const TITLE: &str = "veilmatch identity 1";

/// Prefix of the seed that signs.
const PREFIX: &str = "vmsign";

/// The longest file that is read: over twice what either file holds, with room for white space and line ends.
const LONGEST: usize = 512;

const IDENTITY: private_file::Wording = private_file::Wording {
    error: |problem| Error::Identity { problem },
    expected: "expected `veilmatch identity 1`, then the lines `sign: vmsign1…` and `seal: AGE-SECRET-KEY-1…` \
               whose checksums fit; is a character mistyped?",
};

const PUBLIC: private_file::Wording = private_file::Wording {
    error: |problem| Error::Identity { problem },
    expected: "expected public keys: three lines that begin with `veilmatch public keys 1`",
};

impl Identity {
    /// Reads the file of an identity; white space around its text and line ends of Windows are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Identity`] if others than its owner may read or write it (on Unix), or if its
    /// content is anything but an identity, without repeating it. Every error names the file.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        Self::read_wrapped_file(path, |bytes| wrapped::plain(bytes, &IDENTITY))
    }

    /// Reads the file of an identity that is kept wrapped. `unwrap` takes its content, of at most 4,096 bytes, and
    /// returns the text. [`crate::round::seal::passphrase`] is a way to wrap.
    ///
    /// # Errors
    ///
    /// As [`Identity::read_file`], and those of `unwrap`.
    pub fn read_wrapped_file(
        path: &Path,
        unwrap: impl FnOnce(Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Error>,
    ) -> Result<Self, Error> {
        wrapped::read(path, LONGEST, &IDENTITY, unwrap, Self::parse)
    }

    /// Reads the text of an identity's file, as a key service may give it.
    ///
    /// # Errors
    ///
    /// [`Error::Identity`] for anything else, without repeating it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse(text).ok_or_else(|| IDENTITY.malformed())
    }

    /// Writes two new files and syncs them. At `path` it writes the identity, which only its owner may read (mode 0600
    /// on Unix); beside it, under the same name followed by `.pub`, its public keys.
    ///
    /// Each file appears when it is complete. A process that is killed between the two leaves only the identity;
    /// [`Identity::write_public_file`] then makes the other file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if one of the two exists: neither is ever overwritten. If one cannot be written, the other
    /// is not left. Every error names the file.
    pub fn write_new_files(&self, path: &Path) -> Result<(), Error> {
        self.write_new_wrapped_files(path, |text| Ok(Zeroizing::new(text.to_vec())))
    }

    /// Writes two new files, as [`Identity::write_new_files`] does, but the identity's text as `wrap` wraps it.
    ///
    /// # Errors
    ///
    /// As [`Identity::write_new_files`], and those of `wrap`.
    pub fn write_new_wrapped_files(
        &self,
        path: &Path,
        wrap: impl FnOnce(&[u8]) -> Result<Zeroizing<Vec<u8>>, Error>,
    ) -> Result<(), Error> {
        let text = self.to_text();
        let written = wrap(text.as_bytes()).and_then(|content| private_file::write_new(path, &content));
        written.map_err(|error| at(error, path))?;
        self.write_public_file(path).inspect_err(|_| {
            // The file was made a moment ago, by this call: nobody can have sealed to it.
            let _ = std::fs::remove_file(path);
        })
    }

    /// Writes the public keys beside the identity's file at `path`, as [`Identity::write_new_files`] does.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if the file exists. Every error names the file.
    pub fn write_public_file(&self, path: &Path) -> Result<(), Error> {
        let beside = public_path(path);
        let public = self.public.to_string();
        private_file::write_new_public(&beside, public.as_bytes()).map_err(|error| at(error, &beside))
    }

    /// Returns the text of the file; it is wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        let (sign, seal) = (tagged::encode(PREFIX, &self.seed), self.opener.to_string());
        let parts = [TITLE, "\nsign: ", &sign, "\nseal: ", seal.expose_secret(), "\n"];
        // There is exactly enough room: a string that grew would leave its old bytes behind.
        let mut text = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
        parts.iter().for_each(|part| text.push_str(part));
        text
    }
}

impl PublicKeys {
    /// Reads a file of public keys.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Identity`] for any other content. Every error names the file.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        let read = || {
            let bytes = private_file::read_bounded(&mut open_regular(path)?, LONGEST, &PUBLIC)?;
            std::str::from_utf8(&bytes).map_err(|_| PUBLIC.malformed())?.parse()
        };
        read().map_err(|error: Error| at(error, path))
    }
}

fn parse(text: &str) -> Option<Identity> {
    let [sign, seal] = two_lines(text, TITLE)?;
    let identity = Identity::from_keys(*tagged::decode(PREFIX, sign)?, seal.parse().ok()?).ok()?;
    // One spelling: age also takes lower case, and bits of padding.
    (identity.opener.to_string().expose_secret() == seal).then_some(identity)
}

/// Returns where the public keys of an identity's file are.
fn public_path(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".pub");
    beside.into()
}

fn at(error: Error, path: &Path) -> Error {
    error.at(path.display().to_string())
}
