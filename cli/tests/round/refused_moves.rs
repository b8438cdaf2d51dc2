//! Every wrong move in a round is refused by its own error, and leaves nothing behind.

use std::fs;

use crate::support::coalition::{Coalition, HUB};
use veilmatch::container::Signer;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::rows::Rows;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::{KeyContext, Name, Terms};
use veilmatch::{Disclosure, Intersection, Metadata, Round, Share, TokenSet};

const TERMS: &str = "--at-least 2 --kind card.pan";
const COLUMNS: &str = "--column card=card.pan";
const SHARE: &str = "a.card.pan-1.vsh";
const SET: &str = "sets/card.pan-1.vms";
const ROWS: [&str; 3] = ["9999 1000 0000 1562", "9999-1000-0000-2933", "9999100000001562"];

/// Three members and a hub, sealed; each has tokenised.
fn coalition(terms: &str) -> (Coalition, Vec<String>) {
    let coalition = Coalition::new(&["a", "b", "c"], true, terms);
    let mut sets = Vec::new();
    for who in ["a", "b", "c"] {
        coalition.write(who, "rows.csv", format!("card\n{}\n", ROWS.join("\n")));
        sets.extend(coalition.tokenize(who, COLUMNS));
    }
    (coalition, sets)
}

/// What must be refused, by whom, and what the refusal must say.
fn refused(coalition: &Coalition, who: &str, arguments: &str, says: &str) {
    let run = coalition.run(who, arguments);
    assert_eq!(run.code, Some(1), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(says), "{arguments}:\n  {}  does not say: {says}", run.stderr);
    for left in coalition.names_in(who, ".") {
        assert!(!left.starts_with(".new.") && left != "new", "{arguments} left {left}");
    }
}

fn tokenize(coalition: &Coalition, who: &str) -> String {
    format!("tokenize {} {COLUMNS} --input rows.csv --out new", coalition.part(who))
}

fn intersect(sets: &[String]) -> String {
    format!("intersect --round round.json --identity own.key --out new {}", sets.join(" "))
}

fn resolve(coalition: &Coalition, who: &str, share: &str) -> String {
    format!("resolve {} {COLUMNS} --input rows.csv --share {share}", coalition.part(who))
}

fn identity(coalition: &Coalition, who: &str) -> Identity {
    Identity::read_file(&coalition.file(who, "own.key")).unwrap()
}

fn manifest(coalition: &Coalition, who: &str) -> Round {
    Round::from_bytes(&fs::read(coalition.file(who, "round.json")).unwrap()).unwrap()
}

/// A set of `member` under the manifest that this role has, as the library makes it.
fn set(coalition: &Coalition, member: &str, rows: &[&str]) -> TokenSet {
    let secret = CoalitionSecret::read_file(&coalition.file("a", "secret")).unwrap();
    let (round, member) = (manifest(coalition, "a"), Name::new(member).unwrap());
    let tokenizer =
        round.tokenizer(&secret, &"card.pan/1".parse().unwrap(), &Name::new("a").unwrap()).unwrap();
    let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
    tokenizer.tokenize(&member, Rows::values(rows)).unwrap().set
}

/// Writes content sealed to a role, where that role finds it.
fn deliver(coalition: &Coalition, to: &str, name: &str, content: &[u8]) {
    let mut sealer = seal::seal(&identity(coalition, to).public_keys().seal, Vec::new()).unwrap();
    std::io::Write::write_all(&mut sealer, content).unwrap();
    coalition.write(to, name, sealer.finish().unwrap());
}

fn signed(set: &TokenSet, by: &Identity) -> Vec<u8> {
    let mut bytes = Vec::new();
    set.sign_to(by, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_members_bring_is_refused_by_name() {
    let (coalition, sets) = coalition(&format!("{TERMS} --max-set 2"));
    let good = set(&coalition, "a", &ROWS);
    let stranger = Identity::generate().unwrap();
    let unsigned = {
        let mut bytes = Vec::new();
        good.write_to(&mut bytes).unwrap();
        bytes
    };
    let by_a = signed(&good, &identity(&coalition, "a"));
    let changed = |at: usize, to: u8| {
        let mut bytes = by_a.clone();
        bytes[at] ^= to;
        bytes
    };
    let padded = [&by_a[..], b"\0"].concat();
    let header = String::from_utf8_lossy(&by_a[..4096]).into_owned();
    let epoch = header.find("\"epoch\":7").unwrap() + 8;
    let date = header.find(",\"not_before\"").unwrap() - 1; // the last digit of `created`
    let key = identity(&coalition, "b").key();
    let cases: [(&str, Vec<u8>, String); 12] = [
        ("unsigned", unsigned, "not signed: this round asks for the signature of a".into()),
        (
            "signed by another member",
            signed(&good, &identity(&coalition, "b")),
            format!("signed with key {key}, which is not the key of a in this round"),
        ),
        ("signed by a stranger", signed(&good, &stranger), "which is not the key of a in this round".into()),
        ("a changed signature", changed(by_a.len() - 1, 1), "the signature was not made by the key".into()),
        (
            "a cleared signature",
            [&by_a[..by_a.len() - 64], &[0; 64]].concat(),
            "the signature was not made by the key".into(),
        ),
        ("a changed header", changed(date, 1), "the root of this header and index".into()),
        ("a changed epoch", changed(epoch, 1), "a differs in the epoch: expected 7, got 6".into()),
        ("a changed token", changed(4096, 1), "the chunk that the index tells".into()),
        ("truncated", by_a[..by_a.len() - 1].to_vec(), "exactly the length that the header tells".into()),
        ("padded", padded, "exactly the length that the header tells".into()),
        (
            "of a stranger",
            signed(&set(&coalition, "mallory", &ROWS), &stranger),
            "mallory is not a member of this round".into(),
        ),
        (
            "over the cap",
            signed(
                &set(&coalition, "a", &["9999100000001562", "9999100000002933", "9999100000003741"]),
                &identity(&coalition, "a"),
            ),
            "the set of a has 3 tokens; this round allows 2".into(),
        ),
    ];
    for (what, content, says) in cases {
        deliver(&coalition, HUB, "wrong.vms", &content);
        refused(&coalition, HUB, &intersect(&["wrong.vms".into(), sets[1].clone()]), &says);
        let run = coalition.run(HUB, &intersect(&["wrong.vms".into(), sets[1].clone()]));
        assert!(run.stderr.contains("wrong.vms: "), "{what}: {}", run.stderr);
    }
    coalition.write(HUB, "wrong.vms", &by_a);
    refused(&coalition, HUB, &intersect(&["wrong.vms".into(), sets[1].clone()]), "expected a sealed file");
    let verify = "verify --round round.json --identity own.key wrong.vms";
    refused(&coalition, HUB, verify, "expected a sealed file");
    let whole = fs::read(coalition.file(HUB, &sets[0])).unwrap();
    for (cut, says) in [(whole.len() - 1, "damaged or was cut short"), (100, "damaged or was cut short")] {
        coalition.write(HUB, "wrong.vms", &whole[..cut]);
        refused(&coalition, HUB, &intersect(&["wrong.vms".into(), sets[1].clone()]), says);
    }
    deliver(&coalition, "b", "wrong.vms", &by_a);
    coalition.carry("b", "wrong.vms", HUB, "wrong.vms");
    refused(
        &coalition,
        HUB,
        &intersect(&["wrong.vms".into(), sets[1].clone()]),
        "the file is not sealed to this key",
    );
    refused(&coalition, HUB, &intersect(&[sets[0].clone(), sets[0].clone()]), "member a is there twice");
    refused(&coalition, HUB, &intersect(&["round.json".into()]), "expected a sealed file");
    refused(&coalition, HUB, &intersect(&["missing.vms".into()]), "missing.vms: ");
}

#[test]
fn what_the_hub_sends_is_refused_by_name() {
    let (coalition, sets) = coalition(TERMS);
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, &format!("result/{SHARE}"), "a", SHARE);
    coalition.carry(HUB, "result/b.card.pan-1.vsh", "a", "of-b.vsh");
    coalition.done("a", &resolve(&coalition, "a", SHARE));
    let twice = format!("{SHARE} --share {SHARE}");
    refused(&coalition, "a", &resolve(&coalition, "a", &twice), "two shares of card.pan/1");
    refused(&coalition, "a", &resolve(&coalition, "a", "of-b.vsh"), "the file is not sealed to this key");

    let (a, b, c) = (set(&coalition, "a", &ROWS), set(&coalition, "b", &ROWS), set(&coalition, "c", &ROWS));
    let hub = identity(&coalition, HUB);
    let share = |at_least: usize, disclosure, own: Option<&TokenSet>| -> Share {
        let sets = [&a, &b, &c].into_iter().try_fold(Intersection::new(), Intersection::add).unwrap();
        let overlaps = sets.at_least(at_least).unwrap().collect().unwrap();
        let share = overlaps.share(a.member(), disclosure).unwrap().with_metadata(Metadata::default());
        own.map_or(share.clone(), |own| share.with_own_set(own).unwrap())
    };
    let bytes = |share: &Share, by: &Identity| {
        let mut bytes = Vec::new();
        share.sign_to(by, &mut bytes).unwrap();
        bytes
    };
    let good = share(2, Disclosure::Holders, Some(&a));
    let mut unsigned = Vec::new();
    good.write_to(&mut unsigned).unwrap();
    let fewer = set(&coalition, "a", &ROWS[..1]);
    let of_b = {
        let sets = Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap();
        sets.collect().unwrap().share(b.member(), Disclosure::Holders).unwrap().with_own_set(&b).unwrap()
    };
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("unsigned", unsigned, "not signed: this round asks for the signature of the hub"),
        (
            "signed by a member",
            bytes(&good, &identity(&coalition, "b")),
            "which is not the key of the hub in this round",
        ),
        (
            "another threshold",
            bytes(&share(3, Disclosure::Holders, Some(&a)), &hub),
            "the hub did not keep to the manifest: expected a share with the threshold",
        ),
        (
            "another policy",
            bytes(&share(2, Disclosure::Counts, Some(&a)), &hub),
            "the hub did not keep to the manifest: expected a share with the disclosure",
        ),
        (
            "no own set",
            bytes(&share(2, Disclosure::Holders, None), &hub),
            "which set of its recipient was matched",
        ),
        (
            "an older set",
            bytes(&share(2, Disclosure::Holders, Some(&fewer)), &hub),
            "was made from another set of a than these rows give",
        ),
        ("another member's", bytes(&of_b, &hub), "made for b, not for a"),
        ("a set", signed(&a, &hub), "expected the first line of a share"),
    ];
    deliver(&coalition, "a", "good.vsh", &bytes(&good, &hub));
    coalition.done("a", &resolve(&coalition, "a", "good.vsh"));
    for (what, content, says) in cases {
        deliver(&coalition, "a", "wrong.vsh", &content);
        let run = coalition.run("a", &resolve(&coalition, "a", "wrong.vsh"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{what}");
        assert!(run.stderr.contains(says), "{what}: {}", run.stderr);
    }
    // Rows that changed since.
    coalition.write("a", "rows.csv", format!("card\n{}\n", ROWS[0]));
    refused(
        &coalition,
        "a",
        &resolve(&coalition, "a", SHARE),
        "was made from another set of a than these rows give",
    );
}

#[test]
fn files_of_another_round_are_refused() {
    let (coalition, sets) = coalition(TERMS);
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, &format!("result/{SHARE}"), "a", SHARE);
    let before = manifest(&coalition, "a").digest();
    coalition.new_round(TERMS); // the same terms: only the nonce differs
    refused(&coalition, HUB, &intersect(&sets), "differs in the round: expected");
    refused(&coalition, "a", &resolve(&coalition, "a", SHARE), "differs in the round: expected");
    let agreed = format!("{} --round-digest {before}", tokenize(&coalition, "a"));
    refused(&coalition, "a", &agreed, "another manifest than the one agreed");
    coalition.new_round(&TERMS.replace("card.pan", "crypto.evm"));
    refused(&coalition, "a", &tokenize(&coalition, "a"), "kind card.pan/1 is not in this round");
    refused(&coalition, HUB, &intersect(&sets), "kind card.pan/1 is not in this round");
}

#[test]
fn a_round_outside_its_dates_is_refused() {
    let coalition = Coalition::new(&["a", "b"], true, &format!("{TERMS} --not-after 2020-01-01T00:00:00Z"));
    coalition.write("a", "rows.csv", "card\n");
    refused(&coalition, "a", &tokenize(&coalition, "a"), "the round ended at 2020-01-01T00:00:00Z");
    refused(&coalition, HUB, &intersect(&["round.json".into()]), "the round ended at");
    coalition.new_round(&format!("{TERMS} --not-before 9000-01-01T00:00:00Z"));
    refused(&coalition, "a", &tokenize(&coalition, "a"), "the round begins at");
}

#[test]
fn another_secret_or_other_rules_show_at_the_handshake_and_before_any_match() {
    let (coalition, sets) = coalition(TERMS);
    fs::remove_file(coalition.file("c", "secret")).unwrap();
    coalition.done("c", "keygen --out secret");
    let mut hands = Vec::new();
    for who in ["a", "b", "c"] {
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
        hands.extend(coalition.deliver(who, "hands"));
    }
    let shake = |hands: &[String]| {
        coalition.run(
            HUB,
            &format!("intersect --round round.json --identity own.key --handshake {}", hands.join(" ")),
        )
    };
    let run = shake(&hands);
    assert_eq!(run.code, Some(1));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[..2], ["a card.pan/1: agrees", "b card.pan/1: agrees"]);
    assert!(
        lines[2].starts_with("c card.pan/1: members differ in the key id (the secret): ")
            && lines[2].ends_with("a and b agree; c stands alone"),
        "{}",
        lines[2]
    );
    assert!(run.stderr.contains("1 of 3 handshakes do not agree"), "{}", run.stderr);
    let run = shake(&hands[..2]);
    assert!(run.code == Some(1) && run.stdout.contains("c brought no handshake"), "{}", run.stdout);
    assert_eq!(shake(&[&hands[..], &hands[..1]].concat()).code, Some(1));
    // Who brings several has no voice in what is common.
    let crowd: Vec<String> = (0..3).map(|_| hands[2].clone()).chain(hands[..2].iter().cloned()).collect();
    let lines = shake(&crowd).stdout;
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines[..2], ["a card.pan/1: agrees", "b card.pan/1: agrees"]);
    assert!(lines[2].starts_with("c card.pan/1: member c is there twice"), "{}", lines[2]);
    // A handshake is no set, and a set no handshake.
    refused(&coalition, HUB, &intersect(&hands), "expected the first line of a set");
    let run = shake(&sets);
    assert!(
        run.code == Some(1) && run.stderr.contains("expected the first line of a handshake"),
        "{}",
        run.stderr
    );
    // Real sets of different secrets are an error too.
    let wrong = coalition.tokenize("c", COLUMNS);
    refused(
        &coalition,
        HUB,
        &intersect(&[sets[0].clone(), sets[1].clone(), wrong[0].clone()]),
        "card.pan/1: members differ in the key id (the secret): ",
    );
    // Rules: a manifest with another rule digest fits no build.
    let text = fs::read_to_string(coalition.file("a", "round.json")).unwrap();
    let at = text.find("\"rules\": \"").unwrap() + 10;
    let other =
        format!("{}{}{}", &text[..at], if text[at..].starts_with('0') { "1" } else { "0" }, &text[at + 1..]);
    coalition.write("a", "round.json", other);
    refused(
        &coalition,
        "a",
        &tokenize(&coalition, "a"),
        "a differs in the rule digest of card.pan/1: expected",
    );
}

#[test]
fn keys_that_do_not_belong_are_refused() {
    let (coalition, sets) = coalition(TERMS);
    let without = tokenize(&coalition, "a").replace("--identity own.key", "");
    refused(&coalition, "a", &without, "expected --identity");
    coalition.carry("b", "own.key", "a", "b.key");
    let with_b = tokenize(&coalition, "a").replace("own.key", "b.key");
    refused(&coalition, "a", &with_b, "a: keys: these are not the ones that the round lists");
    coalition.carry("a", "own.key", HUB, "a.key");
    refused(
        &coalition,
        HUB,
        &intersect(&sets).replace("own.key", "a.key"),
        "the hub: keys: these are not the ones that the round lists",
    );
    refused(
        &coalition,
        "a",
        &tokenize(&coalition, "a").replace("--member a", "--member mallory"),
        "mallory is not a member",
    );
    #[cfg(unix)]
    for name in ["secret", "own.key"] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = coalition.file("a", name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        refused(&coalition, "a", &tokenize(&coalition, "a"), "expected mode 0600");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    // A trial's manifest in the place of the agreed one.
    coalition.done(
        "a",
        &format!(
            "round new --coalition efc --epoch 7 {TERMS} --member a --member b --force --out round.json"
        ),
    );
    refused(&coalition, "a", &tokenize(&coalition, "a"), "the round is a trial");
}

#[test]
fn manifests_that_no_round_can_have_are_refused() {
    let coalition = Coalition::new(&["a", "b"], true, TERMS);
    for who in ["b", HUB] {
        coalition.carry(who, "own.key.pub", "a", &format!("{who}.pub"));
    }
    let keyed = "--member a=own.key.pub --member b=b.pub --hub hub.pub";
    for (terms, says) in [
        (format!("--at-least 1 {keyed}"), "a threshold from 2 to the number of members"),
        (format!("--at-least 3 {keyed}"), "a threshold from 2 to the number of members"),
        ("--at-least 2 --member a --member A".into(), "a is there twice (names are compared ignoring case)"),
        ("--at-least 2 --member a".into(), "2 to 2,048 members"),
        ("--at-least 2 --member a --member ../b".into(), "expected a name of 1 to 64 characters"),
        ("--at-least 2 --member a --member b.c".into(), "expected a name of 1 to 64 characters"),
        ("--at-least 2 --member a --member b/c".into(), "expected a name of 1 to 64 characters"),
        (
            format!("--at-least 2 --member a --member {}", "b".repeat(65)),
            "expected a name of 1 to 64 characters",
        ),
        ("--at-least 2 --member a --member b\u{7}".into(), "expected a name of 1 to 64 characters"),
        ("--at-least 2 --member a --member b\u{1b}[1m".into(), "expected a name of 1 to 64 characters"),
        (
            "--at-least 2 --member a=own.key.pub --member b --hub hub.pub".into(),
            "keys of the hub and of every member",
        ),
        (
            "--at-least 2 --member a=own.key.pub --member b=b.pub".into(),
            "keys of the hub and of every member",
        ),
        ("--at-least 2 --member a=own.key.pub --member b=own.key.pub --hub hub.pub".into(), "different keys"),
        ("--at-least 2 --member a=own.key.pub --member b=b.pub --hub b.pub".into(), "different keys"),
        (
            "--at-least 2 --member a=own.key --member b=b.pub --hub hub.pub".into(),
            "own.key: keys: expected public keys",
        ),
        (
            format!("--at-least 2 --min-set 9 --max-set 8 {keyed}"),
            "a largest set that is not below the smallest",
        ),
        (format!("--at-least 2 --kind card.pan {keyed}"), "each kind once"),
        (format!("--at-least 2 --kind card.nothing {keyed}"), "this build has no such kind"),
        (
            format!(
                "--at-least 2 --not-before 2027-01-02T00:00:00Z --not-after 2027-01-01T00:00:00Z {keyed}"
            ),
            "a last date that is not before the first",
        ),
    ] {
        refused(
            &coalition,
            "a",
            &format!("round new --coalition efc --epoch 7 --kind card.pan {terms} --out new"),
            says,
        );
    }
    // A manifest in another spelling is another manifest.
    let text = fs::read_to_string(coalition.file("a", "round.json")).unwrap();
    for (from, to) in [
        ("\"epoch\": 7", "\"epoch\":7"),
        ("\"epoch\": 7", "\"epoch\": 7, \"epoch\": 7"),
        ("{\n", "{"),
        ("\"number\"", "\"nummer\""),
    ] {
        coalition.write("a", "round.json", text.replacen(from, to, 1));
        refused(&coalition, "a", &tokenize(&coalition, "a"), "not a manifest of a round");
    }
}

/// A set that the library makes under another manifest than the hub's, signed by its member.
#[test]
fn sets_of_another_epoch_and_of_other_rules_are_refused_by_what_differs() {
    let (coalition, sets) = coalition(TERMS);
    let round = manifest(&coalition, "a");
    let good = set(&coalition, "a", &ROWS);
    let other_epoch = KeyContext::new(
        good.terms().context.coalition().clone(),
        good.terms().context.epoch() + 1,
        good.terms().context.kind().clone(),
    );
    let epoch = Terms { context: other_epoch.unwrap(), ..good.terms().clone() };
    let mut rules = good.terms().clone();
    rules.rules.0[0] ^= 1;
    let mut suppression = good.terms().clone();
    suppression.suppression.0[0] ^= 1;
    for (terms, says) in [
        (epoch, "a differs in the epoch: expected 7, got 8"),
        (rules, "a differs in the rule digest of card.pan/1: expected"),
        (suppression, "a differs in the suppression digest: expected"),
    ] {
        assert_eq!(terms.round, Some(round.digest()));
        let wrong = TokenSet::from_tokens(terms, good.member().clone(), good.tokens().to_vec());
        deliver(&coalition, HUB, "wrong.vms", &signed(&wrong, &identity(&coalition, "a")));
        refused(&coalition, HUB, &intersect(&["wrong.vms".into(), sets[1].clone()]), says);
    }
}

#[test]
fn nothing_is_replaced_but_earlier_output() {
    let (coalition, _) = coalition(TERMS);
    let again = tokenize(&coalition, "a").replace("--out new", "--out sets");
    let before = fs::read(coalition.file("a", SET)).unwrap();
    refused(&coalition, "a", &again, "sets: is there already; --force replaces earlier output");
    assert!(fs::read(coalition.file("a", SET)).unwrap() == before);
    coalition.done("a", &format!("{again} --force"));
    coalition.write("a", "sets/notes.txt", "mine");
    refused(&coalition, "a", &format!("{again} --force"), "more than earlier output");
    assert_eq!(fs::read(coalition.file("a", "sets/notes.txt")).unwrap(), b"mine");
    for secret in ["secret", "own.key", "rows.csv"] {
        let before = fs::read(coalition.file("a", secret)).unwrap();
        let over = format!(
            "round new --coalition efc --epoch 7 {TERMS} --member a --member b --force --out {secret}"
        );
        refused(&coalition, "a", &over, "more than earlier output");
        assert!(fs::read(coalition.file("a", secret)).unwrap() == before);
    }
    for make in ["keygen --out secret --force", "keygen --identity --out own.key --force"] {
        refused(&coalition, "a", make, "exists");
    }
    assert_eq!(coalition.run("a", "tokenize").code, Some(2));
    assert_eq!(
        coalition.run("a", &format!("tokenize {} --input rows.csv --out new", coalition.part("a"))).code,
        Some(2)
    );
}
