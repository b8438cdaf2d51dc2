//! `card.par/1`: the payment account reference, one for a card number and all its network tokens (EMVCo).
//!
//! 29 upper-case letters and digits. The first four name who assigned the rest (EMV Payment Tokenisation Specification,
//! Technical Framework; data object 9F24). The value is taken exactly as issued: nothing is removed, and no letter is
//! raised, because the specification allows no other spelling.

use crate::outcome::Reason;

use super::words::{bits, within, word};
use super::{Canonical, Note};

const LENGTH: usize = 29;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    if !value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return Err(Reason::BadCharacter);
    }
    match value.len() {
        ..LENGTH => return Err(Reason::TooShort),
        LENGTH => out.extend(value)?,
        _ => return Err(Reason::TooLong),
    }
    Ok(Note { changed: false, warning: false })
}

/// Decides values that are in canonical form, as they should be.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    if value.len() != LENGTH {
        return None;
    }
    let mut form = [0; LENGTH.div_ceil(8)];
    let mut sound = 0;
    for (place, eight) in form.iter_mut().enumerate() {
        *eight = word(value, place)?;
        sound |= bits(within(*eight, b'A', b'Z') | within(*eight, b'0', b'9')) << (8 * place);
    }
    if sound != (1 << LENGTH) - 1 {
        return None;
    }
    out.set(form, LENGTH);
    Some(Ok(Note { changed: false, warning: false }))
}
