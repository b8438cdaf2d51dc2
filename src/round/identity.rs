//! The identity of a member or hub: the keys that sign its files, and open files that are sealed to it. Needs the
//! feature `seal`.
//!
//! An [`Identity`] is two key pairs, made together and kept in one file. Ed25519 (RFC 8032) signs. X25519 (RFC 7748),
//! as age uses it, opens. Others need its [`PublicKeys`].
//!
//! The seeds are wiped when dropped. Not wiped are: the key pair that the package `ring` makes from the signing seed
//! and keeps as long as the identity lives; copies that the package `age` makes while it reads or writes its key as
//! text; what the compiler copied to registers and the stack on the way; and what the operating system may have written
//! to swap or a core dump.

mod file;

use std::fmt;

use age::x25519;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use crate::container::{SIGNATURE_LEN, Signer};
use crate::error::Error;
use crate::terms::{PublicKeys, SealKey, SignerKey};

/// The secret keys of one member or hub.
///
/// There is no `Clone`, `Display` or `Serialize`; `Debug` shows nothing; dropping wipes the seeds.
///
/// ```
/// use veilmatch::round::identity::Identity;
///
/// let identity = Identity::generate()?;
/// let signature = identity.sign(b"a message");
/// assert!(identity.public_keys().sign.verify(b"a message", &signature));
/// assert_eq!(format!("{identity:?}"), "Identity");
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Identity {
    seed: Zeroizing<[u8; Identity::SEED_LEN]>,
    pair: Ed25519KeyPair,
    opener: x25519::Identity,
    public: PublicKeys,
}

impl Identity {
    const SEED_LEN: usize = 32;

    /// Makes fresh keys from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] if that source gives nothing.
    pub fn generate() -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0; Self::SEED_LEN]);
        SystemRandom::new().fill(&mut *seed).map_err(|_| Error::Random)?;
        Self::from_keys(seed, x25519::Identity::generate())
    }

    fn from_keys(seed: Zeroizing<[u8; Self::SEED_LEN]>, opener: x25519::Identity) -> Result<Self, Error> {
        const UNUSABLE: Error = Error::Identity { problem: "the keys are not usable" };
        // The pair is not checked against a stored public key: there is none, it is always computed.
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| UNUSABLE)?;
        let sign = SignerKey(pair.public_key().as_ref().try_into().map_err(|_| UNUSABLE)?);
        sign.require_verifiable()?; // a multiple of the base point, so in its group
        let seal = SealKey::new(&opener.to_public().to_string())?;
        Ok(Self { seed, pair, opener, public: PublicKeys { sign, seal } })
    }

    /// Returns the keys by which others verify this identity's signatures and seal to it.
    pub fn public_keys(&self) -> PublicKeys {
        self.public.clone()
    }

    /// Returns the key that verifies this identity's signatures.
    pub fn signer(&self) -> SignerKey {
        self.public.sign
    }

    /// Signs a message with Ed25519: an equal message gives an equal signature.
    ///
    /// A message begins with a label of its purpose, such as `veilmatch/1 sig`: a signature for one purpose must not
    /// serve another.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }

    /// Derives a key for another purpose than signing: HKDF (RFC 5869) with SHA-256 of the signing seed. `info` begins with
    /// a label of the purpose.
    #[cfg(feature = "member")]
    pub(crate) fn expand(&self, salt: &[u8], info: &[&[u8]], key: &mut [u8; 32]) {
        hkdf::Hkdf::<sha2::Sha256>::new(Some(salt), &*self.seed)
            .expand_multi_info(info, key)
            .expect("32 bytes are within HKDF's bound of 255 blocks");
    }

    /// Returns the key that opens files sealed to this identity.
    pub(crate) fn opener(&self) -> &x25519::Identity {
        &self.opener
    }
}

impl Signer for Identity {
    fn key(&self) -> SignerKey {
        self.signer()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], Error> {
        Ok(Identity::sign(self, message))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}
