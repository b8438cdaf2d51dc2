//! Columns in memory: the same as their values, however they are cut.

use proptest::prelude::*;
use veilmatch::member::identifier::Kind;
use veilmatch::member::rows::{ColumnChunk, Rows};
use veilmatch::{Error, Reason};

use crate::support::hub::name;
use crate::support::member::tokenizer;

/// The values of a chunk; one that is null is nothing.
struct Chunk(Vec<Option<String>>);

impl ColumnChunk for Chunk {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize) -> Option<&[u8]> {
        self.0[row].as_deref().map(str::as_bytes)
    }
}

fn values() -> impl Strategy<Value = Vec<Option<String>>> {
    let value = prop_oneof![
        8 => "99991000000015[0-9]{2}".prop_map(Some),
        1 => Just(Some(String::new())),
        1 => Just(Some("9".repeat(70_000))),
        2 => Just(None),
    ];
    let some = prop::collection::vec(value, 0..40);
    // Some columns are longer than a block.
    (some, prop_oneof![3 => Just(1), 1 => Just(300)])
        .prop_map(|(some, times)| std::iter::repeat_n(some, times).flatten().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_column_gives_what_its_values_give_however_it_is_cut(values in values(), cut in 1..9_000usize, threads in 1..4usize) {
        let tokenizer = tokenizer(Kind::CardPan);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let column = Rows::column(values.chunks(cut).map(|chunk| Ok(Chunk(chunk.to_vec()))));
        let found = pool.install(|| tokenizer.tokenize(&name("a"), column.expect_rows(values.len() as u64))).unwrap();
        let texts = values.iter().map(|value| value.as_deref().unwrap_or_default());
        let expected = tokenizer.tokenize(&name("a"), Rows::values(texts)).unwrap();
        prop_assert_eq!(found.set, expected.set);
        prop_assert_eq!(&found.rejections, &expected.rejections);
        let places: Vec<_> = found.rejections.iter().map(|rejection| rejection.place).collect();
        let again = Rows::column(values.chunks(cut).map(|chunk| Ok(Chunk(chunk.to_vec())))).select(&places).unwrap();
        for (place, value) in places.iter().zip(again) {
            prop_assert_eq!(value.as_slice(), values[place.row as usize - 1].as_deref().unwrap_or_default().as_bytes());
        }
    }
}

#[test]
fn an_error_in_place_of_a_chunk_ends_the_reading_under_the_name_of_the_input() {
    let good = [Some("9999100000001562".to_owned()), None];
    let chunk = || Ok(Chunk(good.to_vec()));
    let chunks = || [chunk(), Err(Error::Cancelled), chunk()];
    let tokenizer = tokenizer(Kind::CardPan);
    let failed = tokenizer.tokenize(&name("a"), Rows::column(chunks()).named("table")).unwrap_err();
    assert_eq!(failed.code(), "cancelled");
    assert!(failed.to_string().starts_with("table"), "{failed}");
    let whole = tokenizer.tokenize(&name("a"), Rows::column([chunk()])).unwrap();
    assert_eq!(whole.set.counters().rejected.of(Reason::Empty), 1);
}
