//! The naive oracle: plain text, lists, breadth-first. It was written from SPEC.md and shares no code with the library.

use std::collections::{BTreeMap, BTreeSet};

use crate::world::{Identifier, LEAF, Plain, Settings, Told, Who, World};

/// The identifiers that join subjects, each with its subjects.
type Joined = BTreeMap<Identifier, Vec<Who>>;

/// By member: what was dropped, and whether it was for all.
type Dropped = BTreeMap<usize, BTreeMap<Identifier, bool>>;

fn joined(world: &World, settings: &Settings) -> (Joined, Dropped) {
    let mut holders: BTreeMap<Identifier, BTreeSet<Who>> = BTreeMap::new();
    for (member, subjects) in world.0.iter().enumerate() {
        for subject in subjects {
            for identifier in &subject.identifiers {
                holders.entry(identifier.clone()).or_default().insert((member, subject.name.clone()));
            }
        }
    }
    let mut dropped: Dropped = (0..world.0.len()).map(|member| (member, BTreeMap::new())).collect();
    let mut joined = BTreeMap::new();
    for (identifier, holders) in holders {
        let members: BTreeSet<usize> = holders.iter().map(|(member, _)| *member).collect();
        if members.len() < 2 {
            continue;
        }
        let mut left: Vec<Who> = Vec::new();
        for member in members {
            let own: Vec<Who> = holders.iter().filter(|(of, _)| *of == member).cloned().collect();
            if own.len() as u64 > settings.max_degree {
                dropped.get_mut(&member).unwrap().insert(identifier.clone(), false);
            } else {
                left.extend(own);
            }
        }
        if left.len() as u64 > 4 * settings.max_degree {
            for (member, _) in left {
                dropped.get_mut(&member).unwrap().insert(identifier.clone(), true);
            }
        } else {
            joined.insert(identifier, left);
        }
    }
    (joined, dropped)
}

/// The distance of each subject from the seed, as far as the steps go.
fn distances(joined: &Joined, seed: &Who, hops: u64) -> BTreeMap<Who, u8> {
    let mut distances = BTreeMap::from([(seed.clone(), 0)]);
    for step in 1..=hops as u8 {
        let edge: Vec<Who> = distances
            .iter()
            .filter(|(_, distance)| **distance == step - 1)
            .map(|(who, _)| who.clone())
            .collect();
        for who in edge {
            for (identifier, subjects) in joined {
                if identifier.0 != LEAF && subjects.contains(&who) {
                    for next in subjects {
                        distances.entry(next.clone()).or_insert(step);
                    }
                }
            }
        }
    }
    distances
}

/// What every member is to be told.
pub(crate) fn oracle(world: &World, settings: &Settings) -> Plain {
    let (joined, dropped) = joined(world, settings);
    let mut plain = Plain { dropped, ..Plain::default() };
    let shown = |number: u64| match settings.min_result {
        Some(bound) if number > 0 && number < bound => None,
        _ => Some(number),
    };
    for (member, subjects) in world.0.iter().enumerate() {
        for subject in subjects.iter().filter(|subject| subject.is_seed) {
            let seed = (member, subject.name.clone());
            let near = distances(&joined, &seed, settings.max_hops);
            let members: BTreeSet<usize> = near.keys().map(|(member, _)| *member).collect();
            if near.len() as u64 > settings.max_trail {
                plain.too_large.push(seed);
                continue;
            }
            if (members.len() as u64) < settings.min_members {
                continue;
            }
            let told = members.iter().map(|recipient| {
                let own = near.iter().filter(|((of, _), _)| of == recipient);
                let own: BTreeMap<String, (u8, BTreeMap<Identifier, Option<u64>>)> = own
                    .map(|(who, distance)| {
                        let mut leads = BTreeMap::new();
                        for (identifier, subjects) in &joined {
                            let others = subjects.iter().filter(|(of, _)| of != recipient);
                            let behind = others.filter(|other| near.contains_key(other)).count() as u64;
                            if subjects.contains(who) && behind > 0 {
                                leads.insert(identifier.clone(), shown(behind));
                            }
                        }
                        (who.1.clone(), (*distance, leads))
                    })
                    .collect();
                let others = (near.len() - own.len()) as u64;
                let told = Told {
                    subjects: shown(others).map(|others| others + own.len() as u64),
                    members: members.len() as u64,
                    names: settings.named.then(|| members.iter().copied().collect()),
                    own,
                };
                (*recipient, told)
            });
            plain.trails.insert(seed, told.collect());
        }
    }
    plain.too_large.sort();
    plain
}
