//! round new: the manifest.

use std::borrow::Cow;
use std::path::Path;

use veilmatch::error::masked;
use veilmatch::member::identifier::SuppressionList;
use veilmatch::round::{KindRules, Manifest, Member};
use veilmatch::terms::{Name, utc};
use veilmatch::{Error, Round};

use crate::Failure;
use crate::arguments::{RoundNew, mistyped};
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn new(session: &mut Session, arguments: &RoundNew) -> Result<(), Failure> {
    if let Cow::Owned(_) = masked(&arguments.purpose) {
        let message =
            "--purpose has a key in it, and everybody would read it; expected what the round is for";
        return Err(Failure::Refused { code: "secret", message: message.to_owned() });
    }
    let list = session.suppression(arguments.suppression.as_deref())?;
    let kinds = arguments.kinds.iter().map(|text| rules(text, &list)).collect::<Result<_, _>>()?;
    let hub = match &arguments.hub {
        Some(path) => Some(session.public_keys(path)?),
        None => None,
    };
    let members = arguments.members.iter().map(|text| member(session, text));
    let mut members: Vec<Member> = members.collect::<Result<_, _>>()?;
    for text in &arguments.brings {
        bring(&mut members, text)?;
    }
    let round = Round::new(Manifest {
        format: Manifest::FORMAT.to_owned(),
        coalition: arguments.coalition.clone(),
        epoch: arguments.epoch,
        number: arguments.number,
        nonce: Manifest::fresh_nonce()?,
        not_before: time(arguments.not_before.as_deref())?,
        not_after: time(arguments.not_after.as_deref())?,
        purpose: arguments.purpose.clone(),
        at_least: arguments.at_least,
        disclosure: arguments.policy.into(),
        min_set: arguments.min_set,
        max_set: arguments.max_set,
        min_result: arguments.min_result,
        kinds,
        members,
        hub,
    })?;
    session.entry.round = Some(round.digest());
    session.hold(&round, arguments.known.as_deref())?;
    let file = Pending::file(&arguments.out, session.force, Makes::Manifest, |out| {
        Ok(out.write_all(&round.to_bytes())?)
    })?;
    session.publish(file);
    session.result(format_args!("round {} of {} members", round.digest(), round.manifest().members.len()));
    if round.is_trial() {
        session.warn("this is a trial round: its files will be neither signed nor sealed");
    }
    Ok(())
}

fn rules(text: &str, list: &SuppressionList) -> Result<KindRules, Failure> {
    let kind = mistyped::kind(text)?;
    Ok(KindRules { kind: kind.kind_id(), rules: kind.rule_digest(), suppression: list.digest() })
}

fn member(session: &mut Session, text: &str) -> Result<Member, Error> {
    let (name, keys) = match text.split_once('=') {
        Some((name, path)) => (name, Some(session.public_keys(Path::new(path))?)),
        None => (text, None),
    };
    Ok(Member { name: Name::new(name)?, keys, kinds: None })
}

/// Notes which kinds a member brings.
fn bring(members: &mut [Member], text: &str) -> Result<(), Failure> {
    let usage = Failure::Usage("expected --brings NAME=KIND, or NAME=KIND,KIND");
    let Some((name, kinds)) = text.split_once('=') else { return Err(usage) };
    let name = Name::new(name)?;
    let Some(member) = members.iter_mut().find(|member| member.name.same(&name)) else {
        return Err(Error::NotInRound { member: name }.at("--brings").into());
    };
    let brought = member.kinds.get_or_insert_default();
    for kind in kinds.split(',') {
        brought.push(mistyped::kind(kind)?.kind_id());
    }
    Ok(())
}

fn time(text: Option<&str>) -> Result<Option<u64>, Failure> {
    let parse = |text| utc::parse(text).ok_or(Failure::Usage("expected a time such as 2026-12-01T00:00:00Z"));
    text.map(parse).transpose()
}
