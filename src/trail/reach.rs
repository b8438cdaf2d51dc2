//! From each seed outward: which subjects are near it.

use std::collections::{HashMap, HashSet};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::error::Error;
use crate::progress::{self, Progress};
use crate::round::TrailRules;
use crate::terms::{Name, TrailId};

use super::graph::Graph;

/// The subjects near one seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// Its name in the answers.
    pub id: TrailId,
    /// The seed's number.
    pub(super) seed: u32,
    /// The subjects and their distance from the seed, in order of number; the seed among them.
    pub(super) subjects: Vec<(u32, u8)>,
    /// The places of the members, in order.
    pub(super) members: Vec<usize>,
}

impl Trail {
    /// Returns the number of subjects, the seed among them.
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// Returns the distance of a subject from the seed, if it is in the trail.
    pub(super) fn distance(&self, subject: u32) -> Option<u8> {
        let place = self.subjects.binary_search_by_key(&subject, |(number, _)| *number).ok()?;
        Some(self.subjects[place].1)
    }
}

/// The trails of all seeds.
///
/// A trail belongs to one seed. It has the subjects that are at most `max_hops` steps from it, if they belong to at least
/// `min_members` members and are at most `max_trail` in number. A subject may be in several.
///
/// ```
/// use veilmatch::round::{Manifest, TrailRules};
/// use veilmatch::terms::{KeyId, Name, Pseudonym, Terms};
/// use veilmatch::trail::{Graph, Links, NewLinks, Shared, Trails};
/// use veilmatch::{Metadata, Round, Token};
///
/// // One wallet, of a seed at the first bank and of a customer of the second.
/// # let members = vec![Name::new("bank-a")?, Name::new("bank-b")?];
/// # let mut manifest = Manifest::trial(Name::new("example")?, 1, vec![(&Terms::example()).into()], members)?;
/// # manifest.trail = Some(TrailRules::for_kinds([]));
/// # let round = Round::new(manifest)?;
/// # let links = |member: &str, subject: Pseudonym, is_seed: bool| {
/// #     let terms = round.trail_terms(KeyId([7; 8]))?;
/// #     let mut links = NewLinks::new(terms, Name::new(member)?, vec![(subject, is_seed)])?;
/// #     let kind = round.manifest().kinds[0].kind.clone();
/// #     links.add(kind, None, [(Token::from_bytes([9; 16]), subject)])?;
/// #     let mut file = Vec::new();
/// #     links.write_to(&mut file)?;
/// #     Links::from_source(Box::new(file), member)
/// # };
/// let (anna, bert) = (Pseudonym([1; 16]), Pseudonym([2; 16]));
/// let links = [links("bank-a", anna, true)?, links("bank-b", bert, false)?];
/// # let shared = ["bank-a", "bank-b"].map(|member| Shared {
/// #     member: Name::new(member).unwrap(), kind: round.manifest().kinds[0].kind.clone(), own_set: None, tokens: 1,
/// # });
/// let graph = Graph::new(&round, &links, &shared, &())?;
/// let trails = Trails::find(&graph, Trails::fresh_id, &())?;
/// let answers = trails.answers(&Metadata::default(), None)?;
/// let own = &answers[1].trails[0].own[0];
/// assert_eq!((own.pseudonym, own.distance, own.leads[0].behind), (bert, 1, Some(1)));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Debug)]
pub struct Trails<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) found: Vec<Trail>,
    /// The seeds whose trails are too large to be given out.
    pub(super) too_large: Vec<u32>,
}

impl<'a> Trails<'a> {
    /// Follows the graph from each seed, in parallel. `id` gives each trail its id: [`Trails::fresh_id`], but for tests.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of `id`.
    pub fn find(
        graph: &'a Graph<'a>,
        mut id: impl FnMut() -> Result<TrailId, Error>,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let rules = graph.round.trail()?;
        let reached = graph.seeds().into_par_iter().map(|seed| {
            progress::advance(progress, 1)?;
            Ok((seed, reach(graph, rules, seed)))
        });
        let reached: Vec<(u32, Option<Near>)> = reached.collect::<Result<_, Error>>()?;
        let mut trails = Self { graph, found: Vec::new(), too_large: Vec::new() };
        for (seed, subjects) in reached {
            let Some(subjects) = subjects else {
                trails.too_large.push(seed);
                continue;
            };
            let mut members: Vec<usize> =
                subjects.iter().map(|(subject, _)| graph.numbering.member(*subject)).collect();
            members.dedup(); // subjects are in order, so members are too
            if members.len() as u64 >= rules.min_members {
                trails.found.push(Trail { id: id()?, seed, subjects, members });
            }
        }
        Ok(trails)
    }

    /// Returns a random id from the operating system.
    ///
    /// # Errors
    ///
    /// [`Error::Random`].
    pub fn fresh_id() -> Result<TrailId, Error> {
        let mut id = TrailId([0; 16]);
        SystemRandom::new().fill(&mut id.0).map_err(|_| Error::Random)?;
        Ok(id)
    }

    /// Returns the trails, in the order of their seeds' members.
    pub fn trails(&self) -> &[Trail] {
        &self.found
    }

    /// Returns the number of seeds whose trails have more subjects than the manifest allows.
    pub fn too_large(&self) -> usize {
        self.too_large.len()
    }

    /// Returns the members of a trail, in order of name.
    pub fn members(&self, trail: &Trail) -> impl ExactSizeIterator<Item = &Name> {
        trail.members.iter().map(|member| self.graph.links[*member].member())
    }
}

/// Subjects and their distance from a seed, in order of number.
type Near = Vec<(u32, u8)>;

/// Returns the subjects within the steps that are allowed; nothing if there are too many.
fn reach(graph: &Graph<'_>, rules: &TrailRules, seed: u32) -> Option<Near> {
    let mut distances = HashMap::from([(seed, 0u8)]);
    let mut followed = HashSet::new();
    let mut edge = vec![seed];
    for distance in 1..=rules.max_hops as u8 {
        let mut next = Vec::new();
        for token in edge.iter().flat_map(|subject| graph.tokens_of(*subject)) {
            if !graph.is_traversed(*token) || !followed.insert(*token) {
                continue;
            }
            for subject in graph.subjects_of(*token) {
                distances.entry(*subject).or_insert_with(|| {
                    next.push(*subject);
                    distance
                });
            }
            if distances.len() as u64 > rules.max_trail {
                return None;
            }
        }
        edge = next;
    }
    let mut subjects: Vec<(u32, u8)> = distances.into_iter().collect();
    subjects.sort_unstable();
    Some(subjects)
}
