//! The hashes of the suite ristretto255-SHA512 in mode VOPRF (RFC 9497, section 4.1; RFC 9380, section 5.3.1).

use dalek::Scalar;
use ring::digest::{Context, SHA512};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::error::Error;

/// The context string of the RFC: protocol, mode 1, suite.
macro_rules! labelled {
    ($label:literal) => {
        concat!($label, "OPRFV1-\x01-ristretto255-SHA512").as_bytes()
    };
}

/// Separates hashes to the group.
#[cfg(feature = "member")]
pub(crate) const TO_GROUP: &[u8] = labelled!("HashToGroup-");
const TO_SCALAR: &[u8] = labelled!("HashToScalar-");

/// The block of SHA-512, in bytes.
const BLOCK: usize = 128;

/// expand_message_xmd with SHA-512, for 64 bytes: one block of output.
pub(crate) fn expand(message: &[&[u8]], separator: &[u8]) -> [u8; 64] {
    let end = [separator.len() as u8];
    let mut first = Context::new(&SHA512);
    first.update(&[0; BLOCK]);
    message.iter().for_each(|part| first.update(part));
    for part in [&[0, 64, 0][..], separator, &end] {
        first.update(part);
    }
    sha512(&[first.finish().as_ref(), &[1], separator, &end])
}

/// SHA-512 of parts.
pub(crate) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Context::new(&SHA512);
    parts.iter().for_each(|part| hash.update(part));
    let mut out = [0; 64];
    out.copy_from_slice(hash.finish().as_ref());
    out
}

/// HashToScalar of the RFC.
pub(super) fn hash_to_scalar(message: &[&[u8]]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&expand(message, TO_SCALAR))
}

/// Returns a random scalar that is not zero.
///
/// # Errors
///
/// [`Error::Random`].
#[cfg(feature = "member")]
pub(crate) fn random_scalar() -> Result<Zeroizing<Scalar>, Error> {
    let mut wide = Zeroizing::new([0; 64]);
    loop {
        SystemRandom::new().fill(&mut *wide).map_err(|_| Error::Random)?;
        let scalar = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide));
        if *scalar != Scalar::ZERO {
            return Ok(scalar);
        }
    }
}

/// Returns the nonce of a proof: random, and of the share and the batch too, so that a random source that repeats itself does
/// not give the share away.
///
/// # Errors
///
/// [`Error::Random`].
pub(super) fn nonce(share: &Scalar, seed: &[u8; 64]) -> Result<Zeroizing<Scalar>, Error> {
    let mut random = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *random).map_err(|_| Error::Random)?;
    let label: &[u8] = b"veilmatch/2 nonce";
    let wide = Zeroizing::new(sha512(&[&lp(label), label, &*random, share.as_bytes(), seed]));
    Ok(Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide)))
}

/// The length prefix of lp(x).
fn lp(label: &[u8]) -> [u8; 2] {
    (label.len() as u16).to_be_bytes()
}
