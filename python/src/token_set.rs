//! TokenSet.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray};
use arrow_buffer::Buffer;
use arrow_schema::DataType;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use veilmatch::container::FileType;
use veilmatch::{Rejection, Token};

use crate::array::Array;
use crate::identity::Identity;
use crate::round::Round;
use crate::{file, html, show};

/// One member's tokens of one kind: sorted, each once. It goes to the hub.
///
/// Tokens are pseudonymous personal data: keep the file from anybody but the hub.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct TokenSet {
    pub(crate) set: Arc<veilmatch::TokenSet>,
    rejections: Vec<Rejection>,
}

impl TokenSet {
    pub(crate) fn new(set: veilmatch::TokenSet, rejections: Vec<Rejection>) -> Self {
        Self { set: Arc::new(set), rejections }
    }
}

#[pymethods]
impl TokenSet {
    /// Reads the file of a set and checks every byte of it.
    ///
    /// `round` refuses a set that the round does not admit. `identity` opens a set that is sealed to it.
    #[staticmethod]
    #[pyo3(signature = (path, *, round=None, identity=None))]
    fn read(
        py: Python<'_>,
        path: PathBuf,
        round: Option<&Round>,
        identity: Option<&Identity>,
    ) -> PyResult<Self> {
        let (round, identity) = (round.map(|round| &round.0), identity.map(|identity| &identity.0));
        let read = crate::watch::run(py, None, |_| {
            file::read(&path, FileType::Set, round, identity, |bytes| {
                let set = veilmatch::TokenSet::from_file_bytes(&bytes)?;
                round.map_or(Ok(()), |round| round.admit(&set))?;
                Ok(set)
            })
        })?;
        Ok(Self::new(read, Vec::new()))
    }

    /// Writes the file of the set. It appears when it is complete, and only its owner can read it.
    ///
    /// A set of a round needs `round`, and `identity` unless the round is a trial: the file is signed by the member and
    /// sealed to the hub.
    #[pyo3(signature = (path, *, round=None, identity=None, overwrite=false))]
    fn write(
        &self,
        py: Python<'_>,
        path: PathBuf,
        round: Option<&Round>,
        identity: Option<&Identity>,
        overwrite: bool,
    ) -> PyResult<()> {
        let (round, identity) = (round.map(|round| &round.0), identity.map(|identity| &identity.0));
        crate::watch::run(py, None, |_| {
            let Some(round) = crate::round::of_file(self.set.terms(), round)? else {
                return file::write(&path, overwrite, None, |out| self.set.write_to(out));
            };
            let member = round.member(self.set.member())?;
            let signer = file::signer(member.keys.as_ref(), identity, member.name.as_str())?;
            round.require_terms(self.set.terms(), self.set.member())?;
            round.require_size(&*self.set)?;
            let set = veilmatch::TokenSet::clone(&self.set).with_metadata(file::metadata(round)?);
            file::write(&path, overwrite, round.hub_seal(), |out| match signer {
                Some(signer) => set.sign_to(signer, out),
                None => set.write_to(out),
            })
        })
    }

    /// Returns the tokens, in order, as a column of `fixed_size_binary(16)`.
    fn to_arrow(&self) -> Array {
        token_array(self.set.tokens())
    }

    /// Name of the member whose set it is.
    #[getter]
    fn member(&self) -> &str {
        self.set.member().as_str()
    }

    /// Id of the kind, with the version of its rule.
    #[getter]
    fn kind(&self) -> &str {
        self.set.terms().context.kind().as_str()
    }

    /// Id of the key under which the tokens were made.
    #[getter]
    fn key_id(&self) -> String {
        self.set.terms().key_id.to_string()
    }

    /// What became of the rows: `rows`, `accepted`, `changed`, `warnings`, `suppressed`, `duplicates`, and `rejected` by
    /// reason.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        show::dict(py, self.set.counters())
    }

    /// The first 100 rejected rows, as pairs of row and reason. Rows are numbered from 1. A set that was read from a file
    /// has none.
    #[getter]
    fn rejections(&self) -> Vec<(u64, &'static str)> {
        show::rejections(&self.rejections)
    }

    fn __len__(&self) -> usize {
        self.set.len()
    }

    fn __repr__(&self) -> String {
        format!(
            "TokenSet(member='{}', {}, {} tokens)",
            self.member(),
            show::terms(self.set.terms()),
            self.set.len()
        )
    }

    fn _repr_html_(&self) -> String {
        let title = format!("{}, {}: {} tokens", self.member(), self.kind(), self.set.len());
        html::table(&title, ["rows", "number"], &show::counted(self.set.counters()))
    }
}

/// Copies tokens into a column.
pub(crate) fn token_array(tokens: &[Token]) -> Array {
    let mut bytes = Vec::with_capacity(tokens.len() * Token::LEN);
    tokens.iter().for_each(|token| bytes.extend_from_slice(token.as_bytes()));
    let array: ArrayRef =
        Arc::new(FixedSizeBinaryArray::new(Token::LEN as i32, Buffer::from_vec(bytes), None));
    Array::new("token", DataType::FixedSizeBinary(Token::LEN as i32), vec![array])
}
