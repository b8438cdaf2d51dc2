//! `bank.bic/1`: upper case, 8 characters, or 11 where the branch is not `XXX` (ISO 9362:2022).
//!
//! Four letters or digits name the party, two letters its country. Two letters or digits follow, and perhaps three more
//! of a branch. `XXX` stands for no branch in particular and is dropped. The prefix has been alphanumeric since ISO
//! 9362:2014 (`E097AEXX` is in use), though many validators still ask for letters. Countries and codes are not looked
//! up: those lists change from month to month.

use crate::outcome::Reason;

use super::words::{bits, within, word};
use super::{Canonical, Note};

/// Characters without and with a branch.
const PARTY: usize = 8;
const WITH_BRANCH: usize = 11;

/// The branch that stands for no branch.
const HEAD_OFFICE: &[u8; 3] = b"XXX";

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    if !value.iter().all(u8::is_ascii_alphanumeric) {
        return Err(Reason::BadCharacter);
    }
    let (party, branch) = match value.len() {
        PARTY => (value, None),
        WITH_BRANCH => (&value[..PARTY], Some(&value[PARTY..])),
        _ => return Err(Reason::BicLength),
    };
    if !party[4..6].iter().all(u8::is_ascii_alphabetic) {
        return Err(Reason::BicStructure);
    }
    let branch = branch.filter(|branch| !branch.eq_ignore_ascii_case(HEAD_OFFICE)).unwrap_or_default();
    for byte in party.iter().chain(branch) {
        out.push(byte.to_ascii_uppercase())?;
    }
    Ok(Note { changed: out.as_bytes() != value, warning: false })
}

/// Decides values that have the structure.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    const COUNTRY: u64 = 0b0011_0000;
    const XXX: u64 = u64::from_le_bytes(*b"XXX\0\0\0\0\0");
    if !matches!(value.len(), PARTY | WITH_BRANCH) {
        return None;
    }
    let mut changed = false;
    let mut upper = |place| {
        let text = word(value, place)?;
        let small = within(text, b'a', b'z');
        changed |= small != 0;
        Some(text ^ small >> 2) // upper case lacks the bit 0x20
    };
    let [party, mut branch] = [upper(0)?, upper(1)?];
    let letters = |word| bits(within(word, b'A', b'Z'));
    let sound = |word| letters(word) | bits(within(word, b'0', b'9'));
    let of_branch = (1 << (value.len() - PARTY)) - 1;
    if sound(party) != 0xff || letters(party) & COUNTRY != COUNTRY || sound(branch) != of_branch {
        return None;
    }
    let mut len = value.len();
    if branch == XXX {
        (branch, len, changed) = (0, PARTY, true);
    }
    out.set([party, branch], len);
    Some(Ok(Note { changed, warning: false }))
}
