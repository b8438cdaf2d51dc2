//! What of a round stands in requests and evaluations, and what of them is refused.

use crate::container::digest::sha256;
use crate::error::Error;
use crate::oprf::Element;
use crate::round::{Round, handshake};
use crate::terms::{CustodyDigest, KeyContext, KeyId, KindId, Name, Terms};

use super::{EvaluationFile, PublicCustody, RequestFile};

/// The id of a custodians' key, PK, in the headers of requests and evaluations. Everybody can compute it.
///
/// SHA-256("veilmatch/2 custodians" || PK), its first 8 bytes.
pub fn key_id(key: &Element) -> KeyId {
    let mut id = KeyId([0; 8]);
    id.0.copy_from_slice(&sha256(&[b"veilmatch/2 custodians", &key.0])[..8]);
    id
}

impl PublicCustody {
    /// Returns what of a quota each custodian answers: floor(quota · t / n).
    pub(crate) fn part(&self, quota: u64) -> u64 {
        // The product does not overflow: a quota is little over 2^53 at most, and there are at most 255 custodians.
        quota * self.threshold() as u64 / self.custodians().len() as u64
    }
}

impl Round {
    /// Returns the terms of requests and evaluations of a kind. Their key id is that of the custodians' key ([`key_id`]).
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`]; [`Error::Custody`] as [`PublicCustody::require_round`].
    pub fn custody_terms(&self, kind: &KindId, custody: &PublicCustody) -> Result<Terms, Error> {
        custody.require_round(self.manifest())?;
        let (manifest, rules) = (self.manifest(), self.kind(kind)?);
        let (key, _) = custody.kind(kind).ok_or_else(|| Error::KindNotInRound { kind: kind.clone() })?;
        Ok(Terms {
            context: KeyContext::new(manifest.coalition.clone(), manifest.epoch, kind.clone())?,
            key_id: key_id(key.key()),
            rules: rules.rules,
            suppression: rules.suppression,
            round: Some(self.digest()),
        })
    }

    /// Returns how many elements of a kind each custodian evaluates for one member in the epoch:
    /// floor((min(Q, `max_set`) + number of self-test inputs) · t / n).
    ///
    /// A member that splits its identifiers over all n custodians gets t evaluations of at most Q of them, besides the self-test
    /// inputs, which it needs for the handshake. The bound of a round's sets can lower Q; nothing can raise it. What was
    /// evaluated for other rounds of the epoch counts too.
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`] for a kind without a key.
    pub fn custodian_part(&self, kind: &KindId, custody: &PublicCustody) -> Result<u64, Error> {
        let (_, quota) = custody.kind(kind).ok_or_else(|| Error::KindNotInRound { kind: kind.clone() })?;
        let quota = quota.min(self.manifest().max_set.unwrap_or(quota)) + handshake::self_tests(kind);
        Ok(custody.part(quota))
    }

    /// Checks a request that a custodian has read: terms, custodians, member, signature.
    ///
    /// A trial has no keys, so nobody could be charged: its requests are refused.
    ///
    /// # Errors
    ///
    /// Those of [`Round::custody_terms`]; [`Error::TermsDiffer`], [`Error::NotInRound`], [`Error::NotBrought`],
    /// [`Error::Unsigned`], [`Error::WrongSigner`]; [`Error::Custody`] for a trial, and for other custodians.
    pub fn admit_request(&self, request: &RequestFile, custody: &PublicCustody) -> Result<(), Error> {
        if self.is_trial() {
            return Err(Error::Custody { expected: "a round with keys: in a trial nobody can be charged" });
        }
        let terms = self.custody_terms(request.terms().context.kind(), custody)?;
        terms.require(request.terms(), request.member())?;
        require_custody(request.custody(), custody)?;
        self.require_maker(request.member(), request.terms(), request.signer())
    }

    /// Checks an evaluation that a member has read: terms, custodians, recipient, the custodian's signature of it and of the
    /// head of its ledger. Which request it answers, its [`By::request`](super::By) tells, and whether it is right, its proofs.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the custodian: those of [`Round::custody_terms`]; [`Error::TermsDiffer`], [`Error::WrongRecipient`],
    /// [`Error::Unsigned`], [`Error::WrongSigner`], [`Error::Signature`]; [`Error::Custody`] for other custodians.
    pub fn accept_evaluation(
        &self,
        evaluation: &EvaluationFile,
        member: &Name,
        custody: &PublicCustody,
    ) -> Result<(), Error> {
        let by = evaluation.by();
        let require = || {
            let recipient = evaluation.member();
            if recipient != member {
                return Err(Error::WrongRecipient { recipient: recipient.clone(), member: member.clone() });
            }
            let terms = self.custody_terms(evaluation.terms().context.kind(), custody)?;
            terms.require(evaluation.terms(), member)?;
            require_custody(by.custody, custody)?;
            let (index, custodian) = custody.custodian(&by.head.custodian)?;
            let by_name = || by.head.custodian.to_string();
            match evaluation.signer() {
                None => Err(Error::Unsigned { by: by_name() }),
                Some(key) if key != custodian.keys.sign => Err(Error::WrongSigner { by: by_name(), key }),
                Some(_) if by.index != index => {
                    Err(Error::Custody { expected: "the index of the custodian's own share" })
                }
                Some(key) => by.head.verify(key),
            }
        };
        require().map_err(|error: Error| error.at(by.head.custodian.as_str()))
    }
}

fn require_custody(found: CustodyDigest, custody: &PublicCustody) -> Result<(), Error> {
    match found == custody.digest() {
        true => Ok(()),
        false => Err(Error::Custody { expected: "a file for these custodians, got one for others" }),
    }
}
