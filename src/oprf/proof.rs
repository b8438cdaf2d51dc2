//! Proofs that a whole batch was evaluated under one key (RFC 9497, section 2.2).

use dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use dalek::traits::VartimeMultiscalarMul as _;
use dalek::{RistrettoPoint, Scalar};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;

use crate::error::Error;

use super::element::Element;
use super::suite::{SEED, hash_to_scalar, sha512};

/// Most elements of one proof: the RFC numbers them by two bytes.
pub const MAX_BATCH: usize = 65_535;

/// How many elements one thread sums at a time.
const TOGETHER: usize = 8192;

/// A proof that a batch of elements was evaluated under the key of a public key: 64 bytes, c and s of the RFC.
///
/// A third party can check it too, given both batches and the public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof(pub [u8; 64]);

/// Weighs each pair of a batch by a hash of the pair, as the RFC does. It should be a hash of all pairs: see [`crate::oprf`].
fn weights(public: &Element, blinded: &[Element], evaluated: &[Element]) -> Vec<Scalar> {
    let seed = sha512(&[&[0, 32], &public.0, &(SEED.len() as u16).to_be_bytes(), SEED]);
    let weigh = |(at, (one, other)): (usize, (&Element, &Element))| {
        let at = (at as u16).to_be_bytes();
        hash_to_scalar(&[&[0, 64], &seed, &at, &[0, 32], &one.0, &[0, 32], &other.0, b"Composite"])
    };
    blinded.into_par_iter().zip(evaluated).enumerate().map(weigh).collect()
}

/// Sums points by public weights. Variable time.
fn weighed(weights: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
    let parts = weights.par_chunks(TOGETHER).zip(points.par_chunks(TOGETHER));
    parts.map(|(weights, points)| RistrettoPoint::vartime_multiscalar_mul(weights, points)).sum()
}

fn challenge(public: &Element, parts: [RistrettoPoint; 4]) -> Scalar {
    let [m, z, t2, t3] = parts.map(Element::from);
    let lp: &[u8] = &[0, 32];
    hash_to_scalar(&[lp, &public.0, lp, &m.0, lp, &z.0, lp, &t2.0, lp, &t3.0, b"Challenge"])
}

/// Proves that `evaluated` is `key` times `blinded`, one by one; `public` is `key` times the generator. `nonce` is random and
/// used once.
pub(crate) fn prove(
    key: &Scalar,
    public: &Element,
    blinded: (&[Element], &[RistrettoPoint]),
    evaluated: &[Element],
    nonce: &Scalar,
) -> Proof {
    let m = weighed(&weights(public, blinded.0, evaluated), blinded.1);
    let z = key * m;
    let c = challenge(public, [m, z, RistrettoPoint::mul_base(nonce), nonce * m]);
    let s = nonce - c * key;
    let mut proof = [0; 64];
    proof[..32].copy_from_slice(c.as_bytes());
    proof[32..].copy_from_slice(s.as_bytes());
    Proof(proof)
}

/// Checks a proof about as many elements on both sides, at most [`MAX_BATCH`].
///
/// # Errors
///
/// [`Error::Oprf`] where it does not hold.
pub(super) fn verify(
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
    let weights = weights(public, blinded.0, evaluated.0);
    let (m, z) = rayon::join(|| weighed(&weights, blinded.1), || weighed(&weights, evaluated.1));
    let t2 = RistrettoPoint::vartime_multiscalar_mul([s, c], [G, key]);
    let t3 = RistrettoPoint::vartime_multiscalar_mul([s, c], [m, z]);
    if challenge(public, [m, z, t2, t3]) == c {
        return Ok(());
    }
    Err(wrong("a proof that all were evaluated under this key"))
}
