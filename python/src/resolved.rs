//! Resolved: a member's own rows that a share speaks of.

use std::ops::Range;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use pyo3_arrow::error::PyArrowResult;
use veilmatch::matching::Holders;
use veilmatch::member::resolve::ResolvedRow;
use veilmatch::terms::{Disclosure, Name};
use veilmatch::{Counters, Share as Answer};

use crate::column::Column;
use crate::error::OrRaise as _;
use crate::share::Share;
use crate::table::{Key, Source, stream};
use crate::tokenizer::Tokenizer;
use crate::{html, show, watch};

/// The member's own rows that its share speaks of, in order of row.
///
/// By the Arrow interface it is a table with the columns `row` (numbered from 1), `holders` (the number of members that
/// hold the identifier, this one included) and, if the share names them, `names`.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Resolved {
    found: Arc<Found>,
    missing: u64,
    counters: Counters,
}

/// The rows and what the share says of them.
struct Found {
    rows: Vec<ResolvedRow>,
    share: Arc<Answer>,
}

impl Source for Found {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn is_named(&self) -> bool {
        self.share.disclosure() == Disclosure::Holders
    }

    fn has_tokens(&self) -> bool {
        false
    }

    fn each(&self, rows: Range<usize>, row: &mut dyn FnMut(Key, usize, Option<Holders<'_>>)) {
        for ResolvedRow { place, index } in &self.rows[rows] {
            row(Key::Row(place.row), self.share.holder_count(*index), self.share.holders(*index));
        }
    }
}

/// Finds which of a member's own rows its share speaks of.
///
/// The rows must be those of the set that was matched: any other give an error with the code `rows_differ`.
#[pyfunction]
#[pyo3(signature = (tokenizer, member, share, column, *, progress=None))]
pub(crate) fn resolve(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    member: &str,
    share: &Share,
    column: Column,
    progress: Option<Py<PyAny>>,
) -> PyResult<Resolved> {
    let member = Name::new(member).or_raise()?;
    let resolved = watch::run(py, progress.as_ref(), |watch| {
        let rows = column.rows().with_progress(watch);
        veilmatch::member::resolve::resolve(&tokenizer.0, &member, &share.0, rows)
    })?;
    let found = Found { rows: resolved.rows, share: share.0.clone() };
    Ok(Resolved { found: Arc::new(found), missing: resolved.missing, counters: resolved.counters })
}

#[pymethods]
impl Resolved {
    /// Number of tokens of the share that no row has. Above 0, these are not the rows that were tokenised.
    #[getter]
    fn missing(&self) -> u64 {
        self.missing
    }

    /// What became of the rows, as of `TokenSet`. Duplicates are not counted here.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        show::dict(py, &self.counters)
    }

    /// Returns the rows as a list of row, number of holders and, if the share names them, their names.
    fn to_pylist(&self) -> Vec<(u64, usize, Option<Vec<&str>>)> {
        let word = |found: &ResolvedRow| {
            let names = self.found.share.holders(found.index);
            let names = names.map(|holders| holders.names().map(Name::as_str).collect());
            (found.place.row, self.found.share.holder_count(found.index), names)
        };
        self.found.rows.iter().map(word).collect()
    }

    fn __len__(&self) -> usize {
        self.found.len()
    }

    fn __repr__(&self) -> String {
        format!("Resolved({} rows of {})", self.found.len(), self.counters.rows)
    }

    fn _repr_html_(&self) -> String {
        let title = format!("{} rows of {} are held by others too", self.found.len(), self.counters.rows);
        html::table(&title, ["rows", "number"], &show::counted(&self.counters))
    }

    /// The rows as a stream, by the Arrow interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyCapsule>> {
        stream(py, self.found.clone(), requested_schema)
    }
}
