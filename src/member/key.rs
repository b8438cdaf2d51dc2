//! The coalition's secret and every derivation label. Needs the feature `member`.
//!
//! ```text
//! PRK       = HKDF-Extract(salt = "veilmatch/1", ikm = secret)
//! context   = lp(coalition) || u64(epoch) || lp(kind id)
//! token key = HKDF-Expand(PRK, lp("veilmatch/1 token")  || context, 32)
//! key id    = HKDF-Expand(PRK, lp("veilmatch/1 key id") || context, 8)
//! secret id = HKDF-Expand(PRK, lp("veilmatch/1 secret id"), 8)
//! F's key   = HKDF-Expand(PRK, lp("veilmatch/2 token")  || context || PK, 32)     where custodians take part
//! F's key id = HKDF-Expand(PRK, lp("veilmatch/2 key id") || context || PK, 8)
//! link key  = HKDF-Expand(PRK, lp("veilmatch/1 link")   || context || round digest, 32)
//! link id   = HKDF-Expand(PRK, lp("veilmatch/1 link id") || lp(coalition) || u64(epoch) || round digest, 8)
//! ```
//!
//! HKDF is RFC 5869 with SHA-256; lp(x) is the length of x as two bytes, big-endian, then x; u64 is eight
//! bytes, big-endian. A key for each kind and epoch separates domains (NIST SP 800-53, SI-19(4)).
//!
//! Secrets are wiped when dropped. Not wiped are what the compiler copied to registers and the stack on the way, and
//! what the operating system may have written to swap or a core dump. The program that embeds this library prevents the
//! latter, as the program `veilmatch` does.

mod file;
#[cfg(feature = "secret-shares")]
mod shares;

use std::fmt;
use std::ops::Range;

use hkdf::Hkdf;
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Error;
#[cfg(feature = "oprf")]
use crate::oprf::Element;
use crate::terms::{KeyContext, KeyId, Name, RoundDigest, SecretId};

#[cfg(feature = "secret-shares")]
pub use shares::SecretShare;

const SALT: &[u8] = b"veilmatch/1";
const TOKEN_LABEL: &[u8] = b"veilmatch/1 token";
const KEY_ID_LABEL: &[u8] = b"veilmatch/1 key id";
#[cfg(feature = "oprf")]
const TOKEN_LABEL_2: &[u8] = b"veilmatch/2 token";
#[cfg(feature = "oprf")]
const KEY_ID_LABEL_2: &[u8] = b"veilmatch/2 key id";
const SECRET_ID_LABEL: &[u8] = b"veilmatch/1 secret id";
const LINK_LABEL: &[u8] = b"veilmatch/1 link";
const LINK_ID_LABEL: &[u8] = b"veilmatch/1 link id";

/// The 32 random bytes that the members of a coalition share for one epoch.
///
/// Whoever has them can compute the token of any identifier. The epoch number separates domains; it rotates nothing.
/// Each epoch has a fresh random secret. If a member leaves, or the secret leaks, a new epoch is needed.
///
/// There is no `Clone`, `Display` or `Serialize`; `Debug` shows nothing; dropping wipes.
///
/// ```
/// let secret = veilmatch::member::key::CoalitionSecret::generate()?;
/// assert_eq!(format!("{secret:?}"), "CoalitionSecret");
/// # Ok::<(), veilmatch::Error>(())
/// ```
// Boxed, so that moving a secret leaves no copy behind.
pub struct CoalitionSecret(Box<Zeroizing<[u8; CoalitionSecret::LEN]>>);

impl CoalitionSecret {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Makes a fresh secret from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] if that source gives nothing.
    pub fn generate() -> Result<Self, Error> {
        let mut secret = Self::blank();
        SystemRandom::new().fill(&mut **secret.0).map_err(|_| Error::Random)?;
        Ok(secret)
    }

    /// Makes a secret of bytes that were random when they were made; the caller's copy is wiped.
    ///
    /// # Errors
    ///
    /// [`Error::Secret`] if all bytes are equal: a placeholder, not a secret.
    pub fn from_bytes(bytes: &mut [u8; Self::LEN]) -> Result<Self, Error> {
        let mut secret = Self::blank();
        secret.0.copy_from_slice(bytes);
        bytes.zeroize();
        if secret.0.iter().all(|byte| *byte == secret.0[0]) {
            return Err(Error::Secret { problem: "expected random bytes, got a placeholder" });
        }
        Ok(secret)
    }

    /// Returns where its bytes are, for a program that keeps their page out of swap. They stay there until the secret
    /// is dropped.
    pub fn memory_range(&self) -> Range<*const u8> {
        self.0.as_ptr_range()
    }

    /// Makes room for a secret.
    fn blank() -> Self {
        Self(Box::new(Zeroizing::new([0; Self::LEN])))
    }

    /// Returns the id of the secret. It identifies the secret without revealing it, whatever the secret is used for.
    pub fn id(&self) -> SecretId {
        let mut id = [0; 8];
        self.expand(&[&lp(SECRET_ID_LABEL), SECRET_ID_LABEL], &mut id);
        SecretId(id)
    }

    /// Derives the key that makes the tokens of one context.
    pub fn token_key(&self, context: &KeyContext) -> TokenKey {
        let mut key = Box::new(Zeroizing::new([0; TokenKey::LEN]));
        self.expand_for(TOKEN_LABEL, context, &[], &mut **key);
        TokenKey(key)
    }

    /// Returns the id of a token key. It identifies the key without revealing it.
    pub fn key_id(&self, context: &KeyContext) -> KeyId {
        let mut id = [0; 8];
        self.expand_for(KEY_ID_LABEL, context, &[], &mut id);
        KeyId(id)
    }

    /// Derives the key that makes tokens of what custodians have evaluated under the key of a public key (version 2).
    #[cfg(feature = "oprf")]
    pub fn custody_token_key(&self, context: &KeyContext, custody: &Element) -> TokenKey {
        let mut key = Box::new(Zeroizing::new([0; TokenKey::LEN]));
        self.expand_for(TOKEN_LABEL_2, context, &custody.0, &mut **key);
        TokenKey(key)
    }

    /// Returns the id of that key. It differs with the custodians' key too.
    #[cfg(feature = "oprf")]
    pub fn custody_key_id(&self, context: &KeyContext, custody: &Element) -> KeyId {
        let mut id = [0; 8];
        self.expand_for(KEY_ID_LABEL_2, context, &custody.0, &mut id);
        KeyId(id)
    }

    /// Derives the key that makes the link tokens of one context in one round.
    pub(super) fn link_key(&self, context: &KeyContext, round: &RoundDigest) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        self.expand_for(LINK_LABEL, context, &round.0, &mut *key);
        key
    }

    /// Returns the id of all link keys of a round.
    pub(super) fn link_key_id(&self, coalition: &Name, epoch: u64, round: &RoundDigest) -> KeyId {
        let (coalition, mut id) = (coalition.as_str().as_bytes(), [0; 8]);
        let info = [
            &lp(LINK_ID_LABEL)[..],
            LINK_ID_LABEL,
            &lp(coalition),
            coalition,
            &epoch.to_be_bytes(),
            &round.0,
        ];
        self.expand(&info, &mut id);
        KeyId(id)
    }

    fn expand_for(&self, label: &[u8], context: &KeyContext, more: &[u8], out: &mut [u8]) {
        let (coalition, kind) = (context.coalition().as_str().as_bytes(), context.kind().as_str().as_bytes());
        let info = [
            &lp(label)[..],
            label,
            &lp(coalition),
            coalition,
            &context.epoch().to_be_bytes(),
            &lp(kind),
            kind,
            more,
        ];
        self.expand(&info, out);
    }

    fn expand(&self, info: &[&[u8]], out: &mut [u8]) {
        Hkdf::<Sha256>::new(Some(SALT), &**self.0)
            .expand_multi_info(info, out)
            .expect("32 bytes or fewer are within HKDF's bound of 255 blocks");
    }
}

impl fmt::Debug for CoalitionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CoalitionSecret")
    }
}

/// Returns the length prefix of lp(x); labels, names and kind ids are far below 2¹⁶ bytes.
fn lp(bytes: &[u8]) -> [u8; 2] {
    (bytes.len() as u16).to_be_bytes()
}

/// The HMAC key of one context; wiped when dropped, never shown.
///
/// It is derived from a [`CoalitionSecret`], or comes from where it is kept: an HSM or a key service.
///
/// ```
/// let key = veilmatch::member::key::TokenKey::from_bytes(&mut [7; 32]);
/// assert_eq!(format!("{key:?}"), "TokenKey");
/// ```
// Boxed, as the secret is.
pub struct TokenKey(Box<Zeroizing<[u8; TokenKey::LEN]>>);

impl TokenKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Makes a key of its bytes; the caller's copy is wiped.
    pub fn from_bytes(bytes: &mut [u8; Self::LEN]) -> Self {
        let mut key = Box::new(Zeroizing::new([0; Self::LEN]));
        key.copy_from_slice(bytes);
        bytes.zeroize();
        Self(key)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}
