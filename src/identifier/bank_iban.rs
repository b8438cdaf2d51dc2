//! `bank.iban/1`: upper case, without spaces or an `IBAN` prefix (ISO 13616-1, SWIFT registry release 99).
//!
//! ASCII spaces are removed wherever they stand; hyphens are not, no registry prints them. After country,
//! length and structure come the check digits: 00, 01 and 99 also satisfy mod-97 (ISO 7064), and would
//! give one account two spellings, so only 02 to 98 are accepted.

use super::iban_registry::{Segment, country};
use super::{Canonical, Note};
use crate::rejection::Reason;

/// Longest input without its spaces that can be an IBAN: prefix, colon and 34 characters.
const MAX_COMPACT: usize = 4 + 1 + 34;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    let mut compact = [0u8; MAX_COMPACT + 1]; // the one more shows that there was too much
    let mut len = 0;
    for &byte in value.iter().filter(|byte| **byte != b' ') {
        if !(byte.is_ascii_alphanumeric() || byte == b':' && len == 4) {
            return Err(Reason::BadCharacter);
        }
        if len <= MAX_COMPACT {
            compact[len] = byte.to_ascii_uppercase();
            len += 1;
        }
    }
    let iban = strip_prefix(&compact[..len])?;
    check(iban)?;
    out.extend(iban)?;
    Ok(Note { changed: iban != value, warning: false })
}

/// No country has the code `IB`, so the prefix cannot be part of an IBAN.
fn strip_prefix(compact: &[u8]) -> Result<&[u8], Reason> {
    let Some(rest) = compact.strip_prefix(b"IBAN") else {
        return if compact.contains(&b':') { Err(Reason::BadCharacter) } else { Ok(compact) };
    };
    Ok(rest.strip_prefix(b":").unwrap_or(rest))
}

fn check(iban: &[u8]) -> Result<(), Reason> {
    let &[first, second, ..] = iban else {
        return Err(Reason::TooShort);
    };
    let country = country([first, second]).ok_or(Reason::UnknownCountry)?;
    if iban.len() != usize::from(country.length) {
        return Err(Reason::WrongLength);
    }
    let (head, mut rest) = iban.split_at(4);
    if !head[2..].iter().all(u8::is_ascii_digit) {
        return Err(Reason::WrongStructure);
    }
    for segment in country.bban {
        let (count, allowed): (u8, fn(&u8) -> bool) = match *segment {
            Segment::N(count) => (count, u8::is_ascii_digit),
            Segment::A(count) => (count, u8::is_ascii_uppercase),
            Segment::C(count) => (count, u8::is_ascii_alphanumeric),
        };
        let (run, after) = rest.split_at(usize::from(count)); // a test adds the counts up to the length
        if !run.iter().all(allowed) {
            return Err(Reason::WrongStructure);
        }
        rest = after;
    }
    if matches!(&head[2..], b"00" | b"01" | b"99") {
        return Err(Reason::CheckDigits);
    }
    let remainder = iban[4..].iter().chain(head).fold(0, append_mod_97);
    if remainder == 1 { Ok(()) } else { Err(Reason::Checksum) }
}

/// Appends a digit, or a letter as its two digits 10 to 35, to a number of which only the rest counts.
fn append_mod_97(number: u32, byte: &u8) -> u32 {
    match byte {
        b'0'..=b'9' => (number * 10 + u32::from(byte - b'0')) % 97,
        _ => (number * 100 + u32::from(byte - b'A') + 10) % 97,
    }
}
