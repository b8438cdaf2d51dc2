//! The laws of trails, over random worlds.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use veilmatch::trail::Links;

use crate::oracle::oracle;
use crate::support::thorough::times;
use crate::world::{
    Plain, Settings, Subject, World, answers, answers_of, new_links, opened, plain, round, settings, worlds,
};

/// Every member's answers about a world, in plain text.
fn told(world: &World, settings: &Settings) -> Plain {
    let round = round(world.0.len(), settings);
    plain("a", world, &answers(&round, "a", world))
}

/// Settings under which nothing is too large and nothing is withheld.
fn wide(settings: &Settings) -> Settings {
    Settings { max_trail: 1000, min_members: 2, min_result: None, ..settings.clone() }
}

/// The worlds have what the laws are about: trails, also withheld and too large ones, and hot identifiers of both sorts.
#[test]
fn random_worlds_have_trails_and_all_that_bounds_them() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut trails, mut withheld, mut too_large, mut own, mut for_all, mut far) = (0, 0, 0, 0, 0, 0);
    for _ in 0..200 {
        let world = worlds().new_tree(&mut runner).unwrap().current();
        let settings = settings().new_tree(&mut runner).unwrap().current();
        let told = oracle(&world, &settings);
        trails += told.trails.len();
        too_large += told.too_large.len();
        let all = || told.trails.values().flat_map(|trail| trail.values());
        withheld += all().filter(|told| told.subjects.is_none()).count();
        far += all().flat_map(|told| told.own.values()).filter(|(distance, _)| *distance > 1).count();
        own += told.dropped.values().flat_map(|of| of.values()).filter(|for_all| !**for_all).count();
        for_all += told.dropped.values().flat_map(|of| of.values()).filter(|for_all| **for_all).count();
    }
    let seen = [trails, withheld, too_large, own, for_all, far];
    assert!(seen.iter().all(|number| *number > 20), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(times(200)) })]

    #[test]
    fn answers_are_those_of_the_oracle(world in worlds(), settings in settings()) {
        prop_assert_eq!(told(&world, &settings), oracle(&world, &settings));
    }

    #[test]
    fn order_of_members_threads_and_secrets_change_nothing(world in worlds(), settings in settings()) {
        let round = round(world.0.len(), &settings);
        let links = |secret: &str| -> Vec<Links> {
            let made = world.0.iter().enumerate().map(|(place, subjects)| new_links(&round, secret, place, subjects));
            made.map(|links| opened(&links, "links")).collect()
        };
        let expected = answers_of(&round, &links("a"));
        let mut turned = links("a");
        turned.reverse();
        prop_assert_eq!(&answers_of(&round, &turned), &expected);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        prop_assert_eq!(&pool.install(|| answers_of(&round, &links("a"))), &expected);
        let other = plain("b", &world, &answers_of(&round, &links("b")));
        prop_assert_eq!(other, plain("a", &world, &expected));
    }

    #[test]
    fn distance_is_symmetric(world in worlds(), settings in settings()) {
        let mut world = world;
        world.0.iter_mut().flatten().for_each(|subject| subject.is_seed = true);
        let told = told(&world, &wide(&settings));
        for (seed, by_member) in &told.trails {
            for (member, told_to) in by_member {
                for (name, (distance, _)) in &told_to.own {
                    // A subject of the same member may be near nobody else, and have no trail of its own.
                    let back = told.trails.get(&(*member, name.clone()));
                    prop_assert!(back.is_some() || *member == seed.0);
                    let Some(back) = back.map(|trail| &trail[&seed.0].own[&seed.1]) else { continue };
                    prop_assert_eq!(*distance, back.0);
                }
            }
        }
    }

    /// With more steps no trail loses a subject, as long as it is not too large. With a larger bound on its size, or fewer
    /// members that are needed, no trail is lost or changes. The degree is not such a setting: where a member's links are
    /// no longer dropped alone, the identifier may become hot for all.
    #[test]
    fn wider_settings_lose_nothing(world in worlds(), settings in settings()) {
        let base = wide(&settings);
        let subjects = |told: &Plain| -> Vec<((usize, String), usize, String)> {
            let all = told.trails.iter().flat_map(|(seed, told)| {
                told.iter().flat_map(move |(member, told)| {
                    told.own.keys().map(move |name| (seed.clone(), *member, name.clone()))
                })
            });
            all.collect()
        };
        let more = subjects(&told(&world, &Settings { max_hops: base.max_hops + 1, ..base.clone() }));
        for one in subjects(&told(&world, &base)) {
            prop_assert!(more.contains(&one), "{:?} is gone", one);
        }
        let bounded = told(&world, &Settings { min_result: None, ..settings.clone() });
        let larger = Settings { max_trail: settings.max_trail + 5, min_result: None, ..settings.clone() };
        let fewer = Settings { min_members: 2, min_result: None, ..settings };
        for wider in [larger, fewer] {
            let wide = told(&world, &wider);
            for (seed, trail) in &bounded.trails {
                prop_assert_eq!(wide.trails.get(seed), Some(trail));
            }
        }
    }

    /// Others who share no identifier with a trail change nothing of it but ids and what was dropped.
    #[test]
    fn who_shares_nothing_with_a_trail_changes_nothing_of_it(
        world in worlds(),
        strangers in worlds(),
        settings in settings(),
    ) {
        let mut with = world.clone();
        for (member, subjects) in strangers.0.into_iter().enumerate().take(world.0.len()) {
            let apart = subjects.into_iter().map(|subject| Subject {
                name: format!("stranger-{}", subject.name),
                identifiers: subject.identifiers.into_iter().map(|(kind, text)| (kind, format!("other-{text}"))).collect(),
                ..subject
            });
            with.0[member].extend(apart);
        }
        let (before, after) = (told(&world, &settings), told(&with, &settings));
        for (seed, trail) in &before.trails {
            prop_assert_eq!(after.trails.get(seed), Some(trail));
        }
    }

    /// No byte of an answer is a token or a pseudonym that its recipient does not have, or an identifier.
    #[test]
    fn an_answer_has_no_token_and_no_pseudonym_of_others(world in worlds(), settings in settings()) {
        let round = round(world.0.len(), &settings);
        for (place, answer) in answers(&round, "a", &world).iter().enumerate() {
            let mut file = Vec::new();
            answer.write_to(&mut file).unwrap();
            let text = String::from_utf8_lossy(&file);
            let said = format!("{answer:?} {:?}", answer.trails);
            for (member, subject) in world.0.iter().enumerate().flat_map(|(m, all)| all.iter().map(move |s| (m, s))) {
                let hex = crate::world::pseudonym("a", member, &subject.name).to_string();
                prop_assert!(member == place || !text.contains(&hex), "another's pseudonym");
                for identifier in &subject.identifiers {
                    let own = world.0[place].iter().any(|own| own.identifiers.contains(identifier));
                    let token = crate::world::token("a", identifier);
                    let hex: String = token.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                    prop_assert!(own || !text.contains(&hex), "another's token");
                    prop_assert!(!said.contains(&hex), "a token in the debug form");
                    prop_assert!(!text.contains(&identifier.1), "an identifier");
                    prop_assert!(!file.windows(16).any(|window| window == token.as_bytes()), "a raw token");
                }
            }
        }
    }
}
