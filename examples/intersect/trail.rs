//! A trail from a confirmed case: whose customers does it lead to, step by step, by identifiers that several members have?
//!
//! Who does what is as in a real round. There each member makes its pseudonyms by a key that nobody else has
//! (`member::linking::Pseudonyms`), and links and answers travel signed and sealed. Here each row is a customer, and its
//! pseudonym is the row's number.

use std::collections::BTreeSet;

use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::linking::links;
use veilmatch::member::resolve::{Resolved, resolve};
use veilmatch::member::{Kind, Tokenizer};
use veilmatch::round::{KindRules, Manifest, TrailRules};
use veilmatch::terms::{KindId, Name, Pseudonym};
use veilmatch::trail::{Answer, Graph, Links, Shared, Trails};
use veilmatch::{Disclosure, Error, Metadata, Place, Round, Share};

use super::arguments::Job;
use super::{context, match_sets, rows};

/// The confirmed case: a member's row.
pub(crate) struct Case {
    pub(crate) member: Name,
    pub(crate) row: u64,
}

/// Plays a round with trails and says, member by member, what each learns about its own rows.
pub(crate) fn follow(job: &Job, secret: &CoalitionSecret, case: &Case) -> Result<String, Error> {
    let round = agree(job, secret)?;
    let shares = matched(job, secret, &round)?;
    let links = shares.iter().map(|(member, of_kinds)| link(&round, secret, member, of_kinds, case));
    let links: Vec<Links> = links.collect::<Result<_, _>>()?;

    // At the hub, which knows what it gave each member.
    let given = shares.iter().flat_map(|(_, of_kinds)| of_kinds).map(|(share, _)| Shared {
        member: share.recipient().clone(),
        kind: share.terms().context.kind().clone(),
        own_set: share.own_set(),
        tokens: share.tokens().len() as u64,
    });
    let graph = Graph::new(&round, &links, &given.collect::<Vec<_>>(), &())?;
    let trails = Trails::find(&graph, Trails::fresh_id, &())?;
    Ok(told(&trails.answers(&Metadata::default(), None)?))
}

/// All agree to a manifest; this one is a trial's, without keys.
fn agree(job: &Job, secret: &CoalitionSecret) -> Result<Round, Error> {
    let rules = |kind: Kind| Ok(KindRules::from(Tokenizer::new(secret, context(kind)?)?.terms()));
    let kinds = job.columns.iter().map(|(kind, _)| rules(*kind)).collect::<Result<Vec<_>, Error>>()?;
    let kind_ids: Vec<KindId> = kinds.iter().map(|rules| rules.kind.clone()).collect();
    let any = context(job.columns[0].0)?;
    let members = job.members.iter().map(|member| member.name.clone()).collect();
    let mut manifest = Manifest::trial(any.coalition().clone(), any.epoch(), kinds, members)?;
    manifest.trail = Some(TrailRules { disclosure: Disclosure::Holders, ..TrailRules::for_kinds(&kind_ids) });
    Round::new(manifest)
}

type OfMember = (Name, Vec<(Share, Resolved)>);

/// Members tokenise, the hub matches, and each member finds its rows by its share of each kind.
fn matched(job: &Job, secret: &CoalitionSecret, round: &Round) -> Result<Vec<OfMember>, Error> {
    let mut found: Vec<OfMember> =
        job.members.iter().map(|member| (member.name.clone(), Vec::new())).collect();
    for (kind, columns) in &job.columns {
        let tokenizer = |name: &Name| round.tokenizer(secret, &kind.kind_id(), name);
        let sets = job.members.iter().map(|member| {
            Ok(tokenizer(&member.name)?.tokenize(&member.name, rows(job, member, columns)?)?.set)
        });
        let sets = sets.collect::<Result<Vec<_>, Error>>()?;
        let overlaps = match_sets(&sets, round.at_least())?.collect()?;
        for ((member, set), (name, of_kinds)) in job.members.iter().zip(&sets).zip(&mut found) {
            let share = overlaps.share(name, Disclosure::Holders)?.with_own_set(set)?;
            let resolved = resolve(&tokenizer(name)?, name, &share, rows(job, member, columns)?)?;
            of_kinds.push((share, resolved));
        }
    }
    Ok(found)
}

/// At a member: which of its customers have which identifiers of its shares, under pseudonyms and link tokens.
fn link(
    round: &Round,
    secret: &CoalitionSecret,
    member: &Name,
    of_kinds: &[(Share, Resolved)],
    case: &Case,
) -> Result<Links, Error> {
    let of_kinds: Vec<_> = of_kinds.iter().map(|(share, resolved)| (share, resolved)).collect();
    let is_case = |customer: &Pseudonym| *member == case.member && *customer == pseudonym(case.row);
    let customer = |place: Place| pseudonym(place.row);
    let links = links(round, member, &round.link_keys(secret)?, &of_kinds, customer, is_case)?;
    let mut file = Vec::new();
    links.write_to(&mut file)?;
    Links::from_source(Box::new(file), member.as_str())
}

fn pseudonym(row: u64) -> Pseudonym {
    Pseudonym(u128::from(row).to_be_bytes())
}

fn row(pseudonym: &Pseudonym) -> u128 {
    u128::from_be_bytes(pseudonym.0)
}

/// What the members learn, each from its own answer, nearest to the case first.
fn told(answers: &[Answer]) -> String {
    let (mut members, mut lines) = (0, BTreeSet::new());
    for (answer, trail) in
        answers.iter().flat_map(|answer| answer.trails.iter().map(move |one| (answer, one)))
    {
        members = trail.members; // the same for all
        for own in &trail.own {
            let kinds: Vec<&str> = own.leads.iter().map(|lead| lead.kind.as_str()).collect();
            let (member, row, kinds) = (&answer.recipient, row(&own.pseudonym), kinds.join(", "));
            let steps = match own.distance {
                0 => "the case".to_owned(),
                1 => "1 step away".to_owned(),
                steps => format!("{steps} steps away"),
            };
            lines.insert((
                own.distance,
                format!("  {member} row {row}: {steps}; others in the trail have its {kinds}\n"),
            ));
        }
    }
    let lines: String = lines.into_iter().map(|(_, line)| line).collect();
    format!(
        "\na trail from a confirmed case leads to {members} members; each learns of its own rows alone\n{lines}"
    )
}
