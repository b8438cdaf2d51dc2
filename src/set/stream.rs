//! Reads and writes sets from their first byte to their last, without holding them: read while checked, written while
//! digested.
//!
//! A reader gives out tokens that are in order and were digested from the very buffer they are read from. Only the end
//! shows whether they are what the root stands for: until [`SetStream::finish`] do not use anything that came of them.
//! So a sealed file, in which no position can be chosen, streams too.

use std::io::{Read, Write};

use crate::container::digest::root;
use crate::container::frame::out_of_order;
use crate::container::header::Header;
use crate::container::records::Chunks;
use crate::container::room::grow;
use crate::container::sweep::Sweep;
use crate::container::{CHUNK_RECORDS, FileType};
use crate::error::Error;
use crate::terms::ContentDigest;
use crate::token::Token;

use super::delta::Tokens;
use super::{SetHeader, TokenSet};

const CHUNK_LEN: usize = CHUNK_RECORDS * Token::LEN;

/// Reads a file of type [`FileType::Set`]: 1 MiB in memory, and the index, 48 bytes for each 1,024 tokens.
pub(crate) struct SetStream<R> {
    sweep: Sweep<R>,
    /// The name of the file in errors; empty where the caller names it.
    what: &'static str,
    /// The header, without its signer: who signed shows at the end.
    pub(crate) set: SetHeader,
    /// Place of the next token among those that were read last.
    at: usize,
    last: Option<Token>,
}

impl<R: Read> SetStream<R> {
    /// Reads and checks the header.
    pub(crate) fn begin(reader: R, what: &'static str) -> Result<Self, Error> {
        let read = || {
            let sweep = Sweep::begin(reader, FileType::Set)?;
            let set = sweep.header.clone().into_set(None)?;
            Ok(Self { sweep, what, set, at: 0, last: None })
        };
        read().map_err(|error| named(what, error))
    }

    /// Reads what is left, and checks that index, root and signature are those of what was read.
    pub(crate) fn finish(mut self) -> Result<(SetHeader, ContentDigest), Error> {
        let what = self.what;
        let rest = move || {
            while self.read_chunks()? {}
            let (signed, root, _) = self.sweep.finish()?;
            Ok((SetHeader { signed, ..self.set }, root))
        };
        rest().map_err(|error| named(what, error))
    }

    /// Reads the next tokens; there are none after the last.
    fn read_chunks(&mut self) -> Result<bool, Error> {
        self.at = 0;
        self.sweep.next()?;
        let start = self.sweep.read_from();
        for (at, bytes) in (0u64..).zip(self.sweep.chunks().as_chunks().0) {
            let token = Token::from_bytes(*bytes);
            if self.last >= Some(token) {
                return Err(out_of_order(start + at * Token::LEN as u64));
            }
            self.last = Some(token);
        }
        Ok(!self.sweep.chunks().is_empty())
    }
}

impl TokenSet {
    /// Reads a file of type [`FileType::Set`] from its first byte to its last, on this thread, and validates every byte of
    /// it: for a file that cannot be read at positions, such as a sealed one, and for several files at a time.
    ///
    /// `shown` is a number of bytes that the file is known to have, such as the size of a sealed one: room for as many tokens is
    /// made at once, and for more of them as they are found valid. Memory: 16 bytes a token, up to 24 while those are read that
    /// were not shown, 48 for each 1,024, and a MiB.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`], [`Error::Io`].
    pub fn read(file: impl Read, shown: u64) -> Result<Self, Error> {
        let mut stream = SetStream::begin(file, "")?;
        stream.sweep.stay_on_this_thread();
        let all = usize::try_from(stream.sweep.records()).unwrap_or(usize::MAX);
        let mut tokens = Vec::new();
        let shown = usize::try_from(shown).unwrap_or(usize::MAX) / Token::LEN;
        grow(&mut tokens, shown.min(all), all)?;
        while stream.read_chunks()? {
            let (read, _) = stream.sweep.chunks().as_chunks();
            grow(&mut tokens, read.len(), all)?;
            tokens.extend(read.iter().map(|bytes| Token::from_bytes(*bytes)));
        }
        let (signed, _, index) = stream.sweep.finish()?;
        Ok(Self::from_checked(SetHeader { signed, ..stream.set }, tokens, index.into()))
    }
}

fn named(what: &str, error: Error) -> Error {
    if what.is_empty() { error } else { error.at(what) }
}

impl<R: Read> Tokens for SetStream<R> {
    #[inline]
    fn next(&mut self) -> Result<Option<Token>, Error> {
        if self.at == self.sweep.chunks().len()
            && !self.read_chunks().map_err(|error| named(self.what, error))?
        {
            return Ok(None);
        }
        let mut bytes = [0; Token::LEN];
        bytes.copy_from_slice(&self.sweep.chunks()[self.at..self.at + Token::LEN]);
        self.at += Token::LEN;
        Ok(Some(Token::from_bytes(bytes)))
    }
}

/// Writes a file of type [`FileType::Set`] token by token, in order.
pub(crate) struct SetSink<'a> {
    out: &'a mut dyn Write,
    page: Vec<u8>,
    chunks: Chunks,
    waiting: Vec<u8>,
}

impl<'a> SetSink<'a> {
    pub(crate) fn begin(header: &Header, out: &'a mut dyn Write) -> Result<Self, Error> {
        let page = header.to_page(FileType::Set).ok_or(Error::Metadata)?;
        out.write_all(&page)?;
        Ok(Self { out, page, chunks: Chunks::new(Token::LEN), waiting: Vec::with_capacity(CHUNK_LEN) })
    }

    #[inline]
    pub(crate) fn push(&mut self, token: Token) -> Result<(), Error> {
        self.waiting.extend_from_slice(token.as_bytes());
        if self.waiting.len() < CHUNK_LEN {
            return Ok(());
        }
        let pushed = self.chunks.push(&self.waiting, self.out);
        self.waiting.clear();
        pushed
    }

    /// Writes index and root, and returns the root; the signature block is still to follow.
    pub(crate) fn finish(mut self) -> Result<ContentDigest, Error> {
        self.chunks.push(&self.waiting, self.out)?;
        let (tokens, index) = self.chunks.finish(self.out)?;
        self.out.write_all(index.as_flattened())?;
        let root = root(FileType::Set, &self.page, tokens, &index);
        self.out.write_all(&root)?;
        Ok(ContentDigest(root))
    }
}
