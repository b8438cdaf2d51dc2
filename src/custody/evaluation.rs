//! Evaluations: files of type `evaluation` (`.vme`).

use std::fmt;
use std::fs::File;
use std::io::{Seek, Write};

use crate::container::chunked::Chunked;
use crate::container::frame::Frame;
use crate::container::header::{Evaluated, Header};
use crate::container::records::LateHeader;
use crate::container::sizes::{ELEMENT_LEN, PROOF_RECORDS, sizes};
use crate::container::{FileType, Metadata, OnDisk, ReadAt, Signer};
use crate::error::Error;
use crate::oprf::{Element, MAX_BATCH, Proof};
use crate::terms::{ContentDigest, CustodyDigest, Name, SignerKey, Terms};

use super::head::SignedHead;
use super::records::{Rest, bytes};

/// Who evaluated which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Digest of the fixed part of the custodians' `custody.json`.
    pub custody: CustodyDigest,
    /// Index of the custodian's share of the key.
    pub index: u16,
    /// Root of the request.
    pub request: ContentDigest,
    /// The custodian, and the head of its ledger once the request was charged.
    pub head: SignedHead,
}

/// An evaluation that is written batch by batch.
///
/// The header, which names the head of the ledger, is written last: the elements can be evaluated before the request is
/// charged, and the file is of no use until then. Memory: 4 MiB, and 48 bytes for each 1,024 elements.
///
/// See the example of [`EvaluationFile`].
#[must_use = "the file is complete once it is finished"]
pub struct EvaluationWriter<'a> {
    file: LateHeader<'a>,
    elements: u64,
}

impl<'a> EvaluationWriter<'a> {
    /// Begins an evaluation where `out` stands.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn begin(out: &'a mut (impl Write + Seek)) -> Result<Self, Error> {
        let file = LateHeader::begin(FileType::Evaluation, &[], ELEMENT_LEN, out)?;
        Ok(Self { file, elements: 0 })
    }

    /// Adds the evaluations of a batch and their proof.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    ///
    /// # Panics
    ///
    /// If the batch is empty or larger than [`MAX_BATCH`], or the one before it was smaller.
    pub fn push(&mut self, elements: &[Element], proof: &Proof) -> Result<(), Error> {
        assert!((1..=MAX_BATCH).contains(&elements.len()), "a batch has 1 to 65,535 elements");
        assert!(self.elements.is_multiple_of(MAX_BATCH as u64), "all batches but the last are full");
        self.elements += elements.len() as u64;
        self.file.push(&bytes(elements))?;
        self.file.push(&proof.0)
    }

    /// Completes the file, signed by the custodian. `terms` and `member` are those of the request.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails; those of the signer,
    /// and [`Error::Signature`] where it does not sign well.
    pub fn finish(
        self,
        terms: &Terms,
        member: &Name,
        by: By,
        metadata: &Metadata,
        signer: &dyn Signer,
    ) -> Result<(), Error> {
        let By { custody, index, request, head: SignedHead { custodian, head, signature } } = by;
        let evaluated = Evaluated { custody, custodian, index, request, head, head_signature: signature };
        let header = Header::new(terms, Some(member), metadata, self.elements)?;
        let header = Header { evaluation: Some(evaluated), ..header };
        self.file.finish(&header, Some(signer)).map(drop)
    }
}

/// An evaluation: header, index, root and signature are validated; the elements stay where they are, and are verified when
/// read. Memory: 48 bytes for each 1,024 elements.
///
/// Whether they are right, the proofs tell: [`PublicShare::verify`](crate::oprf::PublicShare::verify), batch by batch.
///
/// ```
/// # use veilmatch::terms::{Name, Terms, CustodyDigest, ContentDigest, RoundDigest};
/// # let terms = Terms { round: Some(RoundDigest([1; 32])), ..Terms::example() };
/// # let (custody, request, head) = (CustodyDigest([2; 32]), ContentDigest([3; 32]), ContentDigest([4; 32]));
/// # let identity = veilmatch::round::identity::Identity::generate()?;
/// # let (member, notary) = (Name::new("bank-a")?, Name::new("notary")?);
/// use std::io::Cursor;
/// use veilmatch::Metadata;
/// use veilmatch::custody::{By, EvaluationFile, EvaluationWriter, SignedHead};
/// use veilmatch::oprf::Holder;
///
/// let holder = Holder::new(1, &mut [7; 32])?;
/// let blinded = [Holder::new(1, &mut [9; 32])?.public().key];
/// let (evaluated, proofs) = holder.evaluate(&blinded)?;
///
/// let mut file = Cursor::new(Vec::new());
/// let mut writer = EvaluationWriter::begin(&mut file)?;
/// writer.push(&evaluated, &proofs[0])?;
/// let by = By { custody, index: 1, request, head: SignedHead::sign(notary, head, &identity)? };
/// writer.finish(&terms, &member, by, &Metadata::default(), &identity)?;
///
/// let answer = EvaluationFile::from_source(Box::new(file.into_inner()), "card.bank-a.notary.vme")?;
/// let mut batches = answer.batches();
/// let (elements, proof) = batches.next()?.expect("one batch");
/// holder.public().verify(&blinded, &elements, &[proof])?;
/// assert!(batches.next()?.is_none());
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct EvaluationFile {
    terms: Terms,
    member: Name,
    metadata: Metadata,
    signer: Option<SignerKey>,
    by: By,
    elements: u64,
    records: Chunked,
}

impl EvaluationFile {
    /// Opens an evaluation in a file that is open already, such as one into which it was unsealed; errors call it `name`.
    ///
    /// # Errors
    ///
    /// [`Error::At`] this file: [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`];
    /// [`Error::Io`].
    pub fn from_file(file: File, name: impl Into<String>) -> Result<Self, Error> {
        Self::from_source(Box::new(OnDisk::new(file)), name)
    }

    /// Opens an evaluation whose bytes lie elsewhere, in memory for instance; errors call it `name`.
    ///
    /// # Errors
    ///
    /// As [`EvaluationFile::from_file`].
    pub fn from_source(source: Box<dyn ReadAt>, name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let read = Frame::read(&*source, FileType::Evaluation, |header| sizes(header, FileType::Evaluation));
        let frame = read.map_err(|error| error.at(name.clone()))?;
        let (terms, metadata) = (frame.header.terms()?, frame.header.metadata());
        let Header { member: Some(member), evaluation: Some(evaluated), tokens: elements, .. } = frame.header
        else {
            return Err(Error::Format { offset: 0, expected: "an evaluation for a member" }.at(name));
        };
        let Evaluated { custody, custodian, index, request, head, head_signature: signature } = evaluated;
        Ok(Self {
            terms,
            member,
            metadata,
            signer: frame.signed.map(|signed| signed.key),
            by: By { custody, index, request, head: SignedHead { custodian, head, signature } },
            elements,
            records: Chunked::new(source, name, frame.index),
        })
    }

    /// Returns the terms: [`Round::custody_terms`](crate::Round::custody_terms).
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member that it is for.
    pub fn member(&self) -> &Name {
        &self.member
    }

    /// Returns the metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the key of the file's valid signature.
    pub fn signer(&self) -> Option<SignerKey> {
        self.signer
    }

    /// Returns who evaluated which request.
    pub fn by(&self) -> &By {
        &self.by
    }

    /// Returns the number of elements, proofs aside.
    pub fn len(&self) -> u64 {
        self.elements
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the evaluations with their proofs, from the first on, in batches.
    pub fn batches(&self) -> Answers<'_> {
        Answers { rest: Rest::of(&self.records), left: self.elements }
    }
}

/// The evaluations of a file, read batch by batch. Memory: 6 MiB.
pub struct Answers<'a> {
    rest: Rest<'a>,
    left: u64,
}

impl Answers<'_> {
    /// Returns the next [`MAX_BATCH`] evaluations, or the fewer that are left, with their proof; none at the end. Nothing was
    /// checked of them but that the file is whole.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the file and chunk: [`Error::Format`] where a chunk is not the one that the index tells or the file has
    /// become shorter; [`Error::Io`].
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot be asked with `?`")]
    pub fn next(&mut self) -> Result<Option<(Vec<Element>, Proof)>, Error> {
        let number = self.left.min(MAX_BATCH as u64);
        if number == 0 {
            return Ok(None);
        }
        let batch = self.rest.take(number as usize)?;
        let proof = self.rest.take(PROOF_RECORDS as usize)?;
        self.left -= number;
        let mut bytes = [0; 64];
        bytes[..ELEMENT_LEN].copy_from_slice(&proof[0].0);
        bytes[ELEMENT_LEN..].copy_from_slice(&proof[1].0);
        Ok(Some((batch, Proof(bytes))))
    }
}

impl fmt::Debug for EvaluationFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("EvaluationFile");
        shown.field("member", &self.member).field("by", &self.by).field("elements", &self.len());
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for EvaluationWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvaluationWriter").field("elements", &self.elements).finish_non_exhaustive()
    }
}

impl fmt::Debug for Answers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").field("left", &self.left).finish_non_exhaustive()
    }
}
