//! Trails: what the hub finds.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use veilmatch::container::{FileType, Signer};
use veilmatch::terms::Name;
use veilmatch::trail::{Answer, Graph, Links, Overview, Shared};
use veilmatch::{Error, Round as Agreed};

use crate::error::{OrRaise as _, refused};
use crate::identity::Identity;
use crate::round::Round;
use crate::share::Share;
use crate::{file, show, watch};

/// Trails from the seeds that members marked, as the hub sees them: members, distances and kinds. They stay at the hub,
/// and each member gets its answer (`write_answer`).
///
/// `links` are the paths of the members' links. `matched` says what each member was given: the path of the `hub-only.json`
/// of the program's `intersect`, or all the shares, where Python matched. `identity` is the hub's, unless the round is a
/// trial. Links of a kind of which a member was given tokens may be missing only for the members in `without`: no trail
/// leads through them. The ids of trails are random, and others in each run: replace all answers of an earlier one.
#[pyclass(frozen, module = "veilmatch")]
pub(crate) struct Trails {
    round: Py<Round>,
    identity: Option<Py<Identity>>,
    answers: Vec<Answer>,
    overview: Overview,
}

/// What was matched.
enum Matched {
    HubOnly(PathBuf),
    Shares(Vec<Py<Share>>),
}

impl<'py> FromPyObject<'_, 'py> for Matched {
    type Error = PyErr;

    fn extract(matched: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(path) = matched.extract() {
            return Ok(Self::HubOnly(path));
        }
        let expected = "expected the path of hub-only.json, or a list of the shares of all members";
        matched.extract().map(Self::Shares).map_err(|_| PyTypeError::new_err(expected))
    }
}

impl Matched {
    fn shared(&self, round: &Agreed) -> Result<Vec<Shared>, Error> {
        let shares = match self {
            Self::HubOnly(path) => return veilmatch_cli::given_to_members(path, round),
            Self::Shares(shares) => shares.iter().map(|share| &share.get().0),
        };
        let shared = |share: &veilmatch::Share| {
            let (member, kind) = (share.recipient(), share.terms().context.kind());
            round.require_terms(share.terms(), member)?;
            Ok(Shared {
                member: member.clone(),
                kind: kind.clone(),
                own_set: share.own_set(),
                tokens: share.len() as u64,
            })
        };
        shares.map(|share| shared(share)).collect()
    }
}

#[pymethods]
impl Trails {
    #[new]
    #[pyo3(signature = (round, links, matched, *, identity=None, without=Vec::new(), progress=None))]
    #[expect(clippy::too_many_arguments, reason = "named arguments in Python")]
    fn new(
        py: Python<'_>,
        round: Py<Round>,
        links: Vec<PathBuf>,
        matched: Matched,
        identity: Option<Py<Identity>>,
        without: Vec<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let agreed = &round.get().0;
        let own = identity.as_ref().map(|identity| &identity.get().0);
        let (links, shared) = watch::run(py, None, |_| {
            agreed.trail()?;
            agreed.require_open(file::now())?;
            file::signer(agreed.manifest().hub.as_ref(), own, "the hub")?;
            let shared = matched.shared(agreed)?;
            let links = links.iter().map(|path| {
                file::read(path, FileType::Links, Some(agreed), own, |bytes| {
                    let links = Links::from_source(Box::new(bytes), "links")?;
                    agreed.admit_links(&links)?;
                    Ok(links)
                })
            });
            Ok((links.collect::<Result<Vec<_>, _>>()?, shared))
        })?;
        require_all(&shared, &links, &without)?;
        let (answers, overview) = watch::run(py, progress.as_ref(), |watch| {
            let graph = Graph::new(agreed, &links, &shared, watch)?;
            let trails = veilmatch::trail::Trails::find(&graph, veilmatch::trail::Trails::fresh_id, &())?;
            let signer = own.map(|own| own as &(dyn Signer + Sync));
            Ok((trails.answers(&file::metadata(agreed)?, signer)?, trails.overview()))
        })?;
        Ok(Self { round, identity, answers, overview })
    }

    /// Writes the answer of one member that sent links, signed by the hub and sealed to the member.
    #[pyo3(signature = (path, member, *, overwrite=false))]
    fn write_answer(&self, py: Python<'_>, path: PathBuf, member: &str, overwrite: bool) -> PyResult<()> {
        let round = &self.round.get().0;
        let signer = self.identity.as_ref().map(|identity| &identity.get().0);
        watch::run(py, None, |_| {
            let member = round.member(&Name::new(member)?)?;
            let answer = self.answers.iter().find(|answer| answer.recipient == member.name);
            let answer = answer.ok_or_else(|| Error::NotAMember { member: member.name.clone() })?;
            let recipient = member.keys.as_ref().map(|keys| &keys.seal);
            file::write(&path, overwrite, recipient, |out| match signer {
                Some(signer) => answer.sign_to(signer, out),
                None => answer.write_to(out),
            })
        })
    }

    /// Names of the members that sent links and get an answer, in order.
    #[getter]
    fn members(&self) -> Vec<&str> {
        self.answers.iter().map(|answer| answer.recipient.as_str()).collect()
    }

    /// Returns what the program's `trails.json` has as a dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        show::dict(py, &self.overview)
    }

    /// Returns what the program's `trails.json` has, as one line.
    fn to_json(&self) -> String {
        show::json(&self.overview)
    }

    /// Writes the trails as a page that opens offline in any browser: the program's `trails.html`.
    #[pyo3(signature = (path, *, overwrite=false))]
    fn write_html(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        let of = self.round.get().0.of_round(None);
        watch::run(py, None, |_| {
            file::write(&path, overwrite, None, |out| Ok(self.overview.write_html(&of, out)?))
        })
    }

    fn __len__(&self) -> usize {
        self.overview.trails.len()
    }

    fn __repr__(&self) -> String {
        format!("Trails({} trails, {} members)", self.overview.trails.len(), self.answers.len())
    }
}

/// Refuses missing links, but of the members that were named.
fn require_all(shared: &[Shared], links: &[Links], without: &[String]) -> PyResult<()> {
    let without = without.iter().map(|name| Name::new(name)).collect::<Result<Vec<_>, _>>().or_raise()?;
    let mut missing = Shared::without_links(shared, links);
    missing.retain(|member, _| !without.iter().any(|name| name.same(member)));
    if missing.is_empty() {
        return Ok(());
    }
    let each = missing.iter().map(|(member, kinds)| {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        format!("{member} ({})", kinds.join(", "))
    });
    let message = format!(
        "links are missing: {}; give them, or go on without them by without=[\"MEMBER\"]",
        each.collect::<Vec<_>>().join(", ")
    );
    Err(refused("missing_links", "round", message))
}
