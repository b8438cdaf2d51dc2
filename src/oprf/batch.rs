//! Batches: how many elements one proof is about, and by what they are weighed.

use ring::digest::{Context, SHA512};

use super::element::Element;

/// Most elements of one proof: they are numbered by two bytes, as in RFC 9497.
pub const MAX_BATCH: usize = 65_535;

const ALL: &[u8] = b"veilmatch/2 batch";

/// How batches are proven. There is one way but for tests, which have the RFC's too.
#[derive(Clone, Copy)]
pub(crate) struct Batches {
    /// Most elements of one.
    pub(crate) most: usize,
    /// Makes the seed of the weights of the public key, the blinded elements and the evaluations.
    pub(crate) seed: fn(&Element, &[Element], &[Element]) -> [u8; 64],
}

/// SHA-512(lp("veilmatch/2 batch") || PK || u32(number) || blinded elements || evaluations).
///
/// The RFC's seed is of the public key alone. Then each weight depends on its own pair alone, and a holder that wants to
/// answer wrongly can choose the errors of many pairs so that they cancel, by the generalised birthday problem. With this
/// seed every weight depends on every pair.
pub(crate) const OURS: Batches = Batches {
    most: MAX_BATCH,
    seed: |public, blinded, evaluated| {
        let mut hash = Context::new(&SHA512);
        let number = blinded.len() as u32;
        for part in [&(ALL.len() as u16).to_be_bytes()[..], ALL, &public.0, &number.to_be_bytes()] {
            hash.update(part);
        }
        blinded.iter().chain(evaluated).for_each(|element| hash.update(&element.0));
        let mut seed = [0; 64];
        seed.copy_from_slice(hash.finish().as_ref());
        seed
    },
};

/// The way of RFC 9497, for its vectors and for comparing with other implementations.
#[cfg(all(test, feature = "member"))]
pub(crate) const RFC: Batches = Batches {
    most: MAX_BATCH,
    seed: |public, _, _| {
        let label = b"Seed-OPRFV1-\x01-ristretto255-SHA512";
        super::suite::sha512(&[&[0, 32], &public.0, &(label.len() as u16).to_be_bytes(), label])
    },
};

#[cfg(test)]
mod tests {
    use dalek::{RistrettoPoint, Scalar};

    use super::*;

    /// What SPEC.md, section 16, has at the end of a row.
    fn value<const N: usize>(what: &str) -> [u8; N] {
        let (_, after) = include_str!("../../SPEC.md").split_once(&format!("| {what} | `")).unwrap();
        std::array::from_fn(|at| u8::from_str_radix(&after[2 * at..2 * at + 2], 16).unwrap())
    }

    #[test]
    fn the_seeds_of_the_specification_hold() {
        for kind in ["card.pan/1", "bank.iban/1"] {
            let share = Scalar::from_bytes_mod_order(value(&format!("`{kind}`: share 1")));
            let element = |scalar: Scalar| Element::from(RistrettoPoint::mul_base(&scalar));
            let (one, two) = (Scalar::ONE, Scalar::from(2u64));
            let seed =
                (OURS.seed)(&element(share), &[one, two].map(element), &[share, two * share].map(element));
            assert_eq!(seed, value(&format!("`{kind}`: seed of share 1 for G, 2·G")));
        }
    }
}
