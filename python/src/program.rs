//! The program, for the console script `veilmatch`.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the program `veilmatch` with these arguments, the program's name first, and returns its exit status.
///
/// It is for the console script alone: it forbids dumps of the process, and takes it over in other ways too.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| veilmatch_cli::main(arguments))
}
