//! `paypal.id/1`: the payer or merchant id of a PayPal account, in upper case.
//!
//! It has 13 characters: digits from 2 to 9 and letters except I and O, `[2-9A-HJ-NP-Z]{13}` (PayPal's API reference,
//! `account_id`). In this alphabet a reader cannot take one character for another, so upper-casing joins nothing that
//! PayPal keeps apart.

use crate::outcome::Reason;

use super::words::{bits, within, word};
use super::{Canonical, Note};

const LENGTH: usize = 13;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    let in_alphabet = |byte: &u8| match byte.to_ascii_uppercase() {
        b'I' | b'O' => false,
        byte => matches!(byte, b'2'..=b'9' | b'A'..=b'Z'),
    };
    if !value.iter().all(in_alphabet) {
        return Err(Reason::BadCharacter);
    }
    match value.len() {
        ..LENGTH => return Err(Reason::TooShort),
        LENGTH => {}
        _ => return Err(Reason::TooLong),
    }
    value.iter().try_for_each(|byte| out.push(byte.to_ascii_uppercase()))?;
    Ok(Note { changed: out.as_bytes() != value, warning: false })
}

/// Decides values that are an id, in either case.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    if value.len() != LENGTH {
        return None;
    }
    let mut form = [word(value, 0)?, word(value, 1)?];
    let (mut sound, mut changed) = (0, false);
    for (place, eight) in form.iter_mut().enumerate() {
        let small = within(*eight, b'a', b'z');
        changed |= small != 0;
        *eight ^= small >> 2; // upper case lacks the bit 0x20
        let is = |first, last| within(*eight, first, last);
        let in_alphabet = is(b'2', b'9') | is(b'A', b'H') | is(b'J', b'N') | is(b'P', b'Z');
        sound |= bits(in_alphabet) << (8 * place);
    }
    if sound != (1 << LENGTH) - 1 {
        return None;
    }
    out.set(form, LENGTH);
    Some(Ok(Note { changed, warning: false }))
}
