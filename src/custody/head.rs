//! The head of a custodian's ledger, as it travels.

use serde::{Deserialize, Serialize};

use crate::container::{Signer, signature};
use crate::error::Error;
use crate::terms::{ContentDigest, Name, Signature, SignerKey};

/// The head of a custodian's ledger at some moment, signed by it.
///
/// It stands in every evaluation. Members hand the last one of each custodian on in their requests: a custodian whose ledger
/// lacks a head that it has signed has another ledger, or an older state of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The custodian whose ledger it is.
    pub custodian: Name,
    /// Digest of the last line of the ledger.
    pub head: ContentDigest,
    /// The custodian's signature of it.
    pub signature: Signature,
}

/// The word under the signature, in the place of a file's type.
const WORD: &str = "ledger";

impl SignedHead {
    /// Signs the head of a ledger.
    ///
    /// # Errors
    ///
    /// Those of the signer; [`Error::Signature`] where it does not sign well.
    pub fn sign(custodian: Name, head: ContentDigest, signer: &dyn Signer) -> Result<Self, Error> {
        let signature = Signature(signature::sign(signer, WORD, &head.0)?);
        Ok(Self { custodian, head, signature })
    }

    /// Refuses a signature that this key did not make.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the custodian: [`Error::Signature`].
    pub fn verify(&self, key: SignerKey) -> Result<(), Error> {
        signature::verify(key, WORD, &self.head.0, &self.signature.0)
            .map_err(|error| error.at(format!("the head of the ledger of {}", self.custodian)))
    }
}
