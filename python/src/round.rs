//! Round.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use veilmatch::member::identifier::SuppressionList;
use veilmatch::terms::{Disclosure, Name, RoundDigest, Terms};
use veilmatch::{Error, Round as Agreed};

use crate::error::{OrRaise as _, invalid};
use crate::secret::Secret;
use crate::tokenizer::{Tokenizer, planned, suppression_list};
use crate::{file, show};

/// What the members and the hub of a round agreed to: its manifest.
///
/// The program makes it (`veilmatch round`). Compare `digest` with the other members by another channel.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Round(pub(crate) Agreed);

/// The longest manifest that is read, as in the program.
const LONGEST: u64 = 64 << 20;

#[pymethods]
impl Round {
    /// Reads a manifest. `digest` refuses any other than the one that was agreed.
    #[staticmethod]
    #[pyo3(signature = (path, *, digest=None))]
    fn read(path: PathBuf, digest: Option<&str>) -> PyResult<Self> {
        let read = || {
            let mut bytes = Vec::new();
            let file = veilmatch::container::open_regular(&path)?;
            std::io::Read::read_to_end(&mut std::io::Read::take(file, LONGEST), &mut bytes)?;
            let round = Agreed::from_bytes(&bytes)?;
            let expected: Option<RoundDigest> = digest.map(str::parse).transpose()?;
            match expected.filter(|expected| *expected != round.digest()) {
                Some(expected) => Err(Error::RoundDiffers { expected, found: round.digest() }),
                None => Ok(round),
            }
        };
        read().map_err(|error: Error| error.at(path.display().to_string())).or_raise().map(Self)
    }

    /// Makes the tokenizer of a kind of this round. Its sets are bound to the round.
    ///
    /// `national_plan` and `suppression` are those of `Tokenizer`.
    #[pyo3(signature = (secret, kind, member, *, national_plan=None, suppression=None))]
    fn tokenizer(
        &self,
        secret: &Secret,
        kind: &str,
        member: &str,
        national_plan: Option<&str>,
        suppression: Option<PathBuf>,
    ) -> PyResult<Tokenizer> {
        let made = || {
            self.0.require_open(file::now())?;
            let kind: veilmatch::member::Kind = kind.parse()?;
            let member = self.0.member(&Name::new(member)?)?.name.clone();
            let list =
                suppression.as_deref().map_or_else(|| Ok(SuppressionList::standard()), suppression_list)?;
            planned(
                self.0.tokenizer_with_suppression(&secret.0, &kind.kind_id(), &member, list)?,
                national_plan,
            )
        };
        made().or_raise().map(Tokenizer)
    }

    /// Digest of the manifest, in hex.
    #[getter]
    fn digest(&self) -> String {
        self.0.digest().to_string()
    }

    /// Name of the coalition.
    #[getter]
    fn coalition(&self) -> &str {
        self.0.manifest().coalition.as_str()
    }

    /// Number of the epoch.
    #[getter]
    fn epoch(&self) -> u64 {
        self.0.manifest().epoch
    }

    /// Purpose of the round.
    #[getter]
    fn purpose(&self) -> &str {
        &self.0.manifest().purpose
    }

    /// The threshold: an overlap is held by at least this number of members.
    #[getter]
    fn at_least(&self) -> usize {
        self.0.at_least()
    }

    /// What members learn about other holders: `holders`, or `counts` alone.
    #[getter]
    fn disclosure(&self) -> &'static str {
        match self.0.manifest().disclosure {
            Disclosure::Holders => "holders",
            Disclosure::Counts => "counts",
        }
    }

    /// Cells of the report under this number are withheld; 0 withholds nothing.
    #[getter]
    fn min_result(&self) -> u64 {
        self.0.manifest().min_result.unwrap_or(0)
    }

    /// What the round allows of trails, as its manifest has it: `leaves`, `max_degree`, `max_hops`, `max_trail`, `max_seeds`,
    /// `min_members` and `disclosure`. None if it allows no trails.
    #[getter]
    fn trail<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.0.manifest().trail.as_ref().map(|rules| show::dict(py, rules)).transpose()
    }

    /// Ids of the kinds that are matched, in order.
    #[getter]
    fn kinds(&self) -> Vec<&str> {
        self.0.manifest().kinds.iter().map(|rules| rules.kind.as_str()).collect()
    }

    /// Names of the members, in order.
    #[getter]
    fn members(&self) -> Vec<&str> {
        self.0.manifest().members.iter().map(|member| member.name.as_str()).collect()
    }

    /// Whether the round is a trial: without keys, unsigned and unsealed.
    #[getter]
    fn is_trial(&self) -> bool {
        self.0.is_trial()
    }

    fn __repr__(&self) -> String {
        format!(
            "Round(coalition='{}', epoch={}, at_least={}, digest='{}')",
            self.coalition(),
            self.epoch(),
            self.at_least(),
            self.digest()
        )
    }
}

/// Returns the round of a file that is to be written, if it is of one. A file of a round is not written without it: it
/// would be unsigned and unsealed.
pub(crate) fn of_file<'a>(terms: &Terms, round: Option<&'a Agreed>) -> Result<Option<&'a Agreed>, Error> {
    match round {
        Some(round) => round.require_open(file::now()).map(|()| Some(round)),
        None if terms.round.is_some() => {
            let problem =
                "expected round=: this is of a round, which says who signs it and to whom it is sealed";
            Err(invalid(problem))
        }
        None => Ok(None),
    }
}
