//! `crypto.trx/1`: a Tron address of the main network: 0x41 and the 20 bytes that name an account.
//!
//! `T…` is Base58Check of these 21 bytes; nodes and explorers also write them as 42 hex digits (Tron's documentation,
//! "Accounts", address format). The 20 bytes alone are an EVM address of the same key, which is another kind: nothing
//! says that they are meant for Tron.

use crate::outcome::Reason;

use super::{Canonical, Note, base58check};

/// The byte of the main network, in front of every address; a test network had 0xa0.
const MAIN: u8 = 0x41;
const HEX_DIGITS: usize = 42;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    if value.len() > HEX_DIGITS {
        return Err(Reason::TooLong);
    }
    let is_hex = value.len() == HEX_DIGITS && value.iter().all(u8::is_ascii_hexdigit);
    let address = if is_hex {
        let digit = |at: usize| (value[at] as char).to_digit(16).unwrap_or_default() as u8; // of hex digits
        std::array::from_fn(|byte| digit(2 * byte) << 4 | digit(2 * byte + 1))
    } else {
        base58check::decode(super::text(value)?)?
    };
    if address[0] != MAIN {
        return Err(Reason::WrongNetwork);
    }
    out.extend(&address)?;
    Ok(Note { changed: is_hex, warning: false })
}
