//! Tokens to a set: sorted, unique. Rivals: rayon's parallel sort, `std`'s sort, a `BTreeSet`; floor: copying them.

mod support;

use std::collections::BTreeSet;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rayon::slice::ParallelSliceMut as _;
use support::tokens;
use veilmatch::{Token, TokenSet};

const TOKENS: u64 = 1_000_000;

fn build(criterion: &mut Criterion) {
    let template = support::set("bank", 0..0);
    let mut shuffled = tokens(0..TOKENS);
    shuffled.extend_from_within(..1000);
    let build = |tokens: Vec<Token>| {
        let set = TokenSet::from_tokens(template.terms().clone(), template.member().clone(), tokens);
        assert_eq!((set.len() as u64, set.counters().duplicates), (TOKENS, 1000));
        set
    };
    let mut group = criterion.benchmark_group("set/build");
    group.throughput(Throughput::Elements(TOKENS)).sample_size(10);
    group.bench_function("ours", |bencher| {
        bencher.iter_batched(|| shuffled.clone(), build, BatchSize::LargeInput);
    });
    group.bench_function("par_sort_unstable and dedup", |bencher| {
        bencher.iter_batched(
            || shuffled.clone(),
            |mut tokens| {
                tokens.par_sort_unstable();
                tokens.dedup();
                tokens
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("sort_unstable and dedup, one thread", |bencher| {
        bencher.iter_batched(
            || shuffled.clone(),
            |mut tokens| {
                tokens.sort_unstable();
                tokens.dedup();
                tokens
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("BTreeSet", |bencher| {
        bencher.iter(|| shuffled.iter().copied().collect::<BTreeSet<Token>>());
    });
    group.bench_function("floor: copy", |bencher| bencher.iter(|| shuffled.clone()));
    group.finish();
}

criterion_group!(benches, build);
criterion_main!(benches);
