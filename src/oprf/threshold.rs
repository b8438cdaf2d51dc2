//! Shares of a key (Shamir): any t of n holders evaluate as the key itself would.

use std::fmt;

use dalek::traits::VartimeMultiscalarMul as _;
use dalek::{RistrettoPoint, Scalar};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Error;

use super::element::{Element, Points, mul_all};
use super::proof::{MAX_BATCH, Proof, prove, verify};
use super::suite::random_scalar;

/// What is public of one holder's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicShare {
    /// Where the holder's share lies on the polynomial: 1 for the first holder.
    pub index: u16,
    /// Its public key, VKᵢ.
    pub key: Element,
}

impl PublicShare {
    /// Whether these shares determine the key with this public key. It cannot tell how many shares were agreed to do so:
    /// fewer than the threshold do not, more do.
    pub fn are_of(shares: &[Self], key: &Element) -> bool {
        if shares.is_empty() || key.point().is_none() {
            return false;
        }
        let indices: Vec<u16> = shares.iter().map(|share| share.index).collect();
        let is_distinct =
            !indices.contains(&0) && (1..indices.len()).all(|at| !indices[..at].contains(&indices[at]));
        let points: Option<Vec<RistrettoPoint>> = shares.iter().map(|share| share.key.point()).collect();
        let Some(points) = points.filter(|_| is_distinct) else { return false };
        Element::from(RistrettoPoint::vartime_multiscalar_mul(coefficients(&indices), points)) == *key
    }

    /// Checks that a holder evaluated a request under this share. A third party can do so too: nothing here is secret. In
    /// the pool of threads, in variable time.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`], with the first element that is none, or where the evaluations or proofs are too few or many, or a
    /// proof does not hold.
    pub fn verify(&self, blinded: &[Element], evaluated: &[Element], proofs: &[Proof]) -> Result<(), Error> {
        self.read(blinded, &Points::read(blinded)?, evaluated, proofs).map(|_| ())
    }

    /// Reads the evaluations of a request, and checks every proof.
    pub(crate) fn read(
        &self,
        blinded: &[Element],
        points: &Points,
        evaluated: &[Element],
        proofs: &[Proof],
    ) -> Result<Points, Error> {
        if evaluated.len() != blinded.len() || proofs.len() != blinded.len().div_ceil(MAX_BATCH) {
            let expected = "an evaluation of each blinded identifier, and a proof for each 65,535 of them";
            return Err(Error::Oprf { at: None, expected });
        }
        let read = Points::read(evaluated)?;
        let batches = blinded.chunks(MAX_BATCH).zip(points.0.chunks(MAX_BATCH));
        let batches = batches.zip(evaluated.chunks(MAX_BATCH).zip(read.0.chunks(MAX_BATCH)));
        for ((blinded, evaluated), proof) in batches.zip(proofs) {
            verify(&self.key, blinded, evaluated, proof)?;
        }
        Ok(read)
    }
}

/// A holder's share of a key; wiped when dropped, never shown. With t = n = 1 it is the key, and a server of RFC 9497.
// Boxed, so that moving it leaves no copy behind.
pub struct Holder {
    index: u16,
    share: Box<Zeroizing<Scalar>>,
    public: Element,
}

impl Holder {
    /// Takes a share: 32 bytes, a number below the order of the group, little-endian. The caller's copy is wiped.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`] for another number, zero, and the index 0.
    pub fn new(index: u16, bytes: &mut Zeroizing<[u8; 32]>) -> Result<Self, Error> {
        let read =
            Zeroizing::new(Option::<Scalar>::from(Scalar::from_canonical_bytes(**bytes)).unwrap_or_default());
        bytes.zeroize();
        match *read {
            share if share != Scalar::ZERO && index != 0 => Ok(Self::of(index, &share)),
            _ => Err(Error::Oprf {
                at: None,
                expected: "a share that is a number from 1 to below the order of the group, and an index from 1",
            }),
        }
    }

    fn of(index: u16, share: &Scalar) -> Self {
        let public = RistrettoPoint::mul_base(share).into();
        let mut own = Box::new(Zeroizing::new(Scalar::ZERO));
        **own = *share;
        Self { index, share: own, public }
    }

    /// Returns what is public of it.
    pub fn public(&self) -> PublicShare {
        PublicShare { index: self.index, key: self.public }
    }

    /// Evaluates blinded elements, and proves it: a proof for each [`MAX_BATCH`] of them. In the pool of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`], naming the first of them that is no element; [`Error::Random`].
    pub fn evaluate(&self, blinded: &[Element]) -> Result<(Vec<Element>, Vec<Proof>), Error> {
        let points = Points::read(blinded)?.0;
        let evaluated = mul_all(&points, &self.share);
        let batches =
            blinded.chunks(MAX_BATCH).zip(points.chunks(MAX_BATCH)).zip(evaluated.chunks(MAX_BATCH));
        let proofs = batches.map(|(blinded, evaluated)| {
            Ok(prove(&self.share, &self.public, blinded, evaluated, &*random_scalar()?))
        });
        let proofs = proofs.collect::<Result<_, Error>>()?;
        Ok((evaluated, proofs))
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").field("index", &self.index).finish_non_exhaustive()
    }
}

/// Lagrange's coefficients at 0 for shares at these indices, which are distinct and not 0.
pub(crate) fn coefficients(indices: &[u16]) -> Vec<Scalar> {
    let of = |index: &u16| Scalar::from(u64::from(*index));
    let coefficient = |own: &u16| {
        let others = indices.iter().filter(|other| *other != own);
        let (top, below) = others.fold((Scalar::ONE, Scalar::ONE), |(top, below), other| {
            (top * of(other), below * (of(other) - of(own)))
        });
        top * below.invert()
    };
    indices.iter().map(coefficient).collect()
}
