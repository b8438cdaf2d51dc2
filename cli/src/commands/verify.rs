//! verify: checks files, or a run record, from the first byte to the last.

use std::ops::RangeInclusive;
use std::path::Path;

use veilmatch::round::log::Log;
use veilmatch::terms::{Name, SignerKey, Terms};
use veilmatch::{Error, Handshake, Round};

use super::print;
use super::sets::require_equal_terms;
use crate::Failure;
use crate::arguments::Verify;
use crate::files::envelope::require_sealed;
use crate::files::folders::files_of;
use crate::files::look::{Content, Looked, look};
use crate::session::Session;
use crate::terminal::printable::printable;

pub(crate) fn run(session: &mut Session, arguments: &Verify, record: Option<&Path>) -> Result<(), Failure> {
    let round = match &arguments.round {
        Some(path) => {
            let round = session.any_round(path)?;
            let held = session.hold(&round, arguments.known.as_deref());
            held.map_err(|error| error.at(path.display().to_string()))?;
            Some(round)
        }
        None => None,
    };
    let now = session.now;
    let (mut wrong, mut unsigned) = (0, None);
    let mut lines = Vec::new();
    let mut made = Made::default();
    let files = files_of(&arguments.files, &ENDINGS, arguments.skip_others)?;
    for path in &files {
        let named = |error: Error| error.at(path.display().to_string());
        let checked = look(session, path).and_then(|looked| {
            check(&looked, round.as_ref(), now).map(|what| (what, looked.content)).map_err(named)
        });
        match checked {
            Ok((what, content)) => {
                lines.push(format!("{}: {what}", printable(&path.display().to_string())));
                if let Some(member) = content.empty_set_of() {
                    session.warn(format_args!("{}: the set of {member} is empty", path.display()));
                }
                made.add(content);
            }
            Err(error) => {
                wrong += 1;
                session.say(error);
            }
        }
    }
    if let Some(path) = record {
        let mut signers: Vec<SignerKey> = Vec::new();
        for path in &arguments.signer {
            signers.push(session.public_keys(path)?.sign);
        }
        let log = Log::read_file(path)?;
        let verified = log.verify(arguments.head, &signers);
        let verified = verified.map_err(|error| error.at(path.display().to_string()))?;
        lines.push(format!(
            "{}: {} lines, head {}: {verified}",
            printable(&path.display().to_string()),
            verified.lines,
            verified.head
        ));
        for (line, before) in log.unvouched() {
            let name = printable(&path.display().to_string());
            lines.push(format!("{name}: line {line} does not vouch for {}", numbered(before)));
        }
        if arguments.every_line && !verified.is_signed() {
            let signed = verified.signed.unwrap_or(0);
            unsigned = Some(format!(
                "{}: {signed} of {} lines are signed by these keys; expected every line, and one at least",
                path.display(),
                verified.lines
            ));
        } else if !signers.is_empty() && verified.signed_to < verified.lines {
            let (from, to) = (verified.signed_to + 1, verified.lines);
            unsigned = Some(format!(
                "{}: lines {from} to {to} are under no signature of these keys",
                path.display()
            ));
        }
    }
    let agree = round.as_ref().map_or(Ok(()), |round| made.require_one_secret(round));
    print(|out| lines.iter().try_for_each(|line| Ok(writeln!(out, "{line}")?)))?;
    if wrong > 0 {
        if let Err(Failure::Refused { message, .. }) = agree {
            session.say(message);
        }
        let message = format!("{wrong} of {} files are not valid", files.len());
        return Err(Failure::Refused { code: "files_invalid", message });
    }
    agree?;
    if let Some(message) = unsigned {
        return Err(Failure::Refused { code: "log_unsigned", message });
    }
    Ok(())
}

/// The endings of files of a round that are checked in a folder.
#[cfg(feature = "member")]
const ENDINGS: [&str; 11] = ["vms", "vmd", "vmh", "vsh", "vmn", "vml", "vmt", "vma", "vmb", "vme", "vmx"];

#[cfg(not(feature = "member"))]
const ENDINGS: [&str; 10] = ["vms", "vmd", "vmh", "vsh", "vmn", "vml", "vmt", "vma", "vmb", "vme"];

/// What valid files say of the members that made them.
#[derive(Default)]
struct Made {
    /// Members and terms, each pair once.
    by: Vec<(Name, Terms)>,
    handshakes: Vec<Handshake>,
}

impl Made {
    fn add(&mut self, content: Content) {
        let made = content.maker().map(|(member, terms)| (member.clone(), terms.clone()));
        self.by.extend(made.filter(|made| !self.by.contains(made)));
        if let Content::Handshake(handshake) = content {
            self.handshakes.push(*handshake);
        }
    }

    /// Refuses files that were made under different secrets. Each may be valid by itself.
    fn require_one_secret(&self, round: &Round) -> Result<(), Failure> {
        let makers: Vec<(&Name, &Terms)> = self.by.iter().map(|(member, terms)| (member, terms)).collect();
        require_equal_terms(round, &makers, &self.handshakes)
    }
}

fn numbered(lines: RangeInclusive<u64>) -> String {
    match (lines.start(), lines.end()) {
        (first, last) if first == last => format!("line {first}, which its key did not sign"),
        (first, last) => format!("lines {first} to {last}, which its key did not sign"),
    }
}

/// Says what a valid file is, what was not checked, and whether other commands refuse it at this time. If a round is
/// given, refuses a file that does not belong to it.
fn check(looked: &Looked, round: Option<&Round>, now: u64) -> Result<String, Error> {
    if let Some(metadata) = looked.content.metadata() {
        metadata.require_made(now)?;
    }
    let what = held(looked, round)?;
    Ok(match require_dates(&looked.content, round, now) {
        Ok(()) => what,
        Err(outside) => format!("{what}; {outside}"),
    })
}

/// Checks the dates of the file, and those of the round if the file belongs to one.
fn require_dates(content: &Content, round: Option<&Round>, now: u64) -> Result<(), Error> {
    let round = match content {
        Content::Round(found) => Some(&**found),
        // A statement is used after the round too.
        Content::PublicKeys | Content::OfNoRound | Content::Statement(_) => None,
        #[cfg(any(feature = "custodian", feature = "member"))]
        Content::Ceremony(_) | Content::Custody(_) => None,
        _ => round,
    };
    content.metadata().map_or(Ok(()), |metadata| metadata.require_current(now))?;
    round.map_or(Ok(()), |round| round.require_open(now))
}

/// Checks a file against the round.
fn held(looked: &Looked, round: Option<&Round>) -> Result<String, Error> {
    let Looked { what, content, .. } = looked;
    let Some(round) = round else { return Ok(format!("valid {what}: {}", content.standing())) };
    if content.is_of_a_round() {
        require_sealed(round, looked.sealed)?;
    }
    match content {
        Content::Set(header) => round.admit(&**header)?,
        Content::Delta(delta) => round.admit_delta(delta)?,
        Content::Handshake(handshake) => round.admit_handshake(handshake)?,
        Content::Share(share) => round.accept(share, share.recipient())?,
        Content::Notice(notice) => round.accept_notice(notice, notice.recipient())?,
        Content::Links(links) => round.admit_links(links)?,
        Content::Trail(answer) => round.accept_answer(answer, &answer.recipient)?,
        Content::Statement(statement) => {
            round.accept_statement(statement, &statement.release.authority)?;
        }
        #[cfg(any(feature = "custodian", feature = "member"))]
        Content::Request(request) => {
            round.admit_maker(request.member(), request.terms(), request.signer())?;
        }
        #[cfg(any(feature = "custodian", feature = "member"))]
        Content::Evaluation(evaluation) => {
            round.require_terms(evaluation.terms(), evaluation.member())?;
            let not_asked = "which custodian signed it was not asked, nor its proofs: unblind checks them";
            return Ok(format!(
                "valid {what} of round {}: {}; {not_asked}",
                round.digest(),
                content.standing()
            ));
        }
        #[cfg(feature = "member")]
        Content::CrossCheck(check) => {
            let to = check.to();
            if round.member(to)?.name != *to {
                return Err(Error::NotInRound { member: to.clone() }); // another spelling of a name
            }
            check.compare(round, to, &[])?; // but for the shares
        }
        #[cfg(any(feature = "custodian", feature = "member"))]
        Content::Custody(custody) => {
            (**custody).clone().complete()?.require_round(round.manifest())?;
            return Ok(format!("valid {what} of round {}: {}", round.digest(), content.standing()));
        }
        #[cfg(any(feature = "custodian", feature = "member"))]
        Content::Ceremony(_) => return Ok(format!("valid {what}, of no round: {}", content.standing())),
        Content::Round(found) if found.digest() != round.digest() => {
            return Err(Error::RoundDiffers { expected: round.digest(), found: found.digest() });
        }
        Content::Round(found) => return Ok(format!("valid {what}: the one given, {}", found.digest())),
        Content::PublicKeys | Content::OfNoRound => {
            return Ok(format!("valid {what}, of no round: {}", content.standing()));
        }
    }
    let signed = if round.is_trial() {
        "a trial, not signed".to_owned()
    } else {
        content.signer().map_or(String::new(), |key| format!("signed by {key}, as the round lists it"))
    };
    Ok(format!("valid {what} of round {}: {signed}", round.digest()))
}
