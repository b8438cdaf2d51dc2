//! What all know about a key among holders: who has which share, and how many of them are needed.

use dalek::traits::VartimeMultiscalarMul as _;
use dalek::{RistrettoPoint, Scalar};

use crate::error::Error;

use super::batch::{Batches, OURS};
use super::element::{Element, Points};
use super::proof::{Proof, verify};

/// What is public of one holder's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicShare {
    /// Where the holder's share lies on the polynomial: 1 for the first holder.
    pub index: u16,
    /// Its public key, VKᵢ.
    pub key: Element,
}

/// A key among holders, as all know it: any `threshold` of them evaluate as the key would. Checked once.
///
/// ```
/// use veilmatch::oprf::{Custody, Holder};
///
/// // One holder alone, which has the whole key: for trials.
/// let holder = Holder::new(1, &mut [7; 32])?;
/// let custody = Custody::new(holder.public().key, 1, vec![holder.public()])?;
/// assert_eq!(custody.threshold(), 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custody {
    key: Element,
    threshold: usize,
    /// In order of index.
    shares: Vec<PublicShare>,
}

impl Custody {
    /// Most holders of a key.
    pub const MOST_HOLDERS: usize = 255;

    /// Takes the public key, the number of holders that are needed, and all shares.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`] where the threshold is not from 2 to the number of holders, or 1 of 1; for more than 255 holders, an
    /// index of 0 or twice, a key that is no element or the identity, and shares that do not all lie on one polynomial of
    /// a degree below the threshold with that key at 0.
    pub fn new(key: Element, threshold: usize, mut shares: Vec<PublicShare>) -> Result<Self, Error> {
        let wrong = |expected| Error::Oprf { at: None, expected };
        shares.sort_unstable_by_key(|share| share.index);
        let is_threshold = (2..=shares.len()).contains(&threshold) || (threshold, shares.len()) == (1, 1);
        if !is_threshold || shares.len() > Self::MOST_HOLDERS {
            return Err(wrong(
                "a threshold from 2 to the number of holders, at most 255, or one holder alone",
            ));
        }
        if shares[0].index == 0 || shares.windows(2).any(|pair| pair[0].index == pair[1].index) {
            return Err(wrong("an index from 1 for each holder, and each index once"));
        }
        let public = [&key].into_iter().chain(shares.iter().map(|share| &share.key));
        let points: Option<Vec<RistrettoPoint>> = public.map(Element::point).collect();
        let points = points.ok_or(wrong("keys that are elements of ristretto255 and not the identity"))?;
        let (first, of_first) = (&shares[..threshold], &points[1..=threshold]);
        let indices: Vec<u16> = first.iter().map(|share| share.index).collect();
        let at =
            |index: u16| RistrettoPoint::vartime_multiscalar_mul(coefficients(&indices, index), of_first);
        let rest = shares.iter().map(|share| share.index).zip(&points[1..]).skip(threshold);
        if at(0) != points[0] || rest.into_iter().any(|(index, point)| at(index) != *point) {
            return Err(wrong("shares of the one key, as the threshold says"));
        }
        Ok(Self { key, threshold, shares })
    }

    /// Returns the public key, PK.
    pub fn key(&self) -> &Element {
        &self.key
    }

    /// Returns how many holders are needed.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Returns the share at an index.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`] where no holder has that index.
    pub fn share(&self, index: u16) -> Result<&PublicShare, Error> {
        let found = self.shares.iter().find(|share| share.index == index);
        found.ok_or(Error::Oprf { at: None, expected: "the index of a holder" })
    }
}

impl PublicShare {
    /// Checks that a holder evaluated a request under this share. A third party can do so too: nothing here is secret. In
    /// the pool of threads, in variable time.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`], with the first element that is none, or where the evaluations or proofs are too few or many, or a
    /// proof does not hold.
    pub fn verify(&self, blinded: &[Element], evaluated: &[Element], proofs: &[Proof]) -> Result<(), Error> {
        self.read(OURS, (blinded, &Points::read(blinded)?.0), evaluated, proofs).map(|_| ())
    }

    /// Reads the evaluations of a request, and checks every proof.
    pub(crate) fn read(
        &self,
        batches: Batches,
        blinded: (&[Element], &[RistrettoPoint]),
        evaluated: &[Element],
        proofs: &[Proof],
    ) -> Result<Points, Error> {
        let most = batches.most;
        if evaluated.len() != blinded.0.len() || proofs.len() != blinded.0.len().div_ceil(most) {
            let expected = "an evaluation of each blinded identifier, and a proof for each 65,535 of them";
            return Err(Error::Oprf { at: None, expected });
        }
        let read = Points::read(evaluated)?;
        let asked = blinded.0.chunks(most).zip(blinded.1.chunks(most));
        let answered = evaluated.chunks(most).zip(read.0.chunks(most));
        for ((asked, answered), proof) in asked.zip(answered).zip(proofs) {
            verify(batches, &self.key, asked, answered, proof)?;
        }
        Ok(read)
    }
}

/// Lagrange's coefficients: what a polynomial has at `at` of what it has at these indices, which are distinct.
pub(crate) fn coefficients(indices: &[u16], at: u16) -> Vec<Scalar> {
    let of = |index: &u16| Scalar::from(u64::from(*index));
    let coefficient = |own: &u16| {
        let others = indices.iter().filter(|other| *other != own);
        let (top, below) = others.fold((Scalar::ONE, Scalar::ONE), |(top, below), other| {
            (top * (of(other) - of(&at)), below * (of(other) - of(own)))
        });
        top * below.invert()
    };
    indices.iter().map(coefficient).collect()
}
