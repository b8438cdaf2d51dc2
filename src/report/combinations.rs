//! Exact combinations of holders: the largest of them, with their numbers of tokens.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::terms::Name;

/// The largest combinations of exactly these holders, each of at least k members.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Intersection, Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::report::KindReport;
///
/// let (a, b, c) = (set("a", &[1, 2, 3])?, set("b", &[1, 2, 3])?, set("c", &[3, 4])?);
/// let report = KindReport::new(&Intersection::new().add(&a)?.add(&b)?.add(&c)?.at_least(2)?)?;
/// let combinations = report.combinations.unwrap();
/// let counts: Vec<(usize, u64)> =
///     combinations.largest.iter().map(|one| (one.holders.len(), one.count)).collect();
/// assert_eq!((counts, combinations.more, combinations.smallest), (vec![(2, 2), (3, 1)], 0, 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combinations {
    /// The combinations with most tokens, at most [`Combinations::LISTED`]; among equals in order of holders.
    pub largest: Vec<Combination>,
    /// Number of further combinations of at least k members that have tokens.
    pub more: u64,
    /// The least number of tokens that any combination has, if it has some. It counts those of fewer than k members
    /// and of one, too. 0 if no member has a token.
    pub smallest: u64,
}

/// The tokens that exactly these members hold.
///
/// See the example of [`Combinations`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combination {
    /// The members that hold them, in order of name. No other member does.
    pub holders: Vec<Name>,
    /// Number of tokens, above 0.
    pub count: u64,
}

impl Combinations {
    /// The most combinations that a report lists.
    pub const LISTED: usize = 64;

    /// Takes the counts of all combinations, with members as positions in `names`.
    pub(super) fn new(counts: &[(Vec<usize>, u64)], names: &[&Name], at_least: usize) -> Self {
        let mut overlaps: Vec<&(Vec<usize>, u64)> =
            counts.iter().filter(|(holders, _)| holders.len() >= at_least).collect();
        overlaps.sort_by_key(|(_, count)| Reverse(*count)); // stable: they are in order of holders
        let named = |(holders, count): &(Vec<usize>, u64)| Combination {
            holders: holders.iter().map(|holder| names[*holder].clone()).collect(),
            count: *count,
        };
        Self {
            largest: overlaps.iter().take(Self::LISTED).map(|one| named(one)).collect(),
            more: overlaps.len().saturating_sub(Self::LISTED) as u64,
            smallest: counts.iter().map(|(_, count)| *count).min().unwrap_or(0),
        }
    }
}
