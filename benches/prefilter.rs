//! Building and asking prefilters. Rivals: the packages `bloomfilter` and `fastbloom`, hash sets (`std`,
//! `hashbrown`), a binary search; floor: reading the tokens.

mod support;

use std::collections::HashSet;
use std::hint::black_box;

use bloomfilter::Bloom;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use fastbloom::BloomFilter;
use support::{set, tokens};
use veilmatch::{Prefilter, Token, TokenSet};

/// Within a cache of the second level, and beyond that of the third.
const SIZES: [u64; 2] = [1_000_000, 10_000_000];

const RATE: f64 = 0.01;

fn fastbloom(tokens: &[Token]) -> BloomFilter {
    BloomFilter::with_false_pos(RATE).seed(&1).items(tokens.iter())
}

fn bloomfilter(tokens: &[Token]) -> Bloom<Token> {
    let seed = std::array::from_fn(|n| n as u8); // two equal halves would be one hash function
    let mut bloom =
        Bloom::new_for_fp_rate_with_seed(tokens.len(), RATE, &seed).expect("a fair size and rate");
    tokens.iter().for_each(|token| bloom.set(token));
    bloom
}

fn read(tokens: &[Token]) -> u8 {
    tokens.iter().fold(0, |sum, token| sum ^ token.as_bytes()[7])
}

fn blocked(members: &TokenSet) -> Prefilter {
    let filter = Prefilter::blocked(members, RATE).expect("a fair rate");
    assert!(filter.size() as f64 * 8.0 <= 12.0 * members.len() as f64, "bits a token");
    assert!(filter.false_positive_rate() <= 0.011);
    filter
}

fn build(criterion: &mut Criterion) {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    for len in SIZES {
        let members = set("bank", 0..len);
        let tokens = members.tokens();
        let mut group = criterion.benchmark_group(format!("prefilter/build, {} M tokens", len / 1_000_000));
        group.throughput(Throughput::Elements(len)).sample_size(10);
        group.bench_function("blocked", |bencher| bencher.iter(|| blocked(&members)));
        group.bench_function("blocked, one thread", |bencher| {
            bencher.iter(|| one.install(|| blocked(&members)));
        });
        group.bench_function("standard", |bencher| bencher.iter(|| Prefilter::standard(&members, RATE)));
        group.bench_function("bloomfilter", |bencher| bencher.iter(|| bloomfilter(tokens)));
        group.bench_function("fastbloom", |bencher| bencher.iter(|| fastbloom(tokens)));
        group.bench_function("HashSet", |bencher| {
            bencher.iter(|| tokens.iter().copied().collect::<HashSet<Token>>());
        });
        group.bench_function("hashbrown", |bencher| {
            bencher.iter(|| tokens.iter().copied().collect::<hashbrown::HashSet<Token>>());
        });
        group.bench_function("floor: read", |bencher| bencher.iter(|| black_box(read(tokens))));
        group.finish();
    }
}

/// Asks in three ways: for the members and for as many strangers in order of token, and for strangers in none.
struct Asked {
    members: TokenSet,
    strangers: TokenSet,
    in_no_order: Vec<Token>,
}

impl Asked {
    fn all(&self, group: &mut BenchmarkGroup<'_, WallTime>, name: &str, has: impl Fn(&Token) -> bool) {
        let passing = |tokens: &[Token]| tokens.iter().filter(|token| has(token)).count();
        let few = |passed: usize, of: usize| assert!(passed as f64 <= 0.011 * of as f64, "{passed} of {of}");
        group.throughput(Throughput::Elements(self.members.len() as u64));
        group.bench_function(format!("{name}: members"), |bencher| {
            bencher.iter(|| assert_eq!(passing(self.members.tokens()), self.members.len()));
        });
        group.bench_function(format!("{name}: strangers"), |bencher| {
            bencher.iter(|| few(passing(self.strangers.tokens()), self.strangers.len()));
        });
        group.throughput(Throughput::Elements(self.in_no_order.len() as u64));
        group.bench_function(format!("{name}: strangers in no order"), |bencher| {
            bencher.iter(|| few(passing(&self.in_no_order), self.in_no_order.len()));
        });
    }
}

fn ask(criterion: &mut Criterion) {
    for len in SIZES {
        let asked = Asked {
            members: set("bank", 0..len),
            strangers: set("bank", len..2 * len),
            in_no_order: tokens(len..len + 1_000_000),
        };
        let tokens = asked.members.tokens();
        let mut group = criterion.benchmark_group(format!("prefilter/ask, {} M tokens", len / 1_000_000));
        group.sample_size(10);
        let filter = blocked(&asked.members);
        asked.all(&mut group, "blocked", |token| filter.may_contain(token));
        let filter = Prefilter::standard(&asked.members, RATE).expect("a fair rate");
        asked.all(&mut group, "standard", |token| filter.may_contain(token));
        let filter = bloomfilter(tokens);
        asked.all(&mut group, "bloomfilter", |token| filter.check(token));
        let filter = fastbloom(tokens);
        asked.all(&mut group, "fastbloom", |token| filter.contains(token));
        let known: HashSet<Token> = tokens.iter().copied().collect();
        asked.all(&mut group, "HashSet", |token| known.contains(token));
        let known: hashbrown::HashSet<Token> = tokens.iter().copied().collect();
        asked.all(&mut group, "hashbrown", |token| known.contains(token));
        group.throughput(Throughput::Elements(len));
        group.bench_function("floor: read", |bencher| bencher.iter(|| black_box(read(tokens))));
        group.finish();
    }
}

/// Tokens of which one in a hundred is in the set, in no order, as `resolve` meets them.
fn resolve(criterion: &mut Criterion) {
    const ASKED: u64 = 100_000;
    for len in [1 << 8, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 20] {
        let members = set("bank", 0..len);
        let asked: Vec<Token> = tokens(len..len + ASKED * 99 / 100)
            .into_iter()
            .chain((0..ASKED / 100).map(|number| support::token(number % len)))
            .collect();
        let blocked = Prefilter::blocked(&members, RATE).expect("a fair rate");
        let standard = Prefilter::standard(&members, RATE).expect("a fair rate");
        let known: HashSet<Token> = members.tokens().iter().copied().collect();
        let expected = (ASKED / 100) as usize;
        let mut group = criterion.benchmark_group(format!("prefilter/resolve, {len} tokens"));
        group.throughput(Throughput::Elements(ASKED)).sample_size(10);
        for (name, filter) in [("blocked", &blocked), ("standard", &standard)] {
            group.bench_function(format!("{name}, then a binary search"), |bencher| {
                bencher.iter(|| {
                    let found =
                        asked.iter().filter(|token| filter.may_contain(token) && members.contains(token));
                    assert_eq!(found.count(), expected);
                });
            });
        }
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
            bencher.iter(|| black_box(read(&asked)));
        });
        group.finish();
    }
}

criterion_group!(benches, build, ask, resolve);
criterion_main!(benches);
