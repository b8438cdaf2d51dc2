//! A column that is taken from Python: any object with the Arrow PyCapsule methods, or a plain list.

mod chunk;
mod list;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, StructArray};
use arrow_schema::{ArrowError, DataType};
use pyo3::exceptions::{PyImportError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use pyo3_arrow::input::AnyArray;
use veilmatch::Error;
use veilmatch::member::Rows;

pub(crate) use chunk::Chunk;

const EXPECTED: &str = "expected a column of strings or bytes with the Arrow interface (pyarrow, polars, pandas, DuckDB), or a \
                        list of str, bytes and None";

/// A column, to be read once. A stream is read as the work goes on.
pub(crate) struct Column(Box<dyn Iterator<Item = Result<Chunk, Error>> + Send>);

impl Iterator for Column {
    type Item = Result<Chunk, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl<'py> FromPyObject<'_, 'py> for Column {
    type Error = PyErr;

    fn extract(column: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if column.is_instance_of::<PyList>() || column.is_instance_of::<PyTuple>() {
            return Ok(Self::of_one(list::chunk(&column)?));
        }
        let py = column.py();
        let name = column.get_type().fully_qualified_name()?;
        if !column.hasattr("__arrow_c_array__")? && !column.hasattr("__arrow_c_stream__")? {
            return Err(PyTypeError::new_err(format!("{EXPECTED}; got {name}")));
        }
        match column.extract::<AnyArray>() {
            Ok(AnyArray::Array(array)) => {
                let (array, _) = array.into_inner();
                let array = only_column(array).map_err(PyTypeError::new_err)?;
                Ok(Self::of_one(Chunk::new(array).map_err(PyTypeError::new_err)?))
            }
            Ok(AnyArray::Stream(stream)) => {
                let reader = stream.into_reader()?;
                require_type(reader.field().data_type()).map_err(PyTypeError::new_err)?;
                Ok(Self(Box::new(reader.map(|chunk| taken(chunk).map_err(unreadable)))))
            }
            // pandas keeps its strings without pyarrow too, but then it cannot give them as Arrow.
            Err(error) if error.is_instance_of::<PyImportError>(py) && column.hasattr("tolist")? => {
                let held = column.call_method0("notna")?;
                let values =
                    column.call_method1("astype", ("object",))?.call_method1("where", (held, py.None()))?;
                Ok(Self::of_one(list::chunk(&values.call_method0("tolist")?)?))
            }
            // What other packages say may repeat a value.
            Err(_) => Err(PyTypeError::new_err(format!(
                "{EXPECTED}; got {name}, which cannot give itself as Arrow: convert it to strings first (in pandas, \
                 column.astype(\"str\"))"
            ))),
        }
    }
}

impl Column {
    /// Returns the rows of the column, which are read in place.
    pub(crate) fn rows<'a>(self) -> Rows<'a> {
        Rows::column(self)
    }

    fn of_one(chunk: Chunk) -> Self {
        Self(Box::new(std::iter::once(Ok(chunk))))
    }
}

fn taken(chunk: Result<ArrayRef, ArrowError>) -> Result<Chunk, String> {
    Chunk::new(only_column(chunk.map_err(|_| String::new())?)?)
}

/// An error of a stream is its source's, and may repeat a value: its text is not shown.
fn unreadable(_: String) -> Error {
    std::io::Error::other("the column could not be read to its end: read its source alone to see why").into()
}

/// Returns the column of a table that has one.
fn only_column(array: ArrayRef) -> Result<ArrayRef, String> {
    match array.data_type() {
        DataType::Struct(_) => {
            require_type(array.data_type())?;
            let table: &StructArray = array.as_struct();
            match table.null_count() {
                0 => Ok(table.column(0).clone()),
                _ => Err("expected a column of strings or bytes, got structs with nulls".to_owned()),
            }
        }
        _ => Ok(array),
    }
}

fn require_type(found: &DataType) -> Result<(), String> {
    match found {
        DataType::Struct(fields) if fields.len() == 1 => require_type(fields[0].data_type()),
        DataType::Struct(fields) => Err(format!(
            "expected one column, got a table of {}: choose the column with the identifiers",
            fields.len()
        )),
        DataType::Dictionary(_, values) => require_type(values),
        _ if chunk::is_taken(found) => Ok(()),
        other => Err(chunk::refusal(other)),
    }
}
