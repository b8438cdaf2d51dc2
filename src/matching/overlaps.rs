//! Overlaps, the hub's result: each overlapping token and its holders.

use std::fmt;

use crate::container::Metadata;
use crate::engine::holders::HolderTable;
use crate::error::Error;
use crate::terms::{Disclosure, Name, Terms};
use crate::token::Token;

use super::{Holders, Share};

/// Every token that at least k members hold, with its holders, in order of token.
///
/// Only the hub may have this: it tells about each member what others hold. A member gets its [`Share`].
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::{Disclosure, Intersection};
///
/// let (a, b) = (set("bank-a", &[1, 2])?, set("bank-b", &[2, 3])?);
/// let overlaps = Intersection::new().add(&a)?.add(&b)?.at_least(2)?.collect()?;
/// for (token, holders) in &overlaps {
///     assert!(a.contains(&token) && b.contains(&token) && holders.count() == 2);
/// }
/// assert_eq!(overlaps.share(a.member(), Disclosure::Holders)?.len(), 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Overlaps {
    terms: Terms,
    at_least: usize,
    members: Vec<Name>,
    metadata: Metadata,
    tokens: Vec<Token>,
    holders: HolderTable,
}

impl Overlaps {
    /// Makes overlaps of parts that are known to fit: the matcher's, or those of a file that its reader has checked.
    pub(crate) fn from_checked(
        terms: Terms,
        at_least: usize,
        members: Vec<Name>,
        tokens: Vec<Token>,
        holders: HolderTable,
    ) -> Self {
        debug_assert!(tokens.is_sorted_by(|a, b| a < b));
        Self { terms, at_least, members, metadata: Metadata::default(), tokens, holders }
    }

    /// States another date and purpose for the file of these overlaps.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Returns the terms that all members' sets had in common.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the threshold k.
    pub fn at_least(&self) -> usize {
        self.at_least
    }

    /// The members, in order of name: [`Holders::positions`] are places in this list.
    pub fn members(&self) -> &[Name] {
        &self.members
    }

    /// Returns the metadata, as the file states it.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the overlapping tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Returns the number of overlapping tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether nothing overlaps.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Returns the overlapping tokens, in order, with their holders.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Token, Holders<'_>)> {
        let holders = |index| Holders::new(self.holders.row(index), &self.members);
        self.tokens.iter().enumerate().map(move |(index, token)| (*token, holders(index)))
    }

    /// Returns a row of holders as a file has it.
    pub(crate) fn holder_bytes(&self, index: usize) -> &[u8] {
        self.holders.row_bytes(index)
    }

    /// Makes the share of one member: only tokens that it holds itself.
    ///
    /// # Errors
    ///
    /// [`Error::NotAMember`] for a name that took no part.
    pub fn share(&self, member: &Name, disclosure: Disclosure) -> Result<Share, Error> {
        let position = self.members.iter().position(|name| name.same(member));
        let position = position.ok_or_else(|| Error::NotAMember { member: member.clone() })?;
        let own = self.iter().filter(|(_, holders)| holders.contains(position));
        Ok(Share::from_overlaps(self, self.members[position].clone(), disclosure, own)
            .with_metadata(self.metadata.clone()))
    }
}

/// The overlapping tokens, in order, with their holders.
impl<'a> IntoIterator for &'a Overlaps {
    type Item = (Token, Holders<'a>);
    type IntoIter = Box<dyn ExactSizeIterator<Item = Self::Item> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl fmt::Debug for Overlaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlaps")
            .field("terms", &self.terms)
            .field("at_least", &self.at_least)
            .field("members", &self.members)
            .field("metadata", &self.metadata)
            .field("tokens", &self.tokens.len())
            .finish()
    }
}
