//! The sets of a match: opened, admitted to the round, and of a kind those that take part.

use std::path::PathBuf;

use veilmatch::domain::KindId;
use veilmatch::intersect::AtLeast;
use veilmatch::{Error, Intersection, Round};

use crate::arguments::Memory;
use crate::envelope::{Brought, open_set};
use crate::output::Pending;
use crate::session::Session;

/// Opens sets that the round admits; sealed ones over `memory` in all into files beside the output.
pub(super) fn open(
    session: &mut Session,
    round: &Round,
    files: &[PathBuf],
    memory: Option<Memory>,
    folder: &Pending,
) -> Result<Vec<Brought>, Error> {
    let mut room = memory.map_or(u64::MAX, Memory::bytes);
    let mut sets = Vec::new();
    for (number, path) in files.iter().enumerate() {
        let scratch = folder.scratch(&format!("opened-{number}"));
        let set = open_set(session, path, round, &mut room, scratch)?;
        let admitted = round.admit(&set).and_then(|()| set.as_ref().stamp().require_current(session.now));
        admitted.map_err(|error| error.at(path.display().to_string()))?;
        sets.push(set);
    }
    Ok(sets)
}

/// The sets of one kind.
pub(super) struct OfKind<'a> {
    pub(super) taking_part: Vec<&'a Brought>,
    /// Those under the round's smallest.
    pub(super) left_out: Vec<&'a Brought>,
}

impl<'a> OfKind<'a> {
    /// Those of them that take part; says which do not.
    pub(super) fn of(
        session: &Session,
        round: &Round,
        kind: &KindId,
        sets: &'a [Brought],
    ) -> Result<Self, Error> {
        let mut all = Intersection::new();
        let (mut taking_part, mut left_out) = (Vec::new(), Vec::new());
        for set in sets.iter().filter(|set| set.as_ref().terms().domain.kind() == kind) {
            // Added for the checks between sets, of which those that are left out must not be spared.
            all = set.add_to(all)?;
            if round.takes_part(set) {
                taking_part.push(set);
                continue;
            }
            session.warn(format_args!(
                "{kind}: the set of {} is under the round's smallest and is left out",
                set.as_ref().member()
            ));
            left_out.push(set);
        }
        Ok(Self { taking_part, left_out })
    }

    /// Ready to be matched; nothing, which is said, where too few members brought a set that takes part.
    pub(super) fn matched(
        &self,
        session: &Session,
        round: &Round,
        kind: &KindId,
    ) -> Result<Option<AtLeast<'a>>, Error> {
        let (sets, at_least) = (self.taking_part.len(), round.at_least());
        if sets < at_least {
            session.warn(format_args!("{kind} is not matched: {sets} of at least {at_least} sets are there"));
            return Ok(None);
        }
        let all = self.taking_part.iter().try_fold(Intersection::new(), |all, set| set.add_to(all));
        let matched = all.and_then(|all| all.at_least(at_least));
        matched.map(Some).map_err(|error| error.at(kind.to_string()))
    }

    /// Tokens of those that take part.
    pub(super) fn tokens(&self) -> u64 {
        self.taking_part.iter().map(|set| set.as_ref().tokens()).sum()
    }
}
