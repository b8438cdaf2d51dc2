//! intersect: the hub matches the members' sets, or compares their handshakes.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use serde::Serialize;
use veilmatch::container::{FileHeader, FileType};
use veilmatch::matching::{Query, StreamedShare, Tally};
use veilmatch::report::{KindReport, TookPart};
use veilmatch::round::handshake::{Verdict, compare};
use veilmatch::terms::{KindId, Name};
use veilmatch::trail::Shared;
use veilmatch::{Error, Handshake, Report, Round};

use super::sets::{COMPARE_SECRETS, MatchedSet, OfKind};
use super::taking_part::{Allowed, taking_part};
use super::{file_name, hub_only, print, sets, show};
use crate::Failure;
use crate::arguments::{Intersect, OutputFormat};
use crate::files::envelope::{Envelope, read_if};
use crate::files::folders::files_of;
use crate::files::opened_sets::OpenedSet;
use crate::output::{Makes, Pending};
use crate::session::Session;
use crate::terminal::bar::Bar;
use crate::terminal::colours;

pub(crate) fn run(session: &mut Session, arguments: &Intersect) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
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
    let mut folder = Pending::folder(out, session.force, Makes::Result)?.digested_if(session.keeps_record());
    let allowed = Allowed::of(round, arguments)?;
    let files = files_of(&arguments.files, &["vms"], arguments.skip_others)?;
    let sets = sets::open(session, round, &files, arguments.memory, &folder)?;
    let took_part = taking_part(session, round, &sets, &allowed)?;
    let handshakes = read_handshakes(session, round, &arguments.handshakes, arguments.skip_others)?;
    sets::require_equal_terms(round, &sets::makers(&sets), &handshakes)?;
    let mut result = Outcome::new(session, round);
    for part in &took_part {
        match_kind(session, round, part, &sets, &mut result, &mut folder)?;
    }
    result.report.took_part = took_part;
    sets.into_par_iter().for_each(drop); // and with them what was unsealed
    hub_only::write(&mut folder, round, &result.sets, &result.shared, &result.report)?;
    // The last step: what is withheld depends on all cells of a kind.
    let min_result = round.manifest().min_result.max(arguments.min_result).unwrap_or(0);
    result.report = result.report.withholding(min_result);
    // The run record goes to others too, so it states only what the report shows.
    for of_kind in &result.report.kinds {
        if let Some(overlaps) = of_kind.overlaps {
            session.count(format_args!("{}/overlaps", of_kind.kind), overlaps);
        }
    }
    folder.write("report.json", |out| {
        serde_json::to_writer(&mut *out, &result.report)
            .map_err(|error| Error::from(std::io::Error::from(error)))?;
        Ok(writeln!(out)?)
    })?;
    folder.write("report.html", |out| Ok(result.report.write_html(out)?))?;
    session.publish(folder);
    let format = arguments.format;
    show(session, move |out| match format {
        OutputFormat::Text if colours() => Ok(write!(out, "{:#}", result.report)?),
        OutputFormat::Text => Ok(write!(out, "{}", result.report)?),
        OutputFormat::Json => {
            serde_json::to_writer(&mut *out, &result.report)
                .map_err(|error| Error::from(std::io::Error::from(error)))?;
            Ok(writeln!(out)?)
        }
    })
}

/// What a match gives besides the shares.
struct Outcome {
    /// The sets that were matched, for the hub alone: `notices` uses them later to know that it has all sets.
    sets: Vec<MatchedSet>,
    /// What each member was given, if the round allows trails.
    shared: Vec<Shared>,
    report: Report,
}

impl Outcome {
    fn new(session: &Session, round: &Round) -> Self {
        let manifest = round.manifest();
        let members = manifest.members.iter().map(|member| member.name.clone()).collect();
        let mut report = Report::new(round.at_least(), members);
        report.of_round = Some(round.of_round(session.head()));
        Self { sets: Vec::new(), shared: Vec::new(), report }
    }
}

fn match_kind(
    session: &mut Session,
    round: &Round,
    part: &TookPart,
    sets: &[OpenedSet],
    result: &mut Outcome,
    folder: &mut Pending,
) -> Result<(), Error> {
    let (kind, members) = (&part.kind, part.matched.len());
    let of_kind = OfKind::of(session, round, kind, sets)?;
    session.count(format_args!("{kind}/expected"), part.expected() as u64);
    session.count(format_args!("{kind}/left_out"), part.left_out.len() as u64);
    session.count(format_args!("{kind}/without"), part.without.len() as u64);
    session.count(format_args!("{kind}/sets"), members as u64);
    if members == 0 {
        return Ok(());
    }
    let at_kind = |error: Error| error.at(kind.to_string());
    let tokens = of_kind.tokens();
    let bar = Bar::of_tokens(2 * tokens); // once for the report, once for the shares
    let matched = of_kind.matched(round).map_err(at_kind)?.with_progress(&bar);
    let tally = matched.tally().map_err(at_kind)?;
    let report = KindReport::from_tally(&matched, &tally);
    result.sets.extend(of_kind.stated()?);
    session.count(format_args!("{kind}/tokens"), tokens);
    result.report.kinds.push(report);
    for first in (0..members).step_by(SHARES_AT_A_TIME) {
        let positions = first..members.min(first + SHARES_AT_A_TIME);
        let shared = write_shares(session, round, &matched, &tally, positions, folder)?;
        if round.manifest().trail.is_some() {
            result.shared.extend(shared);
        }
    }
    Ok(())
}

/// The number of shares that are written in one pass over the sets. Each takes an open file and two thirds of a MiB.
const SHARES_AT_A_TIME: usize = 128;

/// Matches again and writes the shares of the members at these positions. No share is ever in memory. Returns what each
/// of them was given.
fn write_shares(
    session: &Session,
    round: &Round,
    matched: &Query<'_>,
    tally: &Tally,
    positions: Range<usize>,
    folder: &mut Pending,
) -> Result<Vec<Shared>, Error> {
    let kind = matched.kind();
    let (metadata, signer) =
        (session.metadata(round)?, session.signer(round.manifest().hub.as_ref(), "the hub")?);
    let (mut envelopes, mut names) = (Vec::new(), Vec::new());
    for name in matched.members().skip(positions.start).take(positions.len()) {
        let member = round.member(name)?;
        let share = format!("{}.{}.vsh", member.name, file_name(kind));
        let out = folder.begin(&share)?;
        let envelope = Envelope::begin(member.keys.as_ref().map(|keys| &keys.seal), out);
        envelopes.push(envelope.map_err(|error| error.at(&share))?);
        names.push(share);
    }
    let recipients: Vec<&Name> = matched.members().collect();
    let (mut writers, mut shared) = (Vec::new(), Vec::new());
    for (position, envelope) in positions.clone().zip(&mut envelopes) {
        let (tokens, disclosure) = (tally.by_member[position], round.manifest().disclosure);
        let share = StreamedShare::new(matched, recipients[position], tokens, disclosure)?;
        let share = share.with_metadata(metadata.clone());
        let writer = match signer.as_deref() {
            Some(signer) => share.sign_to(signer, envelope),
            None => share.write_to(envelope),
        };
        let writer = writer.map_err(|error| error.at(&names[position - positions.start]))?;
        shared.push(Shared {
            member: recipients[position].clone(),
            kind: kind.clone(),
            own_set: Some(writer.own_set()),
            tokens: writer.tokens(),
        });
        writers.push(writer);
    }
    matched.for_each(|token, holders| {
        let of_these = holders.positions().filter(|holder| positions.contains(holder));
        let mut each = of_these.map(|holder| holder - positions.start);
        each.try_for_each(|at| writers[at].push(token, holders).map_err(|error| error.at(&names[at])))
    })?;
    let named = |name: &String, done: Result<(), Error>| done.map_err(|error| error.at(name));
    names.iter().zip(writers).try_for_each(|(name, writer)| named(name, writer.finish()))?;
    let finish = |(name, envelope): (&String, Envelope)| envelope.finish().map_err(|error| error.at(name));
    let outputs = names.iter().zip(envelopes).map(finish).collect::<Result<Vec<_>, Error>>()?;
    folder.complete_all(outputs)?;
    Ok(shared)
}

fn read_handshakes(
    session: &mut Session,
    round: &Round,
    paths: &[PathBuf],
    skip_others: bool,
) -> Result<Vec<Handshake>, Failure> {
    let mut brought = Vec::new();
    for path in &files_of(paths, &["vmh"], skip_others)? {
        let now = session.now;
        // Any other difference from the other handshakes is reported for each member, below.
        let judge = |header: &FileHeader| {
            Handshake::require_length_of(header)?;
            header.metadata().require_current(now)
        };
        brought.push(read_if(session, path, round, FileType::Handshake, judge, Handshake::from_file_bytes)?);
    }
    Ok(brought)
}

fn shake(session: &mut Session, arguments: &Intersect, round: &Round) -> Result<(), Failure> {
    let brought = read_handshakes(session, round, &arguments.files, arguments.skip_others)?;
    let strangers = brought.iter().find(|handshake| {
        round.member(handshake.member()).is_err() || round.kind(handshake.terms().context.kind()).is_err()
    });
    if let Some(stranger) = strangers {
        round.member(stranger.member())?;
        round.kind(stranger.terms().context.kind())?;
    }
    let verdicts = compare(round, &brought);
    let wrong = verdicts.iter().filter(|verdict| verdict.outcome.is_err()).count();
    let is_of_secret = |verdict: &Verdict| match &verdict.outcome {
        Err(Error::MembersDiffer { what, .. }) => what.starts_with("key id"),
        _ => false,
    };
    let advice = match verdicts.iter().any(is_of_secret) {
        true => format!(". {COMPARE_SECRETS}"),
        false => String::new(),
    };
    let (format, compared) = (arguments.format, verdicts.len());
    let print_verdicts = move |out: &mut dyn Write| match format {
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
    };
    session.verdict(|_| print(print_verdicts));
    if wrong > 0 {
        let message = format!("{wrong} of {compared} handshakes do not agree{advice}");
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
