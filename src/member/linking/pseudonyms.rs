//! Pseudonyms: what a subject is called in a round, by a key that its member alone has.

use std::fmt;
use std::ops::Range;

use hmac::Hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::round::identity::Identity;
use crate::terms::{Pseudonym, RoundDigest, SealKey};

use super::{keyed, truncated};

const SALT: &[u8] = b"veilmatch/1";
const LABEL: &[u8] = b"veilmatch/1 pseudonym";

/// Makes the pseudonyms of a member's subjects in one round. Its key is derived from the member's identity; it is wiped
/// when dropped and never shown.
///
/// Whoever has lost the identity can no longer tell who a pseudonym is.
///
/// ```
/// use veilmatch::member::linking::Pseudonyms;
/// use veilmatch::round::identity::Identity;
/// use veilmatch::terms::RoundDigest;
///
/// let identity = Identity::generate()?;
/// let of_round = |digest| Pseudonyms::new(&identity, &RoundDigest(digest));
/// let customer = of_round([1; 32]).of(b"customer 17", 0, 3);
/// assert_eq!(customer, of_round([1; 32]).of(b"customer 17", 0, 4));
/// assert_ne!(customer, of_round([2; 32]).of(b"customer 17", 0, 3));
/// # Ok::<(), veilmatch::Error>(())
/// ```
// Boxed, so that moving it leaves no copy of the key behind.
pub struct Pseudonyms(Box<Hmac<Sha256>>);

impl Pseudonyms {
    /// Derives the key of a round from a member's identity.
    pub fn new(identity: &Identity, round: &RoundDigest) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let label_len = (LABEL.len() as u16).to_be_bytes();
        identity.expand(SALT, &[&label_len, LABEL, &round.0], &mut key);
        Self(Box::new(keyed(&*key)))
    }

    /// Returns where the key is, for a program that keeps its page out of swap. It stays there until it is dropped.
    pub fn memory_range(&self) -> Range<*const u8> {
        let start: *const u8 = std::ptr::from_ref(&*self.0).cast();
        start..start.wrapping_add(size_of::<Hmac<Sha256>>())
    }

    /// Returns the pseudonym of the subject that a cell names. Rows with equal cells are of one subject.
    ///
    /// Where the cell is empty, or there is none, the row is a subject of its own: the row with this number, from 1, in
    /// the file with this number, from 0.
    pub fn of(&self, cell: &[u8], file: u64, row: u64) -> Pseudonym {
        Pseudonym(match cell {
            [] => truncated(&self.0, &[&[0], &file.to_be_bytes(), &row.to_be_bytes()]),
            cell => truncated(&self.0, &[&[1], cell]),
        })
    }

    /// Returns what an authority gets to see in the place of a pseudonym, for one case: so two authorities, or one with
    /// two cases, cannot tell that both mean the same subject. `case` has less than 65,536 bytes.
    pub fn for_authority(&self, authority: &SealKey, case: &str, pseudonym: &Pseudonym) -> Pseudonym {
        let authority = authority.to_string();
        let lp = |text: &str| (text.len() as u16).to_be_bytes();
        Pseudonym(truncated(
            &self.0,
            &[&[2], &lp(&authority), authority.as_bytes(), &lp(case), case.as_bytes(), &pseudonym.0],
        ))
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms")
    }
}
