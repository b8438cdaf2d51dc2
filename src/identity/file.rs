//! The key file: three lines, readable by its owner alone; beside it the public keys.
//!
//! ```text
//! veilmatch identity 1
//! sign: vmsign1…           bech32m (BIP-350) of the Ed25519 seed
//! seal: AGE-SECRET-KEY-1…  as age writes it
//! ```

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::private_file;

use super::Identity;

const FIRST_LINE: &str = "veilmatch identity 1";
const PREFIX: &str = "vmsign";

/// `vmsign1`, 52 characters for 32 bytes, 6 of checksum.
const SIGN_LEN: usize = PREFIX.len() + 1 + 52 + 6;

/// `AGE-SECRET-KEY-1`, 52 characters for 32 bytes, 6 of checksum.
const SEAL_LEN: usize = 16 + 52 + 6;

const TEXT_LEN: usize = FIRST_LINE.len() + 1 + "sign: ".len() + SIGN_LEN + 1 + "seal: ".len() + SEAL_LEN + 1;

const NOT_A_KEY_FILE: Error =
    Error::Identity { problem: "expected a key file of three lines, as `keygen --identity` writes it" };

impl Identity {
    /// Reads a key file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Secret`] if others than its owner may read or write it (on Unix);
    /// [`Error::Identity`] for any other content. Every error names the file.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        let mut room = Zeroizing::new([0; TEXT_LEN + 1]);
        private_file::read_text(path, &mut *room)
            .and_then(|text| Self::parse(text.ok_or(NOT_A_KEY_FILE)?))
            .map_err(|error| error.at(path.display().to_string()))
    }

    /// Writes the key file, which only its owner may read (mode 0600 on Unix), and `FILE.pub` with the public
    /// keys; both are synced.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if one of them exists: keys are never overwritten. Then neither is there.
    pub fn write_new_files(&self, path: &Path) -> Result<(), Error> {
        let public = Self::public_path(path);
        let write_public = || {
            let mut file = OpenOptions::new().write(true).create_new(true).open(&public)?;
            file.write_all(self.public_keys().to_string().as_bytes())?;
            file.sync_all()
        };
        private_file::write_new(path, self.to_text())
            .map_err(|error| error.at(path.display().to_string()))?;
        write_public().map_err(|error| {
            let _ = std::fs::remove_file(path);
            if error.kind() != std::io::ErrorKind::AlreadyExists {
                let _ = std::fs::remove_file(&public);
            }
            Error::from(error).at(public.display().to_string())
        })
    }

    /// Where the public keys are: `FILE.pub`.
    pub fn public_path(path: &Path) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(".pub");
        name.into()
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let mut lines = text.lines();
        let mut field = |name| lines.next().and_then(|line| line.strip_prefix(name));
        let (Some(""), Some(sign), Some(seal)) = (field(FIRST_LINE), field("sign: "), field("seal: ")) else {
            return Err(NOT_A_KEY_FILE);
        };
        let identity = Self::from_parts(parse_seed(sign)?, seal.parse().map_err(|_| NOT_A_KEY_FILE)?)?;
        // One spelling, so that a search for a leaked key finds it; nothing after it.
        let again = identity.to_text();
        if text.strip_suffix('\n') == Some(&**again) { Ok(identity) } else { Err(NOT_A_KEY_FILE) }
    }

    /// The lines without the last newline, for which there is room.
    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(TEXT_LEN));
        let hrp = Hrp::parse(PREFIX).expect("the prefix is lower-case letters");
        text.push_str(FIRST_LINE);
        text.push_str("\nsign: ");
        text.extend(self.seed.iter().copied().bytes_to_fes().with_checksum::<Bech32m>(&hrp).chars());
        text.push_str("\nseal: ");
        text.push_str(self.seal.to_string().expose_secret());
        text
    }
}

fn parse_seed(line: &str) -> Result<Zeroizing<[u8; Identity::SEED_LEN]>, Error> {
    let checked = CheckedHrpstring::new::<Bech32m>(line).map_err(|_| NOT_A_KEY_FILE)?;
    let padded = line.len() != SIGN_LEN || checked.validate_segwit_padding().is_err();
    if padded || checked.hrp() != Hrp::parse(PREFIX).map_err(|_| NOT_A_KEY_FILE)? {
        return Err(NOT_A_KEY_FILE);
    }
    let mut seed = Zeroizing::new([0; Identity::SEED_LEN]);
    seed.iter_mut().zip(checked.byte_iter()).for_each(|(slot, byte)| *slot = byte);
    Ok(seed)
}
