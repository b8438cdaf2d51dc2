//! Report.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::{html, show};

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

    fn _repr_html_(&self) -> String {
        let cell =
            |count: Option<u64>| count.map_or_else(|| "withheld".to_owned(), |count| count.to_string());
        let mut page = String::new();
        for kind in &self.0.kinds {
            let title = format!(
                "{}: {} overlaps of at least {} members",
                kind.kind,
                cell(kind.overlaps),
                self.0.at_least
            );
            let members: Vec<_> = kind
                .members
                .iter()
                .map(|member| {
                    let rejected = member.rejected.total();
                    [
                        member.name.to_string(),
                        member.rows.to_string(),
                        member.unique.to_string(),
                        member.suppressed.to_string(),
                        rejected.to_string(),
                    ]
                })
                .collect();
            page += &html::table(&title, ["member", "rows", "tokens", "suppressed", "rejected"], &members);
            let counts: Vec<_> = (1..)
                .zip(&kind.by_holder_count.0)
                .map(|(holders, count): (usize, _)| [holders.to_string(), cell(*count)])
                .collect();
            page += &html::table("Tokens by number of holders", ["holders", "tokens"], &counts);
            let pairs: Vec<_> = kind
                .pairs
                .iter()
                .map(|pair| [pair.a.to_string(), pair.b.to_string(), cell(pair.overlap)])
                .collect();
            page += &html::table("Tokens that two members share", ["member", "member", "tokens"], &pairs);
        }
        page
    }
}
