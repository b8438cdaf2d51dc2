//! A plain list of values. It is copied: its strings lie anywhere in memory.

use arrow_array::builder::LargeBinaryBuilder;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::Chunk;

/// Copies a list of str, bytes and None.
pub(super) fn chunk(values: &Bound<'_, PyAny>) -> PyResult<Chunk> {
    let mut copied = LargeBinaryBuilder::new();
    for (row, value) in (1u64..).zip(values.try_iter()?) {
        let value = value?;
        if value.is_none() {
            copied.append_null();
        } else if let Ok(text) = value.cast::<PyString>() {
            // Python's own message would repeat the value.
            let text = text.to_cow().map_err(|_| {
                PyValueError::new_err(format!(
                    "row {row}: expected text that can be encoded as UTF-8, got surrogates"
                ))
            })?;
            copied.append_value(text.as_bytes());
        } else if let Ok(bytes) = value.cast::<PyBytes>() {
            copied.append_value(bytes.as_bytes());
        } else {
            let found = value.get_type().fully_qualified_name()?;
            return Err(PyTypeError::new_err(format!("row {row}: expected str, bytes or None, got {found}")));
        }
    }
    Ok(Chunk::LargeBinary(copied.finish()))
}
