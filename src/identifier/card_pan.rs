//! `card.pan/1`: the primary account number of a payment card, as ASCII digits (ISO/IEC 7812-1).
//!
//! Single spaces and hyphens between digits are removed; 12 to 19 digits, the first not 0; Luhn
//! (ISO/IEC 7812-1 annex B). Masks, all digits equal, and an attached expiry are rejected. An expiry is
//! seen by its separator or by a length over 19; glued digits within 19 cannot be told apart.

use super::{Canonical, Note};
use crate::rejection::Reason;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    let mut digits = 0usize;
    let mut after_digit = false;
    for &byte in value {
        match byte {
            b'0'..=b'9' => {
                if digits == 19 {
                    return Err(Reason::TooLong);
                }
                out.push(byte)?;
                digits += 1;
                after_digit = true;
            }
            b' ' | b'-' if after_digit => after_digit = false,
            b' ' | b'-' => return Err(Reason::BadSeparator),
            b'*' | b'X' | b'x' => return Err(Reason::Masked),
            b'=' | b'^' | b'/' | b'D' | b'd' if digits >= 12 => return Err(Reason::ExpiryAttached),
            _ => return Err(Reason::BadCharacter),
        }
    }
    if !after_digit {
        return Err(Reason::BadSeparator);
    }
    if digits < 12 {
        return Err(Reason::TooShort);
    }
    let pan = out.as_bytes();
    if pan[0] == b'0' {
        return Err(Reason::LeadingZero);
    }
    if pan.iter().all(|digit| *digit == pan[0]) {
        return Err(Reason::RepeatedDigit);
    }
    if !luhn(pan) {
        return Err(Reason::Checksum);
    }
    Ok(Note { changed: value.len() != digits, warning: false })
}

/// Whether the digits, the last one being the check digit, satisfy the Luhn formula.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (place % 2);
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
