//! The report: counts, a matrix of pairs, numbers of holders; no tokens.

mod combinations;
pub(crate) mod html;
mod reading;
mod text;
mod withhold;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::error::Error;
use crate::matching::{Query, Tally};
use crate::outcome::{Counters, RejectedCounts};
use crate::set::SetHeader;
use crate::terms::{ContentDigest, KindId, Name, RoundDigest};

pub use combinations::{Combination, Combinations};
pub use html::{Escaped, OwnKind, OwnReport, OwnRow};

/// The result of a match, kind by kind, in counts alone.
///
/// It serialises as JSON of `schema` 3 (SPEC.md, section 9); `Display` writes it for a person, with colours of a terminal
/// if it is formatted as `{:#}`; [`Report::write_html`] makes a page. A cell that is `None` is withheld, and is `null` in
/// JSON.
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
/// use veilmatch::report::{KindReport, Report};
///
/// let (a, b) = (set("bank-a", &[1, 2])?, set("bank-b", &[2, 3, 4])?);
/// let query = Intersection::new().add(&a)?.add(&b)?.at_least(2)?;
/// let mut report = Report::new(query.threshold(), query.members().cloned().collect());
/// report.kinds.push(KindReport::new(&query)?);
///
/// let kind = &report.kinds[0];
/// assert_eq!((kind.overlaps, kind.pairs[0].overlap, kind.members[1].unique), (Some(1), Some(1), 3));
/// assert_eq!(kind.by_holder_count.0, [Some(3), Some(1)]);
/// assert!(report.to_json().contains(r#""by_holder_count":{"1":3,"2":1}"#));
/// assert_eq!(report.withholding(5).kinds[0].overlaps, None);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The round whose sets were matched, if there was one.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub of_round: Option<OfRound>,
    /// Version of the JSON's form.
    pub schema: u32,
    /// The threshold k.
    pub at_least: usize,
    /// The bound under which results were withheld: see [`Report::withholding`]. 0 and 1 withhold nothing.
    pub min_result: u64,
    /// All members, in order of name.
    pub members: Vec<Name>,
    /// The members that took part in each kind, and those that should have. The field is absent if the members were not
    /// agreed on in a round.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub took_part: Vec<TookPart>,
    /// One entry for each kind that was matched.
    pub kinds: Vec<KindReport>,
}

/// The round that a report is of, as its manifest says.
///
/// See the example of [`Report::write_html`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfRound {
    /// Digest of the manifest.
    pub round: RoundDigest,
    /// Head of the hub's run record before the report was made, if there is a record.
    pub log: Option<ContentDigest>,
    /// The coalition.
    pub coalition: Name,
    /// The epoch of the coalition's secret.
    pub epoch: u64,
    /// Number of the round, for people.
    pub number: u64,
    /// Purpose of the round.
    pub purpose: String,
}

/// The members that took part in the match of one kind. Each member that was to bring a set stands in one of the lists.
///
/// ```
/// # use veilmatch::terms::{KindId, Name};
/// use veilmatch::report::TookPart;
///
/// let part = TookPart {
///     kind: KindId::new("card.pan/1")?,
///     matched: vec![Name::new("bank-a")?, Name::new("bank-b")?],
///     left_out: Vec::new(),
///     without: vec![Name::new("bank-c")?],
/// };
/// assert_eq!(part.expected(), 3);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TookPart {
    /// The kind.
    pub kind: KindId,
    /// Members whose sets were matched, in order of name; none if the kind was not matched.
    pub matched: Vec<Name>,
    /// Members whose sets were there but not matched: they were under the round's smallest, or there were too few of
    /// them.
    pub left_out: Vec<Name>,
    /// Members whose sets were not there.
    pub without: Vec<Name>,
}

impl TookPart {
    /// Returns the number of members that were to bring a set.
    pub fn expected(&self) -> usize {
        self.matched.len() + self.left_out.len() + self.without.len()
    }
}

/// The result of a match of one kind.
///
/// See the example of [`Report`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindReport {
    /// The kind.
    pub kind: KindId,
    /// The numbers of each member, in order of name.
    pub members: Vec<MemberReport>,
    /// Number of tokens that at least k members hold.
    pub overlaps: Option<u64>,
    /// Numbers of tokens that have exactly 1, 2, … N holders, whatever the threshold.
    pub by_holder_count: HolderCounts,
    /// Numbers of tokens that each two members share, whatever the threshold, in order of names.
    pub pairs: Vec<PairReport>,
    /// Numbers of tokens of the largest exact combinations of at least k holders. None if they are withheld
    /// ([`KindReport::withhold`]), or too many to count ([`Tally::MOST_HOLDERS`]).
    #[serde(default)] // reports of earlier versions have none
    pub combinations: Option<Combinations>,
}

/// The numbers of one member: its rows and tokens.
///
/// See the example of [`Report`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberReport {
    /// The member's name.
    pub name: Name,
    /// Number of rows read: `accepted + suppressed + rejected`.
    pub rows: u64,
    /// Number of rows that became a token: `unique + duplicates`.
    pub accepted: u64,
    /// Number of accepted rows that were not in the kind's normal spelling.
    pub changed: u64,
    /// Number of accepted rows with something odd about them.
    pub warnings: u64,
    /// Number of rows on the suppression list.
    pub suppressed: u64,
    /// Number of accepted rows whose token had been seen before.
    pub duplicates: u64,
    /// Number of distinct tokens.
    pub unique: u64,
    /// Numbers of rejected rows by reason.
    pub rejected: RejectedCounts,
}

/// The overlap of two members.
///
/// See the example of [`Report`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairReport {
    /// The first member by name.
    pub a: Name,
    /// The second member by name.
    pub b: Name,
    /// Number of tokens that both hold.
    pub overlap: Option<u64>,
}

/// Numbers of tokens by number of holders; entry `i` is for `i + 1` holders.
///
/// It serialises as a map from the number of holders, in order.
///
/// See the example of [`Report`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderCounts(pub Vec<Option<u64>>);

impl Serialize for HolderCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (holders, count) in (1usize..).zip(&self.0) {
            map.serialize_entry(&holders, count)?;
        }
        map.end()
    }
}

impl Report {
    /// The version of the JSON's form.
    pub const SCHEMA: u32 = 3;

    /// Makes a report without kinds, where nothing is withheld; members are put in order of name.
    pub fn new(at_least: usize, mut members: Vec<Name>) -> Self {
        members.sort();
        Self {
            of_round: None,
            schema: Self::SCHEMA,
            at_least,
            min_result: 0,
            members,
            took_part: Vec::new(),
            kinds: Vec::new(),
        }
    }

    /// Returns the report as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("text keys and integers always serialise")
    }
}

impl KindReport {
    /// Matches and counts, in one pass over the sets.
    ///
    /// # Errors
    ///
    /// As [`Query::tally`].
    pub fn new(matched: &Query<'_>) -> Result<Self, Error> {
        Ok(Self::from_tally(matched, &matched.tally()?))
    }

    /// Makes the report of counts that were made already.
    pub fn from_tally(matched: &Query<'_>, tally: &Tally) -> Self {
        let Tally { by_holder_count: counts, pairs, combinations, .. } = tally;
        let names: Vec<&Name> = matched.members().collect();
        let pair = |(a, b, overlap): (usize, usize, u64)| PairReport {
            a: names[a].clone(),
            b: names[b].clone(),
            overlap: Some(overlap),
        };
        Self {
            kind: matched.kind().clone(),
            members: matched.sets().map(MemberReport::new).collect(),
            overlaps: Some(counts[matched.threshold() - 1..].iter().sum()),
            by_holder_count: HolderCounts(counts.iter().copied().map(Some).collect()),
            pairs: pairs.iter().map(pair).collect(),
            combinations: combinations
                .as_ref()
                .map(|counts| Combinations::new(counts, &names, matched.threshold())),
        }
    }
}

impl MemberReport {
    /// Makes the numbers of a member from its set's counters.
    pub fn new(set: &impl AsRef<SetHeader>) -> Self {
        let set = set.as_ref();
        let Counters { rows, accepted, changed, warnings, suppressed, duplicates, rejected } =
            set.counters().clone();
        Self {
            name: set.member().clone(),
            rows,
            accepted,
            changed,
            warnings,
            suppressed,
            duplicates,
            unique: set.tokens(),
            rejected,
        }
    }
}
