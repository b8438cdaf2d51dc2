//! Query.

use std::sync::Arc;

use pyo3::prelude::*;
use veilmatch::{Error, TokenSet};

use crate::error::OrRaise as _;
use crate::intersection::all;
use crate::overlaps::Overlaps;
use crate::report::Report;
use crate::watch;

/// A question about sets: which tokens at least k members hold. It works when it is asked for an answer.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Query {
    sets: Arc<[Arc<TokenSet>]>,
    at_least: usize,
}

impl Query {
    pub(crate) fn new(sets: Arc<[Arc<TokenSet>]>, at_least: usize) -> PyResult<Self> {
        let query = Self { sets, at_least };
        let _ = query.asked().or_raise()?;
        Ok(query)
    }

    fn asked(&self) -> Result<veilmatch::matching::Query<'_>, Error> {
        all(&self.sets)?.at_least(self.at_least)
    }

    pub(crate) fn report_of(
        &self,
        py: Python<'_>,
        min_result: u64,
        progress: Option<&Py<PyAny>>,
    ) -> PyResult<Report> {
        watch::run(py, progress, |watch| {
            let asked = self.asked()?.with_progress(watch);
            let mut report = veilmatch::Report::new(self.at_least, asked.members().cloned().collect());
            report.kinds.push(veilmatch::report::KindReport::new(&asked)?);
            Ok(Report(report.withholding(min_result)))
        })
    }

    pub(crate) fn set_of(&self, member: &veilmatch::terms::Name) -> Option<&TokenSet> {
        self.sets.iter().find(|set| set.member().same(member)).map(|set| &**set)
    }
}

#[pymethods]
impl Query {
    /// Returns the overlapping tokens with their holders. `progress` is called with the number of tokens that are read.
    #[pyo3(signature = (*, progress=None))]
    fn collect(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Overlaps> {
        let found = watch::run(py, progress.as_ref(), |watch| self.asked()?.with_progress(watch).collect())?;
        Ok(Overlaps::new(found, Self { sets: self.sets.clone(), at_least: self.at_least }))
    }

    /// Returns the number of overlapping tokens.
    #[pyo3(signature = (*, progress=None))]
    fn count(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<u64> {
        watch::run(py, progress.as_ref(), |watch| self.asked()?.with_progress(watch).count())
    }

    /// Returns the report: counts alone, no tokens. Cells above 0 and under `min_result` are withheld, with what would
    /// give them back.
    #[pyo3(signature = (*, min_result=0, progress=None))]
    fn report(&self, py: Python<'_>, min_result: u64, progress: Option<Py<PyAny>>) -> PyResult<Report> {
        self.report_of(py, min_result, progress.as_ref())
    }

    fn __repr__(&self) -> String {
        format!("Query({} sets, at_least={})", self.sets.len(), self.at_least)
    }
}
