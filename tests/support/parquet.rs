//! Parquet files with text, written by the package in any of its ways.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::sync::Arc;

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// How a file is written.
#[derive(Clone, Debug)]
pub struct Way {
    pub group: usize,
    pub page_rows: usize,
    /// The encoding of values, or a dictionary.
    pub encoding: Option<Encoding>,
    pub compression: Compression,
    pub version: WriterVersion,
}

impl Way {
    pub const ENCODINGS: [Option<Encoding>; 4] = [
        None,
        Some(Encoding::PLAIN),
        Some(Encoding::DELTA_LENGTH_BYTE_ARRAY),
        Some(Encoding::DELTA_BYTE_ARRAY),
    ];

    pub fn compressions() -> [Compression; 3] {
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())]
    }

    pub fn plain() -> Self {
        Self {
            group: 100,
            page_rows: 30,
            encoding: Some(Encoding::PLAIN),
            compression: Compression::UNCOMPRESSED,
            version: WriterVersion::PARQUET_1_0,
        }
    }

    fn properties(&self) -> WriterProperties {
        let properties = WriterProperties::builder()
            .set_writer_version(self.version)
            .set_compression(self.compression)
            .set_data_page_row_count_limit(self.page_rows)
            .set_write_batch_size(self.page_rows)
            .set_dictionary_enabled(self.encoding.is_none());
        match self.encoding {
            Some(encoding) => properties.set_encoding(encoding).build(),
            None => properties.build(),
        }
    }
}

/// A column of texts; one without nulls is `required`.
pub type Texts<'a> = (&'a str, &'a [Option<String>]);

/// Writes columns of equal length.
pub fn file_of(columns: &[Texts<'_>], way: &Way) -> Vec<u8> {
    let is_required = |texts: &[Option<String>]| texts.iter().all(Option::is_some);
    let fields = columns.iter().map(|(name, texts)| {
        let repetition = if is_required(texts) { "required" } else { "optional" };
        format!("{repetition} binary {name} (STRING);")
    });
    let schema = format!("message schema {{ {} }}", fields.collect::<String>());
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(way.properties())).unwrap();
    let rows = columns[0].1.len();
    for start in (0..rows).step_by(way.group) {
        let mut group = file.next_row_group().unwrap();
        for (_, texts) in columns {
            let of_group = &texts[start..rows.min(start + way.group)];
            let values: Vec<ByteArray> =
                of_group.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
            let levels: Vec<i16> = of_group.iter().map(|text| i16::from(text.is_some())).collect();
            let mut column = group.next_column().unwrap().unwrap();
            let ColumnWriter::ByteArrayColumnWriter(out) = column.untyped() else { panic!("not of text") };
            out.write_batch(&values, (!is_required(texts)).then_some(&levels[..]), None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

/// A file of this schema without rows.
pub fn empty_file(schema: &str) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {schema} }}")).unwrap());
    SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap().into_inner().unwrap()
}
