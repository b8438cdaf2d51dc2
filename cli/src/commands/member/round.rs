//! round new: the manifest.

use std::borrow::Cow;
use std::path::Path;

use veilmatch::custody::PublicCustody;
use veilmatch::error::masked;
use veilmatch::member::identifier::SuppressionList;
use veilmatch::round::{KindRules, Manifest, Member, TrailRules};
use veilmatch::terms::{KindId, Name, utc};
use veilmatch::{Error, Round};

use crate::Failure;
use crate::arguments::{RoundNew, Trails, mistyped};
use crate::files::bounded;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn new(session: &mut Session, arguments: &RoundNew) -> Result<(), Failure> {
    if let Cow::Owned(_) = masked(&arguments.purpose) {
        let message =
            "--purpose has a key in it, and everybody would read it; expected what the round is for";
        return Err(Failure::Refused { code: "secret", message: message.to_owned() });
    }
    let list = session.suppression(arguments.suppression.as_deref())?;
    let kinds: Vec<KindRules> =
        arguments.kinds.iter().map(|text| rules(text, &list)).collect::<Result<_, _>>()?;
    let trail = trail(&arguments.trail, &kinds)?;
    let hub = match &arguments.hub {
        Some(path) => Some(session.public_keys(path)?),
        None => None,
    };
    let members = arguments.members.iter().map(|text| member(session, text));
    let mut members: Vec<Member> = members.collect::<Result<_, _>>()?;
    for text in &arguments.brings {
        bring(&mut members, text)?;
    }
    let custody = match &arguments.custody {
        Some(path) => Some(session.read_as(path, bounded::CUSTODY, PublicCustody::read)?),
        None => None,
    };
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
        trail,
        custody: custody.as_ref().map(PublicCustody::digest),
    })?;
    if let (Some(custody), Some(path)) = (&custody, &arguments.custody) {
        custody.require_round(round.manifest()).map_err(|error| error.at(path.display().to_string()))?;
    }
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

/// Returns the rules of trails: the usual ones, but for what was given.
fn trail(given: &Trails, kinds: &[KindRules]) -> Result<Option<TrailRules>, Failure> {
    if !given.trail {
        return Ok(None);
    }
    let usual = TrailRules::for_kinds(kinds.iter().map(|rules| &rules.kind));
    let listed = |option: &'static str, texts: &[String]| {
        texts.iter().map(|text| kind_of_round(text, kinds, option)).collect::<Result<Vec<KindId>, _>>()
    };
    let (leaves, traversed) = (listed("--leaf", &given.leaves)?, listed("--traverse", &given.traverse)?);
    if let Some(kind) = leaves.iter().find(|kind| traversed.contains(kind)) {
        let message = format!("{kind} is given to --leaf and to --traverse; expected it in one place");
        return Err(Failure::Refused { code: "leaf_and_traversed", message });
    }
    let mut all = usual.leaves;
    all.retain(|kind| !traversed.contains(kind));
    all.extend(leaves);
    all.sort();
    all.dedup(); // a usual leaf may be given too
    Ok(Some(TrailRules {
        leaves: all,
        max_degree: given.max_degree.unwrap_or(usual.max_degree),
        max_hops: given.max_hops.unwrap_or(usual.max_hops),
        max_trail: given.max_trail.unwrap_or(usual.max_trail),
        max_seeds: given.max_seeds.unwrap_or(usual.max_seeds),
        min_members: given.min_members.unwrap_or(usual.min_members),
        disclosure: given.trail_policy.map_or(usual.disclosure, Into::into),
    }))
}

/// Returns a kind that an option names. Refuses one that the round does not match.
fn kind_of_round(text: &str, kinds: &[KindRules], option: &'static str) -> Result<KindId, Failure> {
    let kind = mistyped::kind(text)?.kind_id();
    match kinds.iter().any(|rules| rules.kind == kind) {
        true => Ok(kind),
        false => {
            let message = format!("{option}: {kind} is not matched in this round; expected one of --kind");
            Err(Failure::Refused { code: "kind_not_in_round", message })
        }
    }
}

fn time(text: Option<&str>) -> Result<Option<u64>, Failure> {
    let parse = |text| utc::parse(text).ok_or(Failure::Usage("expected a time such as 2026-12-01T00:00:00Z"));
    text.map(parse).transpose()
}
