//! kinds: which kinds there are, what one takes, and what becomes of one value.

use std::io::{BufRead as _, Read as _, Write};

use veilmatch::member::identifier::{
    Canonical, Canonicalizer, Description, Kind, NationalPlan, Outcome, SuppressionList,
};
use veilmatch::member::rows::MAX_LINE;
use veilmatch::{Error, Reason};
use zeroize::Zeroizing;

use crate::Failure;
use crate::arguments::{Kinds, RawValue, mistyped};
use crate::commands::{file_name, show};
use crate::session::{Session, take_stdin};

/// The opaque kind that stands for all.
const OPAQUE: &str = "opaque.example";

/// How opaque kinds are called where no name is meant.
const OPAQUE_NAME: &str = "opaque.NAME";

pub(crate) fn run(session: &mut Session, arguments: &Kinds) -> Result<(), Failure> {
    if !arguments.rest.is_empty() {
        return Err(Failure::Usage(
            "expected one KIND, and the value of --try in quotes, such as '020 7946 0958'",
        ));
    }
    let Some(text) = &arguments.kind else { return show(session, list) };
    let kind = match text.as_str() {
        "opaque" | OPAQUE_NAME => opaque(),
        text => mistyped::kind(text)?,
    };
    let Some(typed) = &arguments.value else { return show(session, move |out| explain(kind, out)) };
    let plan = arguments.national_plan.as_deref().map(str::parse::<NationalPlan>).transpose()?;
    if plan.is_some() && kind != Kind::PhoneE164 {
        return Err(Failure::Usage("--national-plan is for numbers of the kind phone.e164"));
    }
    try_value(session, kind, value(typed)?, plan)
}

fn opaque() -> Kind {
    OPAQUE.parse().expect("a valid name")
}

/// Lists all kinds: id, what it is, an example.
fn list(out: &mut dyn Write) -> Result<(), Error> {
    let mut kinds = [Kind::ALL, &[opaque()]].concat();
    kinds.sort_unstable();
    for kind in kinds {
        let Description { what, example, .. } = kind.description();
        let id = kind.id().replace(OPAQUE, OPAQUE_NAME);
        writeln!(out, "{id:<17}{what:<58}{example}")?;
    }
    Ok(())
}

/// Says what a kind takes, with an example and the names of files.
fn explain(kind: Kind, out: &mut dyn Write) -> Result<(), Error> {
    let about = kind.description();
    let standard = about.standard.map(|standard| format!(" ({standard})")).unwrap_or_default();
    writeln!(out, "{kind}: {}{standard}", about.what)?;
    writeln!(out, "accepts:")?;
    about.accepts.iter().try_for_each(|sentence| writeln!(out, "  {sentence}"))?;
    if !matches!(kind, Kind::Opaque(_)) {
        writeln!(out, "  White space around a value is removed.")?;
    }
    writeln!(out, "rejects:\n  {}", about.rejects)?;
    writeln!(out, "example:\n  {}", about.example)?;
    let mut form = Canonical::new();
    let rule = Canonicalizer::new(kind);
    let outcome = rule.canonicalize(about.example.as_bytes(), &mut form);
    if outcome == Ok(Outcome::Suppressed) {
        writeln!(out, "  It stands on the suppression list, so it is counted and left out.")?;
    }
    write_form(rule, about.example.as_bytes(), out)?;
    let name = file_name(&kind.kind_id());
    writeln!(
        out,
        "files:\n  {name}.vms (set), {name}.vmh (handshake), MEMBER.{name}.vsh (share), MEMBER.{name}.vmn (notice)"
    )?;
    Ok(())
}

/// Returns the value that was typed, or that the first line of standard input has.
fn value(typed: &RawValue) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if typed.as_bytes() != b"-" {
        return Ok(Zeroizing::new(typed.as_bytes().to_vec()));
    }
    // There is room for the longest line: a vector that grew would leave its old bytes behind.
    let most = MAX_LINE + b"\r\n".len();
    let mut line = Zeroizing::new(Vec::with_capacity(most));
    let read = take_stdin().and_then(|input| input.lock().take(most as u64).read_until(b'\n', &mut line));
    read.map_err(|error| Error::from(error).at("standard input"))?;
    for end in [b'\n', b'\r'] {
        line.pop_if(|byte| *byte == end);
    }
    Ok(line)
}

/// Says what becomes of a value. The answer alone has it, and only its canonical form.
fn try_value(
    session: &mut Session,
    kind: Kind,
    value: Zeroizing<Vec<u8>>,
    plan: Option<NationalPlan>,
) -> Result<(), Failure> {
    let planned = |kind| match plan {
        Some(plan) => Canonicalizer::new(kind).with_national_plan(plan),
        None => Canonicalizer::new(kind),
    };
    let (rule, mut form) = (planned(kind), Canonical::new());
    let outcome = match value.len() > MAX_LINE {
        true => Err(Reason::RowTooLong),
        false => rule.canonicalize(&value, &mut form),
    };
    let outcome = match outcome {
        Ok(Outcome::Accepted { changed: false, warning: false }) => "accepted as it is spelt",
        Ok(Outcome::Accepted { changed: true, warning: false }) => "accepted, with its spelling changed",
        Ok(Outcome::Accepted { .. }) => {
            "accepted, with a warning: upper and lower case are not those of EIP-55"
        }
        Ok(Outcome::Suppressed) => {
            "suppressed: it is on the suppression list, because it would match for no reason; it gives no token"
        }
        Err(reason) => return Err(rejected(kind, reason, &value, planned)),
    };
    show(session, move |out| {
        writeln!(out, "{kind}: {outcome}")?;
        write_form(rule, &value, out)
    })
}

/// Writes the canonical form of a value that the rule accepts or suppresses.
fn write_form(rule: Canonicalizer, value: &[u8], out: &mut dyn Write) -> Result<(), Error> {
    let is_text = rule.kind().description().text_form;
    let mut form = Canonical::new();
    // A suppressed value has none under a rule that suppresses it.
    let rule = rule.with_suppression(SuppressionList::none());
    rule.canonicalize(value, &mut form).expect("a value that the rule accepted or suppressed before");
    let form = form.as_bytes();
    write!(out, "canonical form:\n  ")?;
    match is_text {
        true => out.write_all(form)?,
        false => form.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?,
    }
    Ok(writeln!(out, " ({} bytes{})", form.len(), if is_text { "" } else { ", in hex" })?)
}

/// Says why a value is rejected, and how to go on.
fn rejected(kind: Kind, reason: Reason, value: &[u8], rule: impl Fn(Kind) -> Canonicalizer) -> Failure {
    let mut form = Canonical::new();
    let mut takes = |other: Kind| rule(other).canonicalize(value, &mut form).is_ok();
    let could_be = Kind::ALL.iter().filter(|other| **other != kind && other.is_telling());
    let others: Vec<&str> = could_be.filter(|other| takes(**other)).map(Kind::id).collect();
    let way_out = match (way_out(reason), others.is_empty()) {
        (Some(way_out), _) => way_out.to_owned(),
        (None, false) => format!("it could be of another kind: {}", others.join(", ")),
        (None, true) => format!("veilmatch kinds {kind} says what is accepted"),
    };
    let message = format!("{kind}: rejected, {reason}: {}; {way_out}", reason.meaning());
    Failure::Refused { code: "rejected", message }
}

/// Says what to do about a value, where the reason of its rejection tells.
fn way_out(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::LooksHashed => "raw identifiers are needed, not hashes of them",
        Reason::Masked => "the whole number is needed",
        Reason::ExpiryAttached => "leave out what follows the number",
        Reason::NoAcquirer => "write acquirer/merchant, such as 123456/MERCHANT0000001",
        Reason::NoCountryCode => {
            "a national plan such as 49/0 is needed (--national-plan), or the number with + and its calling code"
        }
        Reason::NoTrunkPrefix => "is it the right national plan, and is the number written as it is dialled?",
        Reason::TrunkZero => "write the number as it is dialled from abroad",
        Reason::Extension => "leave the extension out",
        Reason::UnknownCallingCode | Reason::NotInPlan => "is a digit missing, or a prefix too many?",
        Reason::OwnCallingCode | Reason::InternationalPrefix => "write it with + and its calling code",
        Reason::PortOrPrefix => "write the address alone",
        _ => return None,
    })
}
