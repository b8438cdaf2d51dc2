//! Sets. [`TokenSet`] is what goes to the hub: one member's tokens of one kind, sorted, unique, immutable. [`SetFile`]
//! is such a set on disk.

pub(crate) mod delta;
pub(crate) mod encoding;
mod file;
mod header;
#[cfg(feature = "parquet")]
mod parquet;
mod prefilter;
mod sort;
mod spill;
mod stream;
mod writer;

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use crate::container::digest::{IndexEntry, token_index};
use crate::container::{Metadata, Parent, Revision};
use crate::error::Error;
use crate::outcome::Counters;
use crate::terms::{Name, SignerKey, Terms};
use crate::token::Token;

pub use delta::Delta;
pub use file::SetFile;
pub use header::SetHeader;
#[cfg(feature = "member")]
pub(crate) use sort::sort_unique;
pub use spill::SetBuilder;
pub use writer::SetWriter;

/// One member's tokens of one kind under fixed [`Terms`]: sorted, unique, immutable.
///
/// Memory: 16 bytes a token, and 48 for each 1,024 tokens once the set was read or written, or a digest asked for. Clones share
/// both.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// use veilmatch::{Token, TokenSet};
///
/// let tokens = [[9; 16], [3; 16], [9; 16]].map(Token::from_bytes).to_vec();
/// let set = TokenSet::from_tokens(terms, Name::new("bank-a")?, tokens);
/// assert_eq!(set.len(), 2);
/// assert_eq!(set.counters().duplicates, 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenSet {
    header: SetHeader,
    tokens: Arc<Vec<Token>>,
    /// The index of the tokens' chunks, once it is known: digests of the set, and its file, are made of it.
    index: Arc<OnceLock<Vec<IndexEntry>>>,
}

impl TokenSet {
    /// Makes a set of tokens in any order, for instance from an HSM; repeated tokens are counted.
    ///
    /// It sorts in place and in parallel, in linear expected time, and in O(n log n) if tokens are not uniform. Memory:
    /// about a hundredth of the tokens' own for each thread.
    pub fn from_tokens(terms: Terms, member: Name, tokens: Vec<Token>) -> Self {
        let rows = tokens.len() as u64;
        Self::from_counted(terms, member, tokens, Counters { rows, accepted: rows, ..Counters::default() })
    }

    /// Makes a set where `counters` already tell how the tokens came about, except for the duplicates.
    pub(crate) fn from_counted(
        terms: Terms,
        member: Name,
        mut tokens: Vec<Token>,
        mut counters: Counters,
    ) -> Self {
        sort::sort_unique(&mut tokens);
        tokens.shrink_to_fit();
        counters.duplicates = counters.accepted - tokens.len() as u64;
        let metadata = Metadata::default();
        let header = SetHeader { terms, member, counters, metadata, follows: None, signed: None };
        Self { header, tokens: Arc::new(tokens), index: Arc::default() }
    }

    /// Makes a set of the parts of a file whose reader has checked order and sums, and the index if it has read one.
    pub(crate) fn from_checked(
        header: SetHeader,
        tokens: Vec<Token>,
        index: OnceLock<Vec<IndexEntry>>,
    ) -> Self {
        debug_assert!(tokens.is_sorted_by(|a, b| a < b));
        debug_assert!(header.counters.consistent_with(tokens.len() as u64));
        debug_assert!(index.get().is_none_or(|index| *index == token_index(&tokens)));
        Self { header, tokens: Arc::new(tokens), index: Arc::new(index) }
    }

    /// States another date and purpose for the set's file. Its signature is dropped.
    #[must_use]
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self { header: SetHeader { metadata, signed: None, ..self.header }, ..self }
    }

    /// Makes the set the next one after another. A set that follows has no signature yet. From its file the hub makes
    /// the same set of the base and a [`Delta`].
    ///
    /// # Errors
    ///
    /// [`Error::OtherMember`], [`Error::TermsDiffer`]; [`Error::Metadata`] after 2⁵³ − 1 sets.
    pub fn following(self, base: &Revision) -> Result<Self, Error> {
        let follows = Some(base.followed_by(self.member(), self.terms())?);
        Ok(Self { header: SetHeader { follows, signed: None, ..self.header }, ..self })
    }

    /// Returns the set's revision: its place among the sets of its member, by its file as its signer writes it.
    ///
    /// The first digest of a set that was not read reads all tokens, in parallel: about 10 ns a token and thread.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold.
    pub fn revision(&self) -> Result<Revision, Error> {
        Ok(self.header.revision(self.root()?))
    }

    /// Returns what the header of its file says.
    pub fn header(&self) -> &SetHeader {
        &self.header
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

    /// Returns the metadata, as its file states it.
    pub fn metadata(&self) -> &Metadata {
        &self.header.metadata
    }

    /// Returns the key of the valid signature in the file from which the set was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.header.signer()
    }

    /// Returns the set that it follows; none if it was made from scratch.
    pub fn parent(&self) -> Option<Parent> {
        self.header.follows
    }

    /// Returns the number of sets before it, one after the other.
    pub fn sequence(&self) -> u64 {
        self.header.sequence()
    }

    /// Returns the tokens, in order, each once.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Returns the index of the tokens' chunks.
    pub(crate) fn index(&self) -> &[IndexEntry] {
        if let Some(index) = self.index.get() {
            return index;
        }
        // Outside of the lock: a thread of the pool may take up other work while it waits, and that may ask for this index.
        let index = token_index(&self.tokens);
        self.index.get_or_init(|| index)
    }

    /// Returns a reference that stands for this very content: clones of the set share it, and other sets have another.
    pub(crate) fn identity(&self) -> Weak<Vec<Token>> {
        Arc::downgrade(&self.tokens)
    }

    /// Returns the number of distinct tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether a token is in the set; does a binary search.
    pub fn contains(&self, token: &Token) -> bool {
        self.tokens.binary_search(token).is_ok()
    }
}

impl PartialEq for TokenSet {
    fn eq(&self, other: &Self) -> bool {
        (&self.header, &self.tokens) == (&other.header, &other.tokens)
    }
}

impl Eq for TokenSet {}

impl AsRef<SetHeader> for TokenSet {
    fn as_ref(&self) -> &SetHeader {
        &self.header
    }
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSet").field("header", &self.header).field("tokens", &self.tokens.len()).finish()
    }
}
