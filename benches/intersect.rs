//! Sets to overlaps. Rivals: hash maps of masks, hash sets (`std`, `hashbrown`), a merge by hand; floor: reading
//! the tokens.
//!
//! Two sets take about twice the reading of both: some 20 instructions a step are the bound, not memory. Tried without gain:
//! one counter for all interleaved ranges; four tokens against four at once in vector registers (0.47 ns where nothing is
//! shared, but 0.95 and 2.3 at 10 and 50 %); one to eight ranges a thread; ranges of 2¹⁴ to 2²⁰ tokens.

mod support;

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;
use support::{mix, set, token};
use veilmatch::{Intersection, Prefilter, Token, TokenSet};

fn count(sets: &[TokenSet], at_least: usize) -> u64 {
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).expect("same terms");
    all.at_least(at_least).expect("in bounds").count().expect("not cancelled")
}

/// The floor: every token is read once.
fn read(sets: &[TokenSet]) -> u64 {
    sets.iter().flat_map(TokenSet::tokens).fold(0, |sum, token| sum ^ first_bytes(token))
}

fn read_by_all_threads(sets: &[TokenSet]) -> u64 {
    let read = |tokens: &[Token]| tokens.iter().fold(0, |sum, token| sum ^ first_bytes(token));
    let all = sets.iter().map(|set| set.tokens().par_chunks(1 << 16).map(read).reduce(|| 0, |a, b| a ^ b));
    all.fold(0, |a, b| a ^ b)
}

fn first_bytes(token: &Token) -> u64 {
    u64::from_le_bytes(token.as_bytes()[..8].try_into().expect("eight bytes"))
}

/// Two sets of a length of which so many per cent are shared.
fn pair(len: u64, shared: u64) -> [TokenSet; 2] {
    let start = len - len * shared / 100;
    [set("a", 0..len), set("b", start..start + len)]
}

fn two(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("intersect/two sets");
    group.sample_size(10);
    for (len, shared) in [(1_000_000, 0), (1_000_000, 50), (1_000_000, 100), (10_000_000, 10)] {
        let sets = pair(len, shared);
        group.throughput(Throughput::Elements(2 * len));
        let name = |what: &str| format!("{what}, {len}, {shared} % shared");
        group.bench_function(name("ours"), |bencher| {
            bencher.iter(|| assert_eq!(count(&sets, 2), len * shared / 100));
        });
        group.bench_function(name("merge by hand, one thread"), |bencher| {
            bencher.iter(|| assert_eq!(merge(sets[0].tokens(), sets[1].tokens()), len * shared / 100));
        });
        group.bench_function(name("floor: read both, one thread"), |bencher| {
            bencher.iter(|| black_box(read(&sets)));
        });
        group.bench_function(name("floor: read both"), |bencher| {
            bencher.iter(|| black_box(read_by_all_threads(&sets)));
        });
    }
    group.finish();

    const LEN: u64 = 1_000_000;
    let sets = pair(LEN, 10);
    let mut group = criterion.benchmark_group("intersect/two sets, a tenth shared");
    group.throughput(Throughput::Elements(2 * LEN)).sample_size(10);
    group.bench_function("ours", |bencher| bencher.iter(|| assert_eq!(count(&sets, 2), LEN / 10)));
    group.bench_function("HashSet, one thread", |bencher| {
        bencher.iter(|| {
            let known: HashSet<&Token> = sets[0].tokens().iter().collect();
            let both = sets[1].tokens().iter().filter(|token| known.contains(token)).count();
            assert_eq!(both as u64, LEN / 10);
        });
    });
    group.bench_function("hashbrown, one thread", |bencher| {
        bencher.iter(|| {
            let known: hashbrown::HashSet<&Token> = sets[0].tokens().iter().collect();
            let both = sets[1].tokens().iter().filter(|token| known.contains(token)).count();
            assert_eq!(both as u64, LEN / 10);
        });
    });
    group.finish();
}

fn merge(mut a: &[Token], mut b: &[Token]) -> u64 {
    let mut both = 0;
    while let ([first, rest @ ..], [other, others @ ..]) = (a, b) {
        match first.cmp(other) {
            std::cmp::Ordering::Less => a = rest,
            std::cmp::Ordering::Greater => b = others,
            std::cmp::Ordering::Equal => (both, a, b) = (both + 1, rest, others),
        }
    }
    both
}

/// Eight members of which each token is held by one to four.
fn eight(criterion: &mut Criterion) {
    const LEN: u64 = 250_000;
    let sets: Vec<TokenSet> =
        (0..8).map(|member| set(&format!("m{member}"), member * LEN / 4..member * LEN / 4 + LEN)).collect();
    let expected = {
        let mut holders: HashMap<Token, u8> = HashMap::new();
        sets.iter().flat_map(TokenSet::tokens).for_each(|token| *holders.entry(*token).or_default() += 1);
        holders.values().filter(|count| **count >= 3).count() as u64
    };
    let mut group = criterion.benchmark_group("intersect/eight sets, at least three");
    group.throughput(Throughput::Elements(8 * LEN)).sample_size(10);
    group.bench_function("ours", |bencher| bencher.iter(|| assert_eq!(count(&sets, 3), expected)));
    group.bench_function("HashMap of masks, one thread", |bencher| {
        bencher.iter(|| {
            let mut masks: HashMap<&Token, u8> = HashMap::new();
            for (member, set) in sets.iter().enumerate() {
                set.tokens().iter().for_each(|token| *masks.entry(token).or_default() |= 1 << member);
            }
            assert_eq!(masks.values().filter(|mask| mask.count_ones() >= 3).count() as u64, expected);
        });
    });
    group.bench_function("hashbrown map of masks, one thread", |bencher| {
        bencher.iter(|| {
            let mut masks: hashbrown::HashMap<&Token, u8> = hashbrown::HashMap::new();
            for (member, set) in sets.iter().enumerate() {
                set.tokens().iter().for_each(|token| *masks.entry(token).or_default() |= 1 << member);
            }
            assert_eq!(masks.values().filter(|mask| mask.count_ones() >= 3).count() as u64, expected);
        });
    });
    group.bench_function("floor: read all, one thread", |bencher| bencher.iter(|| black_box(read(&sets))));
    group.finish();
}

/// So many members with as many tokens each, drawn from a universe; some of a member's draws coincide.
fn drawn(members: u64, len: u64, universe: u64) -> Vec<TokenSet> {
    let member = |member: u64| {
        let template = set(&format!("m{member}"), 0..0);
        let tokens = (0..len).map(|draw| token(mix(member << 40 | draw) % universe)).collect();
        TokenSet::from_tokens(template.terms().clone(), template.member().clone(), tokens)
    };
    (0..members).map(member).collect()
}

/// Every threshold, and tokens in the same number for few and for many members.
fn thresholds(criterion: &mut Criterion) {
    for (members, len, universe) in [(8, 2_500_000, 20_000_000), (128, 200_000, 25_600_000)] {
        let sets = drawn(members, len, universe);
        let shared = {
            let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set));
            let all = all.expect("same terms").at_least(1).expect("in bounds");
            all.by_holder_count().expect("not cancelled")
        };
        let name = format!("intersect/{members} sets of {len} drawn from {universe}");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(sets.iter().map(|set| set.len() as u64).sum())).sample_size(10);
        for at_least in [1, 2, 3, 5, 8] {
            let expected: u64 = shared[at_least - 1..].iter().sum();
            group.bench_function(format!("at least {at_least}"), |bencher| {
                bencher.iter(|| assert_eq!(count(&sets, at_least), expected));
            });
        }
        group.bench_function("floor: read all", |bencher| {
            bencher.iter(|| black_box(read_by_all_threads(&sets)));
        });
        group.finish();
    }
}

/// One set far larger than the other: it is searched, with or without a filter in front of it.
fn lopsided(criterion: &mut Criterion) {
    const LARGE: u64 = 2_000_000;
    let large = set("large", 0..LARGE);
    let filters = [
        ("standard", Prefilter::standard(&large, 0.01).expect("a fair rate")),
        ("blocked", Prefilter::blocked(&large, 0.01).expect("a fair rate")),
    ];
    for ratio in [16, 64, 256, 1000] {
        let small = set("small", LARGE - LARGE / ratio / 10..LARGE + LARGE / ratio * 9 / 10);
        let expected = LARGE / ratio / 10;
        let mut group = criterion.benchmark_group(format!("intersect/lopsided, 1 : {ratio}"));
        group.throughput(Throughput::Elements(small.len() as u64)).sample_size(10);
        group.bench_function("ours", |bencher| {
            bencher.iter(|| assert_eq!(count(&[small.clone(), large.clone()], 2), expected));
        });
        for (layout, filter) in &filters {
            group.bench_function(format!("ours, with a prefilter, {layout}"), |bencher| {
                bencher.iter(|| {
                    let sets = Intersection::new()
                        .add(&small)
                        .and_then(|all| all.add_with_prefilter(&large, filter));
                    let found = sets.expect("same terms").at_least(2).expect("in bounds").count();
                    assert_eq!(found.expect("not cancelled"), expected);
                });
            });
        }
        group.bench_function("merge by hand, one thread", |bencher| {
            bencher.iter(|| assert_eq!(merge(small.tokens(), large.tokens()), expected));
        });
        group.bench_function("floor: binary searches, one thread", |bencher| {
            bencher.iter(|| {
                let found = small.tokens().iter().filter(|token| large.contains(token)).count();
                assert_eq!(found as u64, expected);
            });
        });
        group.finish();
    }
}

criterion_group!(benches, two, eight, thresholds, lopsided);
criterion_main!(benches);
