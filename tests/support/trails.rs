//! Small files of trails.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use veilmatch::round::{Manifest, TrailRules};
use veilmatch::terms::{ContentDigest, KeyId, Nonce, Pseudonym, SealKey, TrailId};
use veilmatch::trail::{Answer, Dropped, Graph, Links, NewLinks, Release, Shared, Statement, Trails};
use veilmatch::{Metadata, Round};

use super::files::written;
use super::hub::{name, terms, token};

/// A trial round of two banks that allows trails, the same each time.
pub fn trail_round() -> Round {
    let members = vec![name("bank-a"), name("bank-b")];
    let mut manifest = Manifest::trial(name("efc"), 1, vec![(&terms()).into()], members).unwrap();
    manifest.nonce = Nonce([7; 16]);
    manifest.trail = Some(TrailRules::for_kinds([]));
    Round::new(manifest).unwrap()
}

/// Links of six subjects, of which the first is a seed.
pub fn links_file(round: &Round, member: &str) -> Vec<u8> {
    let subject = |at: u64| {
        let (mut subject, byte) = ([0x50 + at as u8; 16], member.as_bytes()[5]);
        subject[15] = byte;
        Pseudonym(subject)
    };
    let subjects = (0..6).map(|at| (subject(at), at == 0)).collect();
    let mut links = NewLinks::new(round.trail_terms(KeyId([1; 8])).unwrap(), name(member), subjects).unwrap();
    let own = (0..6).flat_map(|at| [(token(at), subject(at)), (token(at / 2 + 40), subject(at))]);
    links.add(terms().context.kind().clone(), Some(ContentDigest([3; 32])), own).unwrap();
    written(|out| links.write_to(out))
}

/// What the hub tells the first bank.
pub fn answer(round: &Round) -> Answer {
    let opened = |member: &str| Links::from_source(Box::new(links_file(round, member)), member).unwrap();
    let links = [opened("bank-a"), opened("bank-b")];
    let shared = links.iter().map(|links| Shared {
        member: links.member().clone(),
        kind: links.kinds()[0].kind.clone(),
        own_set: links.kinds()[0].own_set,
        tokens: links.kinds()[0].tokens,
    });
    let shared: Vec<Shared> = shared.collect();
    let graph = Graph::new(round, &links, &shared, &()).unwrap();
    let mut next = 0;
    let id = || {
        next += 1;
        Ok(TrailId([next; 16]))
    };
    let trails = Trails::find(&graph, id, &()).unwrap();
    let mut answer = trails.answers(&Metadata::default(), None).unwrap().remove(0);
    let kind = terms().context.kind().clone();
    answer.dropped.push(Dropped { kind, token: token(9), for_all: true });
    answer
}

/// What the first bank tells an authority of its first trail.
pub fn statement(round: &Round) -> Statement {
    let answer = answer(round);
    let authority = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    let release = Release {
        authority: SealKey::new(authority).unwrap(),
        case: "2026/17".to_owned(),
        contact: "Desk".to_owned(),
        channel: None,
    };
    Statement::new(round, &answer, &answer.trails[0].id, release, |pseudonym| *pseudonym).unwrap()
}
