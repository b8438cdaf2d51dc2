//! verify: files, or a run record, from the first byte to the last.

use std::path::Path;

use veilmatch::domain::SignerKey;
use veilmatch::log::Log;
use veilmatch::{Error, Round};

use super::print;
use crate::Failure;
use crate::arguments::Verify;
use crate::envelope::require_sealed;
use crate::look::{Content, Looked, look};
use crate::session::{Session, printable};

pub(crate) fn run(session: &mut Session, arguments: &Verify, record: Option<&Path>) -> Result<(), Failure> {
    session.identify(arguments.identity.as_deref())?;
    let round = match &arguments.round {
        Some(path) => Some(session.any_round(path)?),
        None => None,
    };
    let (mut wrong, mut unsigned) = (0, None);
    let mut lines = Vec::new();
    for path in &arguments.files {
        let named = |error: Error| error.at(path.display().to_string());
        match look(session, path).and_then(|looked| check(&looked, round.as_ref()).map_err(named)) {
            Ok(what) => lines.push(format!("{}: {what}", printable(&path.display().to_string()))),
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
        let verified = Log::read_file(path)?.verify(arguments.head, &signers);
        let verified = verified.map_err(|error| error.at(path.display().to_string()))?;
        lines.push(format!(
            "{}: {} lines, head {}: {verified}",
            path.display(),
            verified.lines,
            verified.head
        ));
        if !signers.is_empty() && verified.signed_to < verified.lines {
            let (from, to) = (verified.signed_to + 1, verified.lines);
            unsigned = Some(format!(
                "{}: lines {from} to {to} are under no signature of these keys",
                path.display()
            ));
        }
    }
    print(|out| lines.iter().try_for_each(|line| Ok(writeln!(out, "{line}")?)))?;
    if wrong > 0 {
        let message = format!("{wrong} of {} files are not valid", arguments.files.len());
        return Err(Failure::Refused { code: "files_invalid", message });
    }
    if let Some(message) = unsigned {
        return Err(Failure::Refused { code: "log_unsigned", message });
    }
    Ok(())
}

/// That a valid file belongs to the round, where one is given; says what was found.
fn check(looked: &Looked, round: Option<&Round>) -> Result<String, Error> {
    let what = looked.what;
    let Some(round) = round else { return Ok(format!("valid {what}")) };
    if let Content::OfNoRound = looked.content {
        return Ok(format!("valid {what}, of no round"));
    }
    require_sealed(round, looked.sealed)?;
    match &looked.content {
        Content::Set(header) => round.admit(&**header)?,
        Content::Delta(delta) => round.admit_delta(delta)?,
        Content::Handshake(handshake) => round.admit_handshake(handshake)?,
        Content::Share(share) => round.accept(share, share.recipient())?,
        Content::Notice(notice) => round.accept_notice(notice, notice.recipient())?,
        Content::OfNoRound => {}
    }
    Ok(format!("valid {what} of round {}", round.digest()))
}
