//! What an error is about and what caused it.

use std::io;

use super::{Error, masked};

impl Error {
    /// Adds the file, member or step where the error came about. A key in the place of a name is [`masked`].
    #[must_use]
    pub fn at(self, what: impl Into<String>) -> Self {
        let what: String = what.into();
        Error::At { what: masked(&what).into_owned(), source: Box::new(self) }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io(error) => Some(error),
            Error::At { source, .. } => source.source(), // its text is part of ours
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    /// Returns an error of this library as it was, if it went through a reader or writer.
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Error::Io)
    }
}
