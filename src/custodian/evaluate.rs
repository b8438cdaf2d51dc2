//! Evaluating a request: counted, charged, and only then given out.

use std::io::{Seek, Write};

use crate::container::{Metadata, Signer};
use crate::custody::{By, EvaluationWriter, PublicCustody, RequestFile};
use crate::error::Error;
use crate::oprf::Holder;
use crate::progress::{self, Progress};
use crate::round::Round;

use super::Share;
use super::ledger::{Charge, LedgerFile};

/// A custodian that evaluates requests of a round.
#[derive(Clone, Copy)]
pub struct Evaluator<'a> {
    /// The round.
    pub round: &'a Round,
    /// What is public of the custodians.
    pub custody: &'a PublicCustody,
    /// The custodian's shares of the keys.
    pub share: &'a Share,
    /// Signs evaluations and the ledger: the custodian's identity.
    pub signer: &'a (dyn Signer + Sync),
}

/// What became of a request that was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Number of its elements.
    pub elements: u64,
    /// Whether it was charged now; it was not if the ledger had it.
    pub charged: bool,
    /// How many elements of the kind this custodian still evaluates for the member in the epoch.
    pub left: u64,
}

impl Evaluator<'_> {
    /// Evaluates a request and writes the evaluation where `out` stands.
    ///
    /// The request is charged to its member's name and key, at most the round's part ([`Round::custodian_part`]) of a kind in the
    /// epoch. A request whose root is in the ledger is evaluated again and not charged. The charge lasts before the header of
    /// the evaluation is written, so before the file is of any use: whoever gives it out only once this returns gives out
    /// nothing that was not charged. If anything is wrong with the request, nothing is charged.
    ///
    /// In the pool of threads. Memory: some 20 MiB, and 48 bytes for each 1,024 elements.
    ///
    /// # Errors
    ///
    /// Those of [`Round::admit_request`]; [`Error::Custody`] for another custodian, share or ledger, and a request without
    /// elements; [`Error::WrongSigner`]; [`Error::Ledger`] where the ledger lacks a head that the request has; [`Error::Quota`];
    /// [`Error::Oprf`], naming the first element that is none; [`Error::Cancelled`]; [`Error::Io`].
    pub fn evaluate(
        &self,
        request: &RequestFile,
        ledger: &mut LedgerFile,
        metadata: &Metadata,
        out: &mut (impl Write + Seek),
        progress: &dyn Progress,
    ) -> Result<Done, Error> {
        self.round.admit_request(request, self.custody)?;
        let (index, holder) = self.require_own(request, ledger)?;
        ledger.ledger().require_heads(request.heads())?;
        let charge = self.charge(request)?;
        let most = self.round.custodian_part(&charge.kind, self.custody)?;
        let is_charged = ledger.ledger().has(charge.request);
        if !is_charged {
            require_left(ledger, &charge, most)?;
        }
        let mut writer = EvaluationWriter::begin(out)?;
        let (mut batches, mut done) = (request.batches(), 0);
        while let Some(batch) = batches.next()? {
            let (elements, proofs) = holder.evaluate(&batch).map_err(|error| placed(error, done))?;
            writer.push(&elements, &proofs[0])?;
            done += batch.len() as u64;
            progress::advance(progress, batch.len() as u64)?;
        }
        if !is_charged {
            ledger.charge(charge.clone(), metadata.created, self.signer)?;
        }
        let (custody, head) = (self.custody.digest(), ledger.ledger().head().clone());
        let by = By { custody, index, request: request.root(), head };
        writer.finish(request.terms(), request.member(), by, metadata, self.signer)?;
        let left = most.saturating_sub(ledger.ledger().charged(&charge.kind, &charge.member, charge.key));
        Ok(Done { elements: request.len(), charged: !is_charged, left })
    }

    /// Refuses a signer, shares or ledger that are not the custodian's. Returns the index of its share, and its share of the key of
    /// the kind.
    fn require_own(&self, request: &RequestFile, ledger: &LedgerFile) -> Result<(u16, &Holder), Error> {
        let wrong = |expected| Error::Custody { expected };
        let (name, kind) = (self.share.custodian(), request.terms().context.kind());
        let (index, custodian) = self.custody.custodian(name)?;
        let (signer, ledger) = (self.signer.key(), ledger.ledger());
        let public = self.custody.kind(kind).map(|(key, _)| key.share(index)).transpose()?;
        let holder = self.share.holder(kind).filter(|holder| public == Some(&holder.public()));
        match holder {
            _ if signer != custodian.keys.sign => {
                Err(Error::WrongSigner { by: name.to_string(), key: signer })
            }
            _ if (ledger.custodian(), ledger.custody()) != (name, self.custody.digest())
                || (ledger.start(), ledger.key()) != (self.share.ledger(), signer) =>
            {
                Err(wrong("the custodian's own ledger, which its shares name"))
            }
            _ if request.is_empty() => Err(wrong("a request of one or more elements")),
            None => Err(wrong("the custodian's own share of the key of this kind")),
            Some(holder) => Ok((index, holder)),
        }
    }

    fn charge(&self, request: &RequestFile) -> Result<Charge, Error> {
        let member = request.member();
        let key = request.signer().ok_or_else(|| Error::Unsigned { by: member.to_string() })?;
        Ok(Charge {
            round: self.round.digest(),
            kind: request.terms().context.kind().clone(),
            member: member.clone(),
            key,
            request: request.root(),
            elements: request.len(),
        })
    }
}

/// Refuses a request of more elements than are left to the member.
fn require_left(ledger: &LedgerFile, charge: &Charge, most: u64) -> Result<(), Error> {
    let Charge { kind, member, key, elements, .. } = charge;
    let left = most.saturating_sub(ledger.ledger().charged(kind, member, *key));
    match *elements <= left {
        true => Ok(()),
        false => {
            let (member, kind) = (member.clone(), kind.clone());
            Err(Error::Quota { member, kind, asked: *elements, left, most })
        }
    }
}

/// Counts the elements before the batch, too.
fn placed(error: Error, before: u64) -> Error {
    match error {
        Error::Oprf { at: Some(at), expected } => Error::Oprf { at: Some(before + at), expected },
        other => other,
    }
}

impl std::fmt::Debug for Evaluator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator").field("share", &self.share).finish_non_exhaustive()
    }
}
