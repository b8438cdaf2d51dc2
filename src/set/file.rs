//! A set whose tokens stay on disk.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

use crate::container::chunked::Chunked;
use crate::container::read_at::OnDisk;
use crate::container::room::grow;
use crate::container::{CHUNK_RECORDS, Metadata, ReadAt, Revision, TokenBuffer};
use crate::error::Error;
use crate::outcome::Counters;
use crate::progress::{self, Progress};
use crate::terms::{ContentDigest, Name, SignerKey, Terms};
use crate::token::{Token, append};

use super::{SetHeader, TokenSet};

/// An open file of a set. Header, exact length, index, root and signature are validated; tokens are read when needed.
///
/// What is read is verified, chunk by chunk, before any of it is used: digest, first token and order, also across
/// chunks. Nothing is mapped, so a file that is cut or changed underneath is an error. If another file takes its name,
/// this one stays open as it was. Memory: 48 bytes for each 1,024 tokens.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("bank-a.vms");
/// use veilmatch::{SetFile, Token, TokenSet};
///
/// let set = TokenSet::from_tokens(terms, Name::new("bank-a")?, vec![Token::from_bytes([7; 16])]);
/// set.write_to(&mut std::fs::File::create(&path)?)?;
/// let file = SetFile::open(&path)?;
/// assert_eq!((file.len(), file.content_digest()), (1, set.content_digest()));
/// assert!(file.contains(&Token::from_bytes([7; 16]))?);
/// assert_eq!(file.load()?, set);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct SetFile {
    pub(crate) header: SetHeader,
    pub(crate) tokens: Chunked,
    /// The bytes before and after tokens and index, as they were read.
    pub(crate) page: Vec<u8>,
    pub(crate) end: Vec<u8>,
}

impl SetFile {
    /// Opens a file of type [`FileType::Set`](crate::container::FileType::Set) and validates all of it except its
    /// tokens.
    ///
    /// It reads header, index, root and signature: a third of a hundredth of the file. A sparse file may tell any
    /// number of tokens. So the index is read in pieces, and an index that does not ascend is refused within a MiB of
    /// memory.
    ///
    /// # Errors
    ///
    /// [`Error::At`] this file: [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`];
    /// [`Error::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::open_named(path, path.display().to_string())
    }

    /// Opens a set in a file that is open already; errors call it `name`. This serves a file without a name, for
    /// instance, into which a set was unsealed.
    ///
    /// # Errors
    ///
    /// As [`SetFile::open`].
    pub fn from_file(file: File, name: impl Into<String>) -> Result<Self, Error> {
        Self::read_index(Box::new(OnDisk::new(file)), name.into())
    }

    /// Opens a set whose bytes lie elsewhere; errors call them `name`.
    ///
    /// # Errors
    ///
    /// As [`SetFile::open`].
    pub fn from_source(source: Box<dyn ReadAt>, name: impl Into<String>) -> Result<Self, Error> {
        Self::read_index(source, name.into())
    }

    /// Returns what the header says.
    pub fn header(&self) -> &SetHeader {
        &self.header
    }

    /// Returns the header as it stands in the file: its second line, JSON, without the line's end.
    pub fn header_line(&self) -> &[u8] {
        self.page.split(|byte| *byte == b'\n').nth(1).unwrap_or_default() // never without one: it was validated
    }

    /// Returns the key and rules under which the set was made.
    pub fn terms(&self) -> &Terms {
        &self.header.terms
    }

    /// Returns the member whose set it is.
    pub fn member(&self) -> &Name {
        &self.header.member
    }

    /// Returns what became of the rows from which the set was made.
    pub fn counters(&self) -> &Counters {
        &self.header.counters
    }

    /// Returns the metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.header.metadata
    }

    /// Returns the key of the file's valid signature.
    pub fn signer(&self) -> Option<SignerKey> {
        self.header.signer()
    }

    /// Returns the root of the file; a delta names it.
    pub fn root(&self) -> ContentDigest {
        let mut root = ContentDigest([0; 32]);
        root.0.copy_from_slice(&self.end[..32]);
        root
    }

    /// Returns the set's revision: its place among the sets of its member.
    pub fn revision(&self) -> Revision {
        self.header.revision(self.root())
    }

    /// Returns the name of the file in errors.
    pub fn name(&self) -> &str {
        self.tokens.name()
    }

    /// Returns the number of distinct tokens.
    pub fn len(&self) -> u64 {
        self.tokens.index().records()
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of chunks. All but the last have [`CHUNK_RECORDS`] tokens.
    pub fn chunks(&self) -> usize {
        self.tokens.index().chunks()
    }

    /// Returns the first token of a chunk, from the index: nothing is read.
    ///
    /// # Panics
    ///
    /// If `chunk` is not below [`SetFile::chunks`].
    pub fn first_token(&self, chunk: usize) -> Token {
        self.tokens.index().first(chunk)
    }

    /// Returns the one chunk that can hold a token, by the index; none if the token comes before all chunks.
    pub fn chunk_of(&self, token: &Token) -> Option<usize> {
        self.tokens.chunk_of(token)
    }

    /// Reads and verifies consecutive chunks into `page`; they replace what it held.
    ///
    /// Memory: 16 bytes a token, and half a MiB.
    ///
    /// # Errors
    ///
    /// [`Error::At`] this file and chunk: [`Error::Format`] where a chunk is not the one that the index tells, tokens
    /// are out of order or the file has become shorter; [`Error::Io`].
    ///
    /// # Panics
    ///
    /// If a chunk is not below [`SetFile::chunks`].
    pub fn read(&self, chunks: Range<usize>, page: &mut TokenBuffer) -> Result<(), Error> {
        page.read(&self.tokens, chunks)
    }

    /// Whether a token is in the set; reads one chunk.
    ///
    /// # Errors
    ///
    /// As [`SetFile::read`].
    pub fn contains(&self, token: &Token) -> Result<bool, Error> {
        let Some(chunk) = self.chunk_of(token) else { return Ok(false) };
        let mut page = TokenBuffer::new();
        self.read(chunk..chunk + 1, &mut page)?;
        Ok(page.tokens().binary_search(token).is_ok())
    }

    /// Reads and verifies everything, in parallel, and keeps nothing. Memory: half a MiB for each thread.
    ///
    /// # Errors
    ///
    /// As [`SetFile::read`].
    pub fn verify(&self) -> Result<(), Error> {
        self.verify_with(&())
    }

    /// Verifies as [`SetFile::verify`] does, tells how far it has come, in tokens, and asks whether to go on.
    ///
    /// # Errors
    ///
    /// Those of [`SetFile::verify`], and [`Error::Cancelled`].
    pub fn verify_with(&self, progress: &dyn Progress) -> Result<(), Error> {
        // Each thread takes the next chunks into one buffer of its own: parts that are made anew would be faulted in
        // anew, which costs as much as reading them.
        let next = AtomicUsize::new(0);
        let threads = (0..rayon::current_num_threads()).into_par_iter().with_max_len(1);
        let first_wrong =
            threads.filter_map(|_| self.verify_next(&next, progress).err()).min_by_key(|(at, _)| *at);
        first_wrong.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Verifies the next chunks until there are none. What is wrong is returned with where it was found.
    fn verify_next(&self, next: &AtomicUsize, progress: &dyn Progress) -> Result<(), (usize, Error)> {
        let mut bytes = Vec::new();
        loop {
            let first = next.fetch_add(VERIFIED, Ordering::Relaxed);
            if first >= self.chunks() {
                return Ok(());
            }
            let mut read = 0;
            let chunks = first..self.chunks().min(first + VERIFIED);
            let verified = self.tokens.read_tokens(chunks, &mut bytes, |tokens| read += tokens.len());
            verified.and_then(|()| progress::advance(progress, read as u64)).map_err(|error| {
                // The chunks before it are taken, so the first of all that are wrong is found on any number of threads.
                next.fetch_max(self.chunks(), Ordering::Relaxed);
                (first, error)
            })?;
        }
    }

    /// Returns the digest of the tokens alone ([`TokenSet::content_digest`]), from the index: nothing is read.
    pub fn content_digest(&self) -> ContentDigest {
        self.tokens.index().content_digest()
    }

    /// Loads the set into memory: reads and verifies everything. Memory: 16 bytes a token, up to 24 while it is read.
    ///
    /// If the file tells of more tokens than it has, this costs no memory: room is made as tokens are found valid.
    ///
    /// # Errors
    ///
    /// As [`SetFile::read`].
    pub fn load(&self) -> Result<TokenSet, Error> {
        let all = usize::try_from(self.len()).unwrap_or(usize::MAX);
        let (mut tokens, mut bytes) = (Vec::new(), Vec::new());
        for first in (0..self.chunks()).step_by(VERIFIED) {
            let more = (VERIFIED * CHUNK_RECORDS).min(all - tokens.len());
            grow(&mut tokens, more, all).map_err(|error| error.at(self.name()))?;
            let chunks = first..self.chunks().min(first + VERIFIED);
            self.tokens.read_tokens(chunks, &mut bytes, |read| append(read, &mut tokens))?;
        }
        let index = self.tokens.index().entries().to_vec();
        Ok(TokenSet::from_checked(self.header.clone(), tokens, index.into()))
    }
}

/// The number of chunks that a thread verifies, or that are loaded, at a time.
const VERIFIED: usize = 64;

impl AsRef<SetHeader> for SetFile {
    fn as_ref(&self) -> &SetHeader {
        &self.header
    }
}

impl fmt::Debug for SetFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetFile").field("header", &self.header).field("name", &self.name()).finish()
    }
}
