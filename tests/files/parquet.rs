//! Sets, overlaps and shares as tables: what is written is read again, and no other set is read from a changed file.

use std::sync::Arc;

use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::RowAccessor as _;
use parquet::schema::parser::parse_message_type;
use veilmatch::container::ParquetWriter;
use veilmatch::{Disclosure, Intersection, SetFile, Token, TokenSet};

use crate::support::files::{metadata, written};
use crate::support::hub::{name, set_of};

fn exported(set: &TokenSet) -> Vec<u8> {
    written(|out| set.write_parquet(out))
}

#[test]
fn an_exported_set_is_imported_as_it_was_from_memory_or_disk() {
    for size in [0, 1, 1_023, 8_192, 70_000] {
        let set = set_of("bank-a", 0..size).with_metadata(metadata());
        let table = exported(&set);
        assert!(ParquetWriter::has_made(table.clone(), &["token", "holders"]).unwrap());
        assert!(!ParquetWriter::has_made(table.clone(), &["row"]).unwrap());
        let file = SetFile::from_source(Box::new(written(|out| set.write_to(out))), "set").unwrap();
        assert!(written(|out| file.write_parquet(out)) == table, "{size}");
        let read = TokenSet::from_parquet(table).unwrap();
        assert!(
            read == set && written(|out| read.write_to(out)) == written(|out| set.write_to(out)),
            "{size}"
        );
    }
    let next = set_of("bank-a", 1..9).following(&set_of("bank-a", 0..9).revision().unwrap()).unwrap();
    assert_eq!(TokenSet::from_parquet(exported(&next)).unwrap(), next);
}

/// A table of tokens as another program may write it.
fn table(stated: &[(&str, &str)], tokens: &[Token], schema: &str) -> Vec<u8> {
    let stated =
        stated.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect();
    let properties = WriterProperties::builder().set_key_value_metadata(Some(stated)).build();
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {schema} }}")).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for tokens in tokens.chunks(7) {
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let bytes = tokens.iter().map(|token| ByteArray::from(token.as_bytes().to_vec()));
        match column.untyped() {
            parquet::column::writer::ColumnWriter::FixedLenByteArrayColumnWriter(out) => {
                let values: Vec<FixedLenByteArray> = bytes.map(FixedLenByteArray::from).collect();
                out.write_batch(&values, Some(&vec![1; values.len()]), None).unwrap();
            }
            parquet::column::writer::ColumnWriter::ByteArrayColumnWriter(out) => {
                out.write_batch(&bytes.collect::<Vec<_>>(), None, None).unwrap();
            }
            _ => panic!("no column of tokens"),
        }
        column.close().unwrap();
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

const TOKENS: &str = "optional fixed_len_byte_array(16) token;";

#[test]
fn a_table_of_another_program_is_a_set_only_with_the_very_tokens_and_metadata() {
    let set = set_of("bank-a", 0..40).with_metadata(metadata());
    let reader = SerializedFileReader::new(bytes::Bytes::from(exported(&set))).unwrap();
    let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let value = |key: &str| pairs.iter().find(|pair| pair.key == key).unwrap().value.clone().unwrap();
    let (header, root) = (value("veilmatch.header"), value("veilmatch.root"));
    let stated = [("veilmatch.header", header.as_str()), ("veilmatch.root", root.as_str())];
    assert_eq!(TokenSet::from_parquet(table(&stated, set.tokens(), TOKENS)).unwrap(), set);

    let refused = |stated: &[(&str, &str)], tokens: &[Token], schema| {
        let error = TokenSet::from_parquet(table(stated, tokens, schema)).unwrap_err();
        assert!(["parquet", "format"].contains(&error.code()), "{error}");
        error.to_string()
    };
    let mut others = set.tokens().to_vec();
    others[20] = set_of("bank-a", 40..41).tokens()[0];
    others.sort_unstable();
    assert!(refused(&stated, &others, TOKENS).contains("not those of its root"));
    others.swap(3, 4);
    assert!(
        refused(&stated, &others, TOKENS)
            .contains("row group 1, from row 1 on, column \"token\": expected tokens in order")
    );
    others.swap(3, 4);
    others[7] = others[6];
    assert!(refused(&stated, &others, TOKENS).contains("row group 2, from row 8 on"));
    assert!(refused(&stated, &set.tokens()[1..], TOKENS).contains("another number of tokens"));
    assert!(refused(&stated, set.tokens(), "required binary token;").contains("FIXED_LEN_BYTE_ARRAY(16)"));
    let other_name = "optional fixed_len_byte_array(16) tokens;";
    assert!(refused(&stated, set.tokens(), other_name).contains("a column `token`"));
    for lacking in [&stated[..1], &stated[1..], &[stated[0], stated[0], stated[1]]] {
        assert!(refused(lacking, set.tokens(), TOKENS).contains("each once"));
    }
    for (from, to) in [
        ("\"epoch\":1", "\"epoch\":2"),
        ("bank-a", "bank-b"),
        ("\"epoch\":1", "\"epoch\": 1"),
        ("set 1", "set 2"),
    ] {
        let changed = header.replacen(from, to, 1);
        assert_ne!(changed, header);
        refused(&[("veilmatch.header", &changed), stated[1]], set.tokens(), TOKENS);
    }
}

#[test]
fn overlaps_and_shares_are_tables_of_tokens_and_holders() {
    let (a, b, c) = (set_of("bank-a", 0..40), set_of("bank-b", 20..50), set_of("bank-c", 30..60));
    let query = Intersection::new().add(&a).unwrap().add(&b).unwrap().add(&c).unwrap().at_least(2).unwrap();
    let overlaps = query.collect().unwrap();
    let table = written(|out| overlaps.write_parquet(out));
    assert!(table == written(|out| query.write_overlaps_parquet(out)));
    let rows = |table: Vec<u8>| {
        let reader = SerializedFileReader::new(bytes::Bytes::from(table)).unwrap();
        reader.get_row_iter(None).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    let found = rows(table);
    assert_eq!(found.len(), overlaps.len());
    for (row, (token, holders)) in found.iter().zip(overlaps.iter()) {
        assert_eq!(row.get_bytes(0).unwrap().data(), token.as_bytes());
        assert_eq!(row.get_long(1).unwrap(), holders.count() as i64);
        let names = row.get_list(2).unwrap().elements();
        let named = names.iter().map(|name| name.to_string());
        assert!(named.eq(holders.names().map(|name| format!("{:?}", name.as_str()))));
    }
    for disclosure in [Disclosure::Holders, Disclosure::Counts] {
        let share = overlaps.share(&name("bank-b"), disclosure).unwrap();
        let found = rows(written(|out| share.write_parquet(out)));
        assert_eq!(found.len(), share.len());
        assert_eq!(found[0].len(), if disclosure == Disclosure::Holders { 3 } else { 2 });
        for (index, row) in found.iter().enumerate() {
            assert_eq!(row.get_bytes(0).unwrap().data(), share.tokens()[index].as_bytes());
            assert_eq!(row.get_long(1).unwrap(), share.holder_count(index) as i64);
        }
    }
}
