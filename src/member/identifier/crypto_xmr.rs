//! `crypto.xmr/1`: a Monero address of the main network: network byte, both public keys, and the payment id if there is
//! one.
//!
//! The spelling is Base58 in blocks of eight bytes, eleven characters each, with a checksum of four bytes of Keccak-256
//! (Monero's `base58.cpp` and `cryptonote_basic_impl.cpp`). A standard address, a sub-address and an integrated
//! address, which has a payment id of eight bytes, are different identifiers, even if one wallet has them all: only its
//! owner can tell. It is not checked whether the keys are points of the curve.

use sha3::{Digest, Keccak256};

use crate::outcome::Reason;

use super::{Canonical, Note, alphabet, uri};

static VALUES: [u8; 256] =
    alphabet::values(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false);

/// Number of characters of a whole block, of eight bytes, and of the last block, of five, in both lengths of an
/// address.
const BLOCK: usize = 11;
const LAST_BLOCK: usize = 7;
const BLOCK_BYTES: usize = 8;
const LAST_BLOCK_BYTES: usize = 5;

/// Characters of an address without and with a payment id.
const PLAIN: usize = 8 * BLOCK + LAST_BLOCK;
const INTEGRATED: usize = 9 * BLOCK + LAST_BLOCK;

const CHECKSUM: usize = 4;
/// Bytes of the longer address.
const MOST_BYTES: usize = 9 * BLOCK_BYTES + LAST_BLOCK_BYTES;

/// Network bytes of the main network.
const STANDARD: u8 = 18;
const WITH_PAYMENT_ID: u8 = 19;
const SUB_ADDRESS: u8 = 42;

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    let address = uri::strip(value, "monero:").as_bytes();
    match address.len() {
        ..PLAIN => return Err(Reason::TooShort),
        PLAIN | INTEGRATED => {}
        _ => return Err(Reason::MoneroLength),
    }
    let mut bytes = [0; MOST_BYTES];
    let (mut len, mut overflows) = (0, false);
    for block in address.chunks(BLOCK) {
        let mut number = 0u128;
        for byte in block {
            let digit = VALUES[usize::from(*byte)];
            if digit == alphabet::NONE {
                return Err(Reason::BadCharacter);
            }
            number = number * 58 + u128::from(digit); // eleven of them stay under 2^65
        }
        let size = if block.len() == BLOCK { BLOCK_BYTES } else { LAST_BLOCK_BYTES };
        overflows |= number >> (8 * size) != 0;
        bytes[len..len + size].copy_from_slice(&number.to_be_bytes()[16 - size..]);
        len += size;
    }
    let (content, checksum) = bytes[..len].split_at(len - CHECKSUM);
    if overflows || Keccak256::digest(content)[..CHECKSUM] != *checksum {
        return Err(Reason::Checksum);
    }
    match (content[0], address.len()) {
        (STANDARD | SUB_ADDRESS, PLAIN) | (WITH_PAYMENT_ID, INTEGRATED) => {}
        (STANDARD | SUB_ADDRESS | WITH_PAYMENT_ID, _) => return Err(Reason::MoneroLength),
        _ => return Err(Reason::WrongNetwork),
    }
    out.extend(content)?;
    Ok(Note { changed: address.len() != value.len(), warning: false })
}
