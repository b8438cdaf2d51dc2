//! Shares that the hub did not make, or made of something else than the round says.

use std::fs;

use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::rows::Rows;
use veilmatch::round::identity::Identity;
use veilmatch::terms::Name;
use veilmatch::{Disclosure, Error, Intersection, Metadata, Share, TokenSet};

use crate::attack::{Attacks, SHARE, coalition, deliver, identity, manifest, opened, resolve};
use crate::support::coalition::{Coalition, HUB};

const ROWS: [&str; 3] = ["9999100000001562", "9999100000002933", "9999100000003741"];
const OF_B: &str = "4111110000000021";

/// A set of a member with these rows.
fn set(coalition: &Coalition, secret: &str, member: &str, rows: &[&str]) -> TokenSet {
    let secret = CoalitionSecret::read_file(&coalition.file("a", secret)).unwrap();
    let a = Name::new("a").unwrap();
    let tokenizer = manifest(coalition).tokenizer(&secret, &"card.pan/1".parse().unwrap(), &a).unwrap();
    let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
    tokenizer.tokenize(&Name::new(member).unwrap(), Rows::values(rows)).unwrap().set
}

/// The share of the first set's member, as this signer would give it.
fn share(sets: &[&TokenSet], at_least: usize, disclosure: Disclosure, own: Option<&TokenSet>) -> Share {
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(*set)).unwrap();
    let overlaps = all.at_least(at_least).unwrap().collect().unwrap();
    let share = overlaps.share(sets[0].member(), disclosure).unwrap().with_metadata(Metadata::default());
    own.map_or(share.clone(), |own| share.with_own_set(own).unwrap())
}

fn signed(share: &Share, by: &Identity) -> Vec<u8> {
    written(|bytes| share.sign_to(by, bytes))
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_forged_share_is_refused_by_an_error_of_its_own() {
    let coalition = coalition();
    coalition.done("a", "keygen --out other.secret");
    let (a, b) = (set(&coalition, "secret", "a", &ROWS), set(&coalition, "secret", "b", &ROWS));
    let c = set(&coalition, "secret", "c", &ROWS);
    let all = [&a, &b, &c];
    let hub = identity(&coalition, HUB);
    let holders = |sets: &[&TokenSet], own| share(sets, 2, Disclosure::Holders, own);
    let good = holders(&all, Some(&a));
    let good_bytes = signed(&good, &hub);

    // Forgeries need the file to be good otherwise: this one is taken.
    deliver(&coalition, "a", "forged.vsh", &good_bytes);
    coalition.done("a", &resolve(&coalition, "forged.vsh"));

    let wider = |member, rows: &[&str]| set(&coalition, "secret", member, rows);
    let (with_bs, b_with_it) = (wider("a", &[ROWS[0], OF_B]), wider("b", &[ROWS[0], OF_B]));
    let fewer = wider("a", &ROWS[..1]);
    let strange_key = |member| set(&coalition, "other.secret", member, &ROWS);
    let (stolen_a, stolen_b) = (strange_key("a"), strange_key("b"));
    let changed = |at: usize| {
        let mut bytes = good_bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let len = good_bytes.len();
    let stranger = Identity::generate().unwrap();
    let no_own_set = holders(&all, None);
    let forgeries: [(&str, Vec<u8>, &str); 16] = [
        ("unsigned", written(|bytes| good.write_to(bytes)), "unsigned"),
        ("signed by another member", signed(&good, &identity(&coalition, "b")), "wrong_signer"),
        ("signed by its own recipient", signed(&good, &identity(&coalition, "a")), "wrong_signer"),
        ("signed by a stranger", signed(&good, &stranger), "wrong_signer"),
        ("a changed signature", changed(len - 1), "signature"),
        ("a cleared signature", [&good_bytes[..len - 64], &[0; 64]].concat(), "signature"),
        ("a changed token", changed(4096), "format"),
        ("cut short", good_bytes[..len - 1].to_vec(), "format"),
        ("drawn out", [&good_bytes[..], b"\0"].concat(), "format"),
        ("of another member", signed(&holders(&[&b, &a, &c], Some(&b)), &hub), "wrong_recipient"),
        (
            "under another threshold",
            signed(&share(&all, 3, Disclosure::Holders, Some(&a)), &hub),
            "share_of_round",
        ),
        (
            "under another policy",
            signed(&share(&all, 2, Disclosure::Counts, Some(&a)), &hub),
            "share_of_round",
        ),
        ("without its recipient's set", signed(&no_own_set, &hub), "share_of_round"),
        ("of an older set", signed(&holders(&all, Some(&fewer)), &hub), "rows_differ"),
        (
            "with a token of another member",
            signed(&holders(&[&with_bs, &b_with_it], Some(&a)), &hub),
            "strange_tokens",
        ),
        (
            "under another secret",
            signed(&holders(&[&stolen_a, &stolen_b], Some(&stolen_a)), &hub),
            "terms_differ",
        ),
    ];
    for (what, content, code) in forgeries {
        deliver(&coalition, "a", "forged.vsh", &content);
        println!("{what}");
        // What the rows do not give is said of them.
        let names = if code == "rows_differ" { "forged.vsh: rows.csv: " } else { "forged.vsh: " };
        Attacks(&coalition).check(&[("a", resolve(&coalition, "forged.vsh"), code, names)]);
    }
    // Good, but not sealed, or cut within the sealing.
    coalition.write("a", "forged.vsh", &good_bytes);
    Attacks(&coalition).check(&[("a", resolve(&coalition, "forged.vsh"), "seal", "expected a sealed file")]);
    let sealed = fs::read(coalition.file("a", SHARE)).unwrap();
    for len in [0, 1, 100, sealed.len() - 1] {
        coalition.write("a", "forged.vsh", &sealed[..len]);
        Attacks(&coalition).check(&[("a", resolve(&coalition, "forged.vsh"), "seal", "forged.vsh")]);
    }
}

#[test]
fn a_share_of_another_round_or_secret_is_refused_however_good_it_is() {
    let coalition = coalition();
    let of_round = opened(&coalition, "a", SHARE);
    coalition.new_round("--at-least 2 --kind card.pan");
    deliver(&coalition, "a", "replayed.vsh", &of_round);
    Attacks(&coalition).check(&[
        ("a", resolve(&coalition, "replayed.vsh"), "terms_differ", "differs in the round"),
        ("a", resolve(&coalition, SHARE), "terms_differ", "differs in the round"),
    ]);
}
