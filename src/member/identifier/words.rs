//! Eight bytes at once in one word, portably: the fast paths of the rules are built of these functions.
//!
//! Words are little-endian: the first byte is the lowest. A mask has 0x80 in the bytes that it names and
//! zero in the others.

/// A word with 1 in each byte: multiplied by a byte, it repeats the byte eight times.
pub(super) const EACH: u64 = 0x0101_0101_0101_0101;

/// Mask of all eight bytes.
pub(super) const ALL: u64 = 0x80 * EACH;

/// Returns bytes as words.
#[inline(always)]
pub(super) fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u64; WORDS] {
    const { assert!(BYTES == 8 * WORDS) };
    let (chunks, _) = bytes.as_chunks();
    std::array::from_fn(|place| u64::from_le_bytes(chunks[place]))
}

/// Returns the word number `place` of a value of eight bytes or more, with zeros after the end.
///
/// It goes from the value straight into a register: if it were copied first, the word would wait for the copy's stores.
#[inline(always)]
pub(super) fn word(value: &[u8], place: usize) -> Option<u64> {
    let (start, end) = (8 * place, 8 * (place + 1));
    let at = |start: usize| Some(u64::from_le_bytes(*value.get(start..)?.first_chunk()?));
    Some(match value.len() {
        len if len >= end => at(start)?,
        len if len > start => at(len.checked_sub(8)?)? >> (8 * (end - len)), // begins before it should
        _ => 0,
    })
}

/// Returns the mask of the bytes from `first` to `last`; both are ASCII, and `first` is not zero.
#[inline(always)]
pub(super) fn within(word: u64, first: u8, last: u8) -> u64 {
    let ascii = word & !ALL; // so that nothing is carried into the next byte
    let from_first = ascii + u64::from(0x80 - first) * EACH;
    let beyond_last = ascii + u64::from(0x7f - last) * EACH;
    from_first & !beyond_last & !word & ALL
}

/// Whether all eight bytes are ASCII digits. A byte that is none sets its highest bit, whatever is carried into it.
#[inline(always)]
pub(super) fn are_digits(word: u64) -> bool {
    let values = word ^ (0x30 * EACH);
    (values | values.wrapping_add(0x76 * EACH)) & ALL == 0
}

/// Returns a mask as eight bits, the first byte's the lowest.
#[inline(always)]
pub(super) fn bits(mask: u64) -> u64 {
    // Bit 8i is carried to bit 56 + i, and no two to one place.
    (mask >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Returns the low halves of eight bytes, the last byte's the lowest.
#[inline(always)]
pub(super) fn nibbles(word: u64) -> u64 {
    let bytes = word.swap_bytes() & (0x0f * EACH);
    let pairs = (bytes | bytes >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    (fours | fours >> 16) & 0xffff_ffff
}

/// Returns the number that eight digits make. They are given by their values; the first is the most significant.
#[inline(always)]
pub(super) fn number(values: u64) -> u64 {
    const EVERY_FOURTH: u64 = 0x0000_00ff_0000_00ff;
    let pairs = values * 10 + (values >> 8); // in bytes 0, 2, 4, 6
    let first = (pairs & EVERY_FOURTH).wrapping_mul(100 + (1_000_000 << 32));
    let second = (pairs >> 16 & EVERY_FOURTH).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_judged_each_by_itself() {
        for (first, last) in [(b'0', b'9'), (b'A', b'Z'), (b' ', b' '), (1, 127), (b'a', b'f')] {
            for byte in 0..=255u8 {
                for others in [0, b'5', 0x7f, 0x80, 0xff] {
                    for place in 0..8 {
                        let mut bytes = [others; 8];
                        bytes[place] = byte;
                        let named = bytes.map(|byte| u8::from((first..=last).contains(&byte)) << 7);
                        let word = u64::from_le_bytes(bytes);
                        assert_eq!(within(word, first, last).to_le_bytes(), named, "{bytes:?}");
                        assert_eq!(are_digits(word), bytes.iter().all(u8::is_ascii_digit), "{bytes:?}");
                    }
                }
            }
        }
        for expected in 0..=255u64 {
            let mask = std::array::from_fn(|place| ((expected >> place & 1) as u8) << 7);
            assert_eq!(bits(u64::from_le_bytes(mask)), expected);
        }
    }

    #[test]
    fn eight_digits_are_their_number() {
        for seed in 0..100_000u64 {
            let expected = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 100_000_000;
            let text = format!("{expected:08}");
            let digits = u64::from_le_bytes(text.as_bytes().try_into().unwrap());
            assert_eq!(number(digits - 0x30 * EACH), expected);
        }
        assert_eq!(number(0x09 * EACH), 99_999_999);
        assert_eq!(nibbles(u64::from_le_bytes(*b"1234567.")), 0x1234_567e);
    }

    #[test]
    fn words_are_the_value_and_zeros_after_it() {
        let text: Vec<u8> = (1..=40).collect();
        for len in 8..=text.len() {
            let mut expected = text[..len].to_vec();
            expected.resize(48, 0);
            let found: Vec<u8> =
                (0..6).flat_map(|place| word(&text[..len], place).unwrap().to_le_bytes()).collect();
            assert_eq!(found, expected);
        }
        assert!((1..8).all(|len| word(&text[..len], 0).is_none()));
    }
}
