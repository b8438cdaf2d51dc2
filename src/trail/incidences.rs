//! Joins the links of all members by token: who has it, and for whom it is hot.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::error::Error;
use crate::progress::{self, Progress};
use crate::round::TrailRules;
use crate::terms::KindId;
use crate::token::Token;

use super::answer::Dropped;
use super::links::{Links, TokenRange};

/// The number of links that are sorted at a time by one thread: 20 bytes each.
const RANGE: usize = 1 << 20;

/// Where each member's subjects begin in the numbering of all subjects; the last one is their number.
#[derive(Debug)]
pub(super) struct Numbering(pub(super) Vec<u32>);

impl Numbering {
    /// Returns the place of the member whose subject it is.
    pub(super) fn member(&self, subject: u32) -> usize {
        self.0.partition_point(|first| *first <= subject) - 1
    }
}

/// The tokens of a part of the token space that join subjects.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) tokens: Vec<Token>,
    /// Where the subjects of each token end.
    pub(super) ends: Vec<u32>,
    pub(super) subjects: Vec<u32>,
    /// The links that were dropped, and whose they were.
    pub(super) dropped: Vec<(usize, Dropped)>,
}

/// Joins the links of one kind and hands them to `take`, in order of token.
pub(super) fn join(
    kind: &KindId,
    links: &[&Links],
    numbering: &Numbering,
    rules: &TrailRules,
    progress: &dyn Progress,
    mut take: impl FnMut(Joined),
) -> Result<(), Error> {
    let ranges = ranges(kind, links);
    let at_once = 2 * rayon::current_num_threads();
    for some in ranges.chunks(at_once) {
        let joined = some.into_par_iter().map(|range| {
            let gathered = gather(kind, links, numbering, rules, range)?;
            progress::advance(progress, gathered.len() as u64)?;
            Ok(group(kind, &gathered, numbering, rules))
        });
        let joined: Vec<Joined> = joined.collect::<Result<_, Error>>()?;
        joined.into_iter().for_each(&mut take);
    }
    Ok(())
}

/// Returns parts of the token space that hold about equally many links. The bounds come from the data.
fn ranges(kind: &KindId, links: &[&Links]) -> Vec<TokenRange> {
    let records = links.iter().filter_map(|links| Some((links, links.of_kind(kind)?)));
    let mut samples: Vec<Token> =
        records.flat_map(|(links, records)| links.samples(&records).collect::<Vec<_>>()).collect();
    samples.sort_unstable();
    let mut bounds: Vec<Token> = samples
        .into_iter()
        .skip(RANGE / crate::container::CHUNK_RECORDS)
        .step_by(RANGE / crate::container::CHUNK_RECORDS)
        .collect();
    bounds.dedup();
    let from = std::iter::once(None).chain(bounds.iter().copied().map(Some));
    let to = bounds.iter().copied().map(Some).chain([None]);
    from.zip(to).map(|(from, to)| TokenRange { from, to }).collect()
}

/// Returns the links of a range, in order of token and subject. Of a token that a member has too often it keeps one more than
/// is allowed: enough to see that, whatever the member sends.
fn gather(
    kind: &KindId,
    links: &[&Links],
    numbering: &Numbering,
    rules: &TrailRules,
    range: &TokenRange,
) -> Result<Vec<(Token, u32)>, Error> {
    let mut gathered = Vec::new();
    let mut buffer = Vec::new();
    for (links, first) in links.iter().zip(&numbering.0) {
        let Some(records) = links.of_kind(kind) else { continue };
        let (mut last, mut run) = (None, 0u64);
        links.read(&records, range, &mut buffer, |token, subject| {
            run = if last == Some(token) { run + 1 } else { 1 };
            last = Some(token);
            if run <= rules.max_degree + 1 {
                gathered.push((token, first + subject));
            }
        })?;
    }
    gathered.sort_unstable();
    Ok(gathered)
}

/// Keeps the tokens that several members sent, without links to hot ones.
fn group(kind: &KindId, gathered: &[(Token, u32)], numbering: &Numbering, rules: &TrailRules) -> Joined {
    let mut joined = Joined::default();
    let mut members = Vec::new();
    for of_token in gathered.chunk_by(|a, b| a.0 == b.0) {
        let member = |link: &(Token, u32)| numbering.member(link.1);
        members.clear();
        members.extend(of_token.chunk_by(|a, b| member(a) == member(b)).map(|run| (member(&run[0]), run)));
        if members.len() < 2 {
            continue;
        }
        let token = of_token[0].0;
        let drop = |for_all| Dropped { kind: kind.clone(), token, for_all };
        let is_hot = |run: &[(Token, u32)]| run.len() as u64 > rules.max_degree;
        members.retain(|(member, run)| {
            if is_hot(run) {
                joined.dropped.push((*member, drop(false)));
            }
            !is_hot(run)
        });
        let all: usize = members.iter().map(|(_, run)| run.len()).sum();
        if all as u64 > 4 * rules.max_degree {
            joined.dropped.extend(members.iter().map(|(member, _)| (*member, drop(true))));
        } else if all >= 2 {
            joined.tokens.push(token);
            joined.subjects.extend(members.iter().flat_map(|(_, run)| run.iter().map(|link| link.1)));
            joined.ends.push(joined.subjects.len() as u32);
        }
    }
    joined
}
