//! known: names and public keys that were agreed earlier, kept in one file.

use std::cell::RefCell;
use std::path::Path;

use veilmatch::Error;
use veilmatch::round::{Known, KnownKeys};
use veilmatch::terms::{Name, PublicKeys};

use super::print;
use crate::Failure;
use crate::arguments::{KnownAdd, KnownList};
use crate::files::bounded;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn add(session: &mut Session, arguments: &KnownAdd) -> Result<(), Failure> {
    let entries = entries(session, arguments)?;
    let path = &arguments.known;
    let (known, added) = (RefCell::new(Known::default()), RefCell::new(Vec::new()));
    // The file is read while nobody else can change it. If two add at once, no addition is lost.
    let is_there_already = || -> Result<bool, Error> {
        let mut known = known.borrow_mut();
        if path.try_exists()? {
            *known = session.read_own_as(path, bounded::KNOWN, Known::parse)?;
        }
        for entry in entries {
            if known.add(entry.clone()).map_err(|error| error.at(path.display().to_string()))? {
                added.borrow_mut().push(entry);
            }
        }
        Ok(added.borrow().is_empty())
    };
    let made = Pending::file_unless(path, true, Makes::Known, is_there_already, |out| {
        Ok(out.write_all(&known.borrow().to_bytes())?)
    });
    let added = added.into_inner();
    match made? {
        None => session.result("all of them are known"),
        Some(file) => {
            for entry in &added {
                session.result(format_args!(
                    "added {} of {}: sign {}",
                    entry.who(),
                    entry.coalition,
                    entry.keys.sign
                ));
            }
            session.publish(file);
        }
    }
    Ok(())
}

pub(crate) fn list(session: &mut Session, arguments: &KnownList) -> Result<(), Failure> {
    let known = session.read_own_as(&arguments.known, bounded::KNOWN, Known::parse)?;
    session.at_last(move |_| {
        print(|out| known.entries().iter().try_for_each(|entry| Ok(writeln!(out, "{entry}")?)))
    });
    Ok(())
}

/// Returns the entries that are to be added.
fn entries(session: &mut Session, arguments: &KnownAdd) -> Result<Vec<KnownKeys>, Failure> {
    if let Some(path) = &arguments.round {
        let round = session.any_round(path)?;
        let found = round.digest();
        let all = match arguments.round_digest {
            Some(expected) if expected != found => Err(Error::RoundDiffers { expected, found }),
            _ => Known::default().require_round(&round),
        };
        return Ok(all.map_err(|error| error.at(path.display().to_string()))?);
    }
    let Some(coalition) = &arguments.coalition else {
        return Err(Failure::Usage("expected --round, or --coalition with --member or --hub"));
    };
    let of =
        |member: Option<Name>, keys: PublicKeys| KnownKeys { coalition: coalition.clone(), member, keys };
    let mut entries = Vec::new();
    for text in &arguments.members {
        let Some((name, path)) = text.split_once('=') else {
            return Err(Failure::Usage("expected --member NAME=PUBFILE"));
        };
        entries.push(of(Some(Name::new(name)?), session.public_keys(Path::new(path))?));
    }
    if let Some(path) = &arguments.hub {
        entries.push(of(None, session.public_keys(path)?));
    }
    if entries.is_empty() {
        return Err(Failure::Usage("expected --member or --hub with --coalition"));
    }
    Ok(entries)
}
