//! Identifiers to tokens: against the rivals `hmac` and `ring`, above the floor of the two SHA-256 compressions
//! alone, by each back end that the machine can run.
//!
//! The stored message schedule takes 35.5 ns an HMAC on Zen 4. A rolling schedule of 16 words, which gcc compiles to 31, comes
//! to 53 with three vectors side by side, 42 with two and 38 with one, because rustc's scheduler spills it; one vector that
//! loads only the 16 bytes of a message to 36.5. Tokens are not scattered into their first radix digit as they are hashed:
//! the sort reads them again, in place, so the peak stays at the tokens' own size.

#[allow(dead_code, reason = "benchmark `canonicalize` uses them all")]
#[path = "support/identifiers.rs"]
mod identifiers;
mod support;
#[allow(dead_code, reason = "benchmark `canonicalize` uses them all")]
#[path = "support/wallets.rs"]
mod wallets;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit as _, Mac as _};
use support::card;
use veilmatch::Token;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind};
use veilmatch::member::key::TokenKey;
use veilmatch::member::rows::{Column, CsvRows, Rows};
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

const INPUT: u64 = 200_000;

/// A number's row as it comes in one form of input.
type Form = fn(u64) -> String;

fn pan(number: u64) -> String {
    String::from_utf8(card(support::mix(number) % 100_000_000_000).to_vec()).expect("digits")
}

/// One row in `one_in` is bad: half of these are masked, half have a wrong check digit.
fn bad_rows(number: u64, one_in: u64) -> String {
    let pan = pan(number);
    match support::mix(!number) % (2 * one_in) {
        0 => pan.replacen(&pan[6..12], "******", 1),
        1 => format!("{}{}", &pan[..15], (pan.as_bytes()[15] - b'0' + 1) % 10),
        _ => pan,
    }
}

/// What is tuned for is not one length of clean rows.
const FORMS: [(&str, Form); 6] = [
    ("16 digits", pan),
    ("13 to 19 digits", |number| {
        let digits = format!("99{:017}", support::mix(number));
        identifiers::with_luhn(&digits[..12 + (support::mix(!number) % 7) as usize])
    }),
    ("spaces", |number| identifiers::grouped(&pan(number), " ")),
    ("CRLF", |number| pan(number) + "\r"),
    ("1 % bad", |number| bad_rows(number, 100)),
    ("a third bad", |number| bad_rows(number, 3)),
];

/// A record of six columns, some of them quoted; the card is the third.
fn record(number: u64) -> String {
    format!(
        "{number},\"Doe, Jane\",{},2026-01-02,{}.50,\"late, \"\"twice\"\"\"",
        pan(number),
        number % 10_000
    )
}

fn whole_inputs(criterion: &mut Criterion) {
    let rows = |form: Form| (0..INPUT).map(|number| form(number) + "\n").collect::<String>();
    let member = Name::new("bank").expect("valid");
    let ours = tokenizer(Kind::CardPan);
    let mut group = criterion.benchmark_group("tokenize/whole input");
    group.throughput(Throughput::Elements(INPUT)).sample_size(10);
    let export = "id,name,card,opened,amount,remark\n".to_owned() + &rows(record);
    let texts: Vec<(&str, String)> = FORMS.iter().map(|(name, form)| (*name, rows(*form))).collect();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        for (name, text) in &texts {
            group.bench_function(format!("{name}, threads: {threads}"), |bencher| {
                bencher.iter(|| {
                    let tokenize = || ours.tokenize(&member, Rows::lines(text.as_bytes()));
                    assert_eq!(pool.install(tokenize).expect("reads").set.counters().rows, INPUT);
                });
            });
        }
        group.bench_function(format!("CSV of six columns, threads: {threads}"), |bencher| {
            bencher.iter(|| {
                let column = Column::Named("card".into());
                let csv = CsvRows::new(export.as_bytes()).value_column(column);
                let tokenized = pool.install(|| ours.tokenize(&member, csv)).expect("reads");
                assert_eq!(tokenized.set.counters().accepted, INPUT);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, hmac_of_16_digits, whole_inputs);
criterion_main!(benches);
