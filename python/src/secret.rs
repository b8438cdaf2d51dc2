//! Secret.

use std::path::PathBuf;

use pyo3::prelude::*;
use veilmatch::member::CoalitionSecret;

use crate::error::OrRaise as _;
use crate::file::unwrapped;
use crate::unpicklable::refuse_pickle;

/// The coalition's secret of one epoch. Whoever has it can compute the token of any identifier.
///
/// It shows nothing, cannot be pickled or copied, and is wiped when it is no longer used. Make the tokenizer, then let go
/// of it.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Secret(pub(crate) CoalitionSecret);

#[pymethods]
impl Secret {
    /// Makes a fresh secret from the operating system's random source.
    #[staticmethod]
    fn generate() -> PyResult<Self> {
        CoalitionSecret::generate().or_raise().map(Self)
    }

    /// Reads a secret file, as the program `veilmatch keygen` makes it. Nobody but its owner may be able to read it.
    ///
    /// `passphrase` opens a file that is protected by one.
    #[staticmethod]
    #[pyo3(signature = (path, *, passphrase=None))]
    fn read(path: PathBuf, passphrase: Option<&str>) -> PyResult<Self> {
        CoalitionSecret::read_wrapped_file(&path, |bytes| unwrapped(bytes, passphrase)).or_raise().map(Self)
    }

    /// Takes the secret that a command prints, such as the client of a key service or vault, as the program's
    /// `--secret-command` does. There is no shell, and the command has a minute.
    #[staticmethod]
    fn from_command(py: Python<'_>, command: &str) -> PyResult<Self> {
        let read = || {
            let printed = veilmatch_cli::printed_by(command, "command").map_err(std::io::Error::other)?;
            CoalitionSecret::parse(std::str::from_utf8(&printed).unwrap_or_default())
                .map_err(|error| error.at("command"))
        };
        py.detach(read).or_raise().map(Self)
    }

    /// Writes a new secret file that only its owner can read. A secret is never overwritten.
    fn write(&self, path: PathBuf) -> PyResult<()> {
        self.0.write_new_file(&path).or_raise()
    }

    /// The id of the secret, by which keepers compare what they have. It reveals nothing of the secret.
    #[getter]
    fn id(&self) -> String {
        self.0.id().to_string()
    }

    fn __repr__(&self) -> &'static str {
        "Secret(...)"
    }

    /// Raises TypeError: secrets are not pickled.
    fn __reduce__(&self) -> PyResult<()> {
        Err(refuse_pickle("Secret"))
    }

    /// Raises TypeError: secrets are not pickled.
    fn __getstate__(&self) -> PyResult<()> {
        Err(refuse_pickle("Secret"))
    }
}
