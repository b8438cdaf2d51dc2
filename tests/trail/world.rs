//! Small worlds in plain text, and the way from them through the library.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ring::digest::{Context, SHA256};
use veilmatch::round::{KindRules, Manifest, TrailRules};
use veilmatch::terms::{KeyId, KindId, Name, Pseudonym, RuleDigest, SuppressionDigest, Terms, TrailId};
use veilmatch::trail::{Answer, Graph, Links, NewLinks, Shared, Trails};
use veilmatch::{Disclosure, Error, Metadata, Round, Token};

/// Kinds of the worlds; the last one is a leaf.
pub(crate) const KINDS: [&str; 3] = ["card.pan/1", "email.strict/1", "net.ip/1"];
pub(crate) const LEAF: usize = 2;

/// An identifier: the place of its kind, and its text.
pub(crate) type Identifier = (usize, String);

#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) is_seed: bool,
    pub(crate) identifiers: Vec<Identifier>,
}

/// The subjects of each member.
#[derive(Clone, Debug)]
pub(crate) struct World(pub(crate) Vec<Vec<Subject>>);

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) max_degree: u64,
    pub(crate) max_hops: u64,
    pub(crate) max_trail: u64,
    pub(crate) min_members: u64,
    pub(crate) min_result: Option<u64>,
    pub(crate) named: bool,
}

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    (1..3u64, 1..4u64, 2..14u64, 2..4u64, proptest::option::of(2..4u64), any::<bool>()).prop_map(
        |(max_degree, max_hops, max_trail, min_members, min_result, named)| Settings {
            max_degree,
            max_hops,
            max_trail,
            min_members,
            min_result,
            named,
        },
    )
}

/// Worlds of three to eight members, with few identifiers or some, so that they meet often or now and then.
pub(crate) fn worlds() -> impl Strategy<Value = World> {
    (2..9u8).prop_flat_map(|values| {
        let identifier =
            (0..KINDS.len(), 0..values).prop_map(|(kind, value)| (kind, format!("value-{value}")));
        let subject = (prop::collection::vec(identifier, 0..4), prop::bool::weighted(0.3));
        let member = prop::collection::vec(subject, 0..7);
        prop::collection::vec(member, 3..9).prop_map(|members| {
            let subject = |(number, (identifiers, is_seed))| Subject {
                name: format!("customer-{number}"),
                is_seed,
                identifiers,
            };
            let own = |member: Vec<_>| member.into_iter().enumerate().map(subject).collect();
            World(members.into_iter().map(own).collect())
        })
    })
}

pub(crate) fn member(place: usize) -> Name {
    Name::new(&format!("member-{}", (b'a' + place as u8) as char)).unwrap()
}

fn short(parts: &[&str]) -> [u8; 16] {
    let mut hash = Context::new(&SHA256);
    parts.iter().for_each(|part| hash.update(format!("{}:{part}", part.len()).as_bytes()));
    hash.finish().as_ref()[..16].try_into().unwrap()
}

pub(crate) fn token(secret: &str, (kind, text): &Identifier) -> Token {
    Token::from_bytes(short(&[secret, KINDS[*kind], text]))
}

pub(crate) fn pseudonym(secret: &str, member: usize, subject: &str) -> Pseudonym {
    Pseudonym(short(&[secret, &member.to_string(), subject]))
}

pub(crate) fn kind(place: usize) -> KindId {
    KindId::new(KINDS[place]).unwrap()
}

/// A trial round of these members with these settings.
pub(crate) fn round(members: usize, settings: &Settings) -> Round {
    let rules = |place| KindRules {
        kind: kind(place),
        rules: RuleDigest([1; 32]),
        suppression: SuppressionDigest([2; 32]),
    };
    let kinds: Vec<KindRules> = (0..KINDS.len()).map(rules).collect();
    let members = (0..members).map(member).collect();
    let mut manifest = Manifest::trial(Name::new("efc").unwrap(), 7, kinds, members).unwrap();
    manifest.min_result = settings.min_result;
    manifest.trail = Some(TrailRules {
        max_degree: settings.max_degree,
        max_hops: settings.max_hops,
        max_trail: settings.max_trail,
        min_members: settings.min_members,
        disclosure: if settings.named { Disclosure::Holders } else { Disclosure::Counts },
        ..TrailRules::for_kinds(&[kind(0), kind(1), kind(2)])
    });
    Round::new(manifest).unwrap()
}

/// What a member writes for the hub.
pub(crate) fn new_links(round: &Round, secret: &str, place: usize, subjects: &[Subject]) -> NewLinks {
    let own = |subject: &Subject| (pseudonym(secret, place, &subject.name), subject.is_seed);
    let terms: Terms = round.trail_terms(KeyId([7; 8])).unwrap();
    let mut links = NewLinks::new(terms, member(place), subjects.iter().map(own).collect()).unwrap();
    for at in 0..KINDS.len() {
        let of_kind = subjects.iter().flat_map(|subject| {
            let own = pseudonym(secret, place, &subject.name);
            let identifiers = subject.identifiers.iter().filter(move |(kind, _)| *kind == at);
            identifiers.map(move |identifier| (token(secret, identifier), own))
        });
        links.add(kind(at), None, of_kind).unwrap();
    }
    links
}

pub(crate) fn opened(links: &NewLinks, name: &str) -> Links {
    let mut file = Vec::new();
    links.write_to(&mut file).unwrap();
    Links::from_source(Box::new(file), name).unwrap()
}

/// What the match gave each member: as much as these links need.
pub(crate) fn shared(links: &[Links]) -> Vec<Shared> {
    let of = |links: &Links| {
        let member = links.member().clone();
        let one = move |kind: &veilmatch::trail::LinkedKind| Shared {
            member: member.clone(),
            kind: kind.kind.clone(),
            own_set: kind.own_set,
            tokens: kind.tokens,
        };
        links.kinds().iter().map(one).collect::<Vec<_>>()
    };
    links.iter().flat_map(of).collect()
}

/// Ids that count.
pub(crate) fn counted() -> impl FnMut() -> Result<TrailId, Error> {
    let mut number = 0u128;
    move || {
        number += 1;
        Ok(TrailId(number.to_be_bytes()))
    }
}

/// The answers that the hub gives about a world.
pub(crate) fn answers(round: &Round, secret: &str, world: &World) -> Vec<Answer> {
    let links: Vec<Links> = world
        .0
        .iter()
        .enumerate()
        .map(|(place, subjects)| opened(&new_links(round, secret, place, subjects), "links"))
        .collect();
    answers_of(round, &links)
}

pub(crate) fn answers_of(round: &Round, links: &[Links]) -> Vec<Answer> {
    let shared = shared(links);
    let graph = Graph::new(round, links, &shared, &()).unwrap();
    let trails = Trails::find(&graph, counted(), &()).unwrap();
    let answers = trails.answers(&Metadata::default(), None).unwrap();
    for answer in &answers {
        let mut file = Vec::new();
        answer.write_to(&mut file).unwrap();
        let read = Answer::from_file_bytes(&file).unwrap();
        round.accept_answer(&read, &answer.recipient).unwrap();
        assert_eq!(&read, answer, "what is written is what is read");
    }
    answers
}

/// An answer in plain text, without ids: seed, then what each member is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) subjects: Option<u64>,
    pub(crate) members: u64,
    pub(crate) names: Option<Vec<usize>>,
    /// Own subjects by name: distance, and identifiers with the number of subjects behind.
    pub(crate) own: BTreeMap<String, (u8, BTreeMap<Identifier, Option<u64>>)>,
}

/// A subject: member and name.
pub(crate) type Who = (usize, String);

/// All answers in plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plain {
    /// By seed, then by member.
    pub(crate) trails: BTreeMap<Who, BTreeMap<usize, Told>>,
    pub(crate) too_large: Vec<Who>,
    /// By member: the identifier, and whether it was dropped for all.
    pub(crate) dropped: BTreeMap<usize, BTreeMap<Identifier, bool>>,
}

/// Turns answers back into plain text.
pub(crate) fn plain(secret: &str, world: &World, answers: &[Answer]) -> Plain {
    let mut names = BTreeMap::new();
    let mut texts = BTreeMap::new();
    for (place, subjects) in world.0.iter().enumerate() {
        for subject in subjects {
            names.insert(pseudonym(secret, place, &subject.name), (place, subject.name.clone()));
            for identifier in &subject.identifiers {
                texts.insert(token(secret, identifier), identifier.clone());
            }
        }
    }
    let place = |name: &Name| (0..world.0.len()).find(|place| member(*place) == *name).unwrap();
    let mut plain = Plain::default();
    let mut seeds = BTreeMap::new();
    let mut told = BTreeMap::new();
    for answer in answers {
        let recipient = place(&answer.recipient);
        for trail in &answer.trails {
            for seed in trail.own.iter().filter(|own| own.distance == 0) {
                assert!(seeds.insert(trail.id, names[&seed.pseudonym].clone()).is_none(), "one seed a trail");
            }
            let own = trail.own.iter().map(|own| {
                let (of, name) = names[&own.pseudonym].clone();
                assert_eq!(of, recipient, "own subjects alone");
                let leads = own.leads.iter().map(|lead| {
                    assert_eq!(lead.kind, kind(texts[&lead.token].0));
                    (texts[&lead.token].clone(), lead.behind)
                });
                (name, (own.distance, leads.collect()))
            });
            let names = trail.names.as_ref().map(|names| names.iter().map(place).collect());
            let one = Told { subjects: trail.subjects, members: trail.members, names, own: own.collect() };
            told.insert((trail.id, recipient), one);
        }
        plain.too_large.extend(answer.too_large.iter().map(|seed| names[seed].clone()));
        let dropped = answer.dropped.iter().map(|one| (texts[&one.token].clone(), one.for_all));
        plain.dropped.insert(recipient, dropped.collect());
    }
    for ((id, recipient), one) in told {
        plain.trails.entry(seeds[&id].clone()).or_default().insert(recipient, one);
    }
    plain.too_large.sort();
    plain
}
