//! Tokens of one column in each form that members keep it in: lines, CSV, Parquet. Floor: the column in memory.

mod support;
#[path = "../tests/support/parquet.rs"]
mod tables;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use parquet::basic::{Compression, Encoding};
use support::{card, mix};
use tables::{Way, file_of};
use veilmatch::Error;
use veilmatch::member::rows::{ColumnChunk, CsvRows, ParquetRows, Rows};
use veilmatch::member::{CoalitionSecret, Kind, Tokenizer};
use veilmatch::terms::{KeyContext, Name};

const ROWS: usize = 400_000;

/// Values as Arrow has them: one after the other, and where each ends.
#[derive(Clone)]
struct Strings(std::sync::Arc<(Vec<u8>, Vec<usize>)>);

impl ColumnChunk for Strings {
    fn rows(&self) -> usize {
        self.0.1.len() - 1
    }

    fn value(&self, row: usize) -> Option<&[u8]> {
        let (bytes, ends) = &*self.0;
        Some(&bytes[ends[row]..ends[row + 1]])
    }
}

fn forms(criterion: &mut Criterion) {
    let cards: Vec<Option<String>> = (0..ROWS as u64)
        .map(|at| String::from_utf8(card(mix(at) % 100_000_000_000).to_vec()).expect("digits"))
        .map(Some)
        .collect();
    let customers: Vec<Option<String>> = (0..ROWS).map(|at| Some(at.to_string())).collect();
    let values = || cards.iter().flatten();
    let lines: String = values().map(|card| format!("{card}\n")).collect();
    let csv = "customer,card,note\n".to_owned()
        + &values()
            .zip(customers.iter().flatten())
            .map(|(card, customer)| format!("{customer},{card},\"a, b\"\n"))
            .collect::<String>();
    let mut ends = vec![0];
    ends.extend((1..=ROWS).map(|at| at * 16));
    let column = Strings(std::sync::Arc::new((values().flat_map(|card| card.bytes()).collect(), ends)));

    let secret = CoalitionSecret::generate().expect("random bytes");
    let context =
        KeyContext::new(Name::new("bench").expect("valid"), 1, Kind::CardPan.kind_id()).expect("valid");
    let tokenizer = Tokenizer::new(&secret, context).expect("passes its self-test");
    let member = Name::new("a").expect("valid");
    let expected = tokenizer.tokenize(&member, Rows::lines(lines.as_bytes())).expect("reads").set;

    let mut group = criterion.benchmark_group("tables/tokenize");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    let mut form = |name: &str, rows: &dyn Fn() -> Rows<'static>| {
        assert!(tokenizer.tokenize(&member, rows()).expect("reads").set == expected, "{name}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| tokenizer.tokenize(&member, rows()).expect("reads").set.len())
        });
    };
    let (lines, csv): (&'static [u8], &'static [u8]) = (lines.into_bytes().leak(), csv.into_bytes().leak());
    form("column in memory", &|| Rows::column([Ok::<_, Error>(column.clone())]));
    form("lines", &|| Rows::lines(lines));
    form("csv, second of three columns", &|| CsvRows::new(csv).value_column("card").into());
    let way = |encoding, compression| Way {
        group: 1 << 17,
        page_rows: 20_000,
        encoding,
        compression,
        ..Way::plain()
    };
    let [none, snappy, zstd] = Way::compressions();
    for (name, encoding, compression) in [
        ("parquet, plain", Some(Encoding::PLAIN), none),
        ("parquet, dictionary", None, none),
        ("parquet, plain, Snappy", Some(Encoding::PLAIN), snappy),
        ("parquet, plain, Zstandard", Some(Encoding::PLAIN), zstd),
        ("parquet, delta lengths, Zstandard", Some(Encoding::DELTA_LENGTH_BYTE_ARRAY), zstd),
    ] as [(&str, Option<Encoding>, Compression); 5]
    {
        let file = std::sync::Arc::new(file_of(
            &[("customer", &customers), ("card", &cards)],
            &way(encoding, compression),
        ));
        form(name, &|| ParquetRows::new(file.clone()).expect("opens").value_column("card").into());
    }
    group.finish();
}

criterion_group!(benches, forms);
criterion_main!(benches);
