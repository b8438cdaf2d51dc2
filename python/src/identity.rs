//! Identity.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::error::OrRaise as _;
use crate::file::unwrapped;
use crate::unpicklable::refuse_pickle;

/// The keys of one member or hub: they sign its files, and open files that are sealed to it.
///
/// It shows nothing and cannot be pickled or copied. Its seeds are wiped when it is no longer used.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Identity(pub(crate) veilmatch::round::identity::Identity);

#[pymethods]
impl Identity {
    /// Makes fresh keys from the operating system's random source.
    #[staticmethod]
    fn generate() -> PyResult<Self> {
        veilmatch::round::identity::Identity::generate().or_raise().map(Self)
    }

    /// Reads a key file, as the program makes it. Nobody but its owner may be able to read it.
    ///
    /// `passphrase` opens a file that is protected by one.
    #[staticmethod]
    #[pyo3(signature = (path, *, passphrase=None))]
    fn read(path: PathBuf, passphrase: Option<&str>) -> PyResult<Self> {
        let read = |bytes| unwrapped(bytes, passphrase);
        veilmatch::round::identity::Identity::read_wrapped_file(&path, read).or_raise().map(Self)
    }

    /// Writes two new files: at `path` the keys, which only their owner can read, and beside it, with `.pub` added to its
    /// name, the public keys. Neither is ever overwritten.
    fn write(&self, path: PathBuf) -> PyResult<()> {
        self.0.write_new_files(&path).or_raise()
    }

    /// The public keys, as the file for others has them.
    #[getter]
    fn public_keys(&self) -> String {
        self.0.public_keys().to_string()
    }

    fn __repr__(&self) -> &'static str {
        "Identity(...)"
    }

    /// Raises TypeError: keys are not pickled.
    fn __reduce__(&self) -> PyResult<()> {
        Err(refuse_pickle("Identity"))
    }

    /// Raises TypeError: keys are not pickled.
    fn __getstate__(&self) -> PyResult<()> {
        Err(refuse_pickle("Identity"))
    }
}
