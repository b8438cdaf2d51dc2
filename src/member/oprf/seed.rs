//! The seed of a request: the blinds of its identifiers come of it, so that none of them has to be kept.
//!
//! ```text
//! rᵢ = SHA-512(lp("veilmatch/2 blind") || seed || u64(i)), as a number below the order of the group      i from 0
//! ```

use std::fmt;

use dalek::Scalar;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::container::secret_hex::SecretHex;
use crate::error::Error;
use crate::oprf::sha512;

const LABEL: &[u8] = b"veilmatch/2 blind";

/// 32 random bytes, fresh for each request; wiped when dropped, never shown.
///
/// Whoever has them and the answers to the request can try out identifiers.
pub struct Seed(pub(super) SecretHex);

impl Seed {
    /// Makes a fresh seed from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] if that source gives nothing.
    pub fn generate() -> Result<Self, Error> {
        let mut seed = SecretHex::of(&[0; 32]);
        SystemRandom::new().fill(&mut **seed.0).map_err(|_| Error::Random)?;
        Ok(Self(seed))
    }

    /// Returns the blind of an identifier by its place in the request.
    pub(super) fn blind(&self, place: u64) -> Zeroizing<Scalar> {
        let label_len = (LABEL.len() as u16).to_be_bytes();
        let parts = [&label_len[..], LABEL, &**self.0.0, &place.to_be_bytes()];
        let wide = Zeroizing::new(sha512(&parts));
        Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}
