//! Share.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use veilmatch::container::FileType;
use veilmatch::terms::Disclosure;

use crate::identity::Identity;
use crate::round::Round;
use crate::{file, show};

/// The part of a result that one member may have: the overlapping tokens that it holds itself, and what was agreed to be
/// told about the other holders.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Share(pub(crate) Arc<veilmatch::Share>);

impl Share {
    pub(crate) fn new(share: veilmatch::Share) -> Self {
        Self(Arc::new(share))
    }
}

#[pymethods]
impl Share {
    /// Reads the file of a share and checks every byte of it.
    ///
    /// `round` refuses a share that the round cannot have. `identity` opens a share that is sealed to it.
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
            file::read(&path, FileType::Share, round, identity, |bytes| {
                let share = veilmatch::Share::from_file_bytes(&bytes)?;
                round.map_or(Ok(()), |round| round.accept(&share, share.recipient()))?;
                Ok(share)
            })
        })?;
        Ok(Self::new(read))
    }

    /// Writes the file of the share. It appears when it is complete, and only its owner can read it.
    ///
    /// A share of a round needs `round`, and the hub's `identity` unless the round is a trial: the file is signed by the
    /// hub and sealed to the member.
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
            let Some(round) = crate::round::of_file(self.0.terms(), round)? else {
                return file::write(&path, overwrite, None, |out| self.0.write_to(out));
            };
            let member = round.member(self.0.recipient())?;
            let signer = file::signer(round.manifest().hub.as_ref(), identity, "the hub")?;
            round.require_terms(self.0.terms(), self.0.recipient())?;
            let share = veilmatch::Share::clone(&self.0).with_metadata(file::metadata(round)?);
            let recipient = member.keys.as_ref().map(|keys| &keys.seal);
            file::write(&path, overwrite, recipient, |out| match signer {
                Some(signer) => share.sign_to(signer, out),
                None => share.write_to(out),
            })
        })
    }

    /// Name of the member that the share is for.
    #[getter]
    fn recipient(&self) -> &str {
        self.0.recipient().as_str()
    }

    /// Id of the kind, with the version of its rule.
    #[getter]
    fn kind(&self) -> &str {
        self.0.terms().context.kind().as_str()
    }

    /// The threshold: every token has at least this number of holders.
    #[getter]
    fn at_least(&self) -> usize {
        self.0.at_least()
    }

    /// What the share tells about other holders: `holders`, or `counts` alone.
    #[getter]
    fn disclosure(&self) -> &'static str {
        match self.0.disclosure() {
            Disclosure::Holders => "holders",
            Disclosure::Counts => "counts",
        }
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        let (recipient, terms) = (self.recipient(), show::terms(self.0.terms()));
        format!("Share(recipient='{recipient}', {terms}, {} tokens)", self.0.len())
    }
}
