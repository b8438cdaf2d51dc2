//! The share: the part of a result that one member may have.

use std::fmt;

use crate::container::Metadata;
use crate::engine::holders::HolderTable;
use crate::error::Error;
use crate::set::TokenSet;
use crate::terms::{ContentDigest, Disclosure, Name, SignerKey, Terms};
use crate::token::Token;

use super::{Holders, Overlaps};

/// The overlapping tokens that one member holds itself, and what was agreed to be told about the other holders.
///
/// It contains no token of others that the recipient does not hold.
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
/// let share = overlaps.share(a.member(), Disclosure::Holders)?;
/// assert_eq!((share.recipient(), share.tokens()), (a.member(), &a.tokens()[1..]));
/// assert!(share.holders(0).unwrap().names().eq([a.member(), b.member()]));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    terms: Terms,
    recipient: Name,
    at_least: usize,
    metadata: Metadata,
    own_set: Option<ContentDigest>,
    signer: Option<SignerKey>,
    tokens: Vec<Token>,
    told: Told,
}

/// The part about the holders of each token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// The holders, as positions in the list of these members.
    Holders { members: Vec<Name>, table: HolderTable },
    /// The number of holders, in a match of this number of members.
    Counts { members: usize, counts: Vec<u16> },
}

impl Told {
    pub(crate) fn nothing_yet(members: &[Name], disclosure: Disclosure) -> Self {
        match disclosure {
            Disclosure::Holders => {
                Told::Holders { members: members.to_vec(), table: HolderTable::new(members.len()) }
            }
            Disclosure::Counts => Told::Counts { members: members.len(), counts: Vec::new() },
        }
    }
}

impl Share {
    pub(crate) fn from_overlaps<'a>(
        overlaps: &Overlaps,
        recipient: Name,
        disclosure: Disclosure,
        own: impl Iterator<Item = (Token, Holders<'a>)>,
    ) -> Self {
        let mut told = Told::nothing_yet(overlaps.members(), disclosure);
        let mut tokens = Vec::new();
        for (token, holders) in own {
            tokens.push(token);
            match &mut told {
                Told::Holders { table, .. } => table.push(holders.positions()),
                Told::Counts { counts, .. } => counts.push(holders.count() as u16), // at most 2,048
            }
        }
        Self::from_checked(overlaps.terms().clone(), recipient, overlaps.at_least(), tokens, told)
    }

    /// Makes a share of parts that are known to fit.
    pub(crate) fn from_checked(
        terms: Terms,
        recipient: Name,
        at_least: usize,
        tokens: Vec<Token>,
        told: Told,
    ) -> Self {
        debug_assert!(tokens.is_sorted_by(|a, b| a < b));
        let metadata = Metadata::default();
        Self { terms, recipient, at_least, metadata, own_set: None, signer: None, tokens, told }
    }

    /// States another date and purpose for the share's file. Its signature is dropped.
    #[must_use]
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self { metadata, signer: None, ..self }
    }

    /// States which of the recipient's sets was matched, so that the recipient can see that it was its last set.
    ///
    /// # Errors
    ///
    /// [`Error::WrongRecipient`] for another member's set, [`Error::TermsDiffer`] for a set of other terms.
    pub fn with_own_set(self, set: &TokenSet) -> Result<Self, Error> {
        self.require_recipient(set.member())?;
        self.terms.require(set.terms(), set.member())?;
        Ok(Self { own_set: Some(set.content_digest()), signer: None, ..self })
    }

    /// Sets the matched set and the signer, as the share's file states them.
    pub(crate) fn with_origin(self, own_set: Option<ContentDigest>, signer: Option<SignerKey>) -> Self {
        Self { own_set, signer, ..self }
    }

    /// Refuses anyone but the recipient.
    ///
    /// # Errors
    ///
    /// [`Error::WrongRecipient`].
    pub(crate) fn require_recipient(&self, member: &Name) -> Result<(), Error> {
        if self.recipient.same(member) {
            return Ok(());
        }
        Err(Error::WrongRecipient { recipient: self.recipient.clone(), member: member.clone() })
    }

    /// Returns the terms under which the share can be resolved.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the one member that the share is for.
    pub fn recipient(&self) -> &Name {
        &self.recipient
    }

    /// Returns the threshold k: every token has at least k holders, the recipient among them.
    pub fn at_least(&self) -> usize {
        self.at_least
    }

    /// Returns the metadata, as the file states it.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the digest of the recipient's tokens that were matched ([`TokenSet::content_digest`]), if the hub stated
    /// it.
    pub fn own_set(&self) -> Option<ContentDigest> {
        self.own_set
    }

    /// Returns the key of the valid signature in the file from which the share was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.signer
    }

    /// Returns whether the share names holders or counts them.
    pub fn disclosure(&self) -> Disclosure {
        match self.told {
            Told::Holders { .. } => Disclosure::Holders,
            Told::Counts { .. } => Disclosure::Counts,
        }
    }

    /// Returns the tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Returns the number of tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is no token: the recipient holds nothing that enough others hold.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Returns the number of members that hold the token at `index`, the recipient included.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`Share::len`].
    pub fn holder_count(&self, index: usize) -> usize {
        match &self.told {
            Told::Holders { table, .. } => table.row(index).count(),
            Told::Counts { counts, .. } => usize::from(counts[index]),
        }
    }

    /// Returns the members that hold the token at `index`, in order of name, if the share names them.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`Share::len`].
    pub fn holders(&self, index: usize) -> Option<Holders<'_>> {
        match &self.told {
            Told::Holders { members, table } => Some(Holders::new(table.row(index), members)),
            Told::Counts { .. } => None,
        }
    }

    /// Returns the number of members that were matched.
    pub fn member_count(&self) -> usize {
        match &self.told {
            Told::Holders { members, .. } => members.len(),
            Told::Counts { members, .. } => *members,
        }
    }

    /// Returns the members that were matched, in order of name, if the share names them.
    pub fn members(&self) -> Option<&[Name]> {
        match &self.told {
            Told::Holders { members, .. } => Some(members),
            Told::Counts { .. } => None,
        }
    }

    pub(crate) fn told(&self) -> &Told {
        &self.told
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share")
            .field("terms", &self.terms)
            .field("recipient", &self.recipient)
            .field("at_least", &self.at_least)
            .field("disclosure", &self.disclosure())
            .field("metadata", &self.metadata)
            .field("tokens", &self.tokens.len())
            .finish()
    }
}
