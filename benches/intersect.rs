//! Sets to overlaps. Rivals: hash maps of masks, hash sets (`std`, `hashbrown`), a merge by hand; floor: reading
//! the tokens.

mod support;

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::set;
use veilmatch::{Intersection, Prefilter, Token, TokenSet};

fn count(sets: &[TokenSet], at_least: usize) -> u64 {
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).expect("same terms");
    all.at_least(at_least).expect("in bounds").count(&()).expect("not cancelled")
}

fn read(sets: &[TokenSet]) -> u64 {
    sets.iter().flat_map(TokenSet::tokens).fold(0, |sum, token| sum ^ u64::from(token.as_bytes()[7]))
}

fn two(criterion: &mut Criterion) {
    const LEN: u64 = 1_000_000;
    let sets = [set("a", 0..LEN), set("b", LEN * 9 / 10..LEN * 19 / 10)];
    let mut group = criterion.benchmark_group("intersect/two sets, a tenth shared");
    group.throughput(Throughput::Elements(2 * LEN)).sample_size(10);
    group.bench_function("ours", |bencher| bencher.iter(|| assert_eq!(count(&sets, 2), LEN / 10)));
    group.bench_function("merge by hand, one thread", |bencher| {
        bencher.iter(|| assert_eq!(merge(sets[0].tokens(), sets[1].tokens()), LEN / 10));
    });
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
    group.bench_function("floor: read both, one thread", |bencher| bencher.iter(|| black_box(read(&sets))));
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

    let mut group = criterion.benchmark_group("intersect/many sets, at least five");
    for members in [8, 32, 128] {
        let len = 8 * LEN / members;
        let sets: Vec<TokenSet> = (0..members)
            .map(|member| set(&format!("m{member}"), member * len / 6..member * len / 6 + len))
            .collect();
        let expected = count(&sets, 5);
        group.throughput(Throughput::Elements(members * len)).sample_size(10);
        group.bench_function(format!("{members}"), |bencher| {
            bencher.iter(|| assert_eq!(count(&sets, 5), expected));
        });
    }
    group.finish();
}

/// One set far larger than the other: it is searched, with or without a filter in front of it.
fn lopsided(criterion: &mut Criterion) {
    const LARGE: u64 = 2_000_000;
    let large = set("large", 0..LARGE);
    let filter = Prefilter::standard(&large, 0.01).expect("a fair rate");
    for ratio in [16, 64, 256, 1024] {
        let small = set("small", LARGE - LARGE / ratio / 10..LARGE + LARGE / ratio * 9 / 10);
        let expected = LARGE / ratio / 10;
        let mut group = criterion.benchmark_group(format!("intersect/lopsided, 1 : {ratio}"));
        group.throughput(Throughput::Elements(small.len() as u64)).sample_size(10);
        group.bench_function("ours", |bencher| {
            bencher.iter(|| assert_eq!(count(&[small.clone(), large.clone()], 2), expected));
        });
        group.bench_function("ours, with a prefilter", |bencher| {
            bencher.iter(|| {
                let sets =
                    Intersection::new().add(&small).and_then(|all| all.add_with_prefilter(&large, &filter));
                let found = sets.expect("same terms").at_least(2).expect("in bounds").count(&());
                assert_eq!(found.expect("not cancelled"), expected);
            });
        });
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

criterion_group!(benches, two, eight, lopsided);
criterion_main!(benches);
