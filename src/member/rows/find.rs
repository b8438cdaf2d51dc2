//! Finds bytes that are a few bytes apart: line ends, and what separates fields.
//!
//! A search for the next one starts anew behind each that it finds. Here 64 bytes are compared at once, whatever is
//! found in them.

/// Number of bytes that are compared at once.
const CHUNK: usize = 64;

/// Calls `found` with the place of every byte that is one of these, and the byte.
#[inline]
pub(super) fn each_of<const N: usize>(wanted: [u8; N], bytes: &[u8], mut found: impl FnMut(usize, u8)) {
    let (chunks, rest) = bytes.as_chunks::<CHUNK>();
    let mut last = [0; CHUNK];
    last[..rest.len()].copy_from_slice(rest);
    let of_last = (1 << rest.len()) - 1;
    let chunks = chunks.iter().map(|chunk| (chunk, u64::MAX)).chain([(&last, of_last)]);
    for (place, (chunk, of_input)) in chunks.enumerate() {
        let mut mask = mask(wanted, chunk) & of_input;
        while mask != 0 {
            let within = mask.trailing_zeros() as usize;
            found(CHUNK * place + within, chunk[within]);
            mask &= mask - 1;
        }
    }
}

/// Returns a bit for each byte, the first byte's the lowest: whether it is one of these.
///
/// Compilers make vectors of the comparisons.
#[inline]
fn mask<const N: usize>(wanted: [u8; N], chunk: &[u8; CHUNK]) -> u64 {
    let is_one = |byte: u8| wanted.iter().fold(0, |is_one, wanted| is_one | u8::from(byte == *wanted));
    let ones = chunk.map(is_one);
    let (words, _) = ones.as_chunks();
    words.iter().rev().fold(0, |mask, word| {
        // Bit 8i is carried to bit 56 + i, and no two to one place.
        mask << 8 | u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_wanted_byte_is_found_in_order_and_no_other(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b','), Just(0u8), Just(0x8a), any::<u8>()], 0..300),
            other: u8,
        ) {
            let of = |wanted: &[u8]| -> Vec<(usize, u8)> {
                bytes.iter().copied().enumerate().filter(|(_, byte)| wanted.contains(byte)).collect()
            };
            let mut found = Vec::new();
            each_of([b'\n'], &bytes, |place, byte| found.push((place, byte)));
            prop_assert_eq!(&found, &of(b"\n"));
            found.clear();
            each_of([b',', other, b'\n'], &bytes, |place, byte| found.push((place, byte)));
            prop_assert_eq!(&found, &of(&[b',', other, b'\n']));
        }
    }
}
