//! custodian reconcile: ledgers against each other and against what the hub matched.

use std::io::Write;

use serde::{Deserialize, Serialize};
use veilmatch::Error;
use veilmatch::custodian::{Ledger, Reconciled};
use veilmatch::custody::PublicCustody;
use veilmatch::terms::{KindId, Name};

use crate::Failure;
use crate::arguments::{CustodianReconcile, OutputFormat};
use crate::commands::print;
use crate::files::bounded;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &CustodianReconcile) -> Result<(), Failure> {
    let custody = session.read_as(&arguments.custody, bounded::CUSTODY, PublicCustody::read)?;
    let ledgers = arguments.ledgers.iter().map(|path| Ledger::read_file(path));
    let ledgers = ledgers.collect::<Result<Vec<_>, _>>()?;
    let mut tokens = Vec::new();
    for path in &arguments.hub {
        tokens.extend(session.read_own_as(path, bounded::REPORT, |bytes| sizes(bytes, &custody))?);
    }
    let found = Reconciled::of(&custody, &ledgers, &tokens)?;
    let strange = found.iter().filter(|of| of.has_strange_tokens()).count();
    let uncounted = found.iter().filter(|of| !of.uncounted.is_empty()).count();
    let custodians: Vec<Name> = ledgers.iter().map(|ledger| ledger.custodian().clone()).collect();
    let format = arguments.format;
    session.verdict(move |_| print(|out| show(out, format, &custodians, &found)));
    if strange + uncounted > 0 {
        let message = format!(
            "members and kinds with more tokens than were evaluated: {strange}; with more charged than a custodian's part of the \
             quota: {uncounted}"
        );
        return Err(Failure::Refused { code: "not_reconciled", message });
    }
    Ok(())
}

/// What of the hub-only.json of a match says how large the sets were.
#[derive(Deserialize)]
struct HubOnly {
    report: OfReport,
}

#[derive(Deserialize)]
struct OfReport {
    coalition: Name,
    epoch: u64,
    kinds: Vec<OfKind>,
}

#[derive(Deserialize)]
struct OfKind {
    kind: KindId,
    members: Vec<OfMember>,
}

#[derive(Deserialize)]
struct OfMember {
    name: Name,
    unique: u64,
}

fn sizes(bytes: &[u8], custody: &PublicCustody) -> Result<Vec<(Name, KindId, u64)>, Error> {
    let read: Option<HubOnly> = serde_json::from_slice(bytes).ok();
    let expected = "the hub-only.json of a match";
    let HubOnly { report } = read.ok_or(Error::Format { offset: 0, expected })?;
    if (&report.coalition, report.epoch) != (custody.coalition(), custody.epoch()) {
        return Err(Error::Custody { expected: "a match of the coalition and epoch of these custodians" });
    }
    let of_kind = |OfKind { kind, members }| {
        let size = move |of: OfMember| (of.name, KindId::clone(&kind), of.unique);
        members.into_iter().map(size).collect::<Vec<_>>()
    };
    Ok(report.kinds.into_iter().flat_map(of_kind).collect())
}

#[derive(Serialize)]
struct Line<'a> {
    member: &'a Name,
    kind: &'a KindId,
    charged: Vec<Charged<'a>>,
    whole: u64,
    part: u64,
    most: u64,
    tokens: Option<u64>,
    strange_tokens: bool,
    uncounted: &'a [Name],
}

#[derive(Serialize)]
struct Charged<'a> {
    custodian: &'a Name,
    identifiers: u64,
}

fn show(
    out: &mut dyn Write,
    format: OutputFormat,
    custodians: &[Name],
    found: &[Reconciled],
) -> Result<(), Error> {
    let charged = |of: &Reconciled| {
        let each = custodians.iter().zip(of.charged.clone());
        each.map(|(custodian, identifiers)| Charged { custodian, identifiers }).collect::<Vec<_>>()
    };
    if format == OutputFormat::Json {
        let lines: Vec<Line<'_>> = found
            .iter()
            .map(|of| Line {
                member: &of.member,
                kind: &of.kind,
                charged: charged(of),
                whole: of.whole,
                part: of.part,
                most: of.most,
                tokens: of.tokens,
                strange_tokens: of.has_strange_tokens(),
                uncounted: &of.uncounted,
            })
            .collect();
        serde_json::to_writer(&mut *out, &lines).map_err(|error| Error::from(std::io::Error::from(error)))?;
        return Ok(writeln!(out)?);
    }
    for of in found {
        let each =
            charged(of).iter().map(|of| format!("{} {}", of.custodian, of.identifiers)).collect::<Vec<_>>();
        let Reconciled { member, kind, whole, part, most, .. } = of;
        write!(
            out,
            "{member} {kind}: charged by {}; enough custodians evaluated {whole}, too few {part}; at most {most} tokens",
            each.join(", ")
        )?;
        if let Some(tokens) = of.tokens {
            write!(out, "; the hub has {tokens}")?;
        }
        if of.has_strange_tokens() {
            write!(out, ": MORE THAN WERE EVALUATED")?;
        }
        for custodian in &of.uncounted {
            write!(out, "; {custodian} charged more than its part")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
