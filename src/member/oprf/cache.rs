//! The file of a member's cache: what custodians have evaluated, by tag. It stays at the member.

use std::cmp::Reverse;
use std::fmt;
use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use crate::container::document;
use crate::container::header::Header;
use crate::container::records::Records;
use crate::container::sizes::CACHE_RECORD;
use crate::container::sweep::Sweep;
use crate::container::{FileType, Metadata, Signer};
use crate::custody::SignedHead;
use crate::error::Error;
use crate::member::tokenize::Tokenizer;
use crate::oprf::Element;
use crate::terms::{ContentDigest, CustodyDigest, Name, SignerKey, Terms};
use crate::token::Token;

use super::Evaluated;

/// Whose a cache is, and of what. A cache of anything else is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheOf {
    /// The terms of its tags.
    pub(super) terms: Terms,
    member: Name,
    signer: SignerKey,
    custody: CustodyDigest,
    key: Element,
}

/// What stands between the header and the entries.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    custody: CustodyDigest,
    key: String,
    /// One of each custodian, in order of name.
    heads: Vec<Latest>,
}

/// The head that came with a custodian's latest answer, and when that answer was made: heads alone do not say which is later.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Latest {
    pub(super) answered: u64,
    pub(super) head: SignedHead,
}

impl CacheOf {
    /// Takes what makes the member's tags ([`Tokenizer::of_tags`]), the member and the key that signs its files, the digest of
    /// what the custodians agreed to, and their public key for this kind.
    pub fn new(
        tags: &Tokenizer,
        member: Name,
        signer: SignerKey,
        custody: CustodyDigest,
        key: &Element,
    ) -> Self {
        let terms = Terms { round: None, ..tags.terms().clone() };
        Self { terms, member, signer, custody, key: *key }
    }

    /// Returns the digest and the key as documents have them.
    pub(super) fn custody(&self) -> (CustodyDigest, String) {
        (self.custody, ContentDigest(self.key.0).to_string())
    }

    pub(super) fn header(&self, metadata: &Metadata, number: u64, document: &[u8]) -> Result<Header, Error> {
        let header = Header::new(&self.terms, Some(&self.member), metadata, number)?;
        Ok(Header { document: Some(document::stated(document)), ..header })
    }

    /// Refuses the header of a file of anything else.
    fn require(&self, header: &Header) -> Result<(), Error> {
        let wrong = |expected| Err(Error::Cache { expected });
        let found = header.terms()?;
        if found.context != self.terms.context || header.member.as_ref() != Some(&self.member) {
            return wrong("a cache of this member, coalition, epoch and kind");
        }
        if found.key_id != self.terms.key_id {
            return wrong(
                "a cache under this key file and these custodians' key: blind again for another one",
            );
        }
        if found.rules != self.terms.rules {
            return wrong("a cache under the rules of this build: blind again");
        }
        if header.signer != Some(self.signer) {
            return wrong("a cache that this member's own key file has signed");
        }
        Ok(())
    }
}

/// Entries of a cache, or of what is pending, in order of tag. Only [`Entries::finish`] shows that they are those that the
/// member wrote.
pub(super) struct Entries<R> {
    sweep: Sweep<R>,
    /// Place of the next entry in what was read last, in bytes, and the end of that.
    at: usize,
    end: usize,
    next: Option<(Token, [u8; 32])>,
    left: u64,
    last: Option<Token>,
    chunk: Vec<u8>,
}

impl<R: Read> Entries<R> {
    pub(super) fn open(reader: R, file_type: FileType, of: &CacheOf) -> Result<Self, Error> {
        let mut sweep = Sweep::begin(reader, file_type)?;
        if let Err(error) = of.require(&sweep.header) {
            sweep.names.zeroize(); // of what is pending it has the seed
            return Err(error);
        }
        let (left, chunk) = (sweep.records(), Vec::new());
        Ok(Self { sweep, at: 0, end: 0, next: None, left, last: None, chunk })
    }

    /// Returns the pages of the document.
    pub(super) fn document(&mut self) -> &mut Vec<u8> {
        &mut self.sweep.names
    }

    pub(super) fn len(&self) -> u64 {
        self.sweep.records()
    }

    /// Returns the next entry without taking it.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Option<(Token, [u8; 32])>, Error> {
        if self.next.is_none() && self.left > 0 {
            self.next = Some(self.read()?);
        }
        Ok(self.next)
    }

    /// Returns the next entry.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(Token, [u8; 32])>, Error> {
        let next = self.peek()?;
        self.next = None;
        Ok(next)
    }

    fn read(&mut self) -> Result<(Token, [u8; 32]), Error> {
        if self.at == self.end {
            self.chunk.clear();
            let read = self.sweep.next()?;
            self.chunk.extend_from_slice(read);
            (self.at, self.end) = (0, self.chunk.len());
        }
        let (mut tag, mut value) = ([0; Token::LEN], [0; 32]);
        let (of_tag, of_value) = self.chunk[self.at..][..CACHE_RECORD].split_at(Token::LEN);
        tag.copy_from_slice(of_tag);
        value.copy_from_slice(of_value);
        let tag = Token::from_bytes(tag);
        if self.last >= Some(tag) {
            let offset = self.sweep.read_from() + self.at as u64;
            return Err(Error::Format { offset, expected: "tags in ascending order, each once" });
        }
        (self.last, self.at, self.left) = (Some(tag), self.at + CACHE_RECORD, self.left - 1);
        Ok((tag, value))
    }

    /// Reads what is left, and checks digests and signature.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        while self.next()?.is_some() {}
        self.sweep.finish().map(drop)
    }
}

/// A member's cache, read once from its first entry to its last. It is as sensitive as the member's rows.
///
/// What was taken from it counts once it was read to its end.
pub struct Cache<R> {
    pub(super) entries: Entries<R>,
    heads: Vec<Latest>,
}

impl<R: Read> Cache<R> {
    /// Opens a file of type [`FileType::Cache`]: reads and checks its header.
    ///
    /// # Errors
    ///
    /// [`Error::Cache`] for a cache of another member, key file, coalition, epoch, kind, rule or custodians' key, or one that
    /// the member has not signed; [`Error::Format`], [`Error::Io`].
    pub fn open(reader: R, of: &CacheOf) -> Result<Self, Error> {
        let mut entries = Entries::open(reader, FileType::Cache, of)?;
        let Document { custody, key, heads } = document::read(entries.document())?;
        if (custody, key) != of.custody() {
            return Err(Error::Cache { expected: "a cache of what these custodians agreed to" });
        }
        Ok(Self { entries, heads })
    }

    /// Returns the last heads of custodians' ledgers that came with answers; the next request carries them.
    pub fn heads(&self) -> Vec<SignedHead> {
        self.heads.iter().map(|latest| latest.head.clone()).collect()
    }

    /// Returns the number of entries, as the header tells it.
    pub fn len(&self) -> u64 {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Entries that are written as a file, in order of tag.
pub(super) struct Writer<'a> {
    records: Records<'a>,
    bytes: Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Begins a file of a number of entries that is known.
    pub(super) fn begin(
        file_type: FileType,
        header: &Header,
        document: &[u8],
        signer: &'a dyn Signer,
        out: &'a mut dyn Write,
    ) -> Result<Self, Error> {
        let records = Records::begin(file_type, header, document, CACHE_RECORD, Some(signer), out)?;
        Ok(Self { records, bytes: Vec::new() })
    }

    pub(super) fn push(&mut self, tag: &Token, value: &[u8; 32]) -> Result<(), Error> {
        self.bytes.extend_from_slice(tag.as_bytes());
        self.bytes.extend_from_slice(value);
        if self.bytes.len() >= PIECE * CACHE_RECORD {
            self.records.push(&self.bytes)?;
            self.bytes.clear();
        }
        Ok(())
    }

    /// Completes the file; returns the number of entries.
    pub(super) fn finish(mut self) -> Result<u64, Error> {
        self.records.push(&self.bytes)?;
        self.records.finish()
    }
}

/// The number of entries that are handed on at a time.
const PIECE: usize = 1 << 12;

/// Writes a cache with the entries of an older one and new ones, which come in order of tag.
pub(super) struct Union<'a, R> {
    old: Option<Cache<R>>,
    writer: Writer<'a>,
    expected: u64,
}

impl<'a, R: Read> Union<'a, R> {
    /// `number` is the number of entries that there will be; `heads` are those of the new answers, and `carried` those that the
    /// request carried. The latest head of each custodian is kept, be it of a new answer or of the older cache.
    ///
    /// A custodian answers only if its ledger has the heads of the request, so the head of its answer is a later one. Between answers to
    /// one request the custodian's dates decide.
    pub(super) fn begin(
        of: &CacheOf,
        old: Option<Cache<R>>,
        (number, mut heads, carried): (u64, Vec<Latest>, &[SignedHead]),
        metadata: &Metadata,
        signer: &'a dyn Signer,
        out: &'a mut dyn Write,
    ) -> Result<Self, Error> {
        let (custody, key) = of.custody();
        heads.extend(old.iter().flat_map(|old| old.heads.iter().cloned()));
        heads.sort_by_key(|of| (of.head.custodian.clone(), carried.contains(&of.head), Reverse(of.answered)));
        heads.dedup_by(|next, kept| next.head.custodian == kept.head.custodian);
        let pages = document::pages(&Document { custody, key, heads })?;
        let header = of.header(metadata, number, &pages)?;
        let writer = Writer::begin(FileType::Cache, &header, &pages, signer, out)?;
        Ok(Self { old, writer, expected: number })
    }

    pub(super) fn push(&mut self, tag: &Token, evaluated: &Evaluated) -> Result<(), Error> {
        if let Some(Cache { entries: old, .. }) = &mut self.old {
            while let Some((before, value)) = old.peek()?.filter(|(before, _)| before <= tag) {
                old.next()?;
                if before == *tag {
                    if value != evaluated.0 {
                        let expected = "what was evaluated before: the cache is not of these custodians";
                        return Err(Error::Cache { expected });
                    }
                    continue;
                }
                self.writer.push(&before, &value)?;
            }
        }
        self.writer.push(tag, &evaluated.0)
    }

    pub(super) fn finish(mut self) -> Result<u64, Error> {
        if let Some(Cache { entries: mut old, .. }) = self.old {
            while let Some((tag, value)) = old.next()? {
                self.writer.push(&tag, &value)?;
            }
            old.finish()?;
        }
        let found = self.writer.finish()?;
        match found == self.expected {
            true => Ok(found),
            false => Err(Error::Recounted { expected: self.expected, found }),
        }
    }
}

impl<R> fmt::Debug for Cache<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}
