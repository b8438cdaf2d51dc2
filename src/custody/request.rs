//! Requests: files of type `request` (`.vmb`).

use std::fmt;
use std::fs::File;
use std::io::{Seek, Write};

use serde::{Deserialize, Serialize};

use crate::container::chunked::Chunked;
use crate::container::document;
use crate::container::frame::Frame;
use crate::container::header::{Header, Names};
use crate::container::records::LateHeader;
use crate::container::sizes::{ELEMENT_LEN, sizes};
use crate::container::{FileType, Metadata, OnDisk, ReadAt, Signer};
use crate::error::Error;
use crate::oprf::{Custody, Element, MAX_BATCH};
use crate::terms::{ContentDigest, CustodyDigest, Name, SignerKey, Terms};

use super::head::SignedHead;
use super::records::{Rest, bytes};

/// The document of a request.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    custody: CustodyDigest,
    /// In order of custodian.
    heads: Vec<SignedHead>,
}

impl Document {
    /// Refuses heads out of order, several of one custodian, and more than there can be custodians.
    fn require(&self) -> Result<(), Error> {
        let ordered = self.heads.is_sorted_by(|a, b| a.custodian < b.custodian);
        match ordered && self.heads.len() <= Custody::MOST_HOLDERS {
            true => Ok(()),
            false => Err(Error::Custody { expected: "at most one head of each custodian, in order of name" }),
        }
    }
}

/// A request that is written batch by batch: one member's blinded identifiers of one kind.
///
/// The same bytes go to every custodian, each time sealed to it. The header, which tells how many elements there are, is
/// written last, in the place that was left for it. Memory: 4 MiB, and 48 bytes for each 1,024 elements.
///
/// See the example of [`custody`](super).
#[must_use = "the file is complete once it is finished"]
pub struct RequestWriter<'a> {
    file: LateHeader<'a>,
    terms: Terms,
    member: Name,
    document: Names,
}

impl<'a> RequestWriter<'a> {
    /// Begins a request where `out` stands. `terms` are those of [`Round::custody_terms`](crate::Round::custody_terms);
    /// `heads` are the last ones that the member has of each custodian, in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] for several heads of one custodian; [`Error::Io`] where writing fails.
    pub fn begin(
        terms: Terms,
        member: Name,
        custody: CustodyDigest,
        mut heads: Vec<SignedHead>,
        out: &'a mut (impl Write + Seek),
    ) -> Result<Self, Error> {
        heads.sort_by(|a, b| a.custodian.cmp(&b.custodian));
        let document = Document { custody, heads };
        document.require()?;
        let pages = document::pages(&document)?;
        let file = LateHeader::begin(FileType::Request, &pages, ELEMENT_LEN, out)?;
        Ok(Self { file, terms, member, document: document::stated(&pages) })
    }

    /// Adds blinded identifiers.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn push(&mut self, elements: &[Element]) -> Result<(), Error> {
        elements.chunks(MAX_BATCH).try_for_each(|elements| self.file.push(&bytes(elements)))
    }

    /// Returns the number of elements so far.
    pub fn elements(&self) -> u64 {
        self.file.records()
    }

    /// Completes the file, signed by the member. Returns its root, which evaluations name. Unsigned requests are for tests
    /// alone: a custodian refuses them.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails; those of the signer,
    /// and [`Error::Signature`] where it does not sign well.
    pub fn finish(self, metadata: &Metadata, signer: Option<&dyn Signer>) -> Result<ContentDigest, Error> {
        let header = Header::new(&self.terms, Some(&self.member), metadata, self.file.records())?;
        let header = Header { document: Some(self.document), ..header };
        self.file.finish(&header, signer).map(|(root, _)| root)
    }
}

/// A request: header, document, index, root and signature are validated; the elements stay where they are, and are verified
/// when read. Memory: 48 bytes for each 1,024 elements.
///
/// Whether its elements are elements of the group shows when they are evaluated.
///
/// See the example of [`custody`](super).
pub struct RequestFile {
    terms: Terms,
    member: Name,
    metadata: Metadata,
    signer: Option<SignerKey>,
    document: Document,
    records: Chunked,
    root: ContentDigest,
}

impl RequestFile {
    /// Opens a request in a file that is open already, such as one into which it was unsealed; errors call it `name`.
    ///
    /// # Errors
    ///
    /// [`Error::At`] this file: [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`];
    /// [`Error::Custody`]; [`Error::Io`].
    pub fn from_file(file: File, name: impl Into<String>) -> Result<Self, Error> {
        Self::from_source(Box::new(OnDisk::new(file)), name)
    }

    /// Opens a request whose bytes lie elsewhere, in memory for instance; errors call it `name`.
    ///
    /// # Errors
    ///
    /// As [`RequestFile::from_file`].
    pub fn from_source(source: Box<dyn ReadAt>, name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let read = || {
            let frame = Frame::read(&*source, FileType::Request, |header| sizes(header, FileType::Request))?;
            let document: Document = document::read(&frame.names)?;
            document.require()?;
            Ok((frame, document))
        };
        let (frame, document) = read().map_err(|error: Error| error.at(name.clone()))?;
        let mut root = ContentDigest([0; 32]);
        root.0.copy_from_slice(&frame.end[..32]);
        let header = frame.header;
        Ok(Self {
            terms: header.terms()?,
            metadata: header.metadata(),
            signer: frame.signed.map(|signed| signed.key),
            member: header.member.ok_or(Error::Format { offset: 0, expected: "a member" })?,
            document,
            records: Chunked::new(source, name, frame.index),
            root,
        })
    }

    /// Returns the terms: [`Round::custody_terms`](crate::Round::custody_terms).
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member that asks.
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

    /// Returns the digest of the fixed part of the custodians' `custody.json`.
    pub fn custody(&self) -> CustodyDigest {
        self.document.custody
    }

    /// Returns the heads of custodians' ledgers that the member had, in order of custodian.
    pub fn heads(&self) -> &[SignedHead] {
        &self.document.heads
    }

    /// Returns the root of the file: the name of the request everywhere.
    pub fn root(&self) -> ContentDigest {
        self.root
    }

    /// Returns the number of elements.
    pub fn len(&self) -> u64 {
        self.records.index().records()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the elements, from the first on, in batches.
    pub fn batches(&self) -> Asked<'_> {
        Asked { rest: Rest::of(&self.records), left: self.len() }
    }
}

/// The elements of a request, read batch by batch. Memory: 6 MiB.
pub struct Asked<'a> {
    rest: Rest<'a>,
    left: u64,
}

impl Asked<'_> {
    /// Returns the next [`MAX_BATCH`] elements, or the fewer that are left; none at the end.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the file and chunk: [`Error::Format`] where a chunk is not the one that the index tells or the file has
    /// become shorter; [`Error::Io`].
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot be asked with `?`")]
    pub fn next(&mut self) -> Result<Option<Vec<Element>>, Error> {
        let number = self.left.min(MAX_BATCH as u64);
        if number == 0 {
            return Ok(None);
        }
        let batch = self.rest.take(number as usize)?;
        self.left -= number;
        Ok(Some(batch))
    }
}

impl fmt::Debug for RequestFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RequestFile");
        shown.field("member", &self.member).field("root", &self.root).field("elements", &self.len());
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for RequestWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestWriter").field("elements", &self.elements()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("left", &self.left).finish_non_exhaustive()
    }
}
