//! From tokens of two members to their overlaps, at several sizes: does a token cost the same in all?

use veilmatch::{Token, TokenSet};

use crate::intersect::count;
use crate::measure::{Bench, Group, Outcome, Threads};
use crate::support::{set, tokens};

const SIZES: [u64; 4] = [100_000, 1_000_000, 10_000_000, 100_000_000];

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let smaller = SIZES.into_iter().filter(|size| *size < bench.size);
    let rounds: Vec<Round> = smaller.chain([bench.size]).map(Round::new).collect();
    let templates = [set("a", 0..0), set("b", 0..0)];
    let build = |member: usize, tokens| {
        let template: &TokenSet = &templates[member];
        TokenSet::from_tokens(template.terms().clone(), template.member().clone(), tokens)
    };
    let mut group = Group::new(bench, "growth", "two sets built and matched, a tenth shared");
    for Round { members: [a, b], shared } in &rounds {
        let items = a.len() + b.len();
        let run = |(a, b)| count(&[build(0, a), build(1, b)], 2);
        let input = || (a.clone(), b.clone());
        group = group.items(items as u64).case(
            format!("ours, {}", short(items as u64)),
            Threads::All,
            input,
            run,
            move |found| found == shared,
        );
    }
    group.run()
}

/// Two members' tokens in no order, and how many they share.
struct Round {
    members: [Vec<Token>; 2],
    shared: u64,
}

impl Round {
    fn new(size: u64) -> Self {
        let (len, shared) = (size / 2, size / 20);
        Self { members: [tokens(0..len), tokens(len - shared..2 * len - shared)], shared }
    }
}

/// A count in thousands or millions, if it is one.
fn short(count: u64) -> String {
    match count {
        millions if millions.is_multiple_of(1_000_000) => format!("{} M", millions / 1_000_000),
        thousands if thousands.is_multiple_of(1000) => format!("{} k", thousands / 1000),
        _ => count.to_string(),
    }
}
