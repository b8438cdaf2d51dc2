//! The profile: what the rules would make of a column of raw identifiers, before a round. Needs the feature `member`.
//!
//! It needs no secret and makes no tokens. The rules run over the rows as in
//! [`Tokenizer::tokenize`](crate::member::tokenize::Tokenizer::tokenize), and their outcomes are counted.

mod distinct;
mod hint;
mod look;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::outcome::{Counters, Place, Reason, Rejection};

use super::identifier::{Canonical, Canonicalizer, Kind, Outcome};
use super::rows::{At, Block, Oddities, Rows};
use super::tokenize::{FirstRows, Found, canonicalize_row, each_block};
use distinct::Distinct;
use look::{Looks, Sample};

pub use hint::Hint;

/// The result of running a rule over a column: how many rows are accepted, changed, odd, suppressed and rejected. It
/// has counts, row numbers and hints, never a value.
///
/// ```
/// use veilmatch::Reason;
/// use veilmatch::member::identifier::{Canonicalizer, Kind};
/// use veilmatch::member::profile::{Finding, Profile};
/// use veilmatch::member::rows::Rows;
///
/// let export = "DE89 3704 0044 0532 0130 00\nde89370400440532013000\nDE88370400440532013000\n";
/// let rule = Canonicalizer::new(Kind::BankIban);
/// let profile = Profile::read(&rule, Rows::lines(export.as_bytes()))?;
/// assert_eq!((profile.counters().accepted, profile.counters().unique()), (2, 1));
/// let changed = profile.rows(Finding::Changed).iter().map(|place| place.row);
/// assert!(changed.eq([1, 2]));
/// assert_eq!(profile.rows(Finding::Rejected(Reason::Checksum))[0].row, 3);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    kind: Kind,
    counters: Counters,
    inputs: Vec<Counters>,
    /// Places of rows in the order of [`Finding::index`].
    rows: Vec<Vec<Place>>,
    hints: Vec<Hint>,
    oddities: Oddities,
}

/// A finding about a row.
///
/// See the example of [`Profile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// The row is accepted, and was not written in the kind's normal spelling.
    Changed,
    /// The row is accepted, and something about it is odd.
    Warned,
    /// The row stands on the suppression list.
    Suppressed,
    /// The row is rejected, for this reason.
    Rejected(Reason),
}

impl Finding {
    const COUNT: usize = 3 + Reason::ALL.len();

    /// Returns every finding: of accepted rows, of suppressed ones, and of rejected ones in order of reason.
    pub fn all() -> impl Iterator<Item = Finding> {
        let accepted = [Finding::Changed, Finding::Warned, Finding::Suppressed];
        accepted.into_iter().chain(Reason::ALL.iter().copied().map(Finding::Rejected))
    }

    const fn index(self) -> usize {
        match self {
            Finding::Changed => 0,
            Finding::Warned => 1,
            Finding::Suppressed => 2,
            Finding::Rejected(reason) => 3 + reason.index(),
        }
    }
}

impl Profile {
    /// The number of rows that are listed for each finding; the counters count all rows.
    pub const KEPT_ROWS: usize = 100;

    /// Runs the rule over a whole input, read once and in parallel, in the caller's rayon pool.
    ///
    /// The answer does not depend on the number of threads. Memory: 16 bytes an accepted row, to count the distinct
    /// ones, and about 1 MiB a thread.
    ///
    /// # Errors
    ///
    /// Those of the input ([`Rows`]) and [`Error::Cancelled`].
    pub fn read<'r>(rule: &Canonicalizer, rows: impl Into<Rows<'r>>) -> Result<Self, Error> {
        let rows = rows.into();
        let shared = Shared {
            rule,
            looks: Looks::other_than(rule.kind()),
            distinct: Distinct::new(),
            first: (0..Finding::COUNT).map(|_| FirstRows::new(Self::KEPT_ROWS)).collect(),
            sample: FirstRows::new(Looks::SAMPLE),
            // Every other kind rejects a header.
            seeks_header: matches!(rule.kind(), Kind::Opaque(_)) && !rows.has_header(),
            header: AtomicBool::new(false),
        };
        let found = each_block(rows, rule, |place, block| shared.work(place, block))?;
        Ok(shared.finish(&found))
    }

    /// Returns the kind whose rule was run.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the counters of the rows. Duplicates are rows of an equal canonical form.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns the counters of each input, where several were chained. Duplicates are not counted there.
    pub fn inputs(&self) -> &[Counters] {
        &self.inputs
    }

    /// Returns the places of the first [`Profile::KEPT_ROWS`] rows of a finding, in order.
    pub fn rows(&self, finding: Finding) -> &[Place] {
        &self.rows[finding.index()]
    }

    /// Returns the first [`Profile::KEPT_ROWS`] rejected rows, for whatever reason, in order.
    pub fn rejections(&self) -> Vec<Rejection> {
        let of = |reason: Reason| {
            self.rows(Finding::Rejected(reason)).iter().map(move |place| Rejection { place: *place, reason })
        };
        let mut all: Vec<Rejection> = Reason::ALL.iter().copied().flat_map(of).collect();
        all.sort_unstable_by_key(|rejection| rejection.place);
        all.truncate(Self::KEPT_ROWS);
        all
    }

    /// How the lines of the input differ from its rows.
    pub fn oddities(&self) -> Oddities {
        self.oddities
    }

    /// Returns hints at the commonest mistakes that the rows show.
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }
}

/// The state that the workers on all blocks share.
struct Shared<'a> {
    rule: &'a Canonicalizer,
    looks: Looks,
    distinct: Distinct,
    /// In the order of [`Finding::index`].
    first: Vec<FirstRows<()>>,
    sample: FirstRows<Sample>,
    /// Whether the first row may be a header that the kind accepts, and whether it looks like one.
    seeks_header: bool,
    header: AtomicBool,
}

impl Shared<'_> {
    fn work(&self, place: usize, block: &Block) -> Result<(At, Counters), Error> {
        let samples = self.sample.may_keep(place);
        let mut of_block = OfBlock { rows: vec![Vec::new(); Finding::COUNT], ..OfBlock::default() };
        let all = block.each(|at, value| {
            if self.seeks_header && (place, at.row) == (0, 1) {
                self.header.store(value.is_ok_and(hint::is_header_word), Ordering::Relaxed);
            }
            of_block.row(self, at, value, samples);
        })?;
        self.distinct.add(of_block.forms);
        for (first, rows) in self.first.iter().zip(of_block.rows) {
            first.add(place, rows);
        }
        self.sample.add(place, of_block.sample);
        Ok((all, of_block.counters))
    }

    fn finish(self, found: &Found<Counters>) -> Profile {
        let Found { parts, oddities, .. } = found;
        let inputs = found.counters(|of_block| of_block);
        let mut counters = Counters::default();
        inputs.iter().for_each(|of_input| counters.add(of_input));
        counters.duplicates = counters.accepted - self.distinct.count();
        let places =
            |first: FirstRows<()>| first.numbered(parts).into_iter().map(|(place, ())| place).collect();
        let mut hints = Hint::from_counters(self.rule.kind(), &counters);
        hints.extend(self.header.load(Ordering::Relaxed).then_some(Hint::Header { of: counters.rows }));
        hints.extend(self.looks.hints(self.sample.numbered(parts).into_iter().map(|(_, sample)| sample)));
        let rows = self.first.into_iter().map(places).collect();
        Profile { kind: self.rule.kind(), counters, inputs, rows, hints, oddities: *oddities }
    }
}

/// The results of one block.
#[derive(Default)]
struct OfBlock {
    canonical: Canonical,
    counters: Counters,
    forms: Vec<distinct::Fingerprint>,
    /// In the order of [`Finding::index`].
    rows: Vec<Vec<(At, ())>>,
    sample: Vec<(At, Sample)>,
}

impl OfBlock {
    fn row(&mut self, shared: &Shared<'_>, at: At, value: Result<&[u8], Reason>, samples: bool) {
        self.counters.rows += 1;
        match value.and_then(|value| canonicalize_row(shared.rule, value, &mut self.canonical)) {
            Ok(Outcome::Accepted { changed, warning }) => {
                self.counters.accepted += 1;
                self.counters.changed += u64::from(changed);
                self.counters.warnings += u64::from(warning);
                self.forms.push(shared.distinct.fingerprint(self.canonical.as_bytes()));
                if changed {
                    self.note(Finding::Changed, at);
                }
                if warning {
                    self.note(Finding::Warned, at);
                }
            }
            Ok(Outcome::Suppressed) => {
                self.counters.suppressed += 1;
                self.note(Finding::Suppressed, at);
            }
            Err(reason) => {
                self.counters.rejected.count(reason);
                self.note(Finding::Rejected(reason), at);
                // A row without a value says nothing about what was meant.
                if let (true, Ok(value)) = (samples && self.sample.len() < Looks::SAMPLE, value)
                    && reason != Reason::Empty
                {
                    self.sample.push((at, shared.looks.of(value, &mut self.canonical)));
                }
            }
        }
    }

    fn note(&mut self, finding: Finding, at: At) {
        let rows = &mut self.rows[finding.index()];
        if rows.len() < Profile::KEPT_ROWS {
            rows.push((at, ()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_a_place_of_its_own() {
        assert!(Finding::all().map(Finding::index).eq(0..Finding::COUNT));
    }
}
