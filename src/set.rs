//! TokenSet: what goes to the hub: one member's tokens of one kind, sorted, unique, immutable. SetFile: the same on
//! disk.

mod file;
mod header;
mod sort;
mod spill;
mod writer;

use std::fmt;
use std::sync::{Arc, Weak};

use crate::delta::{Follows, Place};
use crate::domain::{ContentDigest, MAX_INTEGER, Name, SignerKey, Terms};
use crate::error::Error;
use crate::rejection::Counters;
use crate::token::Token;

pub use file::{Page, SetFile};
pub use header::SetHeader;
pub(crate) use header::Signed;
#[cfg(feature = "member")]
pub(crate) use sort::sort_unique;
pub use spill::SetBuilder;
pub use writer::SetWriter;

/// What the maker of a file states about it besides its content; dates are seconds since 1970, UTC.
///
/// The library never looks at a clock: the same call writes the same bytes, and whoever uses a file asks
/// [`Stamp::require_current`] with the time that it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When the file was made.
    pub created: u64,
    /// Not to be used before.
    pub not_before: Option<u64>,
    /// Not to be used after.
    pub not_after: Option<u64>,
    /// What it may be used for: printable ASCII, at most 256 characters.
    pub purpose: String,
    /// The head of its maker's run record before it was made, where one is kept.
    pub log: Option<ContentDigest>,
}

impl Stamp {
    /// Longest purpose, in bytes.
    pub const MAX_PURPOSE: usize = 256;

    /// By how many seconds the clocks of a file's maker and of its user may differ: one day.
    pub const CLOCK_TOLERANCE: u64 = 86_400;

    /// Refuses a moment outside the dates, and one before the file was made; `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::FileDates`], and those of [`Stamp::require_made`].
    pub fn require_current(&self, now: u64) -> Result<(), Error> {
        self.require_made(now)?;
        match (self.not_before, self.not_after) {
            (Some(bound), _) if now < bound => Err(Error::FileDates { bound, over: false }),
            (_, Some(bound)) if now > bound => Err(Error::FileDates { bound, over: true }),
            _ => Ok(()),
        }
    }

    /// Refuses a file that says it was made after `now`, in seconds since 1970, by more than
    /// [`Stamp::CLOCK_TOLERANCE`]. A date that far ahead would make all later files look old.
    ///
    /// # Errors
    ///
    /// [`Error::FromFuture`].
    pub fn require_made(&self, now: u64) -> Result<(), Error> {
        if self.created <= now.saturating_add(Self::CLOCK_TOLERANCE) {
            return Ok(());
        }
        Err(Error::FromFuture { created: self.created, now })
    }

    /// Whether every field has a form that a header can hold.
    pub(crate) fn is_valid(&self) -> bool {
        let dates = [Some(self.created), self.not_before, self.not_after];
        dates.into_iter().flatten().all(|date| date <= MAX_INTEGER)
            && self.purpose.len() <= Self::MAX_PURPOSE
            && self.purpose.bytes().all(|byte| (0x20..0x7f).contains(&byte))
    }
}

/// One member's tokens of one kind under fixed [`Terms`]: sorted, unique, immutable.
///
/// 16 bytes a token. Cloning shares the tokens.
///
/// ```
/// # use veilmatch::domain::*;
/// # let terms = Terms {
/// #     domain: Domain::new(Name::new("efc")?, 1, KindId::new("card.pan/1")?)?,
/// #     key_id: KeyId([0; 8]), rules: RuleDigest([0; 32]),
/// #     suppression: SuppressionDigest([0; 32]), round: None,
/// # };
/// use veilmatch::{Token, TokenSet};
///
/// let tokens = [[9; 16], [3; 16], [9; 16]].map(Token::from_bytes).to_vec();
/// let set = TokenSet::from_tokens(terms, Name::new("bank-a")?, tokens);
/// assert_eq!(set.len(), 2);
/// assert_eq!(set.counters().duplicates, 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSet {
    header: SetHeader,
    tokens: Arc<Vec<Token>>,
}

impl TokenSet {
    /// Makes a set of tokens in any order, for instance from an HSM; repeated ones are counted.
    ///
    /// Sorts in place and in parallel, in linear expected time and O(n log n) where tokens are not uniform.
    /// Memory: about a hundredth of the tokens' own for each thread.
    pub fn from_tokens(terms: Terms, member: Name, tokens: Vec<Token>) -> Self {
        let rows = tokens.len() as u64;
        Self::from_counted(terms, member, tokens, Counters { rows, accepted: rows, ..Counters::default() })
    }

    /// The same where `counters` already tell how the tokens came about, duplicates aside.
    pub(crate) fn from_counted(
        terms: Terms,
        member: Name,
        mut tokens: Vec<Token>,
        mut counters: Counters,
    ) -> Self {
        sort::sort_unique(&mut tokens);
        tokens.shrink_to_fit();
        counters.duplicates = counters.accepted - tokens.len() as u64;
        let stamp = Stamp::default();
        let header = SetHeader { terms, member, counters, stamp, follows: None, signed: None };
        Self { header, tokens: Arc::new(tokens) }
    }

    /// A set from the parts of a file whose reader has checked order and sums.
    pub(crate) fn from_checked(header: SetHeader, tokens: Vec<Token>) -> Self {
        debug_assert!(tokens.is_sorted_by(|a, b| a < b));
        debug_assert!(header.counters.consistent_with(tokens.len() as u64));
        Self { header, tokens: Arc::new(tokens) }
    }

    /// The same set with another statement of date and purpose for its file, which nobody has signed.
    #[must_use]
    pub fn with_stamp(self, stamp: Stamp) -> Self {
        Self { header: SetHeader { stamp, signed: None, ..self.header }, ..self }
    }

    /// The same set as the next one after another, which nobody has signed: of that one, as the hub has it from its
    /// file, a [`Delta`](crate::Delta) makes this one.
    ///
    /// # Errors
    ///
    /// [`Error::OtherMember`], [`Error::TermsDiffer`]; [`Error::Stamp`] after 2⁵³ − 1 sets.
    pub fn following(self, base: &Place) -> Result<Self, Error> {
        let follows = Some(base.followed_by(self.member(), self.terms())?);
        Ok(Self { header: SetHeader { follows, signed: None, ..self.header }, ..self })
    }

    /// Where it stands among the sets of its member, as its file is written by whoever signed it.
    ///
    /// Reads all tokens, in parallel: about 10 ns a token and thread.
    ///
    /// # Errors
    ///
    /// [`Error::Stamp`] for a stamp that a header cannot hold.
    pub fn place(&self) -> Result<Place, Error> {
        Ok(self.header.place(self.root()?))
    }

    /// What the header of its file says.
    pub fn header(&self) -> &SetHeader {
        &self.header
    }

    /// Under which key and rules it was made.
    pub fn terms(&self) -> &Terms {
        &self.header.terms
    }

    /// Whose set it is.
    pub fn member(&self) -> &Name {
        &self.header.member
    }

    /// What became of the rows it was made from.
    pub fn counters(&self) -> &Counters {
        &self.header.counters
    }

    /// Date and purpose, as its file states them.
    pub fn stamp(&self) -> &Stamp {
        &self.header.stamp
    }

    /// Whose valid signature the file bore from which it was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.header.signer()
    }

    /// Which set it follows; none if it was made from scratch.
    pub fn follows(&self) -> Option<Follows> {
        self.header.follows
    }

    /// How many sets it follows, one after the other.
    pub fn sequence(&self) -> u64 {
        self.header.sequence()
    }

    /// The tokens, in order, each once.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Stands for this very content: clones of the set share it, other sets have another.
    pub(crate) fn identity(&self) -> Weak<Vec<Token>> {
        Arc::downgrade(&self.tokens)
    }

    /// Number of distinct tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is no token at all.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether a token is in the set: a binary search.
    pub fn contains(&self, token: &Token) -> bool {
        self.tokens.binary_search(token).is_ok()
    }
}

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
