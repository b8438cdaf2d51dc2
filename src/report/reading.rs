//! Reading a report again: `report.json`, as this version or an earlier one of schema 3 wrote it.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::Error;
use crate::terms::{ContentDigest, Name, RoundDigest};

use super::{Combinations, HolderCounts, KindReport, MemberReport, OfRound, Report, TookPart};

/// The fields of a report, before they are known to fit each other.
#[derive(Deserialize)]
struct Fields {
    round: Option<RoundDigest>,
    log: Option<ContentDigest>,
    coalition: Option<Name>,
    epoch: Option<u64>,
    number: Option<u64>,
    purpose: Option<String>,
    at_least: usize,
    min_result: u64,
    members: Vec<Name>,
    #[serde(default)]
    took_part: Vec<TookPart>,
    kinds: Vec<KindReport>,
}

#[derive(Deserialize)]
struct Version {
    schema: u32,
}

impl Report {
    /// Reads a report: [`Report::to_json`], or a round's `report.json`. Fields that it does not know are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if it is no report of [`Report::SCHEMA`], or if its parts do not fit each other.
    ///
    /// ```
    /// use veilmatch::Report;
    /// use veilmatch::terms::Name;
    ///
    /// let report = Report::new(2, vec![Name::new("bank-a")?, Name::new("bank-b")?]);
    /// assert_eq!(Report::from_json(report.to_json().as_bytes())?, report);
    /// assert_eq!(Report::from_json(b"{}").unwrap_err().code(), "format");
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let version: Version = parse(bytes, "the JSON of a report, with a schema")?;
        if version.schema != Self::SCHEMA {
            return Err(wrong("a report of schema 3: a version of the program that wrote this one reads it"));
        }
        let fields: Fields = parse(bytes, "the fields of a report, each once and well formed")?;
        let Fields { coalition, epoch, number, purpose, .. } = fields;
        let of_round = match (fields.round, coalition, epoch, number, purpose) {
            (Some(round), Some(coalition), Some(epoch), Some(number), Some(purpose)) => {
                Some(OfRound { round, log: fields.log, coalition, epoch, number, purpose })
            }
            // Earlier versions named the round by its digest alone.
            (_, None, None, None, None) => None,
            _ => return Err(wrong("round, coalition, epoch, number and purpose together")),
        };
        let Fields { at_least, min_result, members, took_part, kinds, .. } = fields;
        let report = Self { of_round, schema: Self::SCHEMA, at_least, min_result, members, took_part, kinds };
        report.require_fitting()?;
        Ok(report)
    }

    fn require_fitting(&self) -> Result<(), Error> {
        require(self.at_least > 0, "at_least above 0")?;
        require(ordered(&self.members), "members in order of name, each once")?;
        let known = |names: &[Name]| ordered(names) && names.iter().all(|name| self.has(name));
        for part in &self.took_part {
            let lists = [&part.matched, &part.left_out, &part.without];
            require(lists.iter().all(|names| known(names)), "took_part to name members, in order of name")?;
        }
        for (at, kind) in self.kinds.iter().enumerate() {
            require(self.kinds[..at].iter().all(|before| before.kind != kind.kind), "each kind once")?;
            let names: Vec<Name> = kind.members.iter().map(|member| member.name.clone()).collect();
            require(
                !names.is_empty() && known(&names),
                "members of a kind among all members, in order of name",
            )?;
            kind.require_fitting(&names)?;
        }
        Ok(())
    }

    fn has(&self, name: &Name) -> bool {
        self.members.binary_search(name).is_ok()
    }
}

impl KindReport {
    fn require_fitting(&self, names: &[Name]) -> Result<(), Error> {
        require(
            self.members.iter().all(MemberReport::adds_up),
            "rows and tokens of each member that add up",
        )?;
        require(
            self.by_holder_count.0.len() == names.len(),
            "by_holder_count from 1 to the number of members",
        )?;
        let expected = (0..names.len()).flat_map(|a| (a + 1..names.len()).map(move |b| (a, b)));
        let expected = expected.map(|(a, b)| (&names[a], &names[b]));
        let found = self.pairs.iter().map(|pair| (&pair.a, &pair.b));
        require(found.eq(expected), "pairs of all members of a kind, in order of names")?;
        let Some(Combinations { largest, more, smallest, .. }) = &self.combinations else { return Ok(()) };
        // What is withheld goes by the smallest one, so it must be that.
        let least = largest.last().map_or(*smallest, |last| last.count);
        let in_order = largest.is_sorted_by(|a, b| a.count >= b.count) && *smallest <= least;
        let counted =
            more.checked_add(largest.len() as u64).is_some() && (*smallest > 0 || largest.is_empty());
        let fits = largest.iter().all(|one| {
            let known = one.holders.iter().all(|name| names.binary_search(name).is_ok());
            known && ordered(&one.holders) && !one.holders.is_empty() && one.count > 0
        });
        require(
            fits && in_order && counted && largest.len() <= Combinations::LISTED,
            "at most 64 combinations of members, the largest first, none empty or under the smallest",
        )
    }
}

impl MemberReport {
    fn adds_up(&self) -> bool {
        let Self { rows, accepted, suppressed, duplicates, unique, .. } = self;
        let parts = [*accepted, *suppressed].into_iter().chain(self.rejected.iter().map(|(_, count)| count));
        parts.into_iter().try_fold(0u64, u64::checked_add) == Some(*rows)
            && accepted.checked_sub(*duplicates) == Some(*unique)
            && self.changed.max(self.warnings) <= *accepted
    }
}

fn ordered(names: &[Name]) -> bool {
    names.windows(2).all(|two| two[0] < two[1])
}

fn require(holds: bool, expected: &'static str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(wrong(expected)) }
}

fn wrong(expected: &'static str) -> Error {
    Error::Format { offset: 0, expected }
}

/// Parses JSON. The package's own message is not handed on: it can quote what it read.
fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], expected: &'static str) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
        let offset = lines.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1);
        Error::Format { offset: offset as u64, expected }
    })
}

impl<'de> Deserialize<'de> for HolderCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counts;
        impl<'de> Visitor<'de> for Counts {
            type Value = HolderCounts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from 1, 2, … to counts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HolderCounts, A::Error> {
                let mut counts = Vec::new();
                while let Some((holders, count)) = map.next_entry::<String, Option<u64>>()? {
                    if holders.parse() != Ok(counts.len() + 1) {
                        return Err(A::Error::custom("a number of holders that is out of order"));
                    }
                    counts.push(count);
                }
                Ok(HolderCounts(counts))
            }
        }
        deserializer.deserialize_map(Counts)
    }
}
