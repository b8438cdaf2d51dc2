//! Worlds: how many tokens each combination of members holds, and the cells of the report on them.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::collections::BTreeMap;

use veilmatch::outcome::RejectedCounts;
use veilmatch::report::{Combination, Combinations, HolderCounts, KindReport, MemberReport, PairReport};
use veilmatch::terms::{KindId, Name};

/// Sizes of the members' sets, and the number of tokens held by exactly the members of each bit mask of two or
/// more; the rest of each set its member holds alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    pub sizes: Vec<u64>,
    pub shared: BTreeMap<u32, u64>,
}

/// Members two by two, in the order of the report.
pub fn pairs(members: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..members).flat_map(move |a| (a + 1..members).map(move |b| (a, b)))
}

pub fn holds(mask: u32, member: usize) -> bool {
    mask & (1 << member) != 0
}

impl World {
    /// What a member holds alone; none if it would hold more than its set has.
    pub fn alone(&self, member: usize) -> Option<u64> {
        let shared = self.shared.iter().filter(|(mask, _)| holds(**mask, member));
        self.sizes[member].checked_sub(shared.map(|(_, count)| count).sum())
    }

    /// The cells in order: `overlaps`, by holder count, pairs.
    pub fn cells(&self, at_least: usize) -> Vec<u64> {
        let members = self.sizes.len();
        let mut by_holder_count = vec![0; members];
        by_holder_count[0] = (0..members).map(|member| self.alone(member).expect("a possible world")).sum();
        for (mask, count) in &self.shared {
            by_holder_count[mask.count_ones() as usize - 1] += count;
        }
        let pair = |(a, b)| {
            let both = self.shared.iter().filter(|(mask, _)| holds(**mask, a) && holds(**mask, b));
            both.map(|(_, count)| count).sum()
        };
        let overlaps = by_holder_count[at_least - 1..].iter().sum();
        [overlaps]
            .into_iter()
            .chain(by_holder_count.iter().copied())
            .chain(pairs(members).map(pair))
            .collect()
    }
}

/// The combinations of this world as a report has them, with nothing withheld.
pub fn combinations(world: &World, at_least: usize) -> Combinations {
    let members = world.sizes.len();
    let alone = (0..members).map(|member| (1 << member, world.alone(member).expect("a possible world")));
    let all: Vec<(u32, u64)> = alone
        .chain(world.shared.iter().map(|(mask, count)| (*mask, *count)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let name = |member: usize| Name::new(&format!("m{member}")).unwrap();
    let mut listed: Vec<Combination> = all
        .iter()
        .filter(|(mask, _)| mask.count_ones() as usize >= at_least)
        .map(|(mask, count)| Combination {
            holders: (0..members).filter(|member| holds(*mask, *member)).map(name).collect(),
            count: *count,
        })
        .collect();
    listed.sort_by(|a, b| b.count.cmp(&a.count).then(a.holders.cmp(&b.holders)));
    let more = listed.len().saturating_sub(Combinations::LISTED);
    listed.truncate(Combinations::LISTED);
    let smallest = all.iter().map(|(_, count)| *count).min().unwrap_or(0);
    Combinations { largest: listed, more: more as u64, smallest }
}

/// The report on these cells.
pub fn report_of(sizes: &[u64], cells: &[u64]) -> KindReport {
    let names: Vec<Name> = (0..sizes.len()).map(|member| Name::new(&format!("m{member}")).unwrap()).collect();
    let member = |(name, unique): (&Name, &u64)| MemberReport {
        name: name.clone(),
        rows: *unique,
        accepted: *unique,
        changed: 0,
        warnings: 0,
        suppressed: 0,
        duplicates: 0,
        unique: *unique,
        rejected: RejectedCounts::default(),
    };
    let pair = |((a, b), overlap): ((usize, usize), &u64)| PairReport {
        a: names[a].clone(),
        b: names[b].clone(),
        overlap: Some(*overlap),
    };
    let mut report = KindReport {
        kind: KindId::new("crypto.evm/1").unwrap(),
        members: names.iter().zip(sizes).map(member).collect(),
        overlaps: None,
        by_holder_count: HolderCounts(Vec::new()),
        pairs: pairs(sizes.len()).zip(&cells[1 + sizes.len()..]).map(pair).collect(),
        combinations: None,
    };
    set_table(&mut report, cells);
    report
}

/// Puts these cells into a report of as many members.
pub fn set_table(report: &mut KindReport, cells: &[u64]) {
    let members = report.members.len();
    report.overlaps = Some(cells[0]);
    report.by_holder_count.0 = cells[1..=members].iter().copied().map(Some).collect();
    for (pair, overlap) in report.pairs.iter_mut().zip(&cells[1 + members..]) {
        pair.overlap = Some(*overlap);
    }
}

/// What a report shows of the cells, in the same order.
pub fn shown(report: &KindReport) -> Vec<Option<u64>> {
    let pairs = report.pairs.iter().map(|pair| pair.overlap);
    [report.overlaps].into_iter().chain(report.by_holder_count.0.iter().copied()).chain(pairs).collect()
}
