//! verify: files, or a run record, from the first byte to the last.

use std::path::Path;

use veilmatch::domain::SignerKey;
use veilmatch::format::FileType;
use veilmatch::log::Log;
use veilmatch::{Delta, Error, Handshake, Round, Share, TokenSet};

use super::inspect::describe;
use super::print;
use crate::Failure;
use crate::arguments::Verify;
use crate::envelope::{read_any, require_sealed};
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
        match read_any(session, path, |bytes, sealed| check(bytes, sealed, round.as_ref())) {
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

/// Validates a file, and that it belongs to the round where one is given; says what was found.
fn check(bytes: &[u8], sealed: bool, round: Option<&Round>) -> Result<String, Error> {
    let file_type = FileType::of(bytes);
    let (what, _) = describe(bytes)?;
    let Some(round) = round else { return Ok(format!("valid {what}")) };
    if let Some(FileType::Set | FileType::Delta | FileType::Handshake | FileType::Share) = file_type {
        require_sealed(round, sealed)?;
    }
    match file_type {
        Some(FileType::Set) => round.admit(&TokenSet::from_file_bytes(bytes)?)?,
        Some(FileType::Delta) => round.admit_delta(&Delta::from_file_bytes(bytes)?)?,
        Some(FileType::Handshake) => round.admit_handshake(&Handshake::from_file_bytes(bytes)?)?,
        Some(FileType::Share) => {
            let share = Share::from_file_bytes(bytes)?;
            round.accept(&share, share.recipient())?;
        }
        _ => return Ok(format!("valid {what}, of no round")),
    }
    Ok(format!("valid {what} of round {}", round.digest()))
}
