//! The columns of one table: of each kind one, and those beside them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyMapping;
use veilmatch::Error;
use veilmatch::member::rows::ColumnChunk as _;
use veilmatch::member::{Kind, Rows};
use veilmatch::terms::KindId;

use crate::column::Column;
use crate::error::{OrRaise as _, invalid};
use crate::watch::Watch;

/// The column of each kind.
pub(super) struct Columns(pub(super) BTreeMap<KindId, Column>);

impl<'py> FromPyObject<'_, 'py> for Columns {
    type Error = PyErr;

    fn extract(columns: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let expected = "expected a column for each kind, such as {\"card.pan\": table[\"card\"]}";
        let columns = columns.cast::<PyMapping>().map_err(|_| PyTypeError::new_err(expected))?;
        let mut of_kinds = BTreeMap::new();
        for pair in columns.items()?.iter() {
            let (kind, column): (String, Bound<'py, PyAny>) = pair.extract()?;
            let kind = kind.parse::<Kind>().or_raise()?.kind_id();
            if of_kinds.insert(kind.clone(), column.extract()?).is_some() {
                return Err(PyValueError::new_err(format!("{kind}: expected one column of a kind, got two")));
            }
        }
        Ok(Self(of_kinds))
    }
}

/// Reads columns of one table and holds their numbers of rows against each other.
#[derive(Default)]
pub(super) struct Table {
    rows: Option<u64>,
}

impl Table {
    /// Reads a column. Errors call it `name`.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        column: Column,
        watch: &Watch,
        work: impl FnOnce(Rows<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let counted = AtomicU64::new(0);
        let column = column.inspect(|chunk| {
            let rows = chunk.as_ref().map_or(0, |chunk| chunk.rows() as u64);
            counted.fetch_add(rows, Ordering::Relaxed);
        });
        let done = work(Rows::column(column).with_progress(watch)).map_err(|error| error.at(name))?;
        let rows = counted.into_inner();
        match self.rows.replace(rows) {
            Some(before) if before != rows => {
                let problem =
                    format!("expected columns of one table, got one of {rows} rows beside one of {before}");
                Err(invalid(&problem).at(name))
            }
            _ => Ok(done),
        }
    }

    /// Returns the number of rows; 0 before a column is read.
    pub(super) fn rows(&self) -> u64 {
        self.rows.unwrap_or(0)
    }
}
