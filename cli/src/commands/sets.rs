//! The sets of a match, and deltas to them: opened, admitted to the round, and sorted into those of a kind that take
//! part.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use veilmatch::container::{FileHeader, FileType};
use veilmatch::matching::Query;
use veilmatch::round::KindRules;
use veilmatch::terms::{ContentDigest, KindId, Name, Terms};
use veilmatch::{Delta, Error, Handshake, Intersection, Round};

use crate::Failure;
use crate::arguments::Memory;
use crate::files::envelope::{read_as, read_header};
use crate::files::opened_sets::{OpenedSet, open_sets};
use crate::output::Pending;
use crate::session::Session;

/// Opens sets that the round admits. Sealed sets are opened in memory while there is room in `memory`, and the others
/// into files beside the output.
pub(super) fn open(
    session: &mut Session,
    round: &Round,
    files: &[PathBuf],
    memory: Option<Memory>,
    folder: &Pending,
) -> Result<Vec<OpenedSet>, Failure> {
    let room = memory.map_or(u64::MAX, Memory::bytes);
    let scratch = |number| folder.scratch(&format!("opened-{number}"));
    let opened = open_sets(session, files, round, room, scratch);
    let opened = opened.map_err(|error| of_other_manifest(session, round, files, error))?;
    for (path, set) in files.iter().zip(&opened) {
        let admitted = round.admit(set);
        let admitted = admitted.and_then(|()| set.as_ref().metadata().require_current(session.now));
        let admitted = admitted.map_err(|error| error.at(path.display().to_string()));
        admitted.map_err(|error| of_other_manifest(session, round, files, error))?;
    }
    Ok(opened)
}

/// Says whose sets were made with another manifest, if a set is refused for its terms. If all were, the fault is with
/// the manifest that was given, and not with a member.
fn of_other_manifest(session: &Session, round: &Round, files: &[PathBuf], error: Error) -> Failure {
    if !matches!(error.code(), "terms_differ" | "kind_not_in_round") {
        return error.into();
    }
    let headers = files.iter().filter(|path| *path != Path::new("-"));
    let headers = headers.map(|path| read_header(session, path, round, FileType::Set));
    let headers: Vec<FileHeader> = headers.filter_map(Result::ok).collect();
    let others = headers.iter().filter(|header| header.terms().round != Some(round.digest()));
    let members: BTreeSet<&str> =
        others.clone().filter_map(|header| header.member()).map(Name::as_str).collect();
    let with_other = match members.is_empty() {
        true => return error.into(),
        false if others.count() == files.len() && files.len() > 1 => {
            format!("none of the {} sets was made with this manifest; was it edited?", files.len())
        }
        false => {
            let members: Vec<&str> = members.into_iter().collect();
            format!("made with another manifest: the sets of {}", members.join(", "))
        }
    };
    Failure::Refused { code: error.code(), message: format!("{error}; {with_other}") }
}

/// Reads a delta that the round admits.
pub(super) fn read_delta(session: &mut Session, path: &Path, round: &Round) -> Result<Delta, Error> {
    let now = session.now;
    read_as(session, path, round, FileType::Delta, |bytes| {
        let delta = Delta::from_file_bytes(bytes)?;
        round.admit_delta(&delta)?;
        delta.metadata().require_current(now)?;
        Ok(delta)
    })
}

/// A set that was matched, as `hub-only.json` states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MatchedSet {
    pub(super) kind: KindId,
    pub(super) member: Name,
    root: ContentDigest,
}

/// Refuses files of one kind that were made under different key ids, in every kind at once and without blaming anyone.
/// If there are handshakes of the round, it says whose set is unlike its own handshake.
///
/// `makers` are the members and terms of the files. All other terms are the manifest's by now.
pub(super) fn require_equal_terms(
    round: &Round,
    makers: &[(&Name, &Terms)],
    handshakes: &[Handshake],
) -> Result<(), Failure> {
    handshakes.iter().try_for_each(|handshake| round.admit_handshake(handshake))?;
    let mut said = Vec::new();
    for KindRules { kind, .. } in &round.manifest().kinds {
        let of_kind = || makers.iter().filter(|(_, terms)| terms.context.kind() == kind).copied();
        let is_unlike = |(member, terms): &(&Name, &Terms)| {
            let mut own = handshakes.iter().filter(|shake| shake.terms().context.kind() == kind);
            own.any(|shake| shake.member() == *member && shake.terms() != *terms)
        };
        let unlike: Vec<&str> = of_kind().filter(is_unlike).map(|(member, _)| member.as_str()).collect();
        let unlike = match unlike.is_empty() {
            true => String::new(),
            false => {
                format!("made under another key id than the handshake: the set of {}", unlike.join(", "))
            }
        };
        match Terms::require_equal(of_kind()) {
            Err(error) if unlike.is_empty() => said.push(format!("{kind}: {error}")),
            Err(error) => said.push(format!("{kind}: {error}; {unlike}")),
            Ok(()) if unlike.is_empty() => {}
            Ok(()) => said.push(format!("{kind}: {unlike}")),
        }
    }
    if said.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{}. {COMPARE_SECRETS}. Who is wrong makes the set anew; intersect --without goes on without a member",
        said.join(". ")
    );
    Err(Failure::Refused { code: "members_differ", message })
}

/// What members do whose key ids differ.
pub(super) const COMPARE_SECRETS: &str =
    "They used different secrets: compare `veilmatch secret-id FILE` over the telephone";

/// Returns the members and terms of sets.
pub(super) fn makers(sets: &[OpenedSet]) -> Vec<(&Name, &Terms)> {
    sets.iter().map(OpenedSet::as_ref).map(|set| (set.member(), set.terms())).collect()
}

/// The sets of one kind that take part.
pub(super) struct OfKind<'a> {
    taking_part: Vec<&'a OpenedSet>,
}

impl<'a> OfKind<'a> {
    /// Returns the sets of the kind that take part, and says which sets do not.
    pub(super) fn of(
        session: &Session,
        round: &Round,
        kind: &KindId,
        sets: &'a [OpenedSet],
    ) -> Result<Self, Error> {
        let mut all = Intersection::new();
        let mut taking_part = Vec::new();
        for set in sets.iter().filter(|set| set.as_ref().terms().context.kind() == kind) {
            // Each set is added for the checks between sets: those that are left out must not be spared.
            all = set.add_to(all)?;
            let what = match (round.takes_part(set), set.as_ref().tokens()) {
                (_, 0) => "empty",
                (false, _) => "under the round's smallest",
                (true, _) => {
                    taking_part.push(set);
                    continue;
                }
            };
            session.warn(format_args!(
                "{kind}: the set of {} is {what} and is not matched",
                set.as_ref().member()
            ));
        }
        Ok(Self { taking_part })
    }

    /// Returns what is stated about the sets that take part, in order of the members' names.
    pub(super) fn stated(&self) -> Result<Vec<MatchedSet>, Error> {
        let state = |set: &&OpenedSet| {
            let header = set.as_ref();
            let (kind, member) = (header.terms().context.kind().clone(), header.member().clone());
            Ok(MatchedSet { kind, member, root: set.root()? })
        };
        let mut stated: Vec<MatchedSet> = self.taking_part.iter().map(state).collect::<Result<_, Error>>()?;
        stated.sort_by(|a, b| a.member.cmp(&b.member));
        Ok(stated)
    }

    /// Returns the sets that take part, ready to be matched.
    pub(super) fn matched(&self, round: &Round) -> Result<Query<'a>, Error> {
        let all = self.taking_part.iter().try_fold(Intersection::new(), |all, set| set.add_to(all));
        all.and_then(|all| all.at_least(round.at_least()))
    }

    /// Returns the number of tokens of the sets that take part.
    pub(super) fn tokens(&self) -> u64 {
        self.taking_part.iter().map(|set| set.as_ref().tokens()).sum()
    }
}
