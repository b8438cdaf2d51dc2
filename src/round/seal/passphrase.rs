//! Small files that a passphrase protects, in the binary format of age: `age -p` writes and `age -d` opens them.
//!
//! scrypt (RFC 7914) makes a key of the passphrase. This key wraps the file key, as X25519 does in a sealed file.
//!
//! ```
//! use veilmatch::round::seal::passphrase::{Passphrase, protect, unprotect};
//!
//! let passphrase = Passphrase::new("four words of dice")?;
//! let file = protect(b"a line", &passphrase, 10)?; // WORK_FACTOR, but in an example
//! assert_eq!(**unprotect(&file, &passphrase)?, *b"a line");
//! # Ok::<(), veilmatch::Error>(())
//! ```
//!
//! The passphrase is wiped when dropped, and so is what [`unprotect`] returns. The table that scrypt fills, 128 MiB and
//! more, is not wiped; only the whole table gives the passphrase faster than guessing it.

use std::io::Write as _;
use std::{fmt, iter};

use age::secrecy::{ExposeSecret as _, SecretString};
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use zeroize::Zeroizing;

use crate::container::private_file::{Wording, read_bounded};
use crate::error::Error;

/// The usual exponent of scrypt's cost: 2¹⁸ steps take about a second and 256 MiB.
pub const WORK_FACTOR: u8 = 18;

/// The highest exponent that [`unprotect`] accepts: four seconds and 1 GiB.
pub const MAX_WORK_FACTOR: u8 = 20;

const WORDING: Wording = Wording { error: |problem| Error::Passphrase { problem }, expected: DAMAGED };

const DAMAGED: &str = "the file is damaged or was cut short";

/// A passphrase that protects a file, as people remember and type it. It is wiped when dropped, and never shown.
///
/// ```
/// use veilmatch::round::seal::passphrase::Passphrase;
///
/// let (typed, again) = (Passphrase::new("four words of dice")?, Passphrase::new("four words of dice")?);
/// assert!(typed.is(&again));
/// assert_eq!(format!("{typed:?}"), "Passphrase");
/// assert!(Passphrase::new("").is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Longest passphrase in bytes.
    pub const MAX_LEN: usize = 1024;

    /// Makes a passphrase of what was typed. The caller must wipe its own copy.
    ///
    /// # Errors
    ///
    /// [`Error::Passphrase`] where it is empty, longer than [`Passphrase::MAX_LEN`], or more than one line.
    pub fn new(text: &str) -> Result<Self, Error> {
        let problem = match text {
            "" => "expected one, got an empty line",
            _ if text.len() > Self::MAX_LEN => "expected at most 1,024 bytes",
            _ if text.contains(['\n', '\r']) => "expected one line",
            _ => {
                // There is exactly enough room: a string that was made smaller would leave its old bytes behind.
                let mut copy = String::with_capacity(text.len());
                copy.push_str(text);
                return Ok(Self(SecretString::from(copy)));
            }
        };
        Err(Error::Passphrase { problem })
    }

    /// Whether two passphrases are equal, as when a new one is typed twice.
    pub fn is(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// Returns the file that protects a content. `work_factor` is the exponent of scrypt's cost, such as [`WORK_FACTOR`].
///
/// Each step less halves the cost of guessing the passphrase, for everyone.
///
/// # Errors
///
/// [`Error::Passphrase`] for a work factor of 0 or above [`MAX_WORK_FACTOR`].
pub fn protect(content: &[u8], passphrase: &Passphrase, work_factor: u8) -> Result<Vec<u8>, Error> {
    if !(1..=MAX_WORK_FACTOR).contains(&work_factor) {
        return Err(Error::Passphrase { problem: "expected a work factor of 1 to 20" });
    }
    let mut recipient = scrypt::Recipient::new(passphrase.0.clone());
    recipient.set_work_factor(work_factor);
    let encryptor = Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))
        .map_err(|_| Error::Passphrase { problem: "the file cannot be protected" })?;
    let mut file = Vec::new();
    let mut stream = encryptor.wrap_output(&mut file)?;
    stream.write_all(content)?;
    stream.finish()?;
    Ok(file)
}

/// Returns the content of a protected file; it is wiped when dropped.
///
/// # Errors
///
/// [`Error::Passphrase`] if the passphrase is another one, if the file is damaged or sealed to a key, or if it asks for
/// a work factor above [`MAX_WORK_FACTOR`].
pub fn unprotect(file: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Error> {
    let refused = |problem| Err(Error::Passphrase { problem });
    let Ok(sealed) = Decryptor::new_buffered(file) else { return refused(DAMAGED) };
    if !sealed.is_scrypt() {
        return refused("the file is sealed to a key; no passphrase opens it");
    }
    let mut identity = scrypt::Identity::new(passphrase.0.clone());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let mut stream = match sealed.decrypt(iter::once(&identity as &dyn age::Identity)) {
        Ok(stream) => stream,
        Err(DecryptError::ExcessiveWork { .. }) => return refused("expected a work factor of at most 20"),
        Err(
            DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed | DecryptError::NoMatchingKeys,
        ) => {
            return refused("it does not open the file; is a character mistyped?");
        }
        Err(_) => return refused(DAMAGED),
    };
    // The authenticated content is shorter than the file.
    read_bounded(&mut stream, file.len(), &WORDING).map_err(|_| WORDING.malformed())
}
