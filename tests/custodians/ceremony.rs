//! A ceremony from start to end.

use dalek::traits::VartimeMultiscalarMul as _;
use dalek::{RistrettoPoint, Scalar};
use veilmatch::custodian::{Seed, Share};
use veilmatch::custody::{Ceremony, Custodian, KindQuota, PublicCustody};
use veilmatch::oprf::{Custody, Element, Holder};
use veilmatch::round::identity::Identity;

use super::{NAMES, World, custodians, kind, kinds, name, refused, signed, world};

fn point(element: Element) -> RistrettoPoint {
    dalek::ristretto::CompressedRistretto(element.0).decompress().unwrap()
}

#[test]
fn any_two_of_three_custodians_evaluate_as_the_key_that_nobody_has() {
    let (world, made) = world();
    let custody = PublicCustody::read(&signed(made).to_bytes()).unwrap();
    assert_eq!(custody.digest(), made[0].1.digest());
    assert_eq!((custody.coalition(), custody.epoch(), custody.threshold()), (&name("efc"), 7, 2));
    assert_eq!(custody.custodians(), custodians(&world.identities));
    assert!(custody.kind(&kind("email.strict/1")).is_none());
    let mut keys = Vec::new();
    for of in kinds() {
        let (key, quota) = custody.kind(&of.kind).unwrap();
        assert_eq!(quota, 1000);
        let five = Scalar::from(5u64);
        let asked = [Element::from(RistrettoPoint::mul_base(&five))];
        let expected = five * point(*key.key());
        for [a, b] in [[0, 1], [0, 2], [1, 2]] {
            let answers = [a, b].map(|at| {
                let holder = made[at].0.holder(&of.kind).unwrap();
                let (evaluated, proofs) = holder.evaluate(&asked).unwrap();
                key.share(at as u16 + 1).unwrap().verify(&asked, &evaluated, &proofs).unwrap();
                point(evaluated[0])
            });
            let [x, y] = [a, b].map(|at| Scalar::from(at as u64 + 1));
            let weights = [y * (y - x).invert(), x * (x - y).invert()];
            assert_eq!(RistrettoPoint::vartime_multiscalar_mul(weights, answers), expected, "{a} and {b}");
        }
        keys.push(*key.key());
    }
    assert_ne!(keys[0], keys[1], "each kind has a key of its own");
}

#[test]
fn a_step_that_is_done_again_makes_the_same() {
    let (world, made) = world();
    assert_eq!(world.told(), world.told());
    let again = world.made();
    for (once, again) in made.iter().zip(&again) {
        assert_eq!(once.1, again.1);
        assert_eq!(once.0.ledger(), again.0.ledger());
        let key = |share: &Share| share.holder(&kind("card.pan/1")).unwrap().public();
        assert_eq!(key(&once.0), key(&again.0));
    }
    assert_ne!(made[0].0.ledger(), made[1].0.ledger());
}

#[test]
fn other_seeds_make_other_keys() {
    let world = World::new();
    let first = world.made();
    let seeds = NAMES.iter().map(|_| Seed::generate(&world.ceremony).unwrap()).collect();
    assert_ne!(first[0].1.digest(), World { seeds, ..world }.made()[0].1.digest());
}

#[test]
fn a_share_comes_back_from_its_file_for_its_custodian_and_custody_alone() {
    let (world, made) = world();
    let custody = signed(made).complete().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("court.vmk");
    made[1].0.write_new_file(&path, &world.identities[1]).unwrap();
    refused(made[1].0.write_new_file(&path, &world.identities[1]), "io", &["court.vmk"]);
    let read = Share::read_file(&path, &world.identities[1], &custody).unwrap();
    assert_eq!((read.custodian(), read.ledger()), (&name("court"), made[1].0.ledger()));
    let public = |share: &Share| share.holder(&kind("card.pan/1")).unwrap().public();
    assert_eq!(public(&read), public(&made[1].0));
    assert!(!format!("{read:?}").contains("card"));

    refused(
        Share::read_file(&path, &world.identities[0], &custody),
        "seal",
        &["court.vmk", "not sealed to this key"],
    );
    let other = World::new();
    let other = signed(&other.made()).complete().unwrap();
    refused(
        Share::read_file(&path, &world.identities[1], &other),
        "custody",
        &["court.vmk", "another custody"],
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        refused(Share::read_file(&path, &world.identities[1], &custody), "custody", &["court.vmk"]);
    }
}

#[test]
fn a_seed_comes_back_from_its_file_for_its_custodian_and_ceremony_alone() {
    let (world, _) = world();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("court.seed");
    world.seeds[1].write_new_file(&path, &world.identities[1]).unwrap();
    let read = Seed::read_file(&path, &world.identities[1], &world.ceremony).unwrap();
    let again =
        veilmatch::custodian::Dkg::new(&world.ceremony, &name("court"), &world.identities[1], &read).unwrap();
    assert_eq!(again.step_1().unwrap(), world.told()[1]);
    refused(Seed::read_file(&path, &world.identities[0], &world.ceremony), "seal", &["court.seed"]);
    let other = World::new().ceremony;
    let words = ["court.seed", "another one"];
    refused(Seed::read_file(&path, &world.identities[1], &other), "custody", &words);
}

#[test]
fn a_ceremony_whose_parts_do_not_agree_is_refused() {
    let (world, _) = world();
    let all = || custodians(&world.identities);
    let of = |threshold, kinds, custodians| Ceremony::new(name("efc"), 7, threshold, kinds, custodians);
    let quota = |quota| vec![KindQuota { kind: kind("card.pan/1"), quota }];
    let twice = |one: usize, keys: usize, named: &str| {
        let mut custodians = all();
        custodians[one] = Custodian { name: name(named), keys: world.identities[keys].public_keys() };
        custodians
    };
    let mut sealed_to_one = all();
    sealed_to_one[0].keys.seal = sealed_to_one[1].keys.seal.clone();
    for (threshold, kinds, custodians, words) in [
        (0, kinds(), all(), "a threshold from 2"),
        (1, kinds(), all(), "a threshold from 2"),
        (4, kinds(), all(), "a threshold from 2"),
        (2, kinds(), all()[..1].to_vec(), "2 to 255 custodians"),
        (2, kinds(), twice(0, 0, "court"), "different names"),
        (2, kinds(), twice(0, 0, "COURT"), "different names"),
        (2, kinds(), twice(0, 1, "auditor"), "different keys"),
        (2, kinds(), sealed_to_one, "different keys"),
        (2, vec![], all(), "1 to 32 kinds"),
        (2, [kinds(), kinds()].concat(), all(), "each kind once"),
        (2, quota(1), all(), "quota"),
        (2, quota(1 << 53), all(), "quota"),
    ] {
        refused(of(threshold, kinds, custodians), "custody", &[words]);
    }
    assert!(of(2, quota(2), all()).is_ok()); // 2·2/3 is 1
    assert!(of(3, quota(1), all()).is_ok());
}

#[test]
fn the_file_of_a_ceremony_has_one_spelling() {
    let (world, _) = world();
    let bytes = world.ceremony.to_bytes();
    assert_eq!(Ceremony::from_bytes(&bytes).unwrap().digest(), world.ceremony.digest());
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in [
        ("\n}\n", "\n}"),
        ("\"epoch\": 7", "\"epoch\":  7"),
        ("\"epoch\": 7,", "\"epoch\": 7, \"more\": 1,"),
        ("ceremony 1", "ceremony 2"),
        ("\"threshold\": 2", "\"threshold\": 1"),
    ] {
        assert!(text.contains(from), "{from}");
        refused(Ceremony::from_bytes(text.replacen(from, to, 1).as_bytes()), "custody", &[]);
    }
    let other = Ceremony::new(name("efc"), 7, 2, kinds(), custodians(&world.identities)).unwrap();
    assert_ne!(other.digest(), world.ceremony.digest(), "each has a nonce of its own");
}

/// RFC 9591, appendix E.3: a key shared among three, of whom two are needed.
#[test]
fn the_shares_of_rfc_9591_are_a_custody_of_ours() {
    let bytes = |hex: &str| -> [u8; 32] {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    };
    let secret = bytes("1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b");
    let key = Element(bytes("e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57"));
    let shares = [
        "5c3430d391552f6e60ecdc093ff9f6f4488756aa6cebdbad75a768010b8f830e",
        "b06fc5eac20b4f6e1b271d9df2343d843e1e1fb03c4cbb673f2872d459ce6f01",
        "f17e505f0e2581c6acfe54d3846a622834b5e7b50cad9a2109a97ba7a80d5c04",
    ];
    let holders =
        (1..).zip(shares).map(|(index, share)| Holder::new(index, &mut bytes(share)).unwrap().public());
    let holders: Vec<_> = holders.collect();
    assert_eq!(Holder::new(1, &mut { secret }).unwrap().public().key, key);
    assert_eq!(Custody::new(key, 2, holders.clone()).unwrap().key(), &key);
    let changed = Holder::new(3, &mut bytes(shares[0])).unwrap().public();
    refused(Custody::new(key, 2, vec![holders[0], holders[1], changed]), "oprf", &["shares of the one key"]);
}

#[test]
fn only_a_custodian_of_the_ceremony_with_its_own_keys_takes_part() {
    let (world, _) = world();
    let dkg = |of: &str, identity: &Identity| {
        veilmatch::custodian::Dkg::new(&world.ceremony, &name(of), identity, &world.seeds[0]).map(drop)
    };
    dkg("auditor", &world.identities[0]).unwrap();
    let other = Ceremony::new(name("efc"), 7, 3, kinds(), custodians(&world.identities)).unwrap();
    let seed_of_other = Seed::generate(&other).unwrap();
    let with_it = veilmatch::custodian::Dkg::new(
        &world.ceremony,
        &name("auditor"),
        &world.identities[0],
        &seed_of_other,
    );
    refused(with_it.map(drop), "custody", &["the seed of this ceremony"]);
    refused(dkg("auditor", &world.identities[1]), "custody", &["auditor", "the key file"]);
    refused(dkg("stranger", &world.identities[0]), "custody", &["stranger", "a custodian of the ceremony"]);
}
