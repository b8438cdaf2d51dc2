//! Who is to take part in a match, and who does. A missing set is refused, unless the hub was told to go on without it.

use std::collections::{BTreeMap, BTreeSet};

use veilmatch::report::TookPart;
use veilmatch::terms::{KindId, Name};
use veilmatch::{Error, Round};

use crate::Failure;
use crate::arguments::{Intersect, Without, mistyped};
use crate::files::opened_sets::OpenedSet;
use crate::session::Session;

/// What the hub was told to go on without.
pub(super) struct Allowed {
    /// The sets that it goes on without.
    without: BTreeSet<(KindId, Name)>,
    /// Kinds that need not be matched.
    unmatched: BTreeSet<KindId>,
}

impl Allowed {
    pub(super) fn of(round: &Round, arguments: &Intersect) -> Result<Self, Failure> {
        let mut without = BTreeSet::new();
        for wish in &arguments.without {
            without.extend(of_wish(round, wish)?);
        }
        let unmatched = arguments.allow_unmatched.iter();
        let unmatched = unmatched.map(|text| kind_of(round, text, "--allow-unmatched"));
        Ok(Self { without, unmatched: unmatched.collect::<Result<_, _>>()? })
    }
}

const WITHOUT: &str = "--without";

/// Returns the sets that are done without. The manifest says that their members bring them.
fn of_wish(round: &Round, wish: &Without) -> Result<Vec<(KindId, Name)>, Failure> {
    let member = round.member(&wish.member).map_err(|error| error.at(WITHOUT))?;
    let Some(text) = &wish.kind else {
        let kinds = round.manifest().kinds.iter().map(|rules| &rules.kind);
        let brought = kinds.filter(|kind| member.brings(kind));
        return Ok(brought.map(|kind| (kind.clone(), member.name.clone())).collect());
    };
    let kind = kind_of(round, text, WITHOUT)?;
    if member.brings(&kind) {
        return Ok(vec![(kind, member.name.clone())]);
    }
    Err(Error::NotBrought { member: member.name.clone(), kind }.at(WITHOUT).into())
}

/// Returns a kind of the round by its id, which an option names. The id may lack the version if that is enough.
fn kind_of(round: &Round, text: &str, option: &'static str) -> Result<KindId, Failure> {
    let kinds = || round.manifest().kinds.iter().map(|rules| &rules.kind);
    let mut named = kinds().filter(|kind| kind.as_str().split('/').next() == Some(text));
    if let (Some(kind), None) = (named.next(), named.next()) {
        return Ok(kind.clone());
    }
    let found = text.parse().and_then(|kind| round.kind(&kind).map(|rules| rules.kind.clone()));
    found.map_err(|error| mistyped::suggest(error, text, option, kinds().map(KindId::as_str)))
}

/// Returns who takes part in each kind of the round.
///
/// Refuses a match that lacks a set or a kind, or has a set without a token, unless this was allowed. Also refuses to
/// go on without a set that is there. An empty set that is done without may lie among the files: it brings nothing.
pub(super) fn taking_part(
    session: &Session,
    round: &Round,
    sets: &[OpenedSet],
    allowed: &Allowed,
) -> Result<Vec<TookPart>, Failure> {
    let mut brought: BTreeMap<(&KindId, &Name), &OpenedSet> = BTreeMap::new();
    for set in sets {
        let (kind, member) = (set.as_ref().terms().context.kind(), set.as_ref().member());
        if brought.insert((kind, member), set).is_some() {
            return Err(Error::DuplicateMember { member: member.clone() }.at(kind.to_string()).into());
        }
    }
    let has_tokens = |set: &&OpenedSet| set.as_ref().tokens() > 0;
    let is_there = |(kind, member): &&(KindId, Name)| brought.get(&(kind, member)).is_some_and(has_tokens);
    let in_vain = allowed.without.iter().filter(is_there);
    let in_vain = by_member(in_vain.map(|(kind, member)| (member, kind)));
    if !in_vain.is_empty() {
        let message =
            format!("--without names sets that are there: {in_vain}; leave out the option or the files");
        return Err(Failure::Refused { code: "without_in_vain", message });
    }
    let (mut missing, mut empty) = (Vec::new(), Vec::new());
    let mut all = Vec::new();
    for rules in &round.manifest().kinds {
        let kind = &rules.kind;
        let (mut matched, mut left_out, mut without) = (Vec::new(), Vec::new(), Vec::new());
        for member in round.expected(kind)? {
            let is_allowed = || allowed.without.contains(&(kind.clone(), member.clone()));
            match brought.get(&(kind, member)) {
                Some(set) if !has_tokens(set) && is_allowed() => without.push(member.clone()),
                Some(set) if !has_tokens(set) => empty.push((member, kind)),
                Some(set) if !round.takes_part(*set) => left_out.push(member.clone()),
                Some(_) => matched.push(member.clone()),
                None => {
                    missing.extend((!is_allowed()).then_some((member, kind)));
                    without.push(member.clone());
                }
            }
        }
        all.push(TookPart { kind: kind.clone(), matched, left_out, without });
    }
    if !missing.is_empty() {
        let message = format!(
            "sets are missing: {}; give them, or go on without them by --without MEMBER or --without MEMBER:KIND",
            by_member(missing.into_iter())
        );
        return Err(Failure::Refused { code: "sets_missing", message });
    }
    if !empty.is_empty() {
        let message = format!(
            "sets are empty: {}; ask for others, or go on without them by --without MEMBER or --without MEMBER:KIND",
            by_member(empty.into_iter())
        );
        return Err(Failure::Refused { code: "empty_set", message });
    }
    all.iter_mut().try_for_each(|part| settle(session, round, part, allowed))?;
    Ok(all)
}

/// Says without which members a kind is matched. If too few sets are left, and that was allowed, the kind is not
/// matched.
fn settle(session: &Session, round: &Round, part: &mut TookPart, allowed: &Allowed) -> Result<(), Failure> {
    let (kind, at_least, sets) = (&part.kind, round.at_least(), part.matched.len());
    let is_allowed = allowed.unmatched.contains(kind);
    if sets >= at_least {
        if is_allowed {
            let message = format!("--allow-unmatched names {kind}, which is matched; leave out the option");
            return Err(Failure::Refused { code: "unmatched_in_vain", message });
        }
        if !part.without.is_empty() {
            session.warn(format_args!("{kind} is matched without {}", joined(&part.without)));
        }
        return Ok(());
    }
    // If the hub goes on without every member of the kind, that was said for each.
    if !is_allowed && sets + part.left_out.len() > 0 {
        let message = format!(
            "{kind} would not be matched: {sets} of at least {at_least} sets take part{}; --allow-unmatched {kind} \
             goes on",
            match part.left_out.is_empty() {
                true => String::new(),
                false => format!(", under the round's smallest are those of {}", joined(&part.left_out)),
            }
        );
        return Err(Failure::Refused { code: "kind_unmatched", message });
    }
    session.warn(format_args!("{kind} is not matched: {sets} of at least {at_least} sets are there"));
    part.left_out.append(&mut part.matched);
    part.left_out.sort();
    Ok(())
}

/// Lists the kinds of each member: `a (card.pan/1), b (card.pan/1, net.ip/1)`.
fn by_member<'a>(sets: impl Iterator<Item = (&'a Name, &'a KindId)>) -> String {
    let mut of: BTreeMap<&Name, Vec<&str>> = BTreeMap::new();
    sets.for_each(|(member, kind)| of.entry(member).or_default().push(kind.as_str()));
    let each = of.into_iter().map(|(member, kinds)| format!("{member} ({})", kinds.join(", ")));
    each.collect::<Vec<_>>().join(", ")
}

fn joined(members: &[Name]) -> String {
    members.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}
