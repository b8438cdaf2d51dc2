//! Identifiers to tokens: against the rivals `hmac` and `ring`, above the floor of the two SHA-256 compressions
//! alone, by each back end that the machine can run.

mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit as _, Mac as _};
use support::card;
use veilmatch::Token;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind};
use veilmatch::member::key::TokenKey;
use veilmatch::member::rows::{CsvRows, Rows};
use veilmatch::member::tokenize::bench::{Staged, hash_padded};
use veilmatch::member::tokenize::{Backend, Tokenizer};
use veilmatch::terms::{KeyContext, KeyId, Name};

const ROWS: u64 = 9_600;

fn tokenizer(kind: Kind) -> Tokenizer {
    let context = KeyContext::new(Name::new("bench").expect("valid"), 1, kind.kind_id()).expect("valid");
    Tokenizer::from_token_key(&TokenKey::from_bytes(&mut [7; 32]), context, KeyId([0; 8])).expect("valid")
}

/// What `message`'s one padded block holds: it follows a key block.
fn padded(message: &[u8; 16]) -> [u8; 64] {
    let mut block = [0; 64];
    block[..16].copy_from_slice(message);
    block[16] = 0x80;
    block[62..].copy_from_slice(&(8 * (64 + 16u16)).to_be_bytes());
    block
}

fn canonical(card: &[u8; 16]) -> Canonical {
    let mut form = Canonical::new();
    Canonicalizer::new(Kind::CardPan).canonicalize(card, &mut form).expect("valid");
    form
}

fn hmac_of_16_digits(criterion: &mut Criterion) {
    let cards: Vec<[u8; 16]> = (0..ROWS).map(card).collect();
    let blocks: Vec<[u8; 64]> = cards.iter().map(padded).collect();
    let mut tokens = vec![Token::from_bytes([0; 16]); cards.len()];
    let ours = tokenizer(Kind::CardPan);
    let ring_key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[7; 32]);
    let hmac_key = Hmac::<sha2::Sha256>::new_from_slice(&[7; 32]).expect("any length");
    let expected: Vec<Token> = cards
        .iter()
        .map(|card| {
            let tag = ring::hmac::sign(&ring_key, card);
            Token::from_bytes(*tag.as_ref().first_chunk().expect("32 bytes"))
        })
        .collect();

    let mut group = criterion.benchmark_group("tokenize/16 digits");
    group.throughput(Throughput::Elements(ROWS));
    let made = |outcome: Result<Option<Token>, _>| outcome.expect("valid").expect("not suppressed");
    assert!(ours.tokens(&cards).map(made).eq(expected.iter().copied()));
    group.bench_function("ours, canonical form included", |bencher| {
        bencher.iter(|| {
            ours.tokens(&cards).enumerate().for_each(|(row, outcome)| tokens[row] = made(outcome));
        });
    });
    let forms: Vec<Canonical> = cards[..96].iter().map(canonical).collect();
    let mut staged = Staged::new();
    staged.hash(&ours, &forms, &mut tokens[..96]);
    assert!(tokens[..96] == expected[..96]);
    // The same few, as for the floor.
    group.bench_function("ours, canonical forms at hand", |bencher| {
        bencher.iter(|| {
            (0..ROWS).step_by(96).for_each(|_| staged.hash(&ours, &forms, &mut tokens[..96]));
        });
    });
    assert!(cards.iter().map(|card| made(ours.token(card))).eq(expected.iter().copied()));
    group.bench_function("ours, one at a time", |bencher| {
        bencher.iter(|| {
            cards.iter().zip(&mut tokens).for_each(|(card, token)| *token = made(ours.token(card)));
        });
    });
    group.bench_function("ring, key kept", |bencher| {
        bencher.iter(|| {
            cards.iter().for_each(|card| {
                black_box(ring::hmac::sign(&ring_key, card));
            })
        });
    });
    group.bench_function("hmac, key state cloned", |bencher| {
        bencher.iter(|| {
            cards.iter().for_each(|card| {
                let mut mac = hmac_key.clone();
                mac.update(card);
                black_box(mac.finalize());
            });
        });
    });
    for backend in Backend::available() {
        let ours = tokenizer(Kind::CardPan).with_backend(backend).expect("passes its self-test");
        hash_padded(&ours, &blocks, &mut tokens);
        assert!(tokens == expected, "{backend}");
        // As many messages, but the same few: blocks and tokens stay in the first cache.
        group.bench_function(format!("floor: two compressions, {backend}"), |bencher| {
            bencher.iter(|| {
                (0..ROWS).step_by(96).for_each(|_| hash_padded(&ours, &blocks[..96], &mut tokens[..96]))
            });
        });
    }
    group.finish();
}

fn whole_inputs(criterion: &mut Criterion) {
    let lines = support::card_lines(0..200_000);
    let csv = [
        b"id,pan\n".to_vec(),
        lines.split(|b| *b == b'\n').flat_map(|line| [b"x,", line, b"\n"].concat()).collect(),
    ]
    .concat();
    let member = Name::new("bank").expect("valid");
    let ours = tokenizer(Kind::CardPan);
    let mut group = criterion.benchmark_group("tokenize/whole input");
    group.throughput(Throughput::Elements(200_000)).sample_size(10);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        group.bench_function(format!("lines, threads: {threads}"), |bencher| {
            bencher.iter(|| {
                let tokenize = || ours.tokenize(&member, Rows::lines(&lines[..]));
                assert_eq!(pool.install(tokenize).expect("reads").set.counters().accepted, 200_000);
            });
        });
    }
    group.bench_function("a column of a CSV export", |bencher| {
        bencher.iter(|| {
            let column = veilmatch::member::rows::Column::Named("pan".into());
            let tokenized =
                ours.tokenize(&member, CsvRows::new(&csv[..]).value_column(column)).expect("reads");
            assert_eq!(tokenized.set.counters().accepted, 200_000);
        });
    });
    group.finish();
}

criterion_group!(benches, hmac_of_16_digits, whole_inputs);
criterion_main!(benches);
