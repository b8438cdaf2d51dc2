//! Files of type `set`: each record is a token.

use std::io::{Read, Write};
use std::path::Path;

use crate::container::body::Opened;
use crate::container::chunked::Chunked;
use crate::container::digest::{TOGETHER, content_digest, root};
use crate::container::frame::{Frame, Index, Sizes, out_of_order};
use crate::container::header::Header;
use crate::container::read_at::{OnDisk, ReadAt};
use crate::container::records::{LateHeader, WriteAndSeek, write_tokens};
use crate::container::signature::Signer;
use crate::container::sizes::sizes;
use crate::container::{FileType, Signed, body};
use crate::error::Error;
use crate::terms::ContentDigest;
use crate::token::Token;

use super::stream::SetStream;
use super::{SetFile, SetHeader, TokenSet};

impl TokenSet {
    /// Writes the set as a file of type [`FileType::Set`], unsigned; equal sets give equal bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.write_as(FileType::Set, None, out)
    }

    /// Writes the set as a file of type [`FileType::Set`] with a signature. The signature is the member's consent to
    /// the round that the set is bound to.
    ///
    /// # Errors
    ///
    /// As [`TokenSet::write_to`]; those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign_to(&self, signer: &dyn Signer, out: &mut dyn Write) -> Result<(), Error> {
        self.write_as(FileType::Set, Some(signer), out)
    }

    /// Reads a whole file of type [`FileType::Set`] and validates every byte of it.
    ///
    /// It reads the bytes about twice, in parallel. Memory: 16 bytes a token besides `bytes`. A signature must be made
    /// by the key that the file names; whose key that is, the round checks ([`Round::admit`](crate::Round::admit)).
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::read_as(FileType::Set, bytes)
    }

    /// Returns the digest of the tokens alone, in whatever file they stand (SPEC.md, section 7).
    ///
    /// The first digest of a set that was not read reads all tokens, in parallel: about 10 ns a token and thread.
    pub fn content_digest(&self) -> ContentDigest {
        content_digest(self.len() as u64, self.index())
    }

    /// Returns the root of its file (SPEC.md, section 7), with the signer that it has. A delta names this root.
    ///
    /// The first digest of a set that was not read reads all tokens, in parallel: about 10 ns a token and thread.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold.
    pub fn root(&self) -> Result<ContentDigest, Error> {
        let page = Header::of_set(self.as_ref())?.to_page(FileType::Set).ok_or(Error::Metadata)?;
        Ok(ContentDigest(root(FileType::Set, &page, self.len() as u64, self.index())))
    }

    pub(crate) fn write_as(
        &self,
        file_type: FileType,
        signer: Option<&dyn Signer>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let header = Header::of_set(self.as_ref())?;
        write_tokens(file_type, &header, self.tokens(), &self.index, signer, out)
    }

    pub(crate) fn read_as(file_type: FileType, bytes: &[u8]) -> Result<Self, Error> {
        let opened = body::open(bytes, file_type, |header| sizes(header, file_type))?;
        let Opened { header, records, records_offset, index, signed, .. } = opened;
        let tokens = read_tokens(records, Token::LEN, records_offset)?;
        Ok(Self::from_checked(header.into_set(signed)?, tokens, index.into_entries().into()))
    }
}

impl SetFile {
    pub(crate) fn open_named(path: &Path, name: String) -> Result<Self, Error> {
        match OnDisk::open(path) {
            Ok(file) => Self::read_index(Box::new(file), name),
            Err(error) => Err(Error::from(error).at(name)),
        }
    }

    pub(crate) fn read_index(source: Box<dyn ReadAt>, name: String) -> Result<Self, Error> {
        let read = || {
            let ascending = |header: &Header| Ok(Sizes { ascending: true, ..sizes(header, FileType::Set)? });
            let Frame { header, index, page, end, signed, .. } =
                Frame::read(&*source, FileType::Set, ascending)?;
            Ok((header.into_set(signed)?, index, page, end))
        };
        let (header, index, page, end) = read().map_err(|error: Error| error.at(name.clone()))?;
        Ok(Self { header, tokens: Chunked::new(source, name, index), page, end })
    }

    /// Writes the file again, as it is. Every chunk is verified before it is written.
    ///
    /// # Errors
    ///
    /// As [`SetFile::read`]; [`Error::Io`] where writing fails.
    pub fn copy_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        out.write_all(&self.page)?;
        let index = self.tokens.index();
        let mut buffer = Vec::new();
        for first in (0..index.chunks()).step_by(TOGETHER) {
            let mut written = Ok(());
            self.tokens.read(first..index.chunks().min(first + TOGETHER), &mut buffer, |bytes| {
                if written.is_ok() {
                    written = out.write_all(bytes);
                }
            })?;
            written?;
        }
        out.write_all(index.entries().as_flattened())?;
        Ok(out.write_all(&self.end)?)
    }
}

impl SetHeader {
    /// Reads the file of a set from its first byte to its last, and validates all bytes. It makes one sweep, for a file
    /// that cannot be read at positions, such as a sealed one.
    ///
    /// Memory: 48 bytes for each 1,024 tokens, and a MiB.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`], [`Error::Io`].
    pub fn read(file: impl Read) -> Result<Self, Error> {
        Ok(SetStream::begin(file, "the set")?.finish()?.0)
    }
}

impl<'a> LateHeader<'a> {
    /// Begins the file of a set.
    pub(crate) fn of_set(out: &'a mut dyn WriteAndSeek) -> Result<Self, Error> {
        Self::begin(FileType::Set, &[], Token::LEN, out)
    }

    /// Completes the file, signed if there is a signer.
    pub(crate) fn finish_set(
        self,
        header: SetHeader,
        signer: Option<&dyn Signer>,
    ) -> Result<SetHeader, Error> {
        let (_, signed) = self.finish(&Header::of_set(&header)?, signer)?;
        Ok(SetHeader { signed, ..header })
    }
}

impl Index {
    /// Returns the content digest of records that are tokens.
    pub(crate) fn content_digest(&self) -> ContentDigest {
        content_digest(self.records(), self.entries())
    }
}

impl Header {
    pub(crate) fn of_set(set: &SetHeader) -> Result<Self, Error> {
        let header = Header::new(&set.terms, Some(&set.member), &set.metadata, set.tokens())?;
        let (signer, counters) = (set.signer(), Some(set.counters.clone()));
        Ok(Self { signer, counters, follows: set.follows, ..header })
    }

    pub(crate) fn into_set(self, signed: Option<Signed>) -> Result<SetHeader, Error> {
        let (terms, metadata, follows) = (self.terms()?, self.metadata(), self.follows);
        let (Some(member), Some(counters)) = (self.member, self.counters) else {
            return Err(Error::Format { offset: 0, expected: "a set with its member and counters" });
        };
        Ok(SetHeader { terms, member, counters, metadata, follows, signed })
    }
}

/// Reads the tokens that begin the records. They must be strictly ascending.
pub(crate) fn read_tokens(records: &[u8], record_len: usize, offset: usize) -> Result<Vec<Token>, Error> {
    let token = |record: &[u8]| {
        let mut bytes = [0; Token::LEN];
        bytes.copy_from_slice(&record[..Token::LEN]);
        Token::from_bytes(bytes)
    };
    let tokens: Vec<Token> = records.chunks_exact(record_len).map(token).collect();
    match tokens.windows(2).position(|pair| pair[0] >= pair[1]) {
        None => Ok(tokens),
        Some(before) => Err(out_of_order((offset + (before + 1) * record_len) as u64)),
    }
}
