//! The whole job in memory: lines of card numbers of two members to the report. Rival: the same by `ring`
//! and a `HashSet`; floor: finding the line ends.

mod support;

use std::collections::HashSet;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::card_lines;
use veilmatch::Intersection;
use veilmatch::member::identifier::Kind;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::rows::Rows;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::report::KindReport;
use veilmatch::terms::{KeyContext, Name};

const ROWS: u64 = 200_000;

fn two_members(criterion: &mut Criterion) {
    let files = [card_lines(0..ROWS), card_lines(ROWS / 2..ROWS * 3 / 2)];
    let secret = CoalitionSecret::generate().expect("random bytes");
    let context =
        KeyContext::new(Name::new("bench").expect("valid"), 1, Kind::CardPan.kind_id()).expect("valid");
    let tokenizer = Tokenizer::new(&secret, context).expect("passes its self-test");
    let names = ["a", "b"].map(|name| Name::new(name).expect("valid"));

    let mut group = criterion.benchmark_group("pipeline/two members, half shared");
    group.throughput(Throughput::Elements(2 * ROWS)).sample_size(10);
    group.bench_function("ours", |bencher| {
        bencher.iter(|| {
            let set = |member: usize| {
                let rows = Rows::lines(&files[member][..]);
                tokenizer.tokenize(&names[member], rows).expect("reads").set
            };
            let (a, b) = (set(0), set(1));
            let matched = Intersection::new().add(&a).and_then(|all| all.add(&b)).expect("same terms");
            let report = KindReport::new(&matched.at_least(2).expect("in bounds")).expect("counts");
            assert_eq!(report.overlaps, Some(ROWS / 2));
        });
    });
    group.bench_function("ring and HashSet, no canonical forms, one thread", |bencher| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[7; 32]);
        let sign = |line: &[u8]| {
            let mut token = [0; 16];
            token.copy_from_slice(&ring::hmac::sign(&key, line).as_ref()[..16]);
            token
        };
        bencher.iter(|| {
            let lines = |member: usize| files[member].split(|b| *b == b'\n').filter(|line| !line.is_empty());
            let known: HashSet<[u8; 16]> = lines(0).map(sign).collect();
            let both = lines(1).filter(|line| known.contains(&sign(line))).count();
            assert_eq!(both as u64, ROWS / 2);
        });
    });
    group.bench_function("floor: line ends", |bencher| {
        bencher.iter(|| {
            black_box(files.iter().map(|file| memchr::memchr_iter(b'\n', file).count()).sum::<usize>())
        });
    });
    group.finish();
}

criterion_group!(benches, two_members);
criterion_main!(benches);
