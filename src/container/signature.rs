//! Signatures: Ed25519 (RFC 8032) over a digest, under a label and the type of the file.

use crate::error::Error;
use crate::terms::{Signature, SignerKey};

use super::SIGNATURE_LEN;

/// A holder of a signing key: a key file's identity, or an HSM that keeps the key.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use ring::signature::{Ed25519KeyPair, KeyPair as _};
/// use veilmatch::container::Signer;
/// use veilmatch::terms::SignerKey;
///
/// /// Stands for what asks an HSM.
/// struct Hsm(Ed25519KeyPair);
///
/// impl Signer for Hsm {
///     fn key(&self) -> SignerKey {
///         SignerKey(self.0.public_key().as_ref().try_into().expect("32 bytes"))
///     }
///     fn sign(&self, message: &[u8]) -> Result<[u8; 64], veilmatch::Error> {
///         Ok(self.0.sign(message).as_ref().try_into().expect("64 bytes"))
///     }
/// }
///
/// # let hsm = Hsm(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed"));
/// let mut file = Vec::new();
/// set("bank-a", &[1, 2])?.sign_to(&hsm, &mut file)?;
/// assert_eq!(TokenSet::from_file_bytes(&file)?.signer(), Some(hsm.key()));
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub trait Signer {
    /// Returns the public key under which the signatures verify.
    fn key(&self) -> SignerKey;

    /// Returns the Ed25519 signature (RFC 8032) of a message, which is never secret.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::At`] if the key lies elsewhere and cannot be reached.
    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], Error>;
}

/// A valid signature and the key that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) key: SignerKey,
    pub(crate) signature: Signature,
}

/// "veilmatch/1 sig" || lp(word) || digest: the message that is signed for a file or a line of a run record.
pub(crate) fn message(word: &str, digest: &[u8; 32]) -> Vec<u8> {
    let mut message = b"veilmatch/1 sig".to_vec();
    message.extend_from_slice(&(word.len() as u16).to_be_bytes());
    message.extend_from_slice(word.as_bytes());
    message.extend_from_slice(digest);
    message
}

/// Signs, and verifies the signature: so a broken device shows before the file leaves the house.
pub(crate) fn sign(signer: &dyn Signer, word: &str, digest: &[u8; 32]) -> Result<[u8; SIGNATURE_LEN], Error> {
    let signature = signer.sign(&message(word, digest))?;
    verify(signer.key(), word, digest, &signature)?;
    Ok(signature)
}

/// Refuses a signature that the key did not make.
pub(crate) fn verify(key: SignerKey, word: &str, digest: &[u8; 32], signature: &[u8]) -> Result<(), Error> {
    if key.verify(&message(word, digest), signature) { Ok(()) } else { Err(Error::Signature { key }) }
}
