//! Elements of the group as they travel: 32 bytes each.

use std::fmt;

use dalek::ristretto::CompressedRistretto;
use dalek::traits::IsIdentity as _;
use dalek::{RistrettoPoint, Scalar};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::Error;

/// An element of ristretto255 (RFC 9496) as 32 bytes: a blinded identifier, its evaluation, or a public key.
///
/// It may be any bytes until something reads it as an element: then those that are not the one encoding of an element, and the
/// identity, are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element(pub [u8; 32]);

/// Elements that were read: in order, none of them the identity.
pub(crate) struct Points(pub(crate) Vec<RistrettoPoint>);

/// How many elements one thread takes at a time: their inversions are made together.
pub(crate) const TOGETHER: usize = 256;

impl Element {
    /// Reads one.
    pub(crate) fn point(&self) -> Option<RistrettoPoint> {
        CompressedRistretto(self.0).decompress().filter(|point| !point.is_identity())
    }
}

impl From<RistrettoPoint> for Element {
    fn from(point: RistrettoPoint) -> Self {
        Self(point.compress().0)
    }
}

impl Points {
    /// Reads all, in the pool of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Oprf`] at the first, counted from 0, that is not the encoding of an element other than the identity.
    pub(crate) fn read(elements: &[Element]) -> Result<Self, Error> {
        let read: Option<Vec<RistrettoPoint>> = elements.par_iter().map(Element::point).collect();
        read.map(Self).ok_or_else(|| Error::Oprf {
            // Sought again, since threads come upon others before the first.
            at: elements.par_iter().position_first(|element| element.point().is_none()).map(|at| at as u64),
            expected: "the encoding of an element of ristretto255 that is not the identity",
        })
    }
}

/// Multiplies each point by a secret scalar and encodes the products. Constant time.
pub(crate) fn mul_all(points: &[RistrettoPoint], scalar: &Scalar) -> Vec<Element> {
    let half = Zeroizing::new(scalar.div_by_2()); // encoding in batches doubles
    let products = |points: &[RistrettoPoint]| {
        let halves: Vec<RistrettoPoint> = points.iter().map(|point| *half * point).collect();
        encode_doubled(&halves)
    };
    points.par_chunks(TOGETHER).flat_map_iter(products).collect()
}

/// Encodes twice each point; together they cost one inversion.
pub(crate) fn encode_doubled(halves: &[RistrettoPoint]) -> Vec<Element> {
    RistrettoPoint::double_and_compress_batch(halves).into_iter().map(|bytes| Element(bytes.0)).collect()
}

/// Shows it in lower-case hex.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Element {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = [0; 32];
        let text = String::deserialize(deserializer)?;
        crate::terms::from_hex(&text, &mut bytes).ok_or(serde::de::Error::custom("64 digits"))?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_no_element_is_named_whatever_the_threads() {
        let good = Element::from(RistrettoPoint::mul_base(&Scalar::ONE));
        let mut elements = [good; 4_000];
        // The next thread begins with wrong ones, long before this one comes upon the first.
        elements[1_990..].fill(Element([0xff; 32]));
        for threads in [1, 2, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let refused = pool.install(|| Points::read(&elements)).map(drop).unwrap_err();
            assert!(matches!(refused, Error::Oprf { at: Some(1_990), .. }), "{refused}");
        }
    }
}
