//! Tables of what is held by whom, made batch by batch as they are read.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, FixedSizeBinaryArray, StructArray, UInt32Array, UInt64Array};
use arrow_buffer::Buffer;
use arrow_schema::{ArrowError, DataType, Field, Fields};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::error::PyArrowResult;
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};
use veilmatch::Token;
use veilmatch::matching::Holders;

/// The number of rows of a batch.
const BATCH_ROWS: usize = 1 << 16;

/// What a row of the table is about.
pub(crate) enum Key {
    /// A row of the member, from 1.
    Row(u64),
    /// A token.
    Token(Token),
}

/// The rows of a table: each is about a key, and says who holds it.
pub(crate) trait Source: Send + Sync {
    fn len(&self) -> usize;
    /// Whether holders are named.
    fn is_named(&self) -> bool;
    /// Whether keys are tokens.
    fn has_tokens(&self) -> bool;
    /// Calls `row` with each row of a range: its key, the number of holders, and who they are if they are named.
    fn each(&self, rows: Range<usize>, row: &mut dyn FnMut(Key, usize, Option<Holders<'_>>));
}

/// A table of tokens and who holds them, with the Arrow interface.
///
/// `pyarrow.table(table)`, `polars.DataFrame(table)` and `pandas.DataFrame.from_arrow(table)` take it. Its columns are
/// `token`, `holders` (the number of members that hold the token) and `names`.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Table(pub(crate) Arc<dyn Source>);

#[pymethods]
impl Table {
    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("Table({} rows)", self.0.len())
    }

    /// The table as a stream, by the Arrow interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyCapsule>> {
        stream(py, self.0.clone(), requested_schema)
    }
}

/// Gives a table as a stream.
pub(crate) fn stream<'py>(
    py: Python<'py>,
    source: Arc<dyn Source>,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyArrowResult<Bound<'py, PyCapsule>> {
    let fields = fields(&*source);
    let field = Arc::new(Field::new("", DataType::Struct(fields.clone()), false));
    let firsts = (0..source.len()).step_by(BATCH_ROWS);
    let batches = firsts.map(move |first| batch(&*source, fields.clone(), first));
    to_stream_pycapsule(py, Box::new(ArrayIterator::new(batches, field)), requested_schema)
}

fn fields(source: &dyn Source) -> Fields {
    let key = match source.has_tokens() {
        true => Field::new("token", DataType::FixedSizeBinary(Token::LEN as i32), false),
        false => Field::new("row", DataType::UInt64, false),
    };
    let mut fields = vec![key, Field::new("holders", DataType::UInt32, false)];
    if source.is_named() {
        let name = Field::new_list_field(DataType::Utf8, true);
        fields.push(Field::new("names", DataType::List(Arc::new(name)), false));
    }
    fields.into()
}

fn batch(source: &dyn Source, fields: Fields, first: usize) -> Result<ArrayRef, ArrowError> {
    let (mut rows, mut tokens, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = ListBuilder::new(StringBuilder::new());
    source.each(first..source.len().min(first + BATCH_ROWS), &mut |key, count, holders| {
        match key {
            Key::Row(row) => rows.push(row),
            Key::Token(token) => tokens.extend_from_slice(token.as_bytes()),
        }
        counts.push(count as u32); // at most 2,048
        if let Some(holders) = holders {
            holders.names().for_each(|name| names.values().append_value(name.as_str()));
            names.append(true);
        }
    });
    let key: ArrayRef = match source.has_tokens() {
        true => Arc::new(FixedSizeBinaryArray::new(Token::LEN as i32, Buffer::from_vec(tokens), None)),
        false => Arc::new(UInt64Array::from(rows)),
    };
    let mut columns = vec![key, Arc::new(UInt32Array::from(counts)) as ArrayRef];
    if source.is_named() {
        columns.push(Arc::new(names.finish()));
    }
    Ok(Arc::new(StructArray::try_new(fields, columns, None)?))
}
