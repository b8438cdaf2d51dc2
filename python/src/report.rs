//! Report.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::show;

/// The result of a match in counts alone: no tokens. `print(report)` shows it as text.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Report(pub(crate) veilmatch::Report);

#[pymethods]
impl Report {
    /// Returns the report as a dict, of the form that SPEC.md gives its JSON.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        show::dict(py, &self.0)
    }

    /// Returns the report as one line of JSON.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Report(at_least={}, {} members)", self.0.at_least, self.0.members.len())
    }

    /// Writes the report as a page that opens offline in any browser: numbers and pictures, without scripts.
    #[pyo3(signature = (path, *, overwrite=false))]
    fn write_html(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        crate::watch::run(py, None, |_| {
            crate::file::write(&path, overwrite, None, |out| Ok(self.0.write_html(out)?))
        })
    }

    fn _repr_html_(&self) -> PyResult<String> {
        let mut page = Vec::new();
        self.0.write_html_fragment(&mut page)?;
        Ok(String::from_utf8(page)?)
    }
}
