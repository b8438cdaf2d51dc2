//! `device.imei/1`: the 14 digits that identify a mobile device (3GPP TS 23.003 clause 6 and annex B).
//!
//! An IMEI is 8 digits of the type, 6 of the serial number and a Luhn digit over these; networks are sent a 0 in the
//! place of the Luhn digit. An IMEISV has two digits of the software version instead, which change with every update.
//! So one device has spellings of 14, 15 and 16 digits, and the first 14 are what they share. Single spaces and hyphens
//! between digits are removed. A slash is not: phones print one between IMEI and software version too.

use crate::outcome::Reason;

use super::luhn::luhn;
use super::words::{are_digits, word};
use super::{Canonical, Note};

/// Number of digits of type and serial number.
const IDENTITY: usize = 14;
const WITH_CHECK_DIGIT: usize = 15;
const MAX_DIGITS: usize = 16;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    let mut digits = [0; MAX_DIGITS];
    let count = strip(value, &mut digits)?;
    if count < IDENTITY {
        return Err(Reason::TooShort);
    }
    let eight = |from: usize| digits[from..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
    if count == WITH_CHECK_DIGIT && !is_checked(eight(0), eight(WITH_CHECK_DIGIT - 8)) {
        return Err(Reason::Checksum);
    }
    let identity = &digits[..IDENTITY];
    out.extend(identity)?;
    Ok(Note { changed: identity != value, warning: false })
}

/// Decides digits with nothing between them.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    const SIX_BYTES: u64 = (1 << 48) - 1;
    if !matches!(value.len(), IDENTITY..=MAX_DIGITS) {
        return None;
    }
    let [first, second] = [word(value, 0)?, word(value, 1)?];
    let last = u64::from_le_bytes(*value.last_chunk()?); // these begin within the first eight or behind them
    if !are_digits(first) || !are_digits(last) {
        return None;
    }
    if value.len() == WITH_CHECK_DIGIT && !is_checked(first, last) {
        return Some(Err(Reason::Checksum));
    }
    out.set([first, second & SIX_BYTES], IDENTITY);
    Some(Ok(Note { changed: value.len() != IDENTITY, warning: false }))
}

/// Writes the digits, without separators, and returns their number.
fn strip(value: &[u8], digits: &mut [u8; MAX_DIGITS]) -> Result<usize, Reason> {
    let mut count = 0;
    let mut before_is_digit = false;
    for &byte in value {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count).ok_or(Reason::TooLong)? = byte;
                count += 1;
                before_is_digit = true;
            }
            b' ' | b'-' if before_is_digit => before_is_digit = false,
            b' ' | b'-' => return Err(Reason::BadSeparator),
            _ => return Err(Reason::BadCharacter),
        }
    }
    if before_is_digit { Ok(count) } else { Err(Reason::BadSeparator) }
}

/// Whether the last of 15 digits is the Luhn digit, or the 0 of TS 23.003 clause 6.2.1. It takes the first eight digits
/// and the last eight.
fn is_checked(first: u64, last: u64) -> bool {
    const ZERO: u64 = b'0' as u64;
    // A zero in front makes sixteen digits, so that the check digit is the last of them.
    let sum = luhn([first << 8 | ZERO, last]);
    last >> 56 == ZERO || sum.is_multiple_of(10)
}
