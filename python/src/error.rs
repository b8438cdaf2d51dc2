//! The exception that stands for the library's errors.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;

pyo3::create_exception!(
    veilmatch,
    Error,
    PyException,
    "A call that could not be completed.\n\n\
     `code` is a stable snake_case word for programs, such as `terms_differ`. `category` says what the error is about: \
     `argument`, `terms`, `peer_file`, `round`, `rows`, `key` or `io`. No message repeats an identifier, a token or a key."
);

/// Turns errors of the library into exceptions.
pub(crate) trait OrRaise<T> {
    fn or_raise(self) -> PyResult<T>;
}

impl<T, E: Into<veilmatch::Error>> OrRaise<T> for Result<T, E> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(|error| raised(error.into()))
    }
}

/// Makes the exception of an error.
pub(crate) fn raised(error: veilmatch::Error) -> PyErr {
    refused(error.code(), &words(&format!("{:?}", error.category())), error.to_string())
}

/// Makes the exception of a refusal that the library leaves to its callers.
pub(crate) fn refused(code: &str, category: &str, message: String) -> PyErr {
    Python::attach(|py| {
        let exception = Error::new_err(message);
        let value = exception.value(py);
        let set = value.setattr("code", code).and_then(|()| value.setattr("category", category));
        set.err().unwrap_or(exception)
    })
}

/// An error about what a caller passed, of a kind that the library does not know.
pub(crate) fn invalid(problem: &str) -> veilmatch::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidInput, problem).into()
}

/// Turns `PeerFile` into `peer_file`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
