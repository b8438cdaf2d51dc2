//! Sets to the tokens that enough of them hold.

use std::hint::black_box;

use hashbrown::{HashMap, HashSet};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use veilmatch::{Intersection, Prefilter, Token, TokenSet};

use crate::measure::{Bench, Group, Outcome, Threads};
use crate::support::{mix, set, token};

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    two(bench)?;
    let (len, draws) = ((bench.size / 8).max(1), bench.size.div_ceil(128));
    let eight: Vec<TokenSet> =
        (0..8).map(|member| set(&format!("m{member}"), member * len / 4..member * len / 4 + len)).collect();
    several(bench, "eight sets, at least three", &eight, 3)?;
    drop(eight);
    // As many draws as there are tokens to draw: one token in 270 has five holders.
    let drawn = |member: u64| {
        let template = set(&format!("m{member}"), 0..0);
        let tokens = (0..draws).map(|draw| token(mix(member << 40 | draw) % bench.size)).collect();
        TokenSet::from_tokens(template.terms().clone(), template.member().clone(), tokens)
    };
    several(bench, "128 sets, at least five", &(0..128).map(drawn).collect::<Vec<_>>(), 5)?;
    lopsided(bench)
}

/// How many tokens so many of the sets hold.
pub(crate) fn count<'a>(sets: impl IntoIterator<Item = &'a TokenSet>, at_least: usize) -> u64 {
    let all = sets.into_iter().try_fold(Intersection::new(), |all, set| all.add(set)).expect("same terms");
    all.at_least(at_least).expect("in bounds").count().expect("not cancelled")
}

fn two(bench: &Bench) -> Outcome<()> {
    let (len, shared) = (bench.size / 2, bench.size / 20);
    let sets = [set("a", 0..len), set("b", len - shared..2 * len - shared)];
    let [a, b] = &sets;
    Group::new(bench, "intersect", "two sets, a tenth shared")
        .items((a.len() + b.len()) as u64)
        .count("ours", Threads::All, shared, || count(&sets, 2))
        .count("ours, one thread", Threads::One, shared, || count(&sets, 2))
        .count("hashbrown set", Threads::One, shared, || {
            let known: HashSet<Token> = a.tokens().iter().copied().collect();
            b.tokens().iter().filter(|token| known.contains(*token)).count() as u64
        })
        .count("floor: read both", Threads::All, read(&sets), || read(black_box(&sets)))
        .run()
}

fn several(bench: &Bench, name: &str, sets: &[TokenSet], at_least: u8) -> Outcome<()> {
    let items: usize = sets.iter().map(TokenSet::len).sum();
    let held = held_by(sets, at_least);
    Group::new(bench, "intersect", name)
        .items(items as u64)
        .count("ours", Threads::All, held, || count(sets, at_least.into()))
        .count("ours, one thread", Threads::One, held, || count(sets, at_least.into()))
        .count("hashbrown map of counts", Threads::One, held, || held_by(sets, at_least))
        .count("floor: read all", Threads::All, read(sets), || read(black_box(sets)))
        .run()
}

fn lopsided(bench: &Bench) -> Outcome<()> {
    let len = bench.size;
    let few = (len / 1000).max(10);
    let shared = few / 10;
    let (large, small) = (set("large", 0..len), set("small", len - shared..len - shared + few));
    let one = std::slice::from_ref(&small);
    let filter = Prefilter::blocked(&large, 0.01)?;
    let filtered = || {
        let sets = Intersection::new().add(&small).and_then(|sets| sets.add_with_prefilter(&large, &filter));
        let sets = sets.expect("same terms").at_least(2).expect("in bounds");
        sets.count().expect("not cancelled")
    };
    Group::new(bench, "intersect", format!("1:{}, time per token of the small set", len / few))
        .items(few)
        .count("ours", Threads::All, shared, || count([&small, &large], 2))
        .count("ours, with a prefilter", Threads::All, shared, filtered)
        .count("hashbrown set of the small, the large read", Threads::One, shared, || {
            let known: HashSet<Token> = small.tokens().iter().copied().collect();
            large.tokens().iter().filter(|token| known.contains(*token)).count() as u64
        })
        .count("a binary search each", Threads::One, shared, || {
            small.tokens().iter().filter(|token| large.contains(token)).count() as u64
        })
        .count("floor: read the small set", Threads::One, read(one), || read(black_box(one)))
        .run()
}

/// The rival of several sets. A set has a token once, so a count is enough.
fn held_by(sets: &[TokenSet], at_least: u8) -> u64 {
    let mut holders: HashMap<Token, u8> = HashMap::new();
    sets.iter().flat_map(TokenSet::tokens).for_each(|token| *holders.entry(*token).or_default() += 1);
    holders.values().filter(|count| **count >= at_least).count() as u64
}

/// The floor: every token is read once.
fn read(sets: &[TokenSet]) -> u64 {
    let bytes =
        |token: &Token| token.as_bytes().as_chunks().0.iter().fold(0, |sum, n| sum ^ u64::from_le_bytes(*n));
    sets.iter().map(|set| set.tokens().par_iter().map(bytes).reduce(|| 0, |a, b| a ^ b)).fold(0, |a, b| a ^ b)
}
