//! Building and asking a prefilter. Rivals: `fastbloom`, hash sets (`std`, `hashbrown`), a binary search; floor:
//! reading the tokens.

mod support;

use std::collections::HashSet;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fastbloom::BloomFilter;
use support::{set, tokens};
use veilmatch::{Prefilter, Token};

fn fastbloom(tokens: &[Token]) -> BloomFilter {
    BloomFilter::with_false_pos(0.01).seed(&1).items(tokens.iter())
}

fn build(criterion: &mut Criterion) {
    const LEN: u64 = 200_000;
    let members = set("bank", 0..LEN);
    let mut group = criterion.benchmark_group("prefilter/build");
    group.throughput(Throughput::Elements(LEN)).sample_size(10);
    group.bench_function("standard", |bencher| bencher.iter(|| Prefilter::standard(&members, 0.01)));
    group.bench_function("fastbloom", |bencher| bencher.iter(|| fastbloom(members.tokens())));
    group.bench_function("HashSet", |bencher| {
        bencher.iter(|| members.tokens().iter().copied().collect::<HashSet<Token>>());
    });
    group.finish();
}

/// Tokens of which one in a hundred is in the set, in no order, as `resolve` meets them.
fn resolve(criterion: &mut Criterion) {
    const ASKED: u64 = 100_000;
    for len in [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 20] {
        let members = set("bank", 0..len);
        let asked: Vec<Token> = tokens(len..len + ASKED * 99 / 100)
            .into_iter()
            .chain((0..ASKED / 100).map(|number| support::token(number % len)))
            .collect();
        let prefilter = Prefilter::standard(&members, 0.01).expect("a fair rate");
        let known: HashSet<Token> = members.tokens().iter().copied().collect();
        let expected = (ASKED / 100) as usize;
        let mut group = criterion.benchmark_group(format!("prefilter/resolve, {len} tokens"));
        group.throughput(Throughput::Elements(ASKED)).sample_size(10);
        group.bench_function("standard, then a binary search", |bencher| {
            bencher.iter(|| {
                let found =
                    asked.iter().filter(|token| prefilter.may_contain(token) && members.contains(token));
                assert_eq!(found.count(), expected);
            });
        });
        group.bench_function("binary search", |bencher| {
            bencher
                .iter(|| assert_eq!(asked.iter().filter(|token| members.contains(token)).count(), expected));
        });
        let rival = fastbloom(members.tokens());
        group.bench_function("fastbloom, then a binary search", |bencher| {
            bencher.iter(|| {
                let found = asked.iter().filter(|token| rival.contains(*token) && members.contains(token));
                assert_eq!(found.count(), expected);
            });
        });
        group.bench_function("HashSet", |bencher| {
            bencher
                .iter(|| assert_eq!(asked.iter().filter(|token| known.contains(*token)).count(), expected));
        });
        let known: hashbrown::HashSet<Token> = members.tokens().iter().copied().collect();
        group.bench_function("hashbrown", |bencher| {
            bencher
                .iter(|| assert_eq!(asked.iter().filter(|token| known.contains(*token)).count(), expected));
        });
        group.bench_function("floor: read", |bencher| {
            bencher.iter(|| black_box(asked.iter().fold(0, |sum, token| sum ^ token.as_bytes()[7])));
        });
        group.finish();
    }
}

criterion_group!(benches, build, resolve);
criterion_main!(benches);
