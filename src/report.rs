//! Report: counts, a matrix of pairs, numbers of holders; no tokens.

mod text;
mod withhold;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::matching::{Query, Tally};
use crate::outcome::{Counters, RejectedCounts};
use crate::set::SetHeader;
use crate::terms::{KindId, Name};

/// What a match found, kind by kind, in counts alone.
///
/// Serialises as JSON of `schema` 3 (SPEC.md, section 9); `Display` writes it for a person. A cell that is `None` is
/// withheld, and is `null` in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Version of the JSON's form.
    pub schema: u32,
    /// The threshold k.
    pub at_least: usize,
    /// What small results were withheld under: see [`Report::withholding`]. 0 and 1 withhold nothing.
    pub min_result: u64,
    /// All members, in order of name.
    pub members: Vec<Name>,
    /// Who took part in which kind, and who should have; absent where the members were not agreed on in a round.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub took_part: Vec<TookPart>,
    /// One entry for each kind that was matched.
    pub kinds: Vec<KindReport>,
}

/// Who took part in the match of one kind: each member that was to bring a set stands in one of the lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TookPart {
    /// Which kind.
    pub kind: KindId,
    /// Members whose sets were matched, in order of name; nobody where the kind was not matched.
    pub matched: Vec<Name>,
    /// Members whose sets were there and not matched: under the round's smallest, or too few to be matched.
    pub left_out: Vec<Name>,
    /// Members whose sets were not there.
    pub without: Vec<Name>,
}

impl TookPart {
    /// How many members were to bring a set.
    pub fn expected(&self) -> usize {
        self.matched.len() + self.left_out.len() + self.without.len()
    }
}

/// What a match of one kind found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindReport {
    /// Which kind.
    pub kind: KindId,
    /// What each member brought, in order of name.
    pub members: Vec<MemberReport>,
    /// Tokens that at least k members hold.
    pub overlaps: Option<u64>,
    /// How many tokens have exactly 1, 2, … N holders, whatever the threshold.
    pub by_holder_count: HolderCounts,
    /// How many tokens each two members share, whatever the threshold, in order of names.
    pub pairs: Vec<PairReport>,
}

/// What one member brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberReport {
    /// Who.
    pub name: Name,
    /// Rows read: `accepted + suppressed + rejected`.
    pub rows: u64,
    /// Rows that became a token: `unique + duplicates`.
    pub accepted: u64,
    /// Accepted rows that were not in the kind's normal spelling.
    pub changed: u64,
    /// Accepted rows with something odd about them.
    pub warnings: u64,
    /// Rows on the suppression list.
    pub suppressed: u64,
    /// Accepted rows whose token had been seen before.
    pub duplicates: u64,
    /// Distinct tokens.
    pub unique: u64,
    /// Rejected rows by reason.
    pub rejected: RejectedCounts,
}

/// What two members share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PairReport {
    /// The first by name.
    pub a: Name,
    /// The second by name.
    pub b: Name,
    /// Number of tokens that both hold.
    pub overlap: Option<u64>,
}

/// Numbers of tokens by number of holders; entry `i` is for `i + 1` holders.
///
/// Serialises as a map from the number of holders, in order.
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

    /// A report without kinds yet, nothing withheld; members are put in order of name.
    pub fn new(at_least: usize, mut members: Vec<Name>) -> Self {
        members.sort();
        Self {
            schema: Self::SCHEMA,
            at_least,
            min_result: 0,
            members,
            took_part: Vec::new(),
            kinds: Vec::new(),
        }
    }

    /// The report as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("text keys and integers always serialise")
    }
}

impl KindReport {
    /// Matches and counts: one pass over the sets.
    ///
    /// # Errors
    ///
    /// As [`Query::tally`].
    pub fn new(matched: &Query<'_>) -> Result<Self, Error> {
        Ok(Self::from_tally(matched, &matched.tally()?))
    }

    /// Makes the report of what was counted already.
    pub fn from_tally(matched: &Query<'_>, tally: &Tally) -> Self {
        let Tally { by_holder_count: counts, pairs, .. } = tally;
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
        }
    }
}

impl MemberReport {
    /// What the set's counters say.
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
