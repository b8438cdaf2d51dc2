//! Answer: what the hub tells a member about trails.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use veilmatch::container::FileType;
use veilmatch::member::linking::Pseudonyms;
use veilmatch::terms::{ContentDigest, Pseudonym, TrailId};
use veilmatch::trail::{Release, Statement};
use veilmatch::{Error, Metadata};

use crate::error::{OrRaise as _, refused};
use crate::file;
use crate::identity::Identity;
use crate::round::Round;

/// What the hub tells one member about trails: its own subjects in them, under pseudonyms that the member alone can
/// resolve (`Linker.resolve`).
///
/// A trail is a lead and never a verdict: victims are in it too.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Answer {
    round: Py<Round>,
    pub(crate) answer: Arc<veilmatch::trail::Answer>,
    /// Of the sealed file, which a statement names.
    digest: Option<ContentDigest>,
}

#[pymethods]
impl Answer {
    /// Reads the file of an answer and checks every byte of it. `identity` opens it, unless the round is a trial.
    #[staticmethod]
    #[pyo3(signature = (path, *, round, identity=None))]
    fn read(py: Python<'_>, path: PathBuf, round: Py<Round>, identity: Option<&Identity>) -> PyResult<Self> {
        let (agreed, identity) = (&round.get().0, identity.map(|identity| &identity.0));
        let (answer, digest) = crate::watch::run(py, None, |_| {
            file::read_sealed(&path, FileType::Trail, agreed, identity, |bytes| {
                let answer = veilmatch::trail::Answer::from_file_bytes(&bytes)?;
                agreed.accept_answer(&answer, &answer.recipient)?;
                Ok(answer)
            })
        })?;
        Ok(Self { round, answer: Arc::new(answer), digest })
    }

    /// Writes a statement about one trail, signed by the member and sealed to the authority. It looks at no rows: resolve
    /// first.
    ///
    /// `trail` is the id of the trail, `authority` the path of the authority's public keys, and `case` its name for the case.
    /// `contact` says where it asks, and `legal_channel` which way an order has to take. All who read the statement see these.
    #[pyo3(signature = (path, identity, *, trail, authority, case, contact, legal_channel=None, overwrite=false))]
    #[expect(clippy::too_many_arguments, reason = "named arguments in Python")]
    fn release(
        &self,
        py: Python<'_>,
        path: PathBuf,
        identity: &Identity,
        trail: &str,
        authority: PathBuf,
        case: String,
        contact: String,
        legal_channel: Option<String>,
        overwrite: bool,
    ) -> PyResult<()> {
        let (round, identity) = (&self.round.get().0, &identity.0);
        let read = || {
            round.require_open(file::now())?;
            let member = round.member(&self.answer.recipient)?;
            if !round.is_trial() {
                file::signer(member.keys.as_ref(), Some(identity), member.name.as_str())?;
            }
            Ok::<_, Error>((trail.parse::<TrailId>()?, file::public_keys(&authority)?.seal))
        };
        let (trail, authority) = read().or_raise()?;
        let release = Release { authority, case, contact, channel: legal_channel };
        if release.has_key() {
            let message =
                "case=, contact= or legal_channel= has a key in it, and the authority would read it";
            return Err(refused("secret", "argument", message.to_owned()));
        }
        crate::watch::run(py, None, |_| {
            let pseudonyms = Pseudonyms::new(identity, &round.digest());
            let (authority, case) = (release.authority.clone(), release.case.clone());
            let relabel = |pseudonym: &Pseudonym| pseudonyms.for_authority(&authority, &case, pseudonym);
            let statement = Statement {
                // An authority's work does not end with the round.
                metadata: Metadata { not_before: None, not_after: None, ..file::metadata(round)? },
                answer: self.digest,
                ..Statement::new(round, &self.answer, &trail, release, relabel)?
            };
            let recipient = (!round.is_trial()).then_some(&authority);
            file::write(&path, overwrite, recipient, |out| match recipient {
                Some(_) => statement.sign_to(identity, out),
                None => statement.write_to(out),
            })
        })
    }

    /// Name of the member that the answer is for.
    #[getter]
    fn recipient(&self) -> &str {
        self.answer.recipient.as_str()
    }

    /// Ids of the trails in which the member has subjects, in order.
    #[getter]
    fn trails(&self) -> Vec<String> {
        self.answer.trails.iter().map(|trail| trail.id.to_string()).collect()
    }

    fn __len__(&self) -> usize {
        self.answer.trails.len()
    }

    fn __repr__(&self) -> String {
        format!("Answer(recipient='{}', {} trails)", self.recipient(), self.answer.trails.len())
    }
}
