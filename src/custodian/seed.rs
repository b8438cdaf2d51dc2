//! What a custodian keeps between the steps of a ceremony: random bytes, from which it draws all that is random in them.
//!
//! So a step that is done again makes the very files, and nothing else has to be kept.

use std::ops::Range;
use std::path::Path;

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::container::digest::sha256;
use crate::container::private_file::{self, Wording};
use crate::container::tagged;
use crate::custody::Ceremony;
use crate::error::Error;
use crate::round::identity::Identity;
use crate::terms::{CeremonyDigest, ContentDigest, KindId};

use super::{opened, sealed};

const TITLE: &str = "veilmatch ceremony seed 1";

const PREFIX: &str = "vmseed";

/// The longest text, over twice what it takes, and the longest file: age adds some 200 bytes.
const LONGEST: usize = 512;
const LONGEST_FILE: usize = 4096;

const WORDING: Wording = Wording {
    error: |expected| Error::Custody { expected },
    expected: "the seed that step 1 of the ceremony wrote, whole and private to its owner",
};

/// A custodian's random bytes for one ceremony; wiped when dropped, never shown. With the files of the ceremony they give its
/// share: the file goes when the ceremony is over.
pub struct Seed {
    ceremony: CeremonyDigest,
    bytes: Box<Zeroizing<[u8; 32]>>,
}

impl Seed {
    /// Takes fresh bytes from the operating system.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn generate(ceremony: &Ceremony) -> Result<Self, Error> {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        SystemRandom::new().fill(&mut **bytes).map_err(|_| Error::Random)?;
        Ok(Self { ceremony: ceremony.digest(), bytes })
    }

    /// Returns where its bytes are, for a program that keeps their page out of swap. They stay there until the seed is dropped.
    pub fn memory_range(&self) -> Range<*const u8> {
        self.bytes.as_ptr_range()
    }

    /// Refuses the seed of another ceremony.
    pub(super) fn require_of(&self, ceremony: &Ceremony) -> Result<(), Error> {
        match self.ceremony == ceremony.digest() {
            true => Ok(()),
            false => Err(Error::Custody { expected: "the seed of this ceremony, got one of another" }),
        }
    }

    /// Writes a new file that only its owner may read (mode 0600 on Unix), sealed to that custodian, and syncs it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if the file exists. Every error names the file.
    pub fn write_new_file(&self, path: &Path, identity: &Identity) -> Result<(), Error> {
        let line = tagged::encode(PREFIX, &self.bytes);
        let mut text = Zeroizing::new(String::with_capacity(LONGEST));
        for part in [TITLE, "\nceremony: ", &self.ceremony.to_string(), "\nseed: ", &line, "\n"] {
            text.push_str(part);
        }
        let written = sealed(&identity.public_keys().seal, text.as_bytes())
            .and_then(|file| private_file::write_new(path, &file));
        written.map_err(|error| error.at(path.display().to_string()))
    }

    /// Reads the file that [`Seed::write_new_file`] wrote for this ceremony.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Seal`] where it is not sealed to this custodian; [`Error::Custody`] for another content, another
    /// ceremony, and a file that others may read. Every error names the file.
    pub fn read_file(path: &Path, identity: &Identity, ceremony: &Ceremony) -> Result<Self, Error> {
        let read = || {
            let file = private_file::read(path, LONGEST_FILE, &WORDING)?;
            let text = opened(identity, &file, LONGEST, &WORDING)?;
            let text = std::str::from_utf8(&text).map_err(|_| WORDING.malformed())?;
            let seed = Self::parse(text).ok_or_else(|| WORDING.malformed())?;
            match seed.ceremony == ceremony.digest() {
                true => Ok(seed),
                false => Err(Error::Custody {
                    expected: "the seed of this ceremony, got that of another one: each ceremony has a folder of its own",
                }),
            }
        };
        read().map_err(|error: Error| error.at(path.display().to_string()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(TITLE)?.strip_prefix('\n')?.strip_suffix('\n')?.split('\n');
        let ceremony = lines.next()?.strip_prefix("ceremony: ")?.parse().ok()?;
        let bytes = tagged::decode(PREFIX, lines.next()?.strip_prefix("seed: ")?)?;
        lines.next().is_none().then_some(Self { ceremony, bytes })
    }

    /// Returns from what the steps draw for one kind. Another ceremony draws from other bytes.
    pub(super) fn of_kind(&self, kind: &KindId) -> Zeroizing<[u8; 32]> {
        let kind = kind.as_str().as_bytes();
        let drawn = [b"veilmatch/2 ceremony seed", &self.bytes[..], &self.ceremony.0, kind];
        Zeroizing::new(sha256(&drawn))
    }

    /// Returns the start of the custodian's ledger: no two ceremonies have the same.
    pub(super) fn ledger(&self) -> ContentDigest {
        ContentDigest(sha256(&[b"veilmatch/2 ledger", &self.bytes[..], &self.ceremony.0]))
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What SPEC.md, section 16.1, has at the end of a row.
    pub(in crate::custodian) fn value(what: &str) -> [u8; 32] {
        let row = format!("| {what} | `");
        let (_, after) = include_str!("../../SPEC.md").split_once(&row).expect("a row of the table");
        let mut bytes = [0; 32];
        crate::terms::from_hex(&after[..64], &mut bytes).expect("64 digits");
        bytes
    }

    #[test]
    fn the_seeds_of_the_specification_hold() {
        let [bytes, ceremony] = [0, 32].map(|from| std::array::from_fn(|at| from + at as u8));
        let seed = Seed { ceremony: CeremonyDigest(ceremony), bytes: Box::new(Zeroizing::new(bytes)) };
        for kind in ["card.pan/1", "bank.iban/1"] {
            let of_kind = seed.of_kind(&KindId::new(kind).unwrap());
            assert_eq!(*of_kind, value(&format!("`{kind}`: seed of the kind")));
        }
    }
}
