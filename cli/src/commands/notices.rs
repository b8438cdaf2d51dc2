//! notices: the hub tells members which tokens of their shares others have withdrawn.

use veilmatch::{Delta, Error, Round};

use super::hub_only::Matched;
use super::sets::{MatchedSet, OfKind};
use super::{file_name, sets};
use crate::Failure;
use crate::arguments::Notices;
use crate::files::bounded;
use crate::files::envelope::sealed;
use crate::files::folders::files_of;
use crate::files::opened_sets::OpenedSet;
use crate::output::{Makes, Pending};
use crate::session::Session;
use crate::terminal::bar::Bar;

pub(crate) fn run(session: &mut Session, arguments: &Notices) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    session.signer(round.manifest().hub.as_ref(), "the hub")?;
    let told =
        session.read_own_as(&arguments.hub_only, bounded::REPORT, |bytes| Matched::of(bytes, &round))?;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Notices)?;
    let mut deltas = Vec::new();
    for path in &files_of(&arguments.deltas, &["vmd"], arguments.skip_others)? {
        deltas.push(sets::read_delta(session, path, &round)?);
    }
    let files = files_of(&arguments.files, &["vms"], arguments.skip_others)?;
    let sets = sets::open(session, &round, &files, arguments.memory, &folder)?;
    sets::require_equal_terms(&round, &sets::makers(&sets), &[])?;
    for rules in &round.manifest().kinds {
        let of_kind: Vec<&Delta> =
            deltas.iter().filter(|delta| *delta.terms().context.kind() == rules.kind).collect();
        if !of_kind.is_empty() {
            let matched: Vec<&MatchedSet> = told.sets.iter().filter(|set| set.kind == rules.kind).collect();
            notify(session, &round, &matched, &of_kind, &sets, &mut folder)?;
        }
    }
    session.publish(folder);
    Ok(())
}

/// Writes the notices of one kind. Each is sealed to its recipient alone.
fn notify(
    session: &mut Session,
    round: &Round,
    matched: &[&MatchedSet],
    deltas: &[&Delta],
    sets: &[OpenedSet],
    folder: &mut Pending,
) -> Result<(), Failure> {
    let kind = deltas[0].terms().context.kind();
    let at_kind = |error: Error| error.at(kind.to_string());
    // If a set took no part, nobody was told anything about it.
    let has = |delta: &&&Delta| matched.iter().any(|set| set.member == *delta.member());
    for delta in deltas.iter().filter(|delta| !has(delta)) {
        let member = delta.member();
        session.warn(format_args!(
            "{kind}: the set of {member} was not matched, so its delta tells nobody anything"
        ));
    }
    let deltas: Vec<&Delta> = deltas.iter().filter(has).copied().collect();
    if deltas.is_empty() {
        session.result(format_args!(
            "{kind}: no set of these members was matched, so nobody was told of their tokens"
        ));
        return Ok(());
    }
    let of_kind = OfKind::of(session, round, kind, sets)?;
    let brought = of_kind.stated()?;
    // A missing set is missing among the holders: less would be told, or nothing.
    let missing = names(matched.iter().copied().filter(|set| !brought.contains(set)));
    let strange = names(brought.iter().filter(|set| !matched.contains(set)));
    let problem = match (missing.is_empty(), strange.is_empty()) {
        (false, _) => Some(format!("{kind}: expected the set of {missing} that was matched")),
        (true, false) => Some(format!("{kind}: the set of {strange} was not matched")),
        (true, true) => None,
    };
    if let Some(message) = problem {
        return Err(Failure::Refused { code: "other_sets", message });
    }
    let bar = Bar::of_tokens(of_kind.tokens());
    let all = of_kind.matched(round).map_err(at_kind)?.with_progress(&bar);
    let notices = all.notices(&deltas, round.manifest().disclosure).map_err(at_kind)?;
    let (metadata, signer) =
        (session.metadata(round)?, session.signer(round.manifest().hub.as_ref(), "the hub")?);
    session.result(format_args!("{kind}: {} deltas, notices for {} members", deltas.len(), notices.len()));
    session.count(format_args!("{kind}/notices"), notices.len() as u64);
    for notice in notices {
        let notice = notice.with_metadata(metadata.clone());
        let member = round.member(notice.recipient())?;
        folder.write(&format!("{}.{}.vmn", member.name, file_name(kind)), |out| {
            sealed(member.keys.as_ref().map(|keys| &keys.seal), out, |out| match signer.as_deref() {
                Some(signer) => notice.sign_to(signer, out),
                None => notice.write_to(out),
            })
        })?;
    }
    Ok(())
}

fn names<'a>(sets: impl Iterator<Item = &'a MatchedSet>) -> String {
    sets.map(|set| set.member.as_str()).collect::<Vec<_>>().join(", ")
}
