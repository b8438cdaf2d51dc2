//! `crypto.ltc/1`: a Litecoin address of the main network: its type, then the hash or witness program.
//!
//! The address may be Base58Check with version 0x30 (`L…`), 0x32 (`M…`) or 0x05 (`3…`). The last names the same scripts
//! as 0x32; Litecoin had it in common with Bitcoin until 2017. It may also be bech32 or bech32m under `ltc` (BIP-173,
//! BIP-350). So one script has two spellings, and the form is made of bytes, not of text. MWEB addresses (`ltcmweb1…`)
//! are stealth addresses: no chain shows what they stand for.

use crate::outcome::Reason;

use super::segwit::{MAX_ADDRESS, Witness};
use super::{Canonical, Note, base58check, uri};

/// Types of the canonical form.
const PUBLIC_KEY_HASH: u8 = 0;
const SCRIPT_HASH: u8 = 1;
/// The type of a witness program, to which the witness version is added.
const WITNESS: u8 = 16;

/// Longest Base58Check of 25 bytes.
const LONGEST_BASE58: usize = 35;

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    let address = uri::strip(value, "litecoin:");
    if starts_with(address, "ltcmweb1") {
        return Err(Reason::MwebAddress); // longer than any other
    }
    match address.len() {
        0 => return Err(Reason::TooShort),
        1..=MAX_ADDRESS => {}
        _ => return Err(Reason::TooLong),
    }
    let normal = if is_segwit(address) {
        let witness = Witness::decode(address)?;
        witness.require_network("ltc")?;
        out.push(WITNESS + witness.version)?;
        witness.program().try_for_each(|byte| out.push(byte))?;
        !address.bytes().any(|byte| byte.is_ascii_uppercase())
    } else {
        let [version, hash @ ..] = base58check::decode(address)?;
        let (kind, normal) = match version {
            0x30 => (PUBLIC_KEY_HASH, true),
            0x32 => (SCRIPT_HASH, true),
            0x05 => (SCRIPT_HASH, false),
            _ => return Err(Reason::WrongNetwork),
        };
        out.push(kind)?;
        out.extend(&hash)?;
        normal
    };
    Ok(Note { changed: !normal || address.len() != value.len(), warning: false })
}

/// Whether the text is to be read as bech32: a short human-readable part stands before the first `1`, and the text does
/// not begin with a letter that Base58Check has under Litecoin's versions.
///
/// `LTC1…` may be either, if it is no longer than Base58Check can be. Then it is Base58Check if that checksum fits.
fn is_segwit(address: &str) -> bool {
    let human_readable = address.split_once('1').is_some_and(|(part, _)| part.len() <= 4);
    if starts_with(address, "LTC1") && address.starts_with('L') {
        let is_base58 = address.len() <= LONGEST_BASE58 && base58check::decode(address).is_ok();
        return !is_base58;
    }
    let starts_base58 =
        matches!(address.as_bytes()[0], b'L' | b'M' | b'1' | b'2' | b'3' | b'm' | b'n' | b'Q');
    !starts_base58 && human_readable
}

fn starts_with(address: &str, prefix: &str) -> bool {
    address.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
