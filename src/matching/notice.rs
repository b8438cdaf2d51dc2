//! The notice: the tokens of its share that a member is to take back, because other holders have withdrawn them.

use std::collections::BTreeMap;
use std::fmt;

use crate::container::{Metadata, Revision};
use crate::error::Error;
use crate::set::Delta;
use crate::terms::{Disclosure, Name, SignerKey, Terms};
use crate::token::Token;

use super::share::Told;
use super::{Holders, Query, Share};

/// The tokens of one member's share that other holders have withdrawn since, and what was agreed to be told about those
/// holders.
///
/// It contains no token that the recipient's share did not have.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// use veilmatch::{Delta, Disclosure, Intersection, Token, TokenSet};
///
/// let set = |name: &str, bytes: &[u8]| {
///     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
///     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// };
/// // Both were told that they share 2 and 3; then one of them withdraws 1 and 2.
/// let (a, b) = (set("a", &[1, 2, 3])?, set("b", &[2, 3])?);
/// let delta = Delta::between(&a, &set("a", &[3])?.following(&a.revision()?)?)?;
///
/// let matched = Intersection::new().add(&a)?.add(&b)?.at_least(2)?;
/// let notices = matched.notices(&[&delta], Disclosure::Holders)?;
/// assert_eq!(notices.len(), 1);
/// assert_eq!(notices[0].recipient().as_str(), "b");
/// assert_eq!(notices[0].tokens(), [Token::from_bytes([2; 16])]);
/// assert!(notices[0].withdrawn_by(0).unwrap().names().eq([a.member()]));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// The notice in the layout of a share. It tells for each token who withdrew it.
    told: Share,
}

impl Query<'_> {
    /// Makes the notices about tokens that members retract. Every holder of such an overlap has it in its share; its
    /// notice says which others withdraw it.
    ///
    /// The query must be of the sets that the shares were made of, as they were before the deltas were applied. If a
    /// member has sent several deltas since, give all of them, in any order. A token that it withdrew and added again
    /// is not withdrawn. The notices come in the order of their recipients' names; a member without news gets none.
    /// Only a next match says which holders a token has left.
    ///
    /// It matches once. Memory: [`Query::memory`], and the notices: for each retracted overlap and each of its holders
    /// 16 bytes and one bit a member.
    ///
    /// # Errors
    ///
    /// [`Error::NotAMember`] for the delta of a member without a set here; [`Error::TermsDiffer`]; [`Error::Rollback`],
    /// [`Error::SequenceGap`] or [`Error::WrongBase`] for a delta that follows neither the member's set nor another
    /// delta; [`Error::NotInBase`] for an overlap that is withdrawn and that its member does not hold;
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn notices(&self, deltas: &[&Delta], disclosure: Disclosure) -> Result<Vec<Notice>, Error> {
        let members: Vec<Name> = self.members().cloned().collect();
        let mut withdrawals = self.withdrawals(deltas, &members)?;
        let mut parts: Vec<Part> = members.iter().map(|_| Part::new(&members, disclosure)).collect();
        self.for_each(|token, holders| {
            let mut by = Vec::new();
            for withdrawal in &mut withdrawals {
                if withdrawal.has(token, holders)? {
                    by.push(withdrawal.member);
                }
            }
            if !by.is_empty() {
                holders.positions().for_each(|holder| parts[holder].push(token, holder, &by));
            }
            Ok(())
        })?;
        let told = parts.into_iter().zip(&members).filter(|(part, _)| !part.tokens.is_empty());
        let notice = |(part, recipient): (Part, &Name)| {
            let (terms, at_least) = (self.terms().clone(), self.threshold());
            Notice { told: Share::from_checked(terms, recipient.clone(), at_least, part.tokens, part.told) }
        };
        Ok(told.map(notice).collect())
    }

    /// Returns what each member has withdrawn. The first delta of a member is against its set; each other one follows
    /// the one before.
    fn withdrawals(&self, deltas: &[&Delta], members: &[Name]) -> Result<Vec<Withdrawal>, Error> {
        let mut of_members: BTreeMap<usize, Vec<&Delta>> = BTreeMap::new();
        for delta in deltas {
            let position = members.iter().position(|member| member.same(delta.member()));
            let member = position.ok_or(Error::NotAMember { member: delta.member().clone() })?;
            of_members.entry(member).or_default().push(delta);
        }
        let mut withdrawals = Vec::new();
        for (member, mut chain) in of_members {
            chain.sort_by_key(|delta| delta.parent().sequence);
            let mut place = self.revision_of(member)?;
            for delta in &chain {
                place.require_same_kind(delta.member(), delta.terms())?;
                place.require_followed_by(delta.parent())?;
                place = Revision { sequence: delta.parent().sequence, root: delta.root(), ..place };
            }
            withdrawals.push(Withdrawal { member, tokens: withdrawn(&chain), passed: 0 });
        }
        Ok(withdrawals)
    }
}

/// Returns the tokens of the first base that the last delta leaves out, in order.
fn withdrawn(chain: &[&Delta]) -> Vec<Token> {
    let mut changes: Vec<(Token, usize, bool)> = Vec::new();
    for (at, delta) in chain.iter().enumerate() {
        changes.extend(delta.added().iter().map(|token| (*token, at, false)));
        changes.extend(delta.retracted().iter().map(|token| (*token, at, true)));
    }
    changes.sort_unstable();
    // Retractions and additions of a token take turns. If the first is a retraction, the token was in the base.
    let of_tokens = changes.chunk_by(|a, b| a.0 == b.0);
    let is_withdrawn = |of_token: &&[(Token, usize, bool)]| {
        of_token.first().is_some_and(|first| first.2) && of_token.last().is_some_and(|last| last.2)
    };
    of_tokens.filter(is_withdrawn).map(|of_token| of_token[0].0).collect()
}

/// The tokens that one member has withdrawn, in order; `passed` of them lie behind.
struct Withdrawal {
    member: usize,
    tokens: Vec<Token>,
    passed: usize,
}

impl Withdrawal {
    /// Whether the next overlap is withdrawn.
    fn has(&mut self, token: Token, holders: Holders<'_>) -> Result<bool, Error> {
        while self.tokens.get(self.passed).is_some_and(|withdrawn| *withdrawn < token) {
            self.passed += 1;
        }
        if self.tokens.get(self.passed) != Some(&token) {
            return Ok(false);
        }
        if holders.contains(self.member) {
            return Ok(true);
        }
        Err(Error::NotInBase { tokens: 1, first: self.passed as u64 + 1 })
    }
}

/// The part of a notice for one member, while it is made.
struct Part {
    tokens: Vec<Token>,
    told: Told,
}

impl Part {
    fn new(members: &[Name], disclosure: Disclosure) -> Self {
        Self { tokens: Vec::new(), told: Told::nothing_yet(members, disclosure) }
    }

    /// Adds a token, unless only the recipient withdrew it: a member knows what it withdrew itself.
    fn push(&mut self, token: Token, recipient: usize, by: &[usize]) {
        let others = || by.iter().copied().filter(|member| *member != recipient);
        if others().next().is_none() {
            return;
        }
        self.tokens.push(token);
        match &mut self.told {
            Told::Holders { table, .. } => table.push(others()),
            Told::Counts { counts, .. } => counts.push(others().count() as u16), // at most 2,048
        }
    }
}

impl Notice {
    /// Makes a notice of a file that is laid out as a share's.
    pub(crate) fn from_checked(told: Share) -> Self {
        Self { told }
    }

    /// Returns the notice in the layout of a share.
    pub(crate) fn laid_out(&self) -> &Share {
        &self.told
    }

    /// States another date and purpose for the notice's file. Its signature is dropped.
    #[must_use]
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self { told: self.told.with_metadata(metadata) }
    }

    /// Returns the terms under which the notice can be resolved.
    pub fn terms(&self) -> &Terms {
        self.told.terms()
    }

    /// Returns the one member that the notice is for.
    pub fn recipient(&self) -> &Name {
        self.told.recipient()
    }

    /// Returns the threshold k of the match.
    pub fn at_least(&self) -> usize {
        self.told.at_least()
    }

    /// Returns the metadata, as the file states it.
    pub fn metadata(&self) -> &Metadata {
        self.told.metadata()
    }

    /// Returns the key of the valid signature in the file from which the notice was read.
    pub fn signer(&self) -> Option<SignerKey> {
        self.told.signer()
    }

    /// Returns whether the notice names or counts those who withdrew a token.
    pub fn disclosure(&self) -> Disclosure {
        self.told.disclosure()
    }

    /// Returns the tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        self.told.tokens()
    }

    /// Returns the number of tokens.
    pub fn len(&self) -> usize {
        self.told.len()
    }

    /// Whether nothing was withdrawn.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Returns the number of others who withdrew the token at `index`.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`Notice::len`].
    pub fn withdrawn_count(&self, index: usize) -> usize {
        self.told.holder_count(index)
    }

    /// Returns the others who withdrew the token at `index`, in order of name, if the notice names them.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`Notice::len`].
    pub fn withdrawn_by(&self, index: usize) -> Option<Holders<'_>> {
        self.told.holders(index)
    }
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("terms", self.terms())
            .field("recipient", self.recipient())
            .field("disclosure", &self.disclosure())
            .field("metadata", self.metadata())
            .field("tokens", &self.len())
            .finish()
    }
}
