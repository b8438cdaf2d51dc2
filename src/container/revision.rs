//! Where a set stands among those of its member: sets are numbered, and each names the one before it.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::terms::{ContentDigest, MAX_INTEGER, Name, Terms};

/// Which set another one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Number of the set that follows: one more than that of the set before. The first set has number 0.
    pub sequence: u64,
    /// Root of the file of the set before.
    pub base: ContentDigest,
}

impl Parent {
    /// Refuses what does not come right after a set of this number.
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

/// Where a set stands among those of its member and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Whose set it is.
    pub member: Name,
    /// Under which terms it was made.
    pub terms: Terms,
    /// How many sets it follows, one after the other.
    pub sequence: u64,
    /// Root of its file.
    pub root: ContentDigest,
}

impl Revision {
    /// Refuses what belongs to another member, or to other terms.
    pub(crate) fn require_same_kind(&self, member: &Name, terms: &Terms) -> Result<(), Error> {
        if self.member != *member {
            return Err(Error::OtherMember { expected: self.member.clone(), found: member.clone() });
        }
        self.terms.require(terms, member)
    }

    /// What says that a set comes right after this one.
    pub(crate) fn followed_by(&self, member: &Name, terms: &Terms) -> Result<Parent, Error> {
        self.require_same_kind(member, terms)?;
        let follows = Parent { sequence: self.sequence + 1, base: self.root };
        if follows.sequence > MAX_INTEGER {
            return Err(Error::Metadata);
        }
        Ok(follows)
    }

    /// Refuses what does not come right after this set.
    pub(crate) fn require_followed_by(&self, follows: Parent) -> Result<(), Error> {
        follows.require_next(self.sequence)?;
        if follows.base == self.root {
            return Ok(());
        }
        Err(Error::WrongBase { expected: follows.base, found: self.root })
    }
}
