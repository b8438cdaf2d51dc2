//! What keeps secrets out of pickles.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// Refuses to pickle or copy an object with a secret: a pickle is a file or a message that nobody protects.
pub(crate) fn refuse_pickle(what: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "a {what} cannot be pickled or copied: make it again from its file where it is needed"
    ))
}
