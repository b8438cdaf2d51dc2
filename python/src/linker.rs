//! Linker: what a member does for trails with its own rows.

mod columns;
mod links;
mod resolve;

use std::collections::BTreeMap;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use veilmatch::member::identifier::SuppressionList;
use veilmatch::member::linking::{LinkKeys, Pseudonyms};
use veilmatch::terms::{KindId, Name};
use veilmatch::{Error, Round as Agreed};

use crate::answer::Answer;
use crate::column::Column;
use crate::error::OrRaise as _;
use crate::identity::Identity;
use crate::own_trails::OwnTrails;
use crate::round::Round;
use crate::secret::Secret;
use crate::share::Share;
use crate::tokenizer::{planned, suppression_list};
use crate::unpicklable::refuse_pickle;
use crate::{file, show, watch};

use columns::Columns;

/// Links a member's own rows for trails, and finds them again in the answer. The round must allow trails.
///
/// A trial needs an identity too: pseudonyms of subjects are made with it, and whoever has lost it can no longer tell who
/// a pseudonym is. `national_plan` and `suppression` are those of `Tokenizer`.
///
/// It holds keys of all kinds that the member brings, shows public terms only, and cannot be pickled or copied.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Linker {
    round: Py<Round>,
    member: Name,
    identity: Py<Identity>,
    keys: LinkKeys,
    pseudonyms: Pseudonyms,
    tokenizers: BTreeMap<KindId, veilmatch::member::Tokenizer>,
}

impl Linker {
    fn round(&self) -> &Agreed {
        &self.round.get().0
    }

    fn tokenizer(&self, kind: &KindId) -> Result<&veilmatch::member::Tokenizer, Error> {
        self.round().kind(kind)?;
        let found = self.tokenizers.get(kind);
        found.ok_or_else(|| Error::NotBrought { member: self.member.clone(), kind: kind.clone() })
    }
}

#[pymethods]
impl Linker {
    #[new]
    #[pyo3(signature = (round, secret, member, identity, *, national_plan=None, suppression=None))]
    fn new(
        round: Py<Round>,
        secret: &Secret,
        member: &str,
        identity: Py<Identity>,
        national_plan: Option<&str>,
        suppression: Option<PathBuf>,
    ) -> PyResult<Self> {
        let agreed = &round.get().0;
        let made = || {
            agreed.trail()?;
            agreed.require_open(file::now())?;
            let member = agreed.member(&Name::new(member)?)?;
            if !agreed.is_trial() {
                file::signer(member.keys.as_ref(), Some(&identity.get().0), member.name.as_str())?;
            }
            let list =
                suppression.as_deref().map_or_else(|| Ok(SuppressionList::standard()), suppression_list)?;
            let mut tokenizers = BTreeMap::new();
            for rules in &agreed.manifest().kinds {
                let made =
                    agreed.tokenizer_with_suppression(&secret.0, &rules.kind, &member.name, list.clone());
                match made {
                    Ok(made) => tokenizers.insert(rules.kind.clone(), planned(made, national_plan)?),
                    // Others may bring it.
                    Err(Error::NotBrought { .. } | Error::UnknownKind) => None,
                    Err(error) => return Err(error),
                };
            }
            let pseudonyms = Pseudonyms::new(&identity.get().0, &agreed.digest());
            Ok((member.name.clone(), agreed.link_keys(&secret.0)?, pseudonyms, tokenizers))
        };
        let (member, keys, pseudonyms, tokenizers) = made().or_raise()?;
        Ok(Self { round, member, identity, keys, pseudonyms, tokenizers })
    }

    /// Writes the links of one's rows for the hub, signed and sealed, and returns their numbers: `subjects`, `seeds`,
    /// `seeds_alone` (seeds that share nothing with others and are not sent), and for each kind its `tokens` and `links`.
    ///
    /// `shares` has one's share of each kind, and `columns` the column of each of these kinds, such as
    /// `{"card.pan": table["card"]}`: the rows that were tokenised. `subjects` says whose a row is: rows with equal values
    /// are of one subject, and a row without a value is a subject of its own. `seeds` marks confirmed cases by `offender`,
    /// `victim` or `unknown`. All columns have equally many rows. `overwrite` replaces an earlier file.
    #[pyo3(signature = (path, shares, columns, *, subjects=None, seeds=None, overwrite=false, progress=None))]
    #[expect(clippy::too_many_arguments, reason = "named arguments in Python")]
    fn write_links<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        shares: Vec<Py<Share>>,
        columns: Columns,
        subjects: Option<Column>,
        seeds: Option<Column>,
        overwrite: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let shares: Vec<&veilmatch::Share> = shares.iter().map(|share| &*share.get().0).collect();
        let made = watch::run(py, progress.as_ref(), |watch| {
            self.round().require_open(file::now())?;
            let (links, seeds) = links::make(self, &shares, columns, subjects, seeds, watch)?;
            let links = links.with_metadata(file::metadata(self.round())?);
            let signed = !self.round().is_trial();
            file::write(&path, overwrite, self.round().hub_seal(), |out| match signed {
                true => links.sign_to(&self.identity.get().0, out),
                false => links.write_to(out),
            })?;
            Ok(links::Numbers::of(&links, seeds))
        })?;
        show::dict(py, &made)
    }

    /// Finds one's own subjects in the trails of an answer, and which of their identifiers lead on.
    ///
    /// `columns` and `subjects` are those of `write_links`, with every kind that the answer speaks of. With `authority`, the
    /// path of an authority's public keys, and `case` it also says what a subject is called in a statement to it.
    #[pyo3(signature = (answer, columns, *, subjects=None, authority=None, case=None, progress=None))]
    #[expect(clippy::too_many_arguments, reason = "named arguments in Python")]
    fn resolve(
        &self,
        py: Python<'_>,
        answer: &Answer,
        columns: Columns,
        subjects: Option<Column>,
        authority: Option<PathBuf>,
        case: Option<&str>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<OwnTrails> {
        watch::run(py, progress.as_ref(), |watch| {
            let authority = resolve::Authority::of(authority.as_deref(), case)?;
            resolve::resolve(self, answer, columns, subjects, authority, watch)
        })
    }

    /// Name of the member.
    #[getter]
    fn member(&self) -> &str {
        self.member.as_str()
    }

    /// Id of the link keys, by which links under different secrets refuse each other. It reveals nothing of the keys.
    #[getter]
    fn key_id(&self) -> String {
        self.keys.id().to_string()
    }

    fn __repr__(&self) -> String {
        format!(
            "Linker(member='{}', round='{}', key_id='{}')",
            self.member,
            self.round().digest(),
            self.key_id()
        )
    }

    /// Raises TypeError: keys are not pickled.
    fn __reduce__(&self) -> PyResult<()> {
        Err(refuse_pickle("Linker"))
    }

    /// Raises TypeError: keys are not pickled.
    fn __getstate__(&self) -> PyResult<()> {
        Err(refuse_pickle("Linker"))
    }
}
