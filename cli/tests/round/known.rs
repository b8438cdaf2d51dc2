//! Known members: a manifest that somebody exchanged shows at once, without a telephone.

use std::fs;

use crate::support::coalition::{Coalition, HUB};
use crate::support::hub::{name, terms};
use crate::support::run::Run;
use veilmatch::round::identity::Identity;
use veilmatch::round::{Known, KnownKeys, Manifest};
use veilmatch::terms::PublicKeys;
use veilmatch::{Error, Round};

fn keys() -> PublicKeys {
    Identity::generate().unwrap().public_keys()
}

fn entry(member: &str, keys: &PublicKeys) -> KnownKeys {
    KnownKeys { coalition: name("efc"), member: (member != HUB).then(|| name(member)), keys: keys.clone() }
}

fn round(coalition: &str, hub: &PublicKeys, members: &[(&str, &PublicKeys)]) -> Round {
    let names = members.iter().map(|(member, _)| name(member)).collect();
    let mut manifest = Manifest::trial(name(coalition), 1, vec![(&terms()).into()], names).unwrap();
    manifest.hub = Some(hub.clone());
    for (member, (_, keys)) in manifest.members.iter_mut().zip(members) {
        member.keys = Some((*keys).clone());
    }
    Round::new(manifest).unwrap()
}

#[test]
fn another_key_of_a_known_name_is_refused_by_name() {
    let [hub, a, b, other] = [keys(), keys(), keys(), keys()];
    let mut known = Known::default();
    for (who, keys) in [(HUB, &hub), ("a", &a), ("b", &b)] {
        assert!(known.add(entry(who, keys)).unwrap());
        assert!(!known.add(entry(who, keys)).unwrap(), "twice is once");
    }
    let good = round("efc", &hub, &[("a", &a), ("b", &b)]);
    assert_eq!(known.require_round(&good).unwrap(), []);
    // Names and coalitions are compared ignoring case.
    assert_eq!(known.require_round(&round("EFC", &hub, &[("A", &a), ("b", &b)])).unwrap(), []);

    let half = |sign: &PublicKeys, seal: &PublicKeys| PublicKeys { sign: sign.sign, seal: seal.seal.clone() };
    let expect = |round: Round, whose: &str, key: &str, found: &str| {
        let error = known.require_round(&round).expect_err("another key");
        let Error::KnownDiffers { who, which, expected, found: is } = &error else { panic!("{error}") };
        assert_eq!((who.as_str(), *which, is.as_str()), (whose, key, found));
        assert!(error.to_string().contains(expected.as_str()) && error.code() == "known_differs", "{error}");
    };
    let sign = other.sign.to_string();
    expect(round("efc", &half(&other, &hub), &[("a", &a), ("b", &b)]), "the hub", "sign", &sign);
    expect(
        round("efc", &half(&hub, &other), &[("a", &a), ("b", &b)]),
        "the hub",
        "seal",
        other.seal.as_str(),
    );
    expect(round("efc", &hub, &[("a", &a), ("b", &half(&other, &b))]), "b", "sign", &sign);
    expect(round("efc", &hub, &[("B", &half(&b, &other)), ("a", &a)]), "B", "seal", other.seal.as_str());

    // A key that is known under another name is nobody else's.
    let error = known.require_round(&round("efc", &hub, &[("a", &a), ("c", &b)])).unwrap_err();
    assert!(
        matches!(&error, Error::KnownAsOther { who, known, .. } if who == "c" && known == "b"),
        "{error}"
    );

    // Names that are known and left out are named, and those that are not known; of another coalition nothing is.
    let absent = |round: &Round| known.absent_from(round).map(KnownKeys::who).collect::<Vec<_>>();
    assert_eq!(absent(&good), [""; 0]);
    assert_eq!(absent(&round("EFC", &hub, &[("A", &a), ("c", &other)])), ["b"]);
    assert_eq!(absent(&round("elsewhere", &other, &[("c", &a), ("d", &b)])), [""; 0]);
    let unknown = known.require_round(&round("efc", &hub, &[("a", &a), ("c", &other)])).unwrap();
    assert_eq!(unknown.iter().map(KnownKeys::who).collect::<Vec<_>>(), ["c"]);
    let unknown = known.require_round(&round("elsewhere", &other, &[("a", &b), ("b", &a)])).unwrap();
    assert_eq!(unknown.iter().map(KnownKeys::who).collect::<Vec<_>>(), ["the hub", "a", "b"]);
}

#[test]
fn what_contradicts_is_not_added() {
    let [a, b] = [keys(), keys()];
    let mut known = Known::default();
    known.add(entry("a", &a)).unwrap();
    let before = known.clone();
    assert_eq!(known.add(entry("A", &b)).unwrap_err().code(), "known_differs");
    assert_eq!(known.add(entry("b", &a)).unwrap_err().code(), "known_as_other");
    assert_eq!(known.add(entry(HUB, &a)).unwrap_err().code(), "known_as_other");
    assert_eq!(known, before);
    // In another coalition a may be somebody else.
    assert!(known.add(KnownKeys { coalition: name("other"), ..entry("a", &b) }).unwrap());
}

#[test]
fn the_file_has_one_spelling() {
    let mut known = Known::default();
    for (coalition, member) in [("efc", "b"), ("b", "z"), ("efc", HUB), ("EFB", "a"), ("efc", "A")] {
        known.add(KnownKeys { coalition: name(coalition), ..entry(member, &keys()) }).unwrap();
    }
    let text = String::from_utf8(known.to_bytes()).unwrap();
    let names: Vec<&str> = text.lines().skip(1).map(|line| line.rsplitn(3, ' ').last().unwrap()).collect();
    assert_eq!(names, ["b z", "EFB a", "efc @hub", "efc A", "efc b"]);
    assert_eq!(Known::parse(text.as_bytes()).unwrap(), known);
    assert_eq!(Known::parse(b"veilmatch known keys 1\n").unwrap(), Known::default());

    let lines: Vec<&str> = text.lines().collect();
    let line = lines[4];
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let changed = |from: &str, to: &str| {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{from}");
        other
    };
    let weak = "01".to_owned() + &"00".repeat(31);
    let sign = line.split(' ').nth(2).unwrap();
    for (other, code) in [
        (String::new(), "known"),
        (text.trim_end().to_owned(), "known"),
        (text.clone() + "\n", "known"),
        (joined(&lines[1..]), "known"),
        (text.replace('\n', "\r\n"), "known"),
        (changed("keys 1", "keys 2"), "known"),
        (changed("efc A", "efc  A"), "known"),
        (changed("efc A", "efc @A"), "known"),
        (changed("efc A", "efc a.b"), "known"),
        (changed("efc A", "efc"), "known"),
        (changed(line, &format!("{line} more")), "known"),
        (changed(line, &format!("{line}\n{line}")), "known"),
        (changed(line, &format!("{line}\n{}", line.replace("efc A", "EFC a"))), "known"),
        (joined(&[lines[0], lines[2], lines[1]]), "known"),
        (changed("age1", "AGE1"), "known"),
        (changed(sign, &weak), "signing_key"),
        (changed(sign, &sign[1..]), "known"),
    ] {
        assert_eq!(Known::parse(other.as_bytes()).unwrap_err().code(), code, "{other}");
    }
    let error = Known::parse(changed("efc A", "efc ?").as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Known { line: 5, .. }), "{error}");
    assert_eq!(Known::parse(&[0xff, b'\n']).unwrap_err().code(), "known");
    assert_eq!(Known::parse(&vec![b'a'; Known::MAX_LEN + 1]).unwrap_err().code(), "known");
}

// --- The program -----------------------------------------------------------------------------------------

fn require_refused(run: &Run, words: &[&str]) {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    words.iter().for_each(|words| assert!(run.stderr.contains(words), "{words}: {}", run.stderr));
}

/// Whoever sends a its manifest names a key of its own as the hub's: a would seal to it what the hub is to have.
#[test]
fn an_exchanged_manifest_is_refused_by_every_command_that_reads_it() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind crypto.evm");
    let add = coalition.done("a", "known add --known efc.known --round round.json");
    assert!(
        ["a", "b", "the hub"].iter().all(|who| add.stderr.contains(&format!("added {who} of efc: sign ")))
    );
    assert!(
        coalition
            .done("a", "known add --known efc.known --round round.json")
            .stderr
            .contains("all of them are known")
    );
    coalition.write("a", "rows.csv", "wallet\n0x52908400098527886E0F7030069857D2E4169EE7\n");
    let part = coalition.part("a");
    let tokenize = |known: &str, out: &str| {
        format!(
            "tokenize {part} {known} --column wallet=crypto.evm --input rows.csv --out {out} --keep {out}-kept"
        )
    };
    let run = coalition.done("a", &tokenize("--known efc.known", "sets"));
    assert!(!run.stderr.contains("not known yet"), "{}", run.stderr);

    let manifest = fs::read_to_string(coalition.file("a", "round.json")).unwrap();
    let of_hub: PublicKeys = fs::read_to_string(coalition.file(HUB, "own.key.pub")).unwrap().parse().unwrap();
    let own = keys();
    let exchanged = manifest
        .replace(&of_hub.sign.to_string(), &own.sign.to_string())
        .replace(of_hub.seal.as_str(), own.seal.as_str());
    coalition.write("a", "round.json", &exchanged);
    let words = ["round.json: another sign key of the hub", &of_hub.sign.to_string(), &own.sign.to_string()];
    let agreed = "--round round.json --known efc.known";
    let identity = "--identity own.key";
    for command in [
        tokenize("--known efc.known", "more"),
        format!("tokenize {part} --known efc.known --handshake --out hands"),
        format!(
            "resolve {part} --known efc.known --column wallet=crypto.evm --input rows.csv --share none.vsh"
        ),
        format!("screen {part} --known efc.known --share none.vsh"),
        format!("delta {agreed} --member a {identity} --base x --new y --out z"),
        format!("apply {agreed} {identity} --base x --delta y --out z"),
        format!("intersect {agreed} {identity} --out more none.vms"),
        format!("intersect {agreed} {identity} --handshake none.vms"),
        format!("notices {agreed} {identity} --hub-only none.json --delta none.vmd --out more none.vms"),
        format!("verify {agreed} round.json"),
    ] {
        require_refused(&coalition.run("a", &command), &words);
    }
    assert!(!coalition.file("a", "more").exists() && !coalition.file("a", "hands").exists());
    // It is not added either, and without the file nobody sees anything.
    let before = fs::read(coalition.file("a", "efc.known")).unwrap();
    require_refused(&coalition.run("a", "known add --known efc.known --round round.json"), &words[1..]);
    assert_eq!(fs::read(coalition.file("a", "efc.known")).unwrap(), before);
    coalition.done("a", &tokenize("", "lost"));
}

#[test]
fn a_manifest_is_made_with_known_keys_and_says_who_is_new() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind crypto.evm");
    coalition.done("a", "known add --known efc.known --coalition efc --member a=a.pub --hub hub.pub");
    let new = "round new --coalition efc --epoch 8 --at-least 2 --kind crypto.evm --member a=a.pub --known efc.known";
    let run = coalition.done("a", &format!("{new} --member b=b.pub --hub hub.pub --out next.json"));
    assert!(run.stderr.contains("not known yet: b\n"), "{}", run.stderr);
    assert!(!run.stderr.contains("not in the round"), "{}", run.stderr);
    require_refused(
        &coalition.run("a", &format!("{new} --member b=hub.pub --hub b.pub --out wrong.json")),
        &["another sign key of the hub"],
    );
    assert!(!coalition.file("a", "wrong.json").exists());
    let listed = coalition.done("a", "known list --known efc.known").stdout;
    let names: Vec<&str> = listed.lines().map(|line| line.rsplitn(3, ' ').last().unwrap()).collect();
    assert_eq!(names, ["efc @hub", "efc a"]);
    assert_eq!(
        fs::read(coalition.file("a", "efc.known")).unwrap(),
        format!("veilmatch known keys 1\n{listed}").into_bytes()
    );
    // Another digest than was compared: nothing is added.
    let wrong = format!("--round-digest {}", "0".repeat(64));
    require_refused(
        &coalition.run("a", &format!("known add --known efc.known --round next.json {wrong}")),
        &["another manifest than the one agreed"],
    );
    let of_b = coalition.run("a", "known add --known efc.known --coalition efc --member a=b.pub");
    require_refused(&of_b, &["another sign key of a than the one known"]);
}

/// A round may be of fewer members, so that it is no error.
#[test]
fn known_members_whom_a_manifest_leaves_out_are_named() {
    let coalition = Coalition::new(&["a", "b", "c", "d"], true, "--at-least 2 --kind crypto.evm");
    coalition.done("a", "known add --known efc.known --round round.json");
    let all = coalition.done("a", "verify --round round.json --known efc.known round.json");
    assert!(!all.stderr.contains("not in the round"), "{}", all.stderr);
    let new = "round new --coalition efc --epoch 7 --at-least 2 --kind crypto.evm --member a=a.pub --member b=b.pub";
    let said = "warning: known, and not in the round: c, d\n";
    let run = coalition.done("a", &format!("{new} --hub hub.pub --known efc.known --out round.json --force"));
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let run = coalition.done("a", "verify --round round.json --known efc.known round.json");
    assert!(run.stderr.contains(said), "{}", run.stderr);
    coalition.write("a", "rows.csv", "wallet\n0x52908400098527886E0F7030069857D2E4169EE7\n");
    let part = coalition.part("a");
    let tokenize = format!(
        "tokenize {part} --known efc.known --column wallet=crypto.evm --input rows.csv --out sets --log run.log"
    );
    let run = coalition.done("a", &tokenize);
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn a_file_that_is_no_list_of_keys_is_refused_and_kept() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind crypto.evm");
    coalition.write("a", "notes.txt", "call the bank\n");
    let run = coalition.run("a", "known add --known notes.txt --round round.json");
    require_refused(&run, &["notes.txt: known keys, line 1: expected the first line"]);
    assert_eq!(fs::read_to_string(coalition.file("a", "notes.txt")).unwrap(), "call the bank\n");
    require_refused(&coalition.run("a", "known list --known none"), &["none: "]);
    let usage = coalition.run("a", "known add --known efc.known");
    assert_eq!(usage.code, Some(2), "{}", usage.stderr);
}

#[test]
fn a_trial_is_refused_where_keys_are_known() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind crypto.evm");
    coalition.done("a", "known add --known efc.known --coalition efc --member b=b.pub");
    coalition.write("a", "rows.csv", "wallet\n");
    let run = coalition.run(
        "a",
        &format!(
            "tokenize {} --known efc.known --column wallet=crypto.evm --input rows.csv --out sets",
            coalition.part("a")
        ),
    );
    require_refused(&run, &["the round is a trial, without keys that could be held against those known"]);
}
