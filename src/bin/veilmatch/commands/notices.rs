//! notices: the hub says who is to take back which tokens of its share, since others have withdrawn them.

use veilmatch::domain::KindId;
use veilmatch::{Delta, Error, Round};

use super::file_name;
use super::sets::{self, OfKind};
use crate::Failure;
use crate::arguments::Notices;
use crate::bar::Bar;
use crate::envelope::{Brought, sealed};
use crate::output::Pending;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Notices) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    session.identify(arguments.identity.as_deref())?;
    session.signer(round.manifest().hub.as_ref(), "the hub")?;
    let mut folder = Pending::folder(&arguments.out, session.force)?;
    let mut deltas = Vec::new();
    for path in &arguments.deltas {
        deltas.push(sets::read_delta(session, path, &round)?);
    }
    let sets = sets::open(session, &round, &arguments.files, arguments.memory, &folder)?;
    for rules in &round.manifest().kinds {
        let of_kind: Vec<&Delta> =
            deltas.iter().filter(|delta| *delta.terms().domain.kind() == rules.kind).collect();
        if !of_kind.is_empty() {
            notify(session, &round, &rules.kind, &of_kind, &sets, &mut folder)?;
        }
    }
    session.publish(folder);
    Ok(())
}

/// Writes the notices of one kind, each for its recipient alone.
fn notify(
    session: &mut Session,
    round: &Round,
    kind: &KindId,
    deltas: &[&Delta],
    sets: &[Brought],
    folder: &mut Pending,
) -> Result<(), Error> {
    let of_kind = OfKind::of(session, round, kind, sets)?;
    let at_kind = |error: Error| error.at(kind.to_string());
    let has =
        |sets: &[&Brought], delta: &Delta| sets.iter().any(|set| *set.as_ref().member() == *delta.member());
    // Of a set that took no part nobody was told anything; one that is missing is not such a set.
    let deltas: Vec<&Delta> = deltas.iter().copied().filter(|delta| !has(&of_kind.left_out, delta)).collect();
    if deltas.is_empty() {
        return Ok(());
    }
    if let Some(missing) = deltas.iter().find(|delta| !has(&of_kind.taking_part, delta)) {
        return Err(at_kind(Error::NotAMember { member: missing.member().clone() }));
    }
    let matched = of_kind.matched(round).map_err(at_kind)?;
    let bar = Bar::of_tokens(of_kind.tokens());
    let notices = matched.notices(&deltas, round.manifest().disclosure, &bar).map_err(at_kind)?;
    let (stamp, signer) = (session.stamp(round), session.signer(round.manifest().hub.as_ref(), "the hub")?);
    session.say(format_args!("{kind}: {} deltas, notices for {} members", deltas.len(), notices.len()));
    session.count(format_args!("{kind}/notices"), notices.len() as u64);
    for notice in notices {
        let notice = notice.with_stamp(stamp.clone());
        let member = round.member(notice.recipient())?;
        folder.write(&format!("{}.{}.vmn", member.name, file_name(kind)), |out| {
            sealed(member.keys.as_ref().map(|keys| &keys.seal), out, |out| match signer.as_deref() {
                Some(signer) => notice.write_signed_to(signer, out),
                None => notice.write_to(out),
            })
        })?;
    }
    Ok(())
}
