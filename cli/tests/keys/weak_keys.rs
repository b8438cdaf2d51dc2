//! Keys under which anyone can sign, and anyone can open: refused when a manifest, public keys or a file name them.

use std::fs;

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::{Forger, hex, written};
use crate::support::hub::{name, set_of};
use crate::support::run::Run;
use bech32::{Bech32, ByteIterExt as _, Fe32IterExt as _, Hrp};
use veilmatch::round::Manifest;
use veilmatch::terms::{PublicKeys, SealKey, SignerKey};
use veilmatch::{Disclosure, Error, Intersection, Round, Share};

/// All encodings of the eight points of small order that decoders take: Chalkias, Garillot and Nikolaenko, "Taming the
/// many EdDSAs" (2020, eprint 2020/1244), section 5.1; ZIP 215 asks to take them.
const SMALL_ORDER: [&str; 14] = [
    // Canonical.
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    // A sign of zero, or a coordinate of p or more.
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/// Not of small order, and no keys either.
const NO_KEYS: [&str; 3] = [
    // A point whose y is p + 3, that is 3.
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    // No point: x would be no number of the field.
    "0200000000000000000000000000000000000000000000000000000000000000",
    // The base point and a point of order 2: y is −4/5.
    "9599999999999999999999999999999999999999999999999999999999999999",
];

/// An X25519 key of small order, as <https://cr.yp.to/ecdh.html> lists it: the shared secret would be zero.
fn seal_of_small_order() -> SealKey {
    let hrp = Hrp::parse("age").unwrap();
    let key: String = [0u8; 32].into_iter().bytes_to_fes().with_checksum::<Bech32>(&hrp).chars().collect();
    SealKey::new(&key).unwrap()
}

fn all_bad() -> impl Iterator<Item = SignerKey> {
    SMALL_ORDER.iter().chain(&NO_KEYS).map(|key| key.parse().unwrap())
}

fn keys(number: usize) -> PublicKeys {
    const KEYS: [(&str, &str); 3] = [
        (
            "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1",
            "age1r9lu93t8msp7u24d7rkcv6qa4sjd4fmws0992kr4m5a7wdmw2vrq4tn22d",
        ),
        (
            "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
            "age10d8fpxa70llyf3r95gsqxltq3m34397nrmuh9urlwjyjev8h8ufsj7lk9j",
        ),
        (
            "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394",
            "age1q549qae6erv3wuljmjtx9cf0phh7j90yzku2rj8zpfdr664jhppsrj44kg",
        ),
    ];
    let (sign, seal) = KEYS[number];
    PublicKeys { sign: sign.parse().unwrap(), seal: seal.parse().unwrap() }
}

fn manifest() -> Manifest {
    let kinds = vec![(&crate::support::hub::terms()).into()];
    let mut manifest = Manifest::trial(name("efc"), 1, kinds, vec![name("bank-a"), name("bank-b")]).unwrap();
    manifest.hub = Some(keys(0));
    (1..).zip(&mut manifest.members).for_each(|(number, member)| member.keys = Some(keys(number)));
    manifest
}

/// Whose key is refused, and by which error.
fn refused(manifest: Manifest) -> (String, &'static str) {
    let error = Round::new(manifest).expect_err("a manifest with a bad key");
    let Error::At { what, source } = error else { panic!("{error}") };
    (what, source.code())
}

#[test]
fn a_manifest_with_a_key_under_which_anyone_can_sign_is_refused_by_whose_it_is() {
    assert!(Round::new(manifest()).is_ok());
    for bad in all_bad() {
        let mut of_hub = manifest();
        of_hub.hub.as_mut().unwrap().sign = bad;
        assert_eq!(refused(of_hub), ("the hub".to_owned(), "signing_key"), "{bad}");
        let mut of_member = manifest();
        of_member.members[1].keys.as_mut().unwrap().sign = bad;
        assert_eq!(refused(of_member), ("bank-b".to_owned(), "signing_key"), "{bad}");
    }
}

#[test]
fn a_manifest_with_a_key_with_which_anyone_can_open_is_refused() {
    let mut manifest = manifest();
    manifest.members[0].keys.as_mut().unwrap().seal = seal_of_small_order();
    assert_eq!(refused(manifest), ("bank-a".to_owned(), "seal"));
}

#[test]
fn a_manifest_file_with_such_a_key_is_refused() {
    let good = String::from_utf8(Round::new(manifest()).unwrap().to_bytes()).unwrap();
    for bad in all_bad() {
        let file = good.replace(&keys(0).sign.to_string(), &bad.to_string());
        assert_ne!(file, good);
        assert_eq!(Round::from_bytes(file.as_bytes()).unwrap_err().code(), "signing_key", "{bad}");
    }
}

#[test]
fn public_keys_with_such_a_key_are_refused() {
    for bad in all_bad() {
        let text = keys(0).to_string().replace(&keys(0).sign.to_string(), &bad.to_string());
        assert_eq!(text.parse::<PublicKeys>().unwrap_err().code(), "signing_key", "{bad}");
    }
    let text = keys(0).to_string().replace(keys(0).seal.as_str(), seal_of_small_order().as_str());
    assert_eq!(text.parse::<PublicKeys>().unwrap_err().code(), "seal");
}

/// A share of a round that names such a key as the hub's, signed by nobody: R is the key itself or the neutral point, S
/// is zero, and S·B = R + h·A for one message in eight at least.
#[test]
fn a_share_that_nobody_signed_is_refused() {
    let sets = [set_of("bank-a", 0..40), set_of("bank-b", 20..60)];
    let matched = Intersection::new().add(&sets[0]).unwrap().add(&sets[1]).unwrap().at_least(2).unwrap();
    let share = matched.collect().unwrap().share(&name("bank-a"), Disclosure::Holders).unwrap();
    let unsigned = written(|out| share.write_to(out));
    for key in SMALL_ORDER {
        let signed = Forger::of(&unsigned).replace(r#""signer":null"#, &format!(r#""signer":"{key}""#));
        let file = signed.file();
        for r in [SMALL_ORDER[0], key] {
            let mut forged = file.clone();
            let at = forged.len() - 64;
            let r: Vec<u8> =
                (0..64).step_by(2).map(|at| u8::from_str_radix(&r[at..at + 2], 16).unwrap()).collect();
            forged[at..at + 32].copy_from_slice(&r);
            let error = Share::from_file_bytes(&forged).expect_err(key);
            assert_eq!(error.code(), "signing_key", "{key} {}", hex(&forged[at..]));
        }
    }
}

#[test]
fn nothing_verifies_under_such_a_key() {
    for key in SMALL_ORDER {
        let key: SignerKey = key.parse().unwrap();
        for r in SMALL_ORDER {
            let r: SignerKey = r.parse().unwrap();
            let signature = [r.0, [0; 32]].concat();
            assert!((0..64u8).all(|message| !key.verify(&[message], &signature)), "{key} {r:?}");
        }
    }
}

fn require_refused(run: &Run, whose: &str) {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("signing key") && run.stderr.contains(whose), "{}", run.stderr);
}

#[test]
fn the_program_makes_no_round_with_such_a_key_and_reads_none() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind crypto.evm");
    let manifest = fs::read_to_string(coalition.file(HUB, "round.json")).unwrap();
    let hub: PublicKeys = fs::read_to_string(coalition.file(HUB, "own.key.pub")).unwrap().parse().unwrap();
    let bad = |text: &str| text.replace(&hub.sign.to_string(), SMALL_ORDER[0]);
    coalition.write("a", "weak.pub", bad(&hub.to_string()));
    let run = coalition.run(
        "a",
        "round new --coalition efc --epoch 7 --at-least 2 --kind crypto.evm --member a=a.pub --member b=b.pub \
         --hub weak.pub --out weak.json",
    );
    require_refused(&run, "weak.pub");
    require_refused(&coalition.run("a", "inspect weak.pub"), "weak.pub");
    coalition.write("a", "weak.json", bad(&manifest));
    require_refused(&coalition.run("a", "inspect weak.json"), "the hub");
    coalition.write("a", "rows.csv", "wallet\n");
    let tokenize =
        format!("tokenize {} --column wallet=crypto.evm --input rows.csv --out sets", coalition.part("a"));
    require_refused(&coalition.run("a", &tokenize.replace("round.json", "weak.json")), "the hub");
    assert!(!coalition.file("a", "sets").exists());
}
