//! `merchant.mid/1`: lp(acquirer id), lp(merchant id), as `acquirer/merchant` (ISO 8583 elements 32 and 42).
//!
//! A merchant's number is given by its acquirer, so it is unique only together with the acquirer's id. Case and zeros
//! are kept: to one acquirer `007` is not `7`. Element 42 is filled with spaces on the right; these are removed with
//! everything that stands around any value. The lengths in the form keep `1/23` and `12/3` apart.

use crate::outcome::Reason;

use super::{Canonical, Note};

/// Digits of an acquiring institution's id (ISO 8583 element 32, `n..11`).
const MAX_ACQUIRER: usize = 11;
/// Characters of a card acceptor's id (element 42, `ans 15`).
const MAX_MERCHANT: usize = 15;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    // The first slash: an acquirer's id has none, a merchant's may have.
    let slash = value.iter().position(|byte| *byte == b'/').ok_or(Reason::NoAcquirer)?;
    let (acquirer, merchant) = (&value[..slash], &value[slash + 1..]);
    if !matches!(acquirer.len(), 1..=MAX_ACQUIRER) || !acquirer.iter().all(u8::is_ascii_digit) {
        return Err(Reason::AcquirerId);
    }
    let printable = |byte: &u8| matches!(byte, b' '..=b'~');
    if !matches!(merchant.len(), 1..=MAX_MERCHANT) || !merchant.iter().all(printable) {
        return Err(Reason::MerchantId);
    }
    for part in [acquirer, merchant] {
        out.extend(&(part.len() as u16).to_be_bytes())?; // at most 15
        out.extend(part)?;
    }
    Ok(Note { changed: false, warning: false })
}
