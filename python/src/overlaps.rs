//! Overlaps.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use veilmatch::matching::Holders;
use veilmatch::terms::{Disclosure, Name};

use crate::error::OrRaise as _;
use crate::query::Query;
use crate::report::Report;
use crate::share::Share;
use crate::table::{Key, Source, Table};
use crate::{file, html, show};

/// The hub's result: each token that at least k members hold, and who holds it.
///
/// Only the hub may have it: it tells about each member what others hold. A member gets its share.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Overlaps {
    overlaps: Arc<Found>,
    query: Query,
}

impl Overlaps {
    pub(crate) fn new(overlaps: veilmatch::Overlaps, query: Query) -> Self {
        Self { overlaps: Arc::new(Found(overlaps)), query }
    }
}

/// The overlaps, as rows of a table.
struct Found(veilmatch::Overlaps);

impl Source for Found {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_named(&self) -> bool {
        true
    }

    fn has_tokens(&self) -> bool {
        true
    }

    fn each(&self, rows: Range<usize>, row: &mut dyn FnMut(Key, usize, Option<Holders<'_>>)) {
        let of_range = self.0.iter().skip(rows.start).take(rows.len());
        of_range.for_each(|(token, holders)| row(Key::Token(token), holders.count(), Some(holders)));
    }
}

#[pymethods]
impl Overlaps {
    /// Makes the share of one member: only tokens that it holds itself. It says which of the member's sets was matched.
    ///
    /// `disclosure` is `holders` to name the other holders, or `counts` to tell their number; a round says which.
    #[pyo3(signature = (member, *, disclosure="holders"))]
    fn share(&self, py: Python<'_>, member: &str, disclosure: &str) -> PyResult<Share> {
        let disclosure = match disclosure {
            "holders" => Disclosure::Holders,
            "counts" => Disclosure::Counts,
            _ => return Err(PyValueError::new_err("expected a disclosure of \"holders\" or \"counts\"")),
        };
        crate::watch::run(py, None, |_| {
            let member = Name::new(member)?;
            let share = self.overlaps.0.share(&member, disclosure)?;
            let set =
                self.query.set_of(&member).ok_or(veilmatch::Error::NotAMember { member: member.clone() })?;
            Ok(Share::new(share.with_own_set(set)?))
        })
    }

    /// Returns the report: counts alone, no tokens. Cells above 0 and under `min_result` are withheld, with what would
    /// give them back.
    #[pyo3(signature = (*, min_result=0, progress=None))]
    fn report(&self, py: Python<'_>, min_result: u64, progress: Option<Py<PyAny>>) -> PyResult<Report> {
        self.query.report_of(py, min_result, progress.as_ref())
    }

    /// Returns a table with the columns `token`, `holders` (their number) and `names`.
    fn to_arrow(&self) -> Table {
        Table(self.overlaps.clone())
    }

    /// Writes the file of the overlaps, for the hub alone. It appears when it is complete, and only its owner can read it.
    #[pyo3(signature = (path, *, overwrite=false))]
    fn write(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        py.detach(|| file::write(&path, overwrite, None, |out| self.overlaps.0.write_to(out))).or_raise()
    }

    /// The threshold.
    #[getter]
    fn at_least(&self) -> usize {
        self.overlaps.0.at_least()
    }

    /// Names of the members that were matched, in order.
    #[getter]
    fn members(&self) -> Vec<&str> {
        self.overlaps.0.members().iter().map(Name::as_str).collect()
    }

    fn __len__(&self) -> usize {
        self.overlaps.0.len()
    }

    fn __repr__(&self) -> String {
        format!(
            "Overlaps({}, at_least={}, {} members, {} tokens)",
            show::terms(self.overlaps.0.terms()),
            self.at_least(),
            self.overlaps.0.members().len(),
            self.overlaps.0.len()
        )
    }

    fn _repr_html_(&self) -> String {
        let kind = self.overlaps.0.terms().context.kind();
        let title =
            format!("{kind}: {} tokens of at least {} members", self.overlaps.0.len(), self.at_least());
        let rows: Vec<_> = self.members().into_iter().map(|name| [name.to_owned()]).collect();
        html::table(&title, ["member"], &rows)
    }
}
