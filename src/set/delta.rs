//! The delta: the changes that make one member's next set of the last one that the hub has.
//!
//! A set that changes little from day to day need not travel whole. A delta names the set that it was made against, by
//! the root of its file. It holds the tokens that were added and those that were retracted. It also holds the header,
//! root and signature of the set that it makes. Applied, it gives the very file that the member has, with the member's
//! own signature. Sets are numbered: the first has number 0, and each set that follows another has the next number. A
//! set or delta that is not the next is refused, so that nobody puts an older one in the place of a newer.

mod encoding;
mod merge;

use std::fmt;
use std::sync::OnceLock;

use crate::container::{Metadata, Parent, Revision, Signed};
use crate::error::Error;
use crate::outcome::Counters;
use crate::terms::{ContentDigest, Name, SignerKey, Terms};
use crate::token::Token;

use super::{SetHeader, TokenSet};

pub(crate) use merge::{Merge, differences};

impl Revision {
    /// Refuses to put the set that a delta makes in the place of this set, unless it is newer.
    ///
    /// # Errors
    ///
    /// [`Error::OtherMember`], [`Error::TermsDiffer`], [`Error::Rollback`].
    pub fn require_older_than(&self, delta: &Delta) -> Result<(), Error> {
        self.require_same_kind(&delta.member, &delta.terms)?;
        let found = delta.follows.sequence;
        if found > self.sequence { Ok(()) } else { Err(Error::Rollback { kept: self.sequence, found }) }
    }
}

/// A delta: added and retracted tokens of one member against a base, and everything of the next set except its tokens.
///
/// Memory: 16 bytes a change.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// use veilmatch::{Delta, Token, TokenSet};
///
/// let set = |bytes: [u8; 3]| {
///     let tokens = bytes.map(|byte| Token::from_bytes([byte; 16])).to_vec();
///     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new("bank-a")?, tokens))
/// };
/// let monday = set([1, 2, 3])?;
/// let tuesday = set([2, 3, 4])?.following(&monday.revision()?)?;
///
/// let delta = Delta::between(&monday, &tuesday)?;
/// assert_eq!((delta.added().len(), delta.retracted().len()), (1, 1));
/// assert_eq!(delta.apply(&monday)?, tuesday);
/// assert_eq!(delta.apply(&tuesday).unwrap_err().code(), "rollback");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Delta {
    pub(crate) terms: Terms,
    pub(crate) member: Name,
    pub(crate) counters: Counters,
    pub(crate) metadata: Metadata,
    pub(crate) follows: Parent,
    /// Number of tokens of the set that it makes.
    pub(crate) tokens: u64,
    pub(crate) root: ContentDigest,
    pub(crate) signed: Option<Signed>,
    pub(crate) added: Vec<Token>,
    pub(crate) retracted: Vec<Token>,
}

/// Tokens in ascending order, each once.
pub(crate) trait Tokens {
    fn next(&mut self) -> Result<Option<Token>, Error>;
}

impl Tokens for std::slice::Iter<'_, Token> {
    fn next(&mut self) -> Result<Option<Token>, Error> {
        Ok(Iterator::next(self).copied())
    }
}

impl Delta {
    /// Returns the changes that make `new` of `base`. Both sets are taken as they were read from their files or will be
    /// written.
    ///
    /// It reads all tokens of both in one sweep, and before that in parallel for the roots of those that were not read.
    ///
    /// # Errors
    ///
    /// [`Error::OtherMember`], [`Error::TermsDiffer`]; [`Error::Rollback`], [`Error::SequenceGap`] or
    /// [`Error::WrongBase`] if `new` does not follow `base` ([`TokenSet::following`]).
    pub fn between(base: &TokenSet, new: &TokenSet) -> Result<Self, Error> {
        let place = base.revision()?;
        place.require_same_kind(new.member(), new.terms())?;
        // A set made from scratch follows nothing: its number, 0, is newer than no other.
        let follows = new.parent().ok_or(Error::Rollback { kept: base.sequence(), found: 0 })?;
        place.require_followed_by(follows)?;
        let [added, retracted] = differences(&mut base.tokens().iter(), &mut new.tokens().iter())?;
        Ok(Self {
            terms: new.terms().clone(),
            member: new.member().clone(),
            counters: new.counters().clone(),
            metadata: new.metadata().clone(),
            follows,
            tokens: new.len() as u64,
            root: new.root()?,
            signed: new.header().signed,
            added,
            retracted,
        })
    }

    /// Makes the next set of its base, with the member's signature if there was one.
    ///
    /// # Errors
    ///
    /// [`Error::OtherMember`], [`Error::TermsDiffer`]; [`Error::Rollback`] or [`Error::SequenceGap`] if the delta is
    /// not the next for this set; [`Error::WrongBase`] if it was made against another set. If the member made the delta
    /// wrongly: [`Error::NotInBase`], [`Error::AlreadyInBase`], [`Error::WrongResult`].
    pub fn apply(&self, base: &TokenSet) -> Result<TokenSet, Error> {
        let place = base.revision()?;
        place.require_same_kind(&self.member, &self.terms)?;
        place.require_followed_by(self.follows)?;
        self.require_sum(base.len() as u64)?;
        let mut tokens = Vec::new(); // not with room for as many as a stranger says
        let mut merge = Merge::of(self);
        for token in base.tokens() {
            merge.push(*token, |token| {
                tokens.push(token);
                Ok(())
            })?;
        }
        merge.finish(|token| {
            tokens.push(token);
            Ok(())
        })?;
        let (terms, member, counters) = (self.terms.clone(), self.member.clone(), self.counters.clone());
        let (metadata, follows, signed) = (self.metadata.clone(), Some(self.follows), self.signed);
        let header = SetHeader { terms, member, counters, metadata, follows, signed };
        let set = TokenSet::from_checked(header, tokens, OnceLock::new());
        self.require_result(set.root()?)?;
        Ok(set)
    }

    /// Refuses a base whose number of tokens does not give, with the additions and retractions, the number of the next
    /// set.
    pub(crate) fn require_sum(&self, tokens: u64) -> Result<(), Error> {
        let [added, retracted] = [&self.added, &self.retracted].map(|list| list.len() as u64);
        if tokens + added == self.tokens + retracted {
            return Ok(());
        }
        Err(Error::Format {
            offset: 0,
            expected: "a delta whose additions and retractions give its number of tokens",
        })
    }

    pub(crate) fn require_result(&self, found: ContentDigest) -> Result<(), Error> {
        if self.root == found { Ok(()) } else { Err(Error::WrongResult { expected: self.root, found }) }
    }

    /// Returns the terms of both sets.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member whose sets they are.
    pub fn member(&self) -> &Name {
        &self.member
    }

    /// Returns what became of the rows from which the new set was made.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns the metadata of the new set, which is that of the delta.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the base against which it was made, and the number of the set that it makes.
    pub fn parent(&self) -> Parent {
        self.follows
    }

    /// Returns the root of the file of the set that it makes.
    pub fn root(&self) -> ContentDigest {
        self.root
    }

    /// Returns the number of tokens of the set that it makes.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Returns the key of the valid signatures in both the new set and the delta.
    pub fn signer(&self) -> Option<SignerKey> {
        self.signed.map(|signed| signed.key)
    }

    /// Returns the tokens that the base does not have and the new set has, in order.
    pub fn added(&self) -> &[Token] {
        &self.added
    }

    /// Returns the tokens that the base has and the new set does not have, in order.
    pub fn retracted(&self) -> &[Token] {
        &self.retracted
    }
}

impl fmt::Debug for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delta")
            .field("terms", &self.terms)
            .field("member", &self.member)
            .field("metadata", &self.metadata)
            .field("follows", &self.follows)
            .field("tokens", &self.tokens)
            .field("root", &self.root)
            .field("signer", &self.signer())
            .field("added", &self.added.len())
            .field("retracted", &self.retracted.len())
            .finish()
    }
}
