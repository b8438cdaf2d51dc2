//! Profile, the dry run.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use veilmatch::member::identifier::{Canonicalizer, Kind};

use crate::column::Column;
use crate::error::OrRaise as _;
use crate::tokenizer::suppression_list;
use crate::{html, show, watch};

/// What the rule of a kind makes of a column, without a key: how many rows it takes, which ones not, and why.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Profile(veilmatch::member::profile::Profile);

/// Runs the rule of a kind over a column, without a key: a dry run.
///
/// `national_plan` and `suppression` are those of `Tokenizer`.
#[pyfunction]
#[pyo3(signature = (column, *, kind, national_plan=None, suppression=None, progress=None))]
pub(crate) fn profile(
    py: Python<'_>,
    column: Column,
    kind: &str,
    national_plan: Option<&str>,
    suppression: Option<PathBuf>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Profile> {
    let rule = || {
        let mut rule = Canonicalizer::new(kind.parse::<Kind>()?);
        if let Some(path) = &suppression {
            rule = rule.with_suppression(suppression_list(path)?);
        }
        if let Some(plan) = national_plan {
            rule = rule.with_national_plan(plan.parse()?);
        }
        Ok::<_, veilmatch::Error>(rule)
    };
    let rule = rule().or_raise()?;
    let read = watch::run(py, progress.as_ref(), |watch| {
        veilmatch::member::profile::Profile::read(&rule, column.rows().with_progress(watch))
    })?;
    Ok(Profile(read))
}

#[pymethods]
impl Profile {
    /// Id of the kind, with the version of its rule.
    #[getter]
    fn kind(&self) -> String {
        self.0.kind().kind_id().to_string()
    }

    /// What became of the rows, as of `TokenSet`.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        show::dict(py, self.0.counters())
    }

    /// Number of distinct identifiers.
    #[getter]
    fn unique(&self) -> u64 {
        self.0.counters().unique()
    }

    /// The first 100 rejected rows, as pairs of row and reason. Rows are numbered from 1.
    #[getter]
    fn rejections(&self) -> Vec<(u64, &'static str)> {
        show::rejections(&self.0.rejections())
    }

    /// The commonest mistakes that the rows show, as pairs of a code and a sentence.
    #[getter]
    fn hints(&self) -> Vec<(&'static str, String)> {
        self.0.hints().iter().map(|hint| (hint.code(), hint.to_string())).collect()
    }

    /// Returns kind, counters, unique, hints and rejections as a dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        all.set_item("kind", self.kind())?;
        all.set_item("counters", self.counters(py)?)?;
        all.set_item("unique", self.unique())?;
        all.set_item("hints", PyList::new(py, self.hints())?)?;
        all.set_item("rejections", PyList::new(py, self.rejections())?)?;
        Ok(all)
    }

    /// Returns what `to_dict` has as one line of JSON.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        py.import("json")?.call_method1("dumps", (self.to_dict(py)?,))?.extract()
    }

    fn __str__(&self) -> String {
        let counters = self.0.counters();
        let mut text = format!(
            "{}: {} rows, {} accepted ({} distinct), {} suppressed, {} rejected\n",
            self.kind(),
            counters.rows,
            counters.accepted,
            counters.unique(),
            counters.suppressed,
            counters.rejected.total()
        );
        self.0.hints().iter().for_each(|hint| text += &format!("  {hint}\n"));
        text
    }

    fn __repr__(&self) -> String {
        format!("Profile(kind='{}', {} rows)", self.kind(), self.0.counters().rows)
    }

    fn _repr_html_(&self) -> String {
        let title = format!("{}: {} distinct identifiers", self.kind(), self.unique());
        let mut page = html::table(&title, ["rows", "number"], &show::counted(self.0.counters()));
        let hints: Vec<_> = self.hints().into_iter().map(|(code, hint)| [code.to_owned(), hint]).collect();
        if !hints.is_empty() {
            page += &html::table("Hints", ["code", "what it looks like"], &hints);
        }
        page
    }
}
