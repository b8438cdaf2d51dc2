//! `crypto.btc/1`: a Bitcoin address of the main network, Base58Check in its case, bech32 in lower case.
//!
//! The rule follows BIP-13 and BIP-16 (versions 0x00 and 0x05), BIP-173 and BIP-350. A `bitcoin:` prefix and a query
//! (BIP-21) are stripped. Base58Check of 25 bytes has one spelling only, so the text itself is canonical.

use crate::outcome::Reason;

use super::segwit::{MAX_ADDRESS, Witness};
use super::{Canonical, Note, base58check, uri};

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    let address = uri::strip(value, "bitcoin:");
    match address.len() {
        0 => return Err(Reason::TooShort),
        1..=MAX_ADDRESS => {}
        _ => return Err(Reason::TooLong),
    }
    if is_segwit(address) {
        Witness::decode(address)?.require_network("bc")?;
        let mut lower = [0; MAX_ADDRESS];
        let lower = &mut lower[..address.len()];
        lower.copy_from_slice(address.as_bytes());
        lower.make_ascii_lowercase();
        out.extend(lower)?;
    } else {
        // Other versions are test networks and other chains, which share the encoding.
        let [0x00 | 0x05, ..] = base58check::decode(address)? else { return Err(Reason::WrongNetwork) };
        out.extend(address.as_bytes())?;
    }
    Ok(Note { changed: out.as_bytes() != value.as_bytes(), warning: false })
}

/// Whether the text is to be read as bech32: a short human-readable part stands before the first `1`. Base58Check under
/// Bitcoin's versions begins with `1`, `2`, `3`, `m` or `n`, and no bech32 address does. For text that is neither, this
/// decides only on the reason.
fn is_segwit(address: &str) -> bool {
    let starts_base58 = matches!(address.as_bytes()[0], b'1' | b'2' | b'3' | b'm' | b'n');
    let human_readable = address.split_once('1').is_some_and(|(part, _)| part.len() <= 4);
    !starts_base58 && human_readable
}
