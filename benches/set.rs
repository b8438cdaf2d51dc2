//! Tokens to a set: sorted, unique. Rivals: rayon's parallel sort, `std`'s sort, a `BTreeSet`; floor: copying them.
//!
//! Sizes show the growth; `crowded` tokens share their leading 100 bits, as a hostile file's may.

mod support;

use std::collections::BTreeSet;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rayon::slice::ParallelSliceMut as _;
use support::tokens;
use veilmatch::{Token, TokenSet};

/// From cache to far beyond it.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];

/// So many tokens occur twice.
const REPEATED: u64 = 1000;

fn shuffled(count: u64) -> Vec<Token> {
    let mut shuffled = tokens(0..count);
    shuffled.extend_from_within(..REPEATED as usize);
    shuffled
}

fn build(template: &TokenSet, tokens: Vec<Token>) -> TokenSet {
    let count = tokens.len() as u64 - REPEATED;
    let set = TokenSet::from_tokens(template.terms().clone(), template.member().clone(), tokens);
    assert_eq!((set.len() as u64, set.counters().duplicates), (count, REPEATED));
    set
}

fn sort_and_dedup(mut tokens: Vec<Token>, sort: impl Fn(&mut [Token])) -> Vec<Token> {
    sort(&mut tokens);
    tokens.dedup();
    tokens
}

fn uniform(criterion: &mut Criterion) {
    let template = support::set("bank", 0..0);
    let mut group = criterion.benchmark_group("set/build");
    group.sample_size(10);
    for size in SIZES {
        let shuffled = shuffled(size);
        group.throughput(Throughput::Elements(size));
        let large = BatchSize::PerIteration;
        group.bench_function(BenchmarkId::new("ours", size), |bencher| {
            bencher.iter_batched(|| shuffled.clone(), |tokens| build(&template, tokens), large);
        });
        group.bench_function(BenchmarkId::new("par_sort_unstable", size), |bencher| {
            let sort = |tokens: &mut [Token]| tokens.par_sort_unstable();
            bencher.iter_batched(|| shuffled.clone(), |tokens| sort_and_dedup(tokens, sort), large);
        });
        group.bench_function(BenchmarkId::new("sort_unstable, one thread", size), |bencher| {
            let sort = |tokens: &mut [Token]| tokens.sort_unstable();
            bencher.iter_batched(|| shuffled.clone(), |tokens| sort_and_dedup(tokens, sort), large);
        });
        if size < 10_000_000 {
            group.bench_function(BenchmarkId::new("BTreeSet", size), |bencher| {
                bencher.iter(|| shuffled.iter().copied().collect::<BTreeSet<Token>>());
            });
        }
        group.bench_function(BenchmarkId::new("floor: copy", size), |bencher| {
            let mut copy = shuffled.clone();
            bencher.iter(|| copy.copy_from_slice(&shuffled));
        });
    }
    group.finish();
}

fn crowded(criterion: &mut Criterion) {
    let template = support::set("bank", 0..0);
    let crowd = |token: Token| {
        let bits = u128::from_be_bytes(*token.as_bytes());
        Token::from_bytes((0xa5 << 120 | bits >> 100).to_be_bytes())
    };
    let tokens: Vec<Token> = tokens(0..1_000_000).into_iter().map(crowd).collect();
    let mut group = criterion.benchmark_group("set/crowded");
    group.throughput(Throughput::Elements(1_000_000)).sample_size(10);
    let from =
        |tokens| TokenSet::from_tokens(template.terms().clone(), template.member().clone(), tokens).len();
    let expected = sort_and_dedup(tokens.clone(), |tokens| tokens.sort_unstable()).len();
    group.bench_function("ours", |bencher| {
        let build = |tokens| assert_eq!(from(tokens), expected);
        bencher.iter_batched(|| tokens.clone(), build, BatchSize::PerIteration);
    });
    group.bench_function("par_sort_unstable", |bencher| {
        let sort = |tokens: &mut [Token]| tokens.par_sort_unstable();
        bencher.iter_batched(
            || tokens.clone(),
            |tokens| sort_and_dedup(tokens, sort),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, uniform, crowded);
criterion_main!(benches);
