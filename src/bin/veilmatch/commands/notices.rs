//! notices: the hub says who is to take back which tokens of its share, since others have withdrawn them.

use veilmatch::domain::KindId;
use veilmatch::{Delta, Error, Notice, Round};

use super::file_name;
use super::sets::{self, OfKind};
use crate::Failure;
use crate::arguments::Notices;
use crate::bar::Bar;
use crate::envelope::{Brought, read_as, sealed};
use crate::output::Pending;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Notices) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    session.identify(arguments.identity.as_deref())?;
    session.signer(round.manifest().hub.as_ref(), "the hub")?;
    let mut folder = Pending::folder(&arguments.out, session.force)?;
    let now = session.now;
    let mut deltas = Vec::new();
    for path in &arguments.deltas {
        deltas.push(read_as(session, path, &round, |bytes| {
            let delta = Delta::from_file_bytes(bytes)?;
            round.admit_delta(&delta)?;
            delta.stamp().require_current(now)?;
            Ok(delta)
        })?);
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
    let Some(matched) = of_kind.matched(session, round, kind)? else { return Ok(()) };
    // Of a set that took no part nobody was told anything.
    let is_left_out =
        |delta: &&&Delta| of_kind.left_out.iter().any(|set| *set.as_ref().member() == *delta.member());
    let deltas: Vec<&Delta> = deltas.iter().filter(|delta| !is_left_out(delta)).copied().collect();
    let bar = Bar::of_tokens(of_kind.tokens());
    let notices = matched.notices(&deltas, round.manifest().disclosure, &bar);
    let notices = notices.map_err(|error| error.at(kind.to_string()))?;
    let (stamp, signer) = (session.stamp(round), session.signer(round.manifest().hub.as_ref(), "the hub")?);
    session.say(format_args!("{kind}: {} deltas, notices for {} members", deltas.len(), notices.len()));
    session.count(format_args!("{kind}/notices"), notices.len() as u64);
    for notice in notices {
        let notice = notice.with_stamp(stamp.clone());
        let member = round.member(notice.recipient())?;
        let write = |notice: &Notice, out: &mut dyn std::io::Write| match signer.as_deref() {
            Some(signer) => notice.write_signed_to(signer, out),
            None => notice.write_to(out),
        };
        folder.write(&format!("{}.{}.vmn", member.name, file_name(kind)), |out| {
            sealed(member.keys.as_ref().map(|keys| &keys.seal), out, |out| write(&notice, out))
        })?;
    }
    Ok(())
}
