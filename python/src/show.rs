//! How numbers, ids and rows of the library look in Python.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;
use veilmatch::terms::Terms;
use veilmatch::{Counters, Rejection};

/// Returns what serialises as a JSON object as a dict.
pub(crate) fn dict<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyDict>> {
    Ok(py.import("json")?.call_method1("loads", (json(value),))?.cast_into()?)
}

/// Reads counters from a dict such as [`dict`] gives.
pub(crate) fn counters(dict: &Bound<'_, PyDict>) -> PyResult<Counters> {
    let text: String = dict.py().import("json")?.call_method1("dumps", (dict,))?.extract()?;
    let expected = "expected counters as TokenSet.counters has them: rows, accepted, changed, warnings, suppressed, \
                    duplicates, and rejected by reason";
    serde_json::from_str(&text).map_err(|_| PyValueError::new_err(expected))
}

pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text keys and integers always serialise")
}

/// Returns rejected rows as pairs of number and reason.
pub(crate) fn rejections(all: &[Rejection]) -> Vec<(u64, &'static str)> {
    all.iter().map(|rejection| (rejection.place.row, rejection.reason.name())).collect()
}

/// Writes the public terms as arguments.
pub(crate) fn terms(terms: &Terms) -> String {
    let context = &terms.context;
    format!(
        "coalition='{}', epoch={}, kind='{}', key_id='{}'",
        context.coalition(),
        context.epoch(),
        context.kind(),
        terms.key_id
    )
}

/// Returns the counters as rows of a table.
pub(crate) fn counted(counters: &Counters) -> Vec<[String; 2]> {
    let Counters { rows, accepted, changed, warnings, suppressed, duplicates, ref rejected } = *counters;
    let whole = [
        ("rows", rows),
        ("accepted", accepted),
        ("changed", changed),
        ("warnings", warnings),
        ("suppressed", suppressed),
        ("duplicates", duplicates),
    ];
    let reasons =
        rejected.iter().map(|(reason, rows)| [format!("rejected: {}", reason.name()), rows.to_string()]);
    whole.into_iter().map(|(what, rows)| [what.to_owned(), rows.to_string()]).chain(reasons).collect()
}
