//! Checks whether 32 bytes can be a signing key: a point of edwards25519 (RFC 8032) in its one spelling, not of small
//! order.
//!
//! Under a key of small order, anyone can write down a signature of 64 bytes that verifies, for every message or for
//! one message in eight. A point with a second spelling would be two keys. Both are refused in every build, by a table.
//! With the feature `seal`, two more are refused: bytes that are not a point, under which nothing verifies, and points
//! with a part of small order, on whose signatures programs disagree (ZIP 215; Chalkias, Garillot and Nikolaenko,
//! "Taming the many EdDSAs", 2020).

#[cfg(feature = "seal")]
use curve25519_dalek::{edwards::EdwardsPoint, scalar::Scalar};

/// Returns what is wrong with a key, or nothing.
pub(super) fn fault(key: &[u8; 32]) -> Option<&'static str> {
    if !is_canonical(key) {
        return Some("is not in the one spelling of a point");
    }
    if is_of_small_order(key) {
        return Some("is a point of small order, under which anyone can sign");
    }
    #[cfg(feature = "seal")]
    match curve25519_dalek::edwards::CompressedEdwardsY(*key).decompress() {
        None => return Some("is no point of the curve"),
        Some(point) if !is_torsion_free(point) => return Some("is a point with a part of small order"),
        Some(_) => {}
    }
    None
}

/// Whether signatures under a key can say anything. This is asked for every signature, in every build, at no cost.
pub(super) fn can_verify(key: &[u8; 32]) -> bool {
    is_canonical(key) && !is_of_small_order(key)
}

/// Whether l times the point is zero, where l is the order of the group: whether (l − 1) times the point is its
/// negative. A public key needs no constant time, so this takes two thirds of the time of the method of that name.
#[cfg(feature = "seal")]
fn is_torsion_free(point: EdwardsPoint) -> bool {
    EdwardsPoint::vartime_double_scalar_mul_basepoint(&-Scalar::ONE, &point, &Scalar::ZERO) == -point
}

/// Returns the coordinate y without the sign of x, little-endian.
fn y(key: &[u8; 32]) -> [u8; 32] {
    let mut y = *key;
    y[31] &= 0x7f;
    y
}

/// Whether y is below p = 2²⁵⁵ − 19. That x = 0 has no sign is left to [`is_of_small_order`]: y is 1 or −1 there.
fn is_canonical(key: &[u8; 32]) -> bool {
    let y = y(key);
    y[0] < 0xed || y[31] != 0x7f || y[1..31].iter().any(|byte| *byte != 0xff)
}

/// Whether y belongs to one of the eight points of order 1, 2, 4 or 8, whatever the sign of x.
fn is_of_small_order(key: &[u8; 32]) -> bool {
    SMALL_ORDER.contains(&y(key))
}

/// Makes 32 bytes: a first byte, 30 other bytes, a last byte.
const fn bytes(first: u8, others: u8, last: u8) -> [u8; 32] {
    let mut bytes = [others; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// The coordinates y of all points of small order: 1 (order 1), −1 (order 2), 0 (order 4), and two of order 8.
const SMALL_ORDER: [[u8; 32]; 5] = [
    bytes(1, 0, 0),
    bytes(0xec, 0xff, 0x7f),
    bytes(0, 0, 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
    use curve25519_dalek::edwards::CompressedEdwardsY;
    use curve25519_dalek::scalar::Scalar;

    use super::*;

    const SPELLING: &str = "is not in the one spelling of a point";

    /// The package `curve25519-dalek` is the oracle: its eight points of small order, in all spellings that it reads.
    #[test]
    fn every_spelling_of_every_point_of_small_order_is_refused() {
        let beyond_p = (0..19).map(|above| bytes(0xed + above, 0xff, 0x7f));
        let all = EIGHT_TORSION.iter().map(|point| y(&point.compress().0)).chain(beyond_p);
        let both_signs = all.flat_map(|y| {
            [y, {
                let mut y = y;
                y[31] |= 0x80;
                y
            }]
        });
        let is_small =
            |key: &[u8; 32]| CompressedEdwardsY(*key).decompress().is_some_and(|p| p.is_small_order());
        let spellings: BTreeSet<[u8; 32]> = both_signs.filter(is_small).collect();
        assert_eq!(spellings.len(), 14);
        for key in spellings {
            assert!(fault(&key).is_some() && !can_verify(&key), "{key:x?}");
        }
    }

    #[test]
    fn a_coordinate_of_p_or_more_is_refused_whatever_the_point() {
        for above in 0..19 {
            for last in [0x7f, 0xff] {
                let key = bytes(0xed + above, 0xff, last);
                assert_eq!(fault(&key), Some(SPELLING));
                assert!(!can_verify(&key));
            }
        }
        assert!(is_canonical(&bytes(0xec, 0xff, 0x7f)) && is_canonical(&bytes(0xed, 0xff, 0x7e)));
    }

    #[test]
    fn a_good_key_is_taken_and_one_with_a_part_of_small_order_is_not() {
        for number in 1..100u64 {
            let point = ED25519_BASEPOINT_POINT * Scalar::from(number * 0x1234_5678_9abc);
            let key = point.compress().0;
            assert!(fault(&key).is_none() && can_verify(&key), "{key:x?}");
            let mixed = (point + EIGHT_TORSION[1 + number as usize % 7]).compress().0;
            let expected = cfg!(feature = "seal").then_some("is a point with a part of small order");
            assert_eq!(fault(&mixed), expected, "{mixed:x?}");
        }
    }

    #[cfg(feature = "seal")]
    #[test]
    fn bytes_that_are_no_point_are_refused() {
        let keys = (2..40).map(|first| bytes(first, 0, 0));
        let none: Vec<_> = keys.filter(|key| CompressedEdwardsY(*key).decompress().is_none()).collect();
        assert!(none.len() > 10);
        assert!(none.iter().all(|key| fault(key) == Some("is no point of the curve")));
    }
}
