//! Array, a column that is given to Python.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int8Type;
use arrow_array::{Array as _, ArrayRef, new_empty_array};
use arrow_schema::{DataType, Field, FieldRef};
use arrow_select::concat::concat;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyList, PyString, PyTuple};
use pyo3_arrow::error::PyArrowResult;
use pyo3_arrow::ffi::{ArrayIterator, to_array_pycapsules, to_schema_pycapsule, to_stream_pycapsule};

/// A column of tokens, of reasons or of outcomes, in memory, with the Arrow interface.
///
/// `pyarrow.array(column)`, `polars.Series(column)` and `pandas.Series.from_arrow(column)` take it. It has one row for
/// each row of the column that it was made of.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Array {
    field: FieldRef,
    chunks: Vec<ArrayRef>,
}

impl Array {
    pub(crate) fn new(name: &str, data_type: DataType, chunks: Vec<ArrayRef>) -> Self {
        Self { field: Arc::new(Field::new(name, data_type, true)), chunks }
    }

    fn sum(&self, of: impl Fn(&ArrayRef) -> usize) -> usize {
        self.chunks.iter().map(of).sum()
    }
}

#[pymethods]
impl Array {
    fn __len__(&self) -> usize {
        self.sum(|chunk| chunk.len())
    }

    fn __repr__(&self) -> String {
        format!("Array({}, {} rows, {} null)", self.field.data_type(), self.__len__(), self.null_count())
    }

    /// Number of rows without a value.
    #[getter]
    fn null_count(&self) -> usize {
        self.sum(|chunk| chunk.null_count())
    }

    /// Returns the values as a list of bytes or str, and None.
    fn to_pylist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for chunk in &self.chunks {
            for row in 0..chunk.len() {
                if chunk.is_null(row) {
                    list.append(py.None())?;
                } else if let Some(tokens) = chunk.as_fixed_size_binary_opt() {
                    list.append(PyBytes::new(py, tokens.value(row)))?;
                } else {
                    let reasons = chunk.as_dictionary::<Int8Type>();
                    let name = reasons.values().as_string::<i32>().value(reasons.keys().value(row) as usize);
                    list.append(PyString::intern(py, name))?;
                }
            }
        }
        Ok(list)
    }

    /// The type, by the Arrow interface.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyArrowResult<Bound<'py, PyCapsule>> {
        to_schema_pycapsule(py, self.field.as_ref())
    }

    /// The column in one piece, by the Arrow interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyTuple>> {
        let whole = match &self.chunks[..] {
            [] => new_empty_array(self.field.data_type()),
            [only] => only.clone(),
            several => concat(&several.iter().map(|chunk| chunk.as_ref()).collect::<Vec<_>>())?,
        };
        to_array_pycapsules(py, self.field.clone(), &whole, requested_schema)
    }

    /// The column as a stream, by the Arrow interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyCapsule>> {
        let chunks = ArrayIterator::new(self.chunks.clone().into_iter().map(Ok), self.field.clone());
        to_stream_pycapsule(py, Box::new(chunks), requested_schema)
    }
}
