//! Secrets of 32 bytes as text: bech32m (BIP-350) under a prefix, in lower case.
//!
//! The form finds typing errors, and a leak can be searched for by the prefix.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp};
use zeroize::Zeroizing;

/// Returns the length: the prefix, `1`, 52 characters for 32 bytes, 6 of checksum.
pub(crate) const fn len(prefix: &str) -> usize {
    prefix.len() + 1 + 52 + 6
}

/// Returns the text of 32 bytes; it is wiped when dropped.
pub(crate) fn encode(prefix: &str, bytes: &[u8; 32]) -> Zeroizing<String> {
    // There is room for a newline too: a string that grew would leave its old bytes behind.
    let mut text = Zeroizing::new(String::with_capacity(len(prefix) + 1));
    let hrp = Hrp::parse(prefix).expect("every prefix is lower-case letters");
    text.extend(bytes.iter().copied().bytes_to_fes().with_checksum::<Bech32m>(&hrp).chars());
    text
}

/// Returns the 32 bytes of a text, if it is what [`encode`] writes. They are boxed, so that moving them leaves no copy.
pub(crate) fn decode(prefix: &str, text: &str) -> Option<Box<Zeroizing<[u8; 32]>>> {
    // bech32 may be all upper case, but a search for a leaked prefix would not find that.
    if text.len() != len(prefix) || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let checked = CheckedHrpstring::new::<Bech32m>(text).ok()?;
    // Length and prefix fix the payload at 32 bytes and 4 bits of padding, which must be zero.
    if checked.validate_segwit_padding().is_err() || checked.hrp() != Hrp::parse(prefix).ok()? {
        return None;
    }
    let mut bytes = Box::new(Zeroizing::new([0; 32]));
    bytes.iter_mut().zip(checked.byte_iter()).for_each(|(slot, byte)| *slot = byte);
    Some(bytes)
}
