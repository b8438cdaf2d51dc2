//! intersect: the hub matches the members' sets, or compares their handshakes.

use std::path::Path;

use serde::Serialize;
use veilmatch::domain::{ContentDigest, KindId, Name, RoundDigest};
use veilmatch::handshake::{Verdict, compare};
use veilmatch::report::KindReport;
use veilmatch::{Error, Handshake, Intersection, Report, Round, TokenSet};

use super::{file_name, print};
use crate::Failure;
use crate::arguments::{Intersect, OutputFormat};
use crate::bar::Bar;
use crate::envelope::{read_as, sealed};
use crate::output::Pending;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Intersect) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    session.identify(arguments.identity.as_deref())?;
    session.signer(round.manifest().hub.as_ref(), "the hub")?;
    match &arguments.out {
        None => shake(session, arguments, &round),
        Some(out) => match_sets(session, arguments, &round, out),
    }
}

fn match_sets(
    session: &mut Session,
    arguments: &Intersect,
    round: &Round,
    out: &Path,
) -> Result<(), Failure> {
    let mut sets = Vec::new();
    for path in &arguments.files {
        sets.push(read_as(session, path, Some(round), |bytes| {
            let set = TokenSet::from_file_bytes(bytes)?;
            round.admit(&set)?;
            Ok(set)
        })?);
    }
    let mut folder = Pending::folder(out, session.force)?;
    let mut result = Outcome::new(session, round);
    for rules in &round.manifest().kinds {
        let of_kind: Vec<&TokenSet> =
            sets.iter().filter(|set| *set.terms().domain.kind() == rules.kind).collect();
        match_kind(session, round, &rules.kind, &of_kind, &mut result, &mut folder)?;
    }
    // Last: what is withheld depends on all of a kind's cells.
    let min_result = round.manifest().min_result.max(arguments.min_result).unwrap_or(0);
    result.report = result.report.withholding(min_result);
    // The run record goes to others too: it states what the report shows.
    for of_kind in &result.report.kinds {
        if let Some(overlaps) = of_kind.overlaps {
            session.count(format_args!("{}/overlaps", of_kind.kind), overlaps);
        }
    }
    folder.write("report.json", |out| {
        serde_json::to_writer(&mut *out, &result)
            .map_err(|error| Error::from(std::io::Error::from(error)))?;
        Ok(writeln!(out)?)
    })?;
    session.publish(folder);
    print(|out| match arguments.format {
        OutputFormat::Text => Ok(write!(out, "{}", result.report)?),
        OutputFormat::Json => {
            serde_json::to_writer(&mut *out, &result)
                .map_err(|error| Error::from(std::io::Error::from(error)))?;
            Ok(writeln!(out)?)
        }
    })
}

/// `report.json`: the report, and under what it came about.
#[derive(Serialize)]
struct Outcome {
    round: RoundDigest,
    log: Option<ContentDigest>,
    /// Members whose sets of a kind were under the round's smallest.
    left_out: Vec<LeftOut>,
    /// Kinds of which too few members brought a set that takes part.
    not_matched: Vec<KindId>,
    #[serde(flatten)]
    report: Report,
}

#[derive(Serialize)]
struct LeftOut {
    kind: KindId,
    member: Name,
}

impl Outcome {
    fn new(session: &Session, round: &Round) -> Self {
        let manifest = round.manifest();
        let members = manifest.members.iter().map(|member| member.name.clone()).collect();
        Self {
            round: round.digest(),
            log: session.stamp(round).log,
            left_out: Vec::new(),
            not_matched: Vec::new(),
            report: Report::new(round.at_least(), members),
        }
    }
}

fn match_kind(
    session: &mut Session,
    round: &Round,
    kind: &KindId,
    brought: &[&TokenSet],
    result: &mut Outcome,
    folder: &mut Pending,
) -> Result<(), Error> {
    let mut matched = Intersection::new();
    let mut taking_part = Vec::new();
    for set in brought {
        matched = matched.add(set)?;
        if round.takes_part(set) {
            taking_part.push(*set);
            continue;
        }
        session.warn(format_args!(
            "{kind}: the set of {} is under the round's smallest and is left out",
            set.member()
        ));
        result.left_out.push(LeftOut { kind: kind.clone(), member: set.member().clone() });
    }
    // Added above for the checks between sets, of which those that are left out must not be spared.
    drop(matched);
    if taking_part.len() < round.at_least() {
        session.warn(format_args!(
            "{kind} is not matched: {} of at least {} sets are there",
            taking_part.len(),
            round.at_least()
        ));
        result.not_matched.push(kind.clone());
        return Ok(());
    }
    let at_kind = |error: Error| error.at(kind.to_string());
    let tokens: u64 = taking_part.iter().map(|set| set.len() as u64).sum();
    let bar = Bar::of_tokens(2 * tokens); // once for the report, once for the shares
    let matched =
        taking_part.iter().try_fold(Intersection::new(), |all, set| all.add(set)).map_err(at_kind)?;
    let matched = matched.at_least(round.at_least()).map_err(at_kind)?;
    result.report.kinds.push(KindReport::of(&matched, &bar).map_err(at_kind)?);
    let overlaps = matched.collect(&bar).map_err(at_kind)?;
    session.count(format_args!("{kind}/sets"), taking_part.len() as u64);
    session.count(format_args!("{kind}/tokens"), tokens);
    for set in taking_part {
        let member = round.member(set.member())?;
        let share = overlaps.share(&member.name, round.manifest().disclosure)?;
        let share = share.with_stamp(session.stamp(round)).with_own_set(set)?;
        let signer = session.signer(round.manifest().hub.as_ref(), "the hub")?;
        folder.write(&format!("{}.{}.vsh", member.name, file_name(kind)), |out| {
            sealed(member.keys.as_ref().map(|keys| &keys.seal), out, |out| match &signer {
                Some(signer) => share.write_signed_to(&**signer, out),
                None => share.write_to(out),
            })
        })?;
    }
    Ok(())
}

fn shake(session: &mut Session, arguments: &Intersect, round: &Round) -> Result<(), Failure> {
    let mut brought = Vec::new();
    for path in &arguments.files {
        brought.push(read_as(session, path, Some(round), Handshake::from_file_bytes)?);
    }
    let strangers = brought.iter().find(|handshake| {
        round.member(handshake.member()).is_err() || round.kind(handshake.terms().domain.kind()).is_err()
    });
    if let Some(stranger) = strangers {
        round.member(stranger.member())?;
        round.kind(stranger.terms().domain.kind())?;
    }
    let verdicts = compare(round, &brought);
    let wrong = verdicts.iter().filter(|verdict| verdict.outcome.is_err()).count();
    print(|out| match arguments.format {
        OutputFormat::Text => verdicts.iter().try_for_each(|Verdict { member, kind, outcome }| {
            let said = outcome.as_ref().err().map_or("agrees".to_owned(), Error::to_string);
            Ok(writeln!(out, "{member} {kind}: {said}")?)
        }),
        OutputFormat::Json => {
            let lines: Vec<_> = verdicts
                .iter()
                .map(|Verdict { member, kind, outcome }| Line {
                    member,
                    kind,
                    outcome: outcome.as_ref().err().map_or("agrees", Error::code),
                })
                .collect();
            serde_json::to_writer(&mut *out, &lines)
                .map_err(|error| Error::from(std::io::Error::from(error)))?;
            Ok(writeln!(out)?)
        }
    })?;
    if wrong > 0 {
        let message = format!("{wrong} of {} handshakes do not agree", verdicts.len());
        return Err(Failure::Refused { code: "handshake_failed", message });
    }
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    member: &'a Name,
    kind: &'a KindId,
    outcome: &'static str,
}
