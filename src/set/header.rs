//! The header of a set: what is known of the set without its tokens.

use crate::container::{Metadata, Parent, Revision, Signed};
use crate::error::Error;
use crate::outcome::Counters;
use crate::terms::{ContentDigest, Name, SignerKey, Terms};

/// What the header of a set's file says, wherever the tokens are.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::Intersection;
///
/// let (a, b) = (set("bank-a", &[1, 2])?, set("bank-b", &[2, 3, 4])?);
/// let query = Intersection::new().add(&a)?.add(&b)?.at_least(2)?;
/// let sizes = query.sets().map(|set| (set.member().as_str(), set.tokens()));
/// assert!(sizes.eq([("bank-a", 2), ("bank-b", 3)]));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetHeader {
    pub(crate) terms: Terms,
    pub(crate) member: Name,
    pub(crate) counters: Counters,
    pub(crate) metadata: Metadata,
    pub(crate) follows: Option<Parent>,
    pub(crate) signed: Option<Signed>,
}

impl SetHeader {
    /// Returns the key and rules under which the set was made.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member whose set it is.
    pub fn member(&self) -> &Name {
        &self.member
    }

    /// Returns what became of the rows from which the set was made.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns the metadata, as its file states it.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the key of the valid signature in the file from which the header was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.signed.map(|signed| signed.key)
    }

    /// Returns the set that it follows; none if it was made from scratch.
    pub fn parent(&self) -> Option<Parent> {
        self.follows
    }

    /// Returns the number of sets before it, one after the other.
    pub fn sequence(&self) -> u64 {
        self.follows.map_or(0, |follows| follows.sequence)
    }

    /// Returns the set's revision, if `root` is the root of its file.
    pub(crate) fn revision(&self, root: ContentDigest) -> Revision {
        let (member, terms) = (self.member.clone(), self.terms.clone());
        Revision { member, terms, sequence: self.sequence(), root }
    }

    /// Returns the number of distinct tokens.
    pub fn tokens(&self) -> u64 {
        self.counters.unique()
    }

    /// Refuses a list in which a member occurs twice.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateMember`].
    pub(crate) fn require_new_member<'a>(
        &self,
        before: impl IntoIterator<Item = &'a SetHeader>,
    ) -> Result<(), Error> {
        if before.into_iter().any(|other| other.member.same(&self.member)) {
            return Err(Error::DuplicateMember { member: self.member.clone() });
        }
        Ok(())
    }
}

impl AsRef<SetHeader> for SetHeader {
    fn as_ref(&self) -> &SetHeader {
        self
    }
}
