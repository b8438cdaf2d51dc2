//! Custodians that do not keep to the steps: refused, and blamed by name.

use std::io::{Read as _, Write as _};

use ring::digest::{SHA256, digest};
use veilmatch::custodian::Seed;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;

use super::{NAMES, World, name, refused, world};

/// Changes a file of a step as who sent it can: its line of JSON, under a good signature.
fn forged(text: &str, identity: &Identity, change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let lines: Vec<&str> = text.lines().collect();
    let mut content = serde_json::from_str(lines[1]).unwrap();
    change(&mut content);
    let word = lines[0].strip_prefix("veilmatch ").unwrap().replace(' ', "-");
    let word = word.strip_suffix("-1").unwrap();
    // The fields in their order: `serde_json` sorts them, so they are written by hand.
    let order = ["ceremony", "from", "to", "seen", "kinds"];
    let fields = order.iter().filter(|field| content.get(field).is_some());
    let kinds = |kind: &serde_json::Value| {
        let order = ["kind", "commitment", "proof", "share"];
        let fields = order.iter().filter(|field| kind.get(field).is_some());
        let fields: Vec<String> = fields.map(|field| format!("{field:?}:{}", kind[field])).collect();
        format!("{{{}}}", fields.join(","))
    };
    let fields: Vec<String> = fields
        .map(|field| match content[field].as_array() {
            Some(all) => format!("{field:?}:[{}]", all.iter().map(kinds).collect::<Vec<_>>().join(",")),
            None => format!("{field:?}:{}", content[field]),
        })
        .collect();
    let text = format!("{}\n{{{}}}\n", lines[0], fields.join(","));
    let signed = digest(&SHA256, format!("veilmatch/2 custodian file{text}").as_bytes());
    let word_len = (word.len() as u16).to_be_bytes();
    let message = [b"veilmatch/1 sig", &word_len[..], word.as_bytes(), signed.as_ref()].concat();
    let signature: String = identity.sign(&message).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text}{signature}\n").into_bytes()
}

fn opened(identity: &Identity, file: &[u8]) -> String {
    let mut text = String::new();
    seal::open(identity, file).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn sealed(identity: &Identity, text: &[u8]) -> Vec<u8> {
    let mut sealer = seal::seal(&identity.public_keys().seal, Vec::new()).unwrap();
    sealer.write_all(text).unwrap();
    sealer.finish().unwrap()
}

/// Changes what `from` dealt the first custodian, which reads it as it is sent.
fn redealt(world: &World, file: &[u8], from: usize, change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let text = opened(&world.identities[0], file);
    sealed(&world.identities[0], &forged(&text, &world.identities[from], change))
}

#[test]
fn a_file_that_was_not_changed_is_taken_through_the_forger_too() {
    let (world, _) = world();
    let told = world.told();
    let same = forged(std::str::from_utf8(&told[1]).unwrap(), &world.identities[1], |_| {});
    assert_eq!(same, told[1]);
    let mut dealt = world.dealt([&told, &told, &told]);
    dealt[0][0] = redealt(world, &dealt[0][0], 1, |_| {});
    world.step_3(0, &told, &dealt[0]).unwrap();
}

#[test]
fn step_1_told_differently_to_two_stops_both() {
    let (world, _) = world();
    let told = world.told();
    // The third custodian tells the first something else: all of it well made, from another seed.
    let seeds = NAMES.iter().map(|_| Seed::generate(&world.ceremony).unwrap()).collect();
    let identities = Vec::new();
    let other = World { ceremony: world.ceremony.clone(), identities, seeds };
    let identity = &world.identities[2];
    let other = veilmatch::custodian::Dkg::new(&world.ceremony, &name("registry"), identity, &other.seeds[2])
        .unwrap();
    let to_first = vec![told[0].clone(), told[1].clone(), other.step_1().unwrap()];
    let dealt = world.dealt([&to_first, &told, &told]);
    // What the third dealt the first does not matter: the second saw another step 1.
    refused(world.step_3(0, &to_first, &dealt[0]), "custody", &["court", "told step 1 differently"]);
    refused(world.step_3(1, &told, &dealt[1]), "custody", &["auditor", "told step 1 differently"]);
    // Whoever has both files has the evidence.
    let both = [told.clone(), vec![to_first[2].clone()]].concat();
    let files = world.read(0, &both).unwrap();
    refused(world.dkg(0).step_2(&files), "custody", &["registry", "two that differ"]);
}

#[test]
fn a_share_of_another_ceremony_is_refused() {
    let (world, _) = world();
    let other = World::new();
    let told = other.told();
    refused(world.read(0, &told), "custody", &["a file of this ceremony"]);
    // A later ceremony of the same custodians.
    let told = world.told();
    let mut dealt = world.dealt([&told, &told, &told]);
    let digest = other.ceremony.digest().to_string();
    dealt[0][1] = redealt(world, &dealt[0][1], 2, |content| content["ceremony"] = digest.into());
    refused(world.step_3(0, &told, &dealt[0]), "custody", &["a file of this ceremony"]);
}

#[test]
fn a_changed_share_is_blamed_on_its_sender() {
    let (world, _) = world();
    let told = world.told();
    let dealt = world.dealt([&told, &told, &told]);
    for (at, from) in [(0, 1), (1, 2)] {
        for kind in 0..2 {
            let mut dealt = dealt[0].clone();
            dealt[at] = redealt(world, &dealt[at], from, |content| {
                let text = content["kinds"][kind]["share"].as_str().unwrap();
                let digit = if text.starts_with('0') { "1" } else { "0" };
                content["kinds"][kind]["share"] = format!("{digit}{}", &text[1..]).into();
            });
            let words = [NAMES[from], "on the polynomial"];
            refused(world.step_3(0, &told, &dealt), "custody", &words);
        }
    }
}

#[test]
fn a_share_that_is_no_number_is_blamed_on_its_sender() {
    let (world, _) = world();
    let told = world.told();
    let mut dealt = world.dealt([&told, &told, &told]);
    dealt[0][0] =
        redealt(world, &dealt[0][0], 1, |content| content["kinds"][0]["share"] = "ff".repeat(32).into());
    refused(world.step_3(0, &told, &dealt[0]), "custody", &["court", "on the polynomial"]);
}

#[test]
fn a_file_for_another_custodian_or_of_a_stranger_is_refused() {
    let (world, _) = world();
    let told = world.told();
    let dealt = world.dealt([&told, &told, &told]);
    refused(world.read(0, &dealt[1]), "seal", &["not sealed to this key"]);
    // Sealed on to another custodian.
    let passed_on = sealed(&world.identities[0], opened(&world.identities[1], &dealt[1][0]).as_bytes());
    refused(world.read(0, &[passed_on]), "custody", &["for this custodian"]);
    // Under another's name.
    let text = std::str::from_utf8(&told[1]).unwrap();
    let as_other = forged(text, &world.identities[2], |_| {});
    refused(world.read(0, &[as_other]), "signature", &["court"]);
    let as_stranger = forged(text, &world.identities[1], |content| content["from"] = "stranger".into());
    refused(world.read(0, &[as_stranger]), "custody", &["stranger"]);
}

#[test]
fn a_commitment_that_is_none_is_blamed_on_its_sender() {
    let (world, _) = world();
    let told = world.told();
    let text = std::str::from_utf8(&told[1]).unwrap().to_owned();
    let proof = told.clone();
    let proof: serde_json::Value =
        serde_json::from_str(std::str::from_utf8(&proof[2]).unwrap().lines().nth(1).unwrap()).unwrap();
    let proof = proof["kinds"][0]["proof"].clone();
    type Change = Box<dyn FnOnce(&mut serde_json::Value)>;
    let changes: [Change; 5] = [
        Box::new(|kind| kind["commitment"][0] = "00".repeat(32).into()), // the identity
        Box::new(|kind| kind["commitment"][1] = "ff".repeat(32).into()), // no element
        Box::new(|kind| drop(kind["commitment"].as_array_mut().unwrap().pop())),
        Box::new(|kind| {
            let again = kind["commitment"][0].clone();
            kind["commitment"].as_array_mut().unwrap().push(again);
        }),
        Box::new(move |kind| kind["proof"] = proof), // another's
    ];
    for change in changes {
        let mut told = told.clone();
        told[1] = forged(&text, &world.identities[1], |content| change(&mut content["kinds"][0]));
        let files = world.read(0, &told).unwrap();
        refused(world.dkg(0).step_2(&files), "custody", &["court", "step 1"]);
    }
    let mut told = told.clone();
    told[1] = forged(&text, &world.identities[1], |content| {
        content["kinds"].as_array_mut().unwrap().pop();
    });
    refused(world.read(0, &told), "custody", &["court", "every kind"]);
}

#[test]
fn a_missing_file_is_named_by_its_sender() {
    let (world, _) = world();
    let told = world.told();
    let dealt = world.dealt([&told, &told, &told]);
    let files = world.read(0, &told[..2]).unwrap();
    refused(world.dkg(0).step_2(&files), "custody", &["registry", "step 1"]);
    refused(world.step_3(0, &told, &dealt[0][..1]), "custody", &["registry", "step 2"]);
    // The own file need not be among them.
    world.step_3(0, &told[1..], &dealt[0]).unwrap();
}

#[test]
fn what_is_dealt_twice_is_harmless_if_it_is_the_same_and_refused_if_it_is_not() {
    let (world, made) = world();
    let told = world.told();
    let dealt = world.dealt([&told, &told, &told]);
    // The very file, and the step done again, which seals it anew.
    let again = world.dealt([&told, &told, &told]);
    assert_ne!(dealt[0][0], again[0][0]);
    let twice = [&dealt[0][..], &dealt[0][..1], &again[0][..]].concat();
    assert_eq!(world.step_3(0, &told, &twice).unwrap().1, made[0].1);
    let other = redealt(world, &dealt[0][0], 1, |content| content["seen"] = "00".repeat(32).into());
    for files in [[&[other.clone()][..], &dealt[0]].concat(), [&dealt[0][..], &[other]].concat()] {
        refused(
            world.step_3(0, &told, &files),
            "custody",
            &["court", "one file of step 2, got two that differ"],
        );
    }
}

#[test]
fn a_file_with_any_byte_changed_is_refused() {
    let (world, _) = world();
    let told = world.told();
    for at in 0..told[1].len() {
        let mut changed = told[1].clone();
        changed[at] ^= 1;
        assert!(world.read(0, &[changed]).is_err(), "byte {at}");
    }
    for len in 0..told[1].len() {
        assert!(world.read(0, &[told[1][..len].to_vec()]).is_err(), "length {len}");
    }
}
