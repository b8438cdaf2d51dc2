//! Referral.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use veilmatch::container::FileType;
use veilmatch::trail::Statement;

use crate::identity::Identity;
use crate::round::Round;
use crate::{file, show, watch};

/// What an authority knows of trails: whom to address for what, and how many members have made no statement. Nobody has to
/// make one.
///
/// `statements` are the paths of the members' statements, in any order. `identity` is the authority's: it opens them, and
/// in a trial says whether they are for it.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Referral(veilmatch::trail::Referral);

#[pymethods]
impl Referral {
    #[new]
    fn new(py: Python<'_>, round: &Round, statements: Vec<PathBuf>, identity: &Identity) -> PyResult<Self> {
        let (round, identity) = (&round.0, &identity.0);
        let referral = watch::run(py, None, |_| {
            round.trail()?;
            let authority = identity.public_keys().seal;
            let statements = statements.iter().map(|path| {
                file::read(path, FileType::Statement, Some(round), Some(identity), |bytes| {
                    let statement = Statement::from_file_bytes(&bytes)?;
                    round.accept_statement(&statement, &authority)?;
                    Ok(statement)
                })
            });
            let statements = statements.collect::<Result<Vec<_>, _>>()?;
            veilmatch::trail::Referral::new(round, &authority, statements)
        })?;
        Ok(Self(referral))
    }

    /// Returns the referral as a dict, of the form that SPEC.md gives its JSON.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        show::dict(py, &self.0)
    }

    /// Returns the referral as the JSON of the program's `referral.json`.
    fn to_json(&self) -> PyResult<String> {
        let mut json = Vec::new();
        self.0.write_json(&mut json)?;
        json.truncate(json.trim_ascii_end().len());
        Ok(String::from_utf8(json)?)
    }

    /// Writes the referral as a page that opens offline in any browser: the program's `referral.html`.
    #[pyo3(signature = (path, *, overwrite=false))]
    fn write_html(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        watch::run(py, None, |_| file::write(&path, overwrite, None, |out| Ok(self.0.write_html(out)?)))
    }

    fn __len__(&self) -> usize {
        self.0.trails.len()
    }

    fn __repr__(&self) -> String {
        let statements: usize = self.0.trails.iter().map(|trail| trail.statements.len()).sum();
        format!("Referral({} trails, {statements} statements)", self.0.trails.len())
    }
}
