//! Which of my own rows a share speaks of: feature `member`.
//!
//! There is no stored table from token to row. A member tokenises its own rows again, which costs less than
//! keeping a re-identification table safe.

use crate::domain::Name;
use crate::error::Error;
use crate::prefilter::Standard;
use crate::progress::Progress;
use crate::rejection::Counters;
use crate::share::Share;
use crate::token::Token;
use crate::tokenize::{Rows, Tokenizer, each_token};

/// A row whose identifier other members have seen too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedRow {
    /// Number of the row, from 1, as in the counters and rejections of the same input.
    pub row: u64,
    /// Its token's place in the share: [`Share::holder_count`] and [`Share::holders`] tell the rest.
    pub index: usize,
}

/// The rows that a share speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// In order of row; a token that several rows have occurs as often.
    pub rows: Vec<ResolvedRow>,
    /// Tokens of the share that no row has: not 0 means that these are not the rows that were tokenised.
    pub missing: u64,
    /// What became of the rows, as when they were tokenised; duplicates are not counted here.
    pub counters: Counters,
}

/// From so many tokens on, a filter in front of the search makes it faster: most rows are in no share, and
/// ten bits a token stay in cache where the tokens do not. (A `HashSet` would be three times as fast again, at
/// fourteen times the memory or more.) Chosen by benchmark `prefilter`, group `resolve`.
const FILTERED_FROM: usize = 1 << 12;

/// Tokenises the rows again and finds those of the share.
///
/// Memory: 16 bytes a row found, besides the share, and 10 bits a token of a large one.
///
/// # Errors
///
/// [`Error::WrongRecipient`] for the share of another member, [`Error::TermsDiffer`] for one of another
/// secret, coalition, epoch, kind, rule, suppression list or round; those of the input; [`Error::Cancelled`].
pub fn resolve(
    tokenizer: &Tokenizer,
    member: &Name,
    share: &Share,
    rows: Rows<'_>,
    progress: &dyn Progress,
) -> Result<Resolved, Error> {
    if !share.recipient().same(member) {
        return Err(Error::WrongRecipient { recipient: share.recipient().clone(), member: member.clone() });
    }
    tokenizer.terms().require(share.terms(), share.recipient())?;
    let filter = (share.len() >= FILTERED_FROM).then(|| Standard::build(share.tokens(), 0.01)).transpose()?;
    let find = |token: &Token| {
        if filter.as_ref().is_some_and(|filter| !filter.may_contain(token)) {
            return None;
        }
        share.tokens().binary_search(token).ok()
    };
    let found = |found: &mut Vec<ResolvedRow>, row, token| {
        found.extend(find(&token).map(|index| ResolvedRow { row, index }));
    };
    let read = each_token(tokenizer, rows, progress, found, |found| found)?;
    let numbered = read.parts.into_iter().flat_map(|part| {
        part.found.into_iter().map(move |found| ResolvedRow { row: part.rows_before + found.row, ..found })
    });
    let rows: Vec<ResolvedRow> = numbered.collect();
    let mut seen = vec![false; share.len()];
    rows.iter().for_each(|found| seen[found.index] = true);
    let missing = seen.iter().filter(|seen| !**seen).count() as u64;
    Ok(Resolved { rows, missing, counters: read.counters })
}
