//! Proofs that a whole batch was evaluated under one key (RFC 9497, section 2.2, but for the seed: see [`super::batch`]).

use std::ops::RangeInclusive;

use dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use dalek::traits::VartimeMultiscalarMul as _;
use dalek::{RistrettoPoint, Scalar};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;

use crate::error::Error;

use super::batch::Batches;
use super::element::Element;
use super::suite::hash_to_scalar;

/// Fewest and most elements that one thread sums at a time. A sum by buckets costs more for each element the fewer there are.
const TOGETHER: RangeInclusive<usize> = 1024..=8192;

/// A proof that a batch of elements was evaluated under the key of a public key: 64 bytes, c and s of the RFC.
///
/// A third party can check it too, given both batches and the public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof(pub [u8; 64]);

/// Weighs each pair of a batch by its seed.
fn weights(seed: &[u8; 64], blinded: &[Element], evaluated: &[Element]) -> Vec<Scalar> {
    let weigh = |(at, (one, other)): (usize, (&Element, &Element))| {
        let at = (at as u16).to_be_bytes();
        hash_to_scalar(&[&[0, 64], seed, &at, &[0, 32], &one.0, &[0, 32], &other.0, b"Composite"])
    };
    blinded.into_par_iter().zip(evaluated).enumerate().map(weigh).collect()
}

/// Sums points by public weights, on all threads. Variable time.
fn weighed(weights: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
    let each = points.len().div_ceil(rayon::current_num_threads());
    let each = each.clamp(*TOGETHER.start(), *TOGETHER.end());
    let parts = weights.par_chunks(each).zip(points.par_chunks(each));
    parts.map(|(weights, points)| RistrettoPoint::vartime_multiscalar_mul(weights, points)).sum()
}

fn challenge(public: &Element, parts: [RistrettoPoint; 4]) -> Scalar {
    let [m, z, t2, t3] = parts.map(Element::from);
    let lp: &[u8] = &[0, 32];
    hash_to_scalar(&[lp, &public.0, lp, &m.0, lp, &z.0, lp, &t2.0, lp, &t3.0, b"Challenge"])
}

/// Proves that `evaluated` is `key` times `blinded`, one by one; `public` is `key` times the generator, and `seed` is that of
/// the batch. `nonce` is random and used once.
pub(crate) fn prove(
    seed: &[u8; 64],
    key: &Scalar,
    public: &Element,
    blinded: (&[Element], &[RistrettoPoint]),
    evaluated: &[Element],
    nonce: &Scalar,
) -> Proof {
    let m = weighed(&weights(seed, blinded.0, evaluated), blinded.1);
    let z = key * m;
    let c = challenge(public, [m, z, RistrettoPoint::mul_base(nonce), nonce * m]);
    let s = nonce - c * key;
    let mut proof = [0; 64];
    proof[..32].copy_from_slice(c.as_bytes());
    proof[32..].copy_from_slice(s.as_bytes());
    Proof(proof)
}

/// Checks a proof about as many elements on both sides, at most as many as a batch has.
///
/// # Errors
///
/// [`Error::Oprf`] where it does not hold.
pub(super) fn verify(
    batches: Batches,
    public: &Element,
    blinded: (&[Element], &[RistrettoPoint]),
    evaluated: (&[Element], &[RistrettoPoint]),
    proof: &Proof,
) -> Result<(), Error> {
    let wrong = |expected| Error::Oprf { at: None, expected };
    let number = |bytes: &[u8]| {
        let bytes = bytes.try_into().expect("half of 64 bytes");
        Option::<Scalar>::from(Scalar::from_canonical_bytes(bytes))
    };
    let (c, s) = proof.0.split_at(32);
    let (Some(c), Some(s)) = (number(c), number(s)) else {
        return Err(wrong("a proof of two numbers below the order of the group"));
    };
    let key = public.point().ok_or(wrong("a public key that is an element of ristretto255"))?;
    let seed = (batches.seed)(public, blinded.0, evaluated.0);
    let weights = weights(&seed, blinded.0, evaluated.0);
    let (m, z) = rayon::join(|| weighed(&weights, blinded.1), || weighed(&weights, evaluated.1));
    let t2 = RistrettoPoint::vartime_multiscalar_mul([s, c], [G, key]);
    let t3 = RistrettoPoint::vartime_multiscalar_mul([s, c], [m, z]);
    if challenge(public, [m, z, t2, t3]) == c {
        return Ok(());
    }
    Err(wrong("a proof that all were evaluated under this key"))
}

#[cfg(all(test, feature = "member"))]
mod tests {
    use super::*;
    use crate::oprf::{OURS, RFC};

    /// With the RFC's seed a weight depends on its own pair alone, so errors can be chosen that cancel.
    #[test]
    fn every_weight_depends_on_every_pair() {
        let element = |number: u64| Element::from(RistrettoPoint::mul_base(&Scalar::from(number)));
        let (public, blinded) = (element(7), [1, 2, 3].map(element));
        let weights = |batches: Batches, last: u64| {
            let evaluated = [7, 14, last].map(element);
            weights(&(batches.seed)(&public, &blinded, &evaluated), &blinded, &evaluated)
        };
        let same = |batches| {
            let (one, other) = (weights(batches, 21), weights(batches, 22));
            [0, 1, 2].map(|at| one[at] == other[at])
        };
        assert_eq!(same(OURS), [false; 3]);
        assert_eq!(same(RFC), [true, true, false]);
    }
}
