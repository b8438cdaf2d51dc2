//! What a member can try against others' trails, and what comes of it. docs/security.md says what each is worth.

use veilmatch::terms::{ContentDigest, KeyId};
use veilmatch::trail::{Graph, Links, NewLinks};
use veilmatch::{Error, Token};

use crate::world::{
    Plain, Settings, Subject, World, answers, kind, member, new_links, opened, plain, pseudonym, round,
    shared,
};

const USUAL: Settings =
    Settings { max_degree: 3, max_hops: 2, max_trail: 20, min_members: 2, min_result: None, named: true };

fn subject(name: &str, is_seed: bool, identifiers: &[&str]) -> Subject {
    let identifiers = identifiers.iter().map(|text| (0, (*text).to_owned())).collect();
    Subject { name: name.to_owned(), is_seed, identifiers }
}

fn told(world: &World, settings: &Settings) -> Plain {
    let round = round(world.0.len(), settings);
    plain("a", world, &answers(&round, "a", world))
}

fn names(plain: &Plain, seed: (usize, &str), member: usize) -> Vec<String> {
    let trail = plain.trails.get(&(seed.0, seed.1.to_owned()));
    let own = trail.and_then(|trail| trail.get(&member)).map(|told| told.own.keys().cloned().collect());
    own.unwrap_or_default()
}

/// The code of the error, without the places around it.
fn code(error: Error) -> &'static str {
    error.code()
}

/// One row with two guessed identifiers joins their owners. Nobody can tell the row from a true one: but it stands in the
/// forger's own links, under its signature.
#[test]
fn a_forged_bridge_joins_two_strangers_and_the_forger_is_a_member_of_the_trail() {
    let honest = World(vec![
        vec![subject("seed", true, &["card-1"])],
        vec![subject("stranger", false, &["card-2"])],
        vec![],
    ]);
    assert!(told(&honest, &USUAL).trails.is_empty());
    let mut forged = honest;
    forged.0[2].push(subject("bridge", false, &["card-1", "card-2"]));
    let told = told(&forged, &USUAL);
    assert_eq!(names(&told, (0, "seed"), 1), ["stranger"]);
    let trail = &told.trails[&(0, "seed".to_owned())];
    assert_eq!(trail[&2].own["bridge"].0, 1, "the forger is nearer to the seed than the stranger");
    assert_eq!(trail[&1].names.as_deref(), Some(&[0, 1, 2][..]), "and is named");
}

/// A false seed shows its member how many stand near an identifier that it holds, and no more.
#[test]
fn a_false_seed_learns_numbers_and_no_identifier() {
    let world = World(vec![
        vec![subject("false", true, &["card-1"])],
        vec![subject("one", false, &["card-1", "card-2"])],
        vec![subject("two", false, &["card-2"])],
    ]);
    let told = told(&world, &USUAL);
    let own = &told.trails[&(0, "false".to_owned())][&0];
    assert_eq!((own.subjects, own.members), (Some(3), 3));
    assert_eq!(own.own.keys().collect::<Vec<_>>(), ["false"]);
    let bounded = Settings { min_result: Some(3), ..USUAL };
    let told = plain("a", &world, &answers(&round(3, &bounded), "a", &world));
    let own = &told.trails[&(0, "false".to_owned())][&0];
    assert_eq!((own.subjects, own.own["false"].1.values().next()), (None, Some(&None)), "withheld");
}

#[test]
fn every_customer_a_seed_is_refused() {
    let many: Vec<Subject> =
        (0..101).map(|at| subject(&format!("customer-{at}"), true, &["card-1"])).collect();
    let round = round(3, &USUAL);
    let links = opened(&new_links(&round, "a", 0, &many), "links");
    let error = round.admit_links(&links).unwrap_err().to_string();
    assert!(error.contains("member-a") && error.contains("max_seeds"), "{error}");
    let links = opened(&new_links(&round, "a", 0, &many[..100]), "links");
    round.admit_links(&links).unwrap();
}

/// A member that heats a token loses its own links to it; to take it from all, it needs others. Whoever held it is told.
#[test]
fn one_member_cannot_heat_a_token_for_others_and_several_are_seen() {
    let base = |hot: &[usize], members: usize| {
        let mut world = World(vec![Vec::new(); members]);
        world.0[0].push(subject("seed", true, &["card-1"]));
        world.0[1].push(subject("near", false, &["card-1"]));
        for (member, subjects) in hot.iter().enumerate() {
            let more = (0..*subjects).map(|at| subject(&format!("heat-{at}"), false, &["card-1"]));
            world.0[2 + member].extend(more);
        }
        world
    };
    let alone = told(&base(&[1000], 6), &USUAL);
    assert_eq!(names(&alone, (0, "seed"), 1), ["near"]);
    assert_eq!(alone.dropped[&2].values().collect::<Vec<_>>(), [&false]);
    assert!(alone.dropped[&0].is_empty() && alone.dropped[&1].is_empty());
    let together = told(&base(&[3, 3, 3, 3], 6), &USUAL);
    assert!(together.trails.is_empty(), "14 subjects, over four times three");
    for member in 0..6 {
        assert_eq!(together.dropped[&member].values().collect::<Vec<_>>(), [&true], "{member} is told");
    }
}

/// Rows that all have one subject join everything that their member holds: the trail is too large, and is given to
/// nobody. The seed's member is told so.
#[test]
fn one_subject_for_all_rows_makes_a_trail_that_is_given_to_nobody() {
    let cards: Vec<String> = (0..60).map(|at| format!("card-{at}")).collect();
    let all: Vec<&str> = cards.iter().map(String::as_str).collect();
    let strangers = cards.iter().map(|card| subject(&format!("of-{card}"), false, &[card])).collect();
    let world =
        World(vec![vec![subject("seed", true, &["card-0"])], vec![subject("", false, &all)], strangers]);
    let told = told(&world, &USUAL);
    assert!(told.trails.is_empty());
    assert_eq!(told.too_large, [(0, "seed".to_owned())]);
}

#[test]
fn a_million_identifiers_in_one_subject_are_read_and_lead_nowhere() {
    let round = round(3, &USUAL);
    let glue = pseudonym("a", 1, "glue");
    let token = |at: u32| Token::from_bytes(u128::from(at).to_be_bytes());
    let links = |place: usize, subjects: Vec<_>, all: Vec<_>| {
        let mut links =
            NewLinks::new(round.trail_terms(KeyId([7; 8])).unwrap(), member(place), subjects).unwrap();
        links.add(kind(0), None, all).unwrap();
        opened(&links, "links")
    };
    let one = |place, name: &str| pseudonym("a", place, name);
    let glued = links(1, vec![(glue, false)], (0..1_000_000).map(|at| (token(at), glue)).collect());
    let names: Vec<_> = (0..50).map(|at| (one(2, &format!("{at}")), at)).collect();
    let strangers = links(
        2,
        names.iter().map(|(who, _)| (*who, false)).collect(),
        names.iter().map(|(who, at)| (token(*at), *who)).collect(),
    );
    let seed = links(0, vec![(one(0, "seed"), true)], vec![(token(0), one(0, "seed"))]);
    let all = [glued, strangers, seed];
    let shared = shared(&all);
    let graph = Graph::new(&round, &all, &shared, &()).unwrap();
    assert_eq!(graph.tokens(), 50, "tokens of one member alone are not kept");
    let trails = veilmatch::trail::Trails::find(&graph, crate::world::counted(), &()).unwrap();
    assert_eq!((trails.trails().len(), trails.too_large()), (0, 1));
}

#[test]
fn links_of_another_round_set_or_share_are_refused() {
    let world = World(vec![
        vec![subject("seed", true, &["card-1", "card-2"])],
        vec![subject("near", false, &["card-1"])],
        vec![],
    ]);
    let of_round = |round: &veilmatch::Round| -> Vec<Links> {
        let made = world.0.iter().enumerate().map(|(place, own)| new_links(round, "a", place, own));
        made.map(|links| opened(&links, "links")).collect()
    };
    let (agreed, next) = (round(3, &USUAL), round(3, &USUAL));
    assert_ne!(agreed.digest(), next.digest(), "each manifest has a nonce of its own");
    let replayed = of_round(&next);
    let error = agreed.admit_links(&replayed[0]).unwrap_err();
    assert_eq!(code(error), "terms_differ");

    // The hub's own round, so that only what the match gave differs.
    let fixed = round(3, &USUAL);
    let links = of_round(&fixed);
    let refused_by = |shared: &[veilmatch::trail::Shared]| {
        let error = Graph::new(&fixed, &links, shared, &()).unwrap_err();
        let said = error.to_string();
        assert_eq!(code(error), "trail", "{said}");
        said
    };
    let given = shared(&links);
    Graph::new(&fixed, &links, &given, &()).unwrap();
    let mut other_set = given.clone();
    other_set[0].own_set = Some(ContentDigest([9; 32]));
    assert!(refused_by(&other_set).contains("the set that was matched"));
    let mut fewer = given.clone();
    fewer[0].tokens -= 1;
    assert!(refused_by(&fewer).contains("no more tokens of a kind than the share has"));
    assert!(refused_by(&given[1..]).contains("kinds that were matched for this member"));
    let twice = [of_round(&fixed).remove(0), of_round(&fixed).remove(0)];
    assert_eq!(code(Graph::new(&fixed, &twice, &given, &()).unwrap_err()), "duplicate_member");
}

#[test]
fn links_under_another_secret_are_an_error_and_no_smaller_result() {
    let round = round(3, &USUAL);
    let links = |place, id| {
        let terms = round.trail_terms(KeyId(id)).unwrap();
        opened(&NewLinks::new(terms, member(place), Vec::new()).unwrap(), "links")
    };
    let all = [links(0, [1; 8]), links(1, [2; 8])];
    let error = Graph::new(&round, &all, &[], &()).unwrap_err();
    let said = error.to_string();
    assert_eq!(code(error), "terms_differ");
    assert!(said.contains("member-b") && said.contains("key id"), "{said}");
}
