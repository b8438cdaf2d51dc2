//! Identity: the key pairs of a member or hub, for signing and for opening what is sealed to it. Feature `seal`.

mod file;

use std::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use crate::domain::{PublicKeys, SealKey, SignerKey};
use crate::error::Error;
use crate::format::{SIGNATURE_LEN, Signer};

/// An Ed25519 key pair (RFC 8032) that signs, and an X25519 one (RFC 7748) that opens.
///
/// There is no `Clone`, `Display` or `Serialize`; `Debug` shows nothing. The seed and the X25519 key are wiped
/// when dropped; the copy that `ring` expands for signing is not.
///
/// ```
/// use veilmatch::{format::Signer, identity::Identity};
///
/// let identity = Identity::generate()?;
/// assert_eq!(identity.key(), identity.public_keys().sign);
/// assert_eq!(format!("{identity:?}"), "Identity");
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Identity {
    seed: Zeroizing<[u8; Identity::SEED_LEN]>,
    sign: Ed25519KeyPair,
    seal: age::x25519::Identity,
}

impl Identity {
    /// Bytes of an Ed25519 seed.
    const SEED_LEN: usize = 32;

    /// Fresh key pairs from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] where that gives nothing.
    pub fn generate() -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0; Self::SEED_LEN]);
        SystemRandom::new().fill(&mut *seed).map_err(|_| Error::Random)?;
        Self::from_parts(seed, age::x25519::Identity::generate())
    }

    fn from_parts(seed: Zeroizing<[u8; Self::SEED_LEN]>, seal: age::x25519::Identity) -> Result<Self, Error> {
        let sign = Ed25519KeyPair::from_seed_unchecked(&*seed)
            .map_err(|_| Error::Identity { problem: "expected 32 bytes of an Ed25519 seed" })?;
        Ok(Self { seed, sign, seal })
    }

    /// What others need to know: to verify what it signs, and to seal to it.
    pub fn public_keys(&self) -> PublicKeys {
        let seal = SealKey::new(&self.seal.to_public().to_string()).expect("the package writes this form");
        PublicKeys { sign: self.key(), seal }
    }

    pub(crate) fn opener(&self) -> &age::x25519::Identity {
        &self.seal
    }
}

impl Signer for Identity {
    fn key(&self) -> SignerKey {
        let mut key = SignerKey([0; 32]);
        key.0.copy_from_slice(self.sign.public_key().as_ref());
        key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], Error> {
        let mut signature = [0; SIGNATURE_LEN];
        signature.copy_from_slice(self.sign.sign(message).as_ref());
        Ok(signature)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}
