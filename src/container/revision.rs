//! The revision of a set: its place among the sets of its member. Sets are numbered, and each names the one before it.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::terms::{ContentDigest, MAX_INTEGER, Name, Terms};

/// The set that another set follows.
///
/// See the example of [`Revision`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Number of the set that follows: one more than that of the set before. The first set has number 0.
    pub sequence: u64,
    /// Root of the file of the set before.
    pub base: ContentDigest,
}

impl Parent {
    /// Refuses a parent that does not place its set right after the set with this number.
    pub(crate) fn require_next(&self, sequence: u64) -> Result<(), Error> {
        if self.sequence <= sequence {
            return Err(Error::Rollback { kept: sequence, found: self.sequence });
        }
        if self.sequence - sequence > 1 {
            return Err(Error::SequenceGap { expected: sequence + 1, found: self.sequence });
        }
        Ok(())
    }
}

/// The revision of a set: its place among the sets of its member and kind.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// let monday = set("bank-a", &[1, 2])?;
/// let revision = monday.revision()?;
/// let tuesday = set("bank-a", &[2, 3])?.following(&revision)?;
///
/// let parent = tuesday.parent().unwrap();
/// assert_eq!((parent.sequence, parent.base), (1, revision.root));
/// assert_eq!((revision.sequence, tuesday.revision()?.sequence), (0, 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The member whose set it is.
    pub member: Name,
    /// The terms under which it was made.
    pub terms: Terms,
    /// Number of sets before it, one after the other.
    pub sequence: u64,
    /// Root of its file.
    pub root: ContentDigest,
}

impl Revision {
    /// Refuses a set or delta of another member, or of other terms.
    pub(crate) fn require_same_kind(&self, member: &Name, terms: &Terms) -> Result<(), Error> {
        if self.member != *member {
            return Err(Error::OtherMember { expected: self.member.clone(), found: member.clone() });
        }
        self.terms.require(terms, member)
    }

    /// Returns the parent that a set states if it comes right after this one.
    pub(crate) fn followed_by(&self, member: &Name, terms: &Terms) -> Result<Parent, Error> {
        self.require_same_kind(member, terms)?;
        let follows = Parent { sequence: self.sequence + 1, base: self.root };
        if follows.sequence > MAX_INTEGER {
            return Err(Error::Metadata);
        }
        Ok(follows)
    }

    /// Refuses a parent that is not this set.
    pub(crate) fn require_followed_by(&self, follows: Parent) -> Result<(), Error> {
        follows.require_next(self.sequence)?;
        if follows.base == self.root {
            return Ok(());
        }
        Err(Error::WrongBase { expected: follows.base, found: self.root })
    }
}
