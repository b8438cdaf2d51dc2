//! A holder: it has a share of a key (Shamir), evaluates and proves.

use std::fmt;
use std::ops::Range;

use dalek::{RistrettoPoint, Scalar};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Error;

use super::batch::{Batches, OURS};
use super::custody::PublicShare;
use super::element::{Element, Points, mul_all};
use super::proof::{Proof, prove};
use super::suite::nonce;

/// A holder's share of a key; wiped when dropped, never shown.
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
    pub fn new(index: u16, bytes: &mut [u8; 32]) -> Result<Self, Error> {
        let read =
            Zeroizing::new(Option::<Scalar>::from(Scalar::from_canonical_bytes(*bytes)).unwrap_or_default());
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

    /// Returns where its share is, for a program that keeps that page out of swap. It stays there until the holder is dropped.
    pub fn memory_range(&self) -> Range<*const u8> {
        let share: *const Scalar = &**self.share;
        share.cast()..share.wrapping_add(1).cast()
    }

    /// Returns what is public of it.
    pub fn public(&self) -> PublicShare {
        PublicShare { index: self.index, key: self.public }
    }

    /// Evaluates blinded elements, and proves it: a proof for each [`MAX_BATCH`](super::MAX_BATCH) of them. In the pool of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`], naming the first of them that is no element; [`Error::Random`].
    pub fn evaluate(&self, blinded: &[Element]) -> Result<(Vec<Element>, Vec<Proof>), Error> {
        self.evaluate_in(OURS, blinded)
    }

    pub(crate) fn evaluate_in(
        &self,
        batches: Batches,
        blinded: &[Element],
    ) -> Result<(Vec<Element>, Vec<Proof>), Error> {
        let points = Points::read(blinded)?.0;
        let evaluated = mul_all(&points, &self.share);
        let most = batches.most;
        let each = blinded.chunks(most).zip(points.chunks(most)).zip(evaluated.chunks(most));
        let proofs = each.map(|(blinded, evaluated)| {
            let seed = (batches.seed)(&self.public, blinded.0, evaluated);
            let nonce = nonce(&self.share, &seed)?;
            Ok(prove(&seed, &self.share, &self.public, blinded, evaluated, &nonce))
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
