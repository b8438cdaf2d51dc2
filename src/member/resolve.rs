//! Finds which of a member's own rows a share speaks of. Needs the feature `member`.
//!
//! There is no stored table from token to row. A member tokenises its own rows again; this costs less than keeping a
//! re-identification table safe.

#[cfg(feature = "parquet")]
mod parquet;
mod places;

use std::sync::Mutex;

use crate::error::Error;
use crate::matching::{Notice, Share};
use crate::outcome::{Counters, Place};
use crate::prefilter::Blocked;
use crate::set::{SetBuilder, TokenSet};
use crate::terms::{ContentDigest, Name};
use crate::token::Token;

use super::rows::{At, Oddities, Rows};
use super::tokenize::{Part, Tokenizer, each_token};
use places::Places;

/// A row whose identifier other members have seen too.
///
/// See the example of [`Resolved`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedRow {
    /// Where the row stands.
    pub place: Place,
    /// Place of its token in the share or notice, which tells the rest ([`Share::holders`], [`Notice::withdrawn_by`]).
    pub index: usize,
}

/// The rows that a share speaks of.
///
/// ```
/// # use veilmatch::member::{CoalitionSecret, Kind, Rows, Tokenizer};
/// # use veilmatch::terms::{KeyContext, Name};
/// # let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
/// # let tokenizer = Tokenizer::new(&CoalitionSecret::generate()?, context)?;
/// # use veilmatch::{Disclosure, Intersection};
/// # let (a, b) = (Name::new("bank-a")?, Name::new("bank-b")?);
/// # let rows = || Rows::values(["no account", "DE89 3704 0044 0532 0130 00"]);
/// # let (set_a, set_b) = (tokenizer.tokenize(&a, rows())?.set, tokenizer.tokenize(&b, rows())?.set);
/// # let overlaps = Intersection::new().add(&set_a)?.add(&set_b)?.at_least(2)?.collect()?;
/// # let share = overlaps.share(&a, Disclosure::Holders)?;
/// use veilmatch::member::resolve::resolve;
///
/// let resolved = resolve(&tokenizer, &a, &share, rows())?;
/// assert_eq!(resolved.missing, 0);
/// for found in &resolved.rows {
///     assert_eq!((found.place.row, share.holder_count(found.index)), (2, 2));
/// }
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The rows, in order; a token that several rows have occurs once for each.
    pub rows: Vec<ResolvedRow>,
    /// Number of tokens of the share that no row has. If it is not 0, these are not the rows that were tokenised.
    pub missing: u64,
    /// Counters of the rows, as when they were tokenised; duplicates are not counted here.
    pub counters: Counters,
    /// How the lines of the input differ from its rows, as when they were tokenised.
    pub oddities: Oddities,
}

/// The results of one block of rows.
#[derive(Default)]
struct Block {
    /// Rows whose tokens the prefilter lets pass.
    maybe: Vec<(At, Token)>,
    tokens: Vec<Token>,
}

/// Tokenises the rows again and finds those of the share.
///
/// Memory: 16 bytes a row found, besides the share, and 16 bits a token of it. A share that states which set was
/// matched costs 16 bytes an accepted row more: the rows must give that very set.
///
/// # Errors
///
/// [`Error::WrongRecipient`] for the share of another member, [`Error::TermsDiffer`] for one of another
/// secret, coalition, epoch, kind, rule, suppression list or round, [`Error::RowsDiffer`] for one made from
/// another set than these rows give, [`Error::StrangeTokens`] for one with tokens that are not of that set; those of the input; [`Error::Cancelled`].
pub fn resolve<'r>(
    tokenizer: &Tokenizer,
    member: &Name,
    share: &Share,
    rows: impl Into<Rows<'r>>,
) -> Result<Resolved, Error> {
    share.require_recipient(member)?;
    tokenizer.terms().require(share.terms(), share.recipient())?;
    let all = Mutex::new(Vec::new());
    let keep = |tokens: &[Token]| {
        all.lock().expect("no panic while it is held").extend_from_slice(tokens);
        Ok(())
    };
    let digest = || {
        let all = std::mem::take(&mut *all.lock().expect("no panic while it is held"));
        Ok(TokenSet::from_tokens(share.terms().clone(), member.clone(), all).content_digest())
    };
    resolve_by(tokenizer, member, share, rows.into(), &ByToken::of(share)?, (keep, digest))
}

/// Resolves a share where the set of the rows is larger than memory: a builder of this member's set finds which set
/// they give.
///
/// Memory: 16 bytes a row found, besides the share and what the builder was allowed, and 16 bits a token of the share.
///
/// # Errors
///
/// As [`resolve`], and as [`SetBuilder::push`].
pub fn resolve_within<'r>(
    tokenizer: &Tokenizer,
    share: &Share,
    rows: impl Into<Rows<'r>>,
    builder: SetBuilder<'r>,
) -> Result<Resolved, Error> {
    let rows = rows.into();
    let builder = builder.with_progress(rows.progress); // of the whole call
    let member = builder.member().clone();
    tokenizer.terms().require(builder.terms(), &member)?;
    share.require_recipient(&member)?;
    tokenizer.terms().require(share.terms(), share.recipient())?;
    let (keep, digest) = (|tokens: &[Token]| builder.push(tokens), || builder.content_digest());
    resolve_by(tokenizer, &member, share, rows, &ByToken::of(share)?, (keep, digest))
}

/// Tokenises the rows again and finds those whose tokens others have withdrawn.
///
/// The rows need not be those of any set. A token that is not among them is counted as missing: the member withdrew it
/// itself, or these are other rows. Memory: 16 bytes a row found, besides the notice, and 16 bits a token of it.
///
/// # Errors
///
/// [`Error::WrongRecipient`] for the notice of another member, [`Error::TermsDiffer`] for one of other terms; those of the
/// input; [`Error::Cancelled`].
pub fn resolve_notice<'r>(
    tokenizer: &Tokenizer,
    member: &Name,
    notice: &Notice,
    rows: impl Into<Rows<'r>>,
) -> Result<Resolved, Error> {
    resolve(tokenizer, member, notice.laid_out(), rows)
}

/// Finds the place in a share of what the tokeniser makes of a row.
pub(super) trait FindInShare: Sync {
    /// Whether it may be there; asked of every row.
    fn may_contain(&self, token: &Token) -> bool;

    /// Returns its place, if it is there.
    fn find(&self, token: &Token) -> Option<usize>;
}

/// Finds tokens in a share.
struct ByToken<'a> {
    filter: Blocked,
    places: Places<'a>,
}

impl<'a> ByToken<'a> {
    fn of(share: &'a Share) -> Result<Self, Error> {
        // Most rows are in no share, and eleven bits a token stay in cache where the tokens do not. From 256 tokens to a
        // million, the filter is 19 to 35 times as fast as a binary search alone, and about three times as fast as a
        // `HashSet`, at a fourteenth of its memory or less. Chosen by benchmark `prefilter`, group `resolve`.
        let filter = Blocked::build(share.tokens(), 0.01)?;
        Ok(Self { filter, places: Places::of(share.tokens()) })
    }
}

impl FindInShare for ByToken<'_> {
    #[inline]
    fn may_contain(&self, token: &Token) -> bool {
        self.filter.may_contain(token)
    }

    #[inline]
    fn find(&self, token: &Token) -> Option<usize> {
        self.places.find(token)
    }
}

/// Finds the rows of this member's share. If the share states which set was matched, it hands all that the tokeniser makes to
/// `keep`, and then asks `digest` which set they give.
pub(super) fn resolve_by(
    tokenizer: &Tokenizer,
    member: &Name,
    share: &Share,
    rows: Rows<'_>,
    in_share: &impl FindInShare,
    (keep, digest): (
        impl Fn(&[Token]) -> Result<(), Error> + Sync,
        impl FnOnce() -> Result<ContentDigest, Error>,
    ),
) -> Result<Resolved, Error> {
    let found = |block: &mut Block, at, token| {
        if in_share.may_contain(&token) {
            block.maybe.push((at, token));
        }
        block.tokens.extend(share.own_set().map(|_| token));
    };
    // The places of a block are looked up one after the other, so that a processor waits for several at once.
    let finish = |block: Block| {
        keep(&block.tokens)?;
        let place = |(at, token): &(At, Token)| in_share.find(token).map(|index| (*at, index));
        Ok(block.maybe.iter().filter_map(place).collect::<Vec<(At, usize)>>())
    };
    let read = each_token(tokenizer, rows, found, finish)?;
    if let Some(matched) = share.own_set()
        && digest()? != matched
    {
        return Err(Error::RowsDiffer { member: member.clone() });
    }
    let row = |part: &Part<Vec<_>>, (at, index)| ResolvedRow { place: part.place(at), index };
    let mut rows = Vec::with_capacity(read.parts.iter().map(|part| part.found.len()).sum());
    read.parts.iter().for_each(|part| rows.extend(part.found.iter().map(|found| row(part, *found))));
    let mut seen = vec![false; share.len()];
    rows.iter().for_each(|found| seen[found.index] = true);
    let missing = seen.iter().filter(|seen| !**seen).count() as u64;
    if missing > 0 && share.own_set().is_some() {
        // The rows give the very set that was matched, so these tokens came from elsewhere.
        return Err(Error::StrangeTokens { member: member.clone(), tokens: missing });
    }
    Ok(Resolved { rows, missing, counters: read.counters, oddities: read.oddities })
}
