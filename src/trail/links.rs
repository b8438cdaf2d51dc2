//! Links as the hub has them: a validated file, in memory or on disk.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::container::chunked::Chunked;
use crate::container::document;
use crate::container::frame::Frame;
use crate::container::read_at::OnDisk;
use crate::container::sizes::{LINK_RECORD, sizes};
use crate::container::{CHUNK_RECORDS, FileType, Metadata, ReadAt};
use crate::error::Error;
use crate::round::Round;
use crate::terms::{ContentDigest, KindId, Name, Pseudonym, SignerKey, Terms};
use crate::token::Token;

use super::encoding::{self, Document, record};
use super::shared::Shared;

/// What links say about one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedKind {
    /// The kind.
    pub kind: KindId,
    /// Digest of the tokens of the member's set that was matched, as its share states it.
    pub own_set: Option<ContentDigest>,
    /// Number of distinct link tokens.
    pub tokens: u64,
    /// Number of links: a token that several subjects have counts once for each.
    pub links: u64,
}

/// A member's links: which of its subjects have which link tokens. Every byte was validated when it was opened.
///
/// The records stay where they are, in memory or on disk, and are verified again when read. Memory: 48 bytes for each
/// 1,024 records, and 4 bytes a seed.
///
/// ```
/// use veilmatch::round::{Manifest, TrailRules};
/// use veilmatch::terms::{KeyId, Name, Pseudonym, Terms};
/// use veilmatch::trail::{Links, NewLinks};
/// use veilmatch::{Round, Token};
///
/// let members = vec![Name::new("bank-a")?, Name::new("bank-b")?];
/// let kinds = vec![(&Terms::example()).into()];
/// let mut manifest = Manifest::trial(Name::new("example")?, 1, kinds, members)?;
/// manifest.trail = Some(TrailRules::for_kinds([]));
/// let round = Round::new(manifest)?;
///
/// let (anna, kind) = (Pseudonym([1; 16]), round.manifest().kinds[0].kind.clone());
/// let terms = round.trail_terms(KeyId([7; 8]))?;
/// let mut links = NewLinks::new(terms, Name::new("bank-a")?, vec![(anna, true)])?;
/// links.add(kind, None, [(Token::from_bytes([9; 16]), anna)])?;
/// let mut file = Vec::new();
/// links.write_to(&mut file)?;
///
/// let links = Links::from_source(Box::new(file), "bank-a.vml")?;
/// round.admit_links(&links)?;
/// assert_eq!((links.subjects(), links.seeds(), links.kinds()[0].tokens), (1, 1, 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Links {
    terms: Terms,
    member: Name,
    metadata: Metadata,
    signer: Option<SignerKey>,
    document: Document,
    seeds: Vec<u32>,
    records: Chunked,
    root: ContentDigest,
}

impl Links {
    /// Opens a file and validates every byte of it.
    ///
    /// # Errors
    ///
    /// [`Error::At`] this file: [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`];
    /// [`Error::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let name = path.as_ref().display().to_string();
        match OnDisk::open(path.as_ref()) {
            Ok(file) => Self::from_source(Box::new(file), name),
            Err(error) => Err(Error::from(error).at(name)),
        }
    }

    /// Opens links in a file that is open already, such as one into which they were unsealed; errors call it `name`.
    ///
    /// # Errors
    ///
    /// As [`Links::open`].
    pub fn from_file(file: File, name: impl Into<String>) -> Result<Self, Error> {
        Self::from_source(Box::new(OnDisk::new(file)), name)
    }

    /// Opens links whose bytes lie elsewhere, in memory for instance; errors call them `name`.
    ///
    /// # Errors
    ///
    /// As [`Links::open`].
    pub fn from_source(source: Box<dyn ReadAt>, name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let read = || {
            let frame = Frame::read(&*source, FileType::Links, |header| sizes(header, FileType::Links))?;
            let document: Document = document::read(&frame.names)?;
            document.require(frame.index.records())?;
            Ok((frame, document))
        };
        let (frame, document) = read().map_err(|error: Error| error.at(name.clone()))?;
        let records = Chunked::new(source, name, frame.index);
        let seeds = encoding::check(&document, &records)?;
        let mut root = ContentDigest([0; 32]);
        root.0.copy_from_slice(&frame.end[..32]);
        let header = frame.header;
        Ok(Self {
            terms: header.terms()?,
            metadata: header.metadata(),
            signer: frame.signed.map(|signed| signed.key),
            member: header.member.ok_or(Error::Format { offset: 0, expected: "a member" })?,
            document,
            seeds,
            records,
            root,
        })
    }

    /// Returns the terms: [`Round::trail_terms`] with the id of the link key.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member whose links they are.
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

    /// Returns the root of the file; an answer names it.
    pub fn root(&self) -> ContentDigest {
        self.root
    }

    /// Returns the kinds, in order.
    pub fn kinds(&self) -> &[LinkedKind] {
        &self.document.kinds
    }

    /// Returns the number of subjects.
    pub fn subjects(&self) -> u64 {
        self.document.subjects
    }

    /// Returns the number of seeds.
    pub fn seeds(&self) -> u64 {
        self.document.seeds
    }

    /// Returns the numbers of the seeds among the subjects.
    pub(super) fn seed_numbers(&self) -> &[u32] {
        &self.seeds
    }

    /// Returns the number of links of all kinds.
    pub fn links(&self) -> u64 {
        self.document.kinds.iter().map(|kind| kind.links).sum()
    }

    /// Refuses links of a kind that was not matched for this member, of another set than was matched, or of more tokens
    /// than its share has. Whether a link's token is in the share, nobody can check.
    pub(super) fn require_of(&self, shared: &[Shared]) -> Result<(), Error> {
        for linked in self.kinds() {
            let mut of_member = shared.iter().filter(|shared| shared.member == self.member);
            let expected = match of_member.find(|shared| shared.kind == linked.kind) {
                None => "links of kinds that were matched for this member",
                Some(shared) if linked.own_set != shared.own_set => "links of the set that was matched",
                Some(shared) if linked.tokens > shared.tokens => {
                    "no more tokens of a kind than the share has"
                }
                Some(_) => continue,
            };
            return Err(Error::Trail { expected }.at(format!("{}, {}", self.member, linked.kind)));
        }
        Ok(())
    }

    /// Returns the records of a kind, if there are any.
    pub(super) fn of_kind(&self, kind: &KindId) -> Option<Range<u64>> {
        let place = self.document.kinds.iter().position(|linked| linked.kind == *kind)?;
        Some(self.document.ranges()[place].clone()).filter(|range| !range.is_empty())
    }

    /// Returns the first tokens of the chunks that begin within these records.
    pub(super) fn samples(&self, records: &Range<u64>) -> impl Iterator<Item = Token> {
        chunks_within(records).map(|chunk| self.records.index().first(chunk))
    }

    /// Calls `each` with the links among these records, which are of one kind, whose tokens are in a range.
    pub(super) fn read(
        &self,
        records: &Range<u64>,
        tokens: &TokenRange,
        buffer: &mut Vec<u8>,
        mut each: impl FnMut(Token, u32),
    ) -> Result<(), Error> {
        let index = self.records.index();
        let begins = chunks_within(records);
        let below = |bound: &Token| {
            let (mut from, mut to) = (begins.start, begins.end);
            while from < to {
                let middle = from.midpoint(to);
                if index.first(middle) < *bound { from = middle + 1 } else { to = middle }
            }
            from
        };
        let start = (records.start / CHUNK_RECORDS as u64) as usize;
        let from = tokens.from.as_ref().map_or(start, |from| below(from).saturating_sub(1).max(start));
        let to = tokens.to.as_ref().map_or(begins.end, below).max(start + 1);
        let mut at = (from * CHUNK_RECORDS) as u64;
        self.records.read(from..to.min(index.chunks()), buffer, |chunk| {
            for bytes in chunk.chunks_exact(LINK_RECORD) {
                let (token, subject) = record(bytes);
                if records.contains(&at) && tokens.contains(&token) {
                    each(token, subject);
                }
                at += 1;
            }
        })
    }

    /// Returns the pseudonyms of some subjects, whose numbers ascend.
    pub(super) fn pseudonyms(&self, subjects: &[u32]) -> Result<Vec<Pseudonym>, Error> {
        let mut found = Vec::with_capacity(subjects.len());
        let chunk_of = |subject: &u32| *subject as usize / CHUNK_RECORDS;
        let mut buffer = Vec::new();
        for of_chunk in subjects.chunk_by(|a, b| chunk_of(a) == chunk_of(b)) {
            let chunk = chunk_of(&of_chunk[0]);
            self.records.read(chunk..chunk + 1, &mut buffer, |bytes| {
                found.extend(of_chunk.iter().map(|subject| {
                    let at = (*subject as usize % CHUNK_RECORDS) * LINK_RECORD;
                    Pseudonym(*record(&bytes[at..at + LINK_RECORD]).0.as_bytes())
                }));
            })?;
        }
        Ok(found)
    }
}

/// The chunks that begin within records.
fn chunks_within(records: &Range<u64>) -> Range<usize> {
    let first = |record: u64| record.div_ceil(CHUNK_RECORDS as u64) as usize;
    first(records.start)..first(records.end)
}

/// A part of the token space: from a token to another that is not in it, or without a bound.
#[derive(Clone, Copy, Default)]
pub(super) struct TokenRange {
    pub(super) from: Option<Token>,
    pub(super) to: Option<Token>,
}

impl TokenRange {
    fn contains(&self, token: &Token) -> bool {
        self.from.is_none_or(|from| from <= *token) && self.to.is_none_or(|to| *token < to)
    }
}

impl Round {
    /// Checks links that the hub has read: terms, member, signature, kinds, and the number of seeds.
    /// What the match gave the member is held against them by [`Graph::new`](super::Graph::new).
    ///
    /// # Errors
    ///
    /// [`Error::Trail`] where the manifest allows no trails, or not these; [`Error::TermsDiffer`],
    /// [`Error::NotInRound`], [`Error::NotBrought`], [`Error::KindNotInRound`], [`Error::Unsigned`],
    /// [`Error::WrongSigner`].
    pub fn admit_links(&self, links: &Links) -> Result<(), Error> {
        self.require_trail_file(FileType::Links, &links.member, &links.terms, links.signer)?;
        let member = self.member(&links.member)?;
        for linked in links.kinds() {
            self.require_brings(member, &self.kind(&linked.kind)?.kind)?;
        }
        if links.seeds() > self.trail()?.max_seeds {
            let expected = "no more seeds than the manifest allows a member (max_seeds)";
            return Err(Error::Trail { expected }.at(member.name.as_str()));
        }
        Ok(())
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links")
            .field("member", &self.member)
            .field("subjects", &self.subjects())
            .field("kinds", &self.kinds())
            .finish_non_exhaustive()
    }
}
