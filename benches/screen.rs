//! One token of a stream against a set: rivals: `hashbrown`, binary search, both in memory; floor: the prefilter alone.
//!
//! Of a stream nearly all are misses; `one in a hundred` and `hits` show what the others cost. `disk` keeps no token in
//! memory: each that passes the prefilter is read and verified.
//!
//! On 2 cores of an Intel Xeon with AVX-512, answers for one token against 100 M, 1.74 GB in memory, the set's tokens among
//! them (`cargo run --release --example screen -- --size 100000000`):
//!
//! | stream | M a second, one thread | two threads, each | in batches | median, ns | 99 %, ns | 99.9 %, ns |
//! |---|---|---|---|---|---|---|
//! | misses | 15.9 | 15.7 | 27.6 | 199 | 601 | 1,510 |
//! | one hit in a hundred | 13.8 | 13.7 | 23.4 | 205 | 1,164 | 1,529 |
//! | hits alone | 1.4 | 1.5 | 1.8 | 781 | 1,244 | 1,478 |
//!
//! Behind a lock for readers, or with a count of who holds the index, two threads had 3.1 million misses a second each and
//! one had 16.7 to 17.6: both ways write one cache line for every token. `arc-swap` does not.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hashbrown::HashSet;
use support::{mix, token};
use veilmatch::screen::ScreenIndex;
use veilmatch::{Prefilter, SetFile, Token, TokenSet};

/// In cache, at its edge and far beyond it.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];

/// Tokens of a stream.
const ASKED: u64 = 100_000;

/// Random tokens, of which so many in a hundred are in the set of the first `size`.
fn stream(size: u64, hits: u64) -> Vec<Token> {
    (0..ASKED).map(|n| token(if n % 100 < hits { mix(n) % size } else { (1 << 40) + n })).collect()
}

fn on_disk(set: &TokenSet, memory: u64) -> ScreenIndex {
    let mut bytes = Vec::new();
    set.write_to(&mut bytes).expect("writing to memory succeeds");
    let file = SetFile::from_source(Box::new(bytes), "the set").expect("a valid set");
    ScreenIndex::from_file(file, memory).expect("a valid set")
}

fn screen(criterion: &mut Criterion) {
    for size in SIZES {
        let set = support::set("bank", 0..size);
        let screened = on_disk(&set, u64::MAX);
        let rival: HashSet<Token> = set.tokens().iter().copied().collect();
        let floor = Prefilter::blocked(&set, 0.01).expect("a rate that it offers");
        for (stream, hits) in
            [("misses", 0), ("one in a hundred", 1), ("hits", 100)].map(|(n, h)| (n, (h, stream(size, h))))
        {
            let (hits, asked) = (hits.0 * ASKED / 100, hits.1);
            let mut group = criterion.benchmark_group(format!("screen/{stream}"));
            group.throughput(Throughput::Elements(ASKED)).sample_size(10);
            let mut ours = |name, count: &dyn Fn() -> u64| {
                group.bench_function(BenchmarkId::new(name, size), |bencher| {
                    bencher.iter(|| assert_eq!(count(), hits));
                });
            };
            let one = |token: &&Token| screened.find(token).expect("in memory").is_some();
            ours("ours, one by one", &|| asked.iter().filter(one).count() as u64);
            ours("ours, together", &|| {
                let mut found = 0;
                screened.find_each(&asked, |_, _| found += 1).expect("in memory");
                found
            });
            ours("hashbrown", &|| asked.iter().filter(|token| rival.contains(*token)).count() as u64);
            ours("binary search", &|| asked.iter().filter(|token| set.contains(token)).count() as u64);
            group.bench_function(BenchmarkId::new("floor: prefilter", size), |bencher| {
                bencher.iter(|| {
                    let maybe = asked.iter().filter(|token| floor.may_contain(token)).count() as u64;
                    assert!(maybe >= hits);
                });
            });
            group.finish();
        }
    }
}

fn disk(criterion: &mut Criterion) {
    let set = support::set("bank", 0..1_000_000);
    let screened = on_disk(&set, 0);
    let mut group = criterion.benchmark_group("screen/disk");
    group.sample_size(10);
    for (name, hits) in [("misses", 0), ("hits", 100)] {
        let asked = &stream(1_000_000, hits)[..10_000];
        group.throughput(Throughput::Elements(asked.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let found = asked.iter().filter(|token| screened.find(token).expect("in memory").is_some());
                assert_eq!(found.count() as u64, hits * 100);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, screen, disk);
criterion_main!(benches);
