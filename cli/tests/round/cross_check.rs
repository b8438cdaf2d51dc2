//! Cross-checks: what a hub tells one member and not the other shows when the two compare, and nobody else learns of it.

use std::fs;
use std::io::{Read as _, Write as _};

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::Forger;
use crate::support::hub::name;
use crate::support::member::wallet;
use crate::support::run::Run;
use veilmatch::member::cross_check::{CrossCheck, Outcome};
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::PublicKeys;
use veilmatch::{Error, Round, Share};

const MEMBERS: [&str; 3] = ["a", "b", "c"];

/// Wallets of each: a and b share 2 to 7, a and c 4 and 5, b and c 4, 5, 8, 9.
const ROWS: [&[u64]; 3] = [&[0, 1, 2, 3, 4, 5, 6, 7], &[2, 3, 4, 5, 6, 7, 8, 9], &[4, 5, 8, 9, 10]];

/// Three members with their shares, `own.vsh` in each folder.
fn matched(sealed: bool, policy: &str) -> Coalition {
    let terms = format!("--at-least 2 --kind crypto.evm --policy {policy}");
    let coalition = Coalition::new(&MEMBERS, sealed, &terms);
    let mut sets = Vec::new();
    for (who, rows) in MEMBERS.iter().zip(ROWS) {
        let rows: String = rows.iter().map(|row| wallet(*row) + "\n").collect();
        coalition.write(who, "rows.csv", format!("wallet\n{rows}"));
        sets.extend(coalition.tokenize(who, "--column wallet=crypto.evm"));
    }
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for who in MEMBERS {
        coalition.carry(HUB, &format!("result/{who}.crypto.evm-1.vsh"), who, "own.vsh");
    }
    coalition
}

fn identity(coalition: &Coalition, who: &str) -> Identity {
    Identity::read_file(&coalition.file(who, "own.key")).unwrap()
}

fn round(coalition: &Coalition) -> Round {
    Round::from_bytes(&fs::read(coalition.file(HUB, "round.json")).unwrap()).unwrap()
}

fn sealed_to(coalition: &Coalition, who: &str, bytes: &[u8]) -> Vec<u8> {
    let keys: PublicKeys = fs::read_to_string(coalition.file(who, "own.key.pub")).unwrap().parse().unwrap();
    let mut sealer = seal::seal(&keys.seal, Vec::new()).unwrap();
    sealer.write_all(bytes).unwrap();
    sealer.finish().unwrap()
}

fn opened(coalition: &Coalition, who: &str, file: &str) -> Vec<u8> {
    let bytes = fs::read(coalition.file(who, file)).unwrap();
    if !coalition.sealed {
        return bytes;
    }
    let mut content = Vec::new();
    seal::open(&identity(coalition, who), &bytes[..]).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn share(coalition: &Coalition, who: &str) -> Share {
    Share::from_file_bytes(&opened(coalition, who, "own.vsh")).unwrap()
}

/// Bytes of a record: a token and one byte of holders.
const RECORD: usize = 17;

/// The hub says something else to one member of its tokens, under its own signature.
fn lie(coalition: &Coalition, who: &str, edit: impl FnOnce(&mut Vec<u8>)) {
    retold(coalition, who, |forged| {
        let before = forged.records.len() / RECORD;
        let forged = forged.records(edit);
        let after = forged.records.len() / RECORD;
        match before == after {
            true => forged,
            false => forged.replace(&format!(r#""tokens":{before}}}"#), &format!(r#""tokens":{after}}}"#)),
        }
    });
}

/// The hub says anything else to one member, under its own signature.
fn retold(coalition: &Coalition, who: &str, edit: impl FnOnce(Forger) -> Forger) {
    let mut file = edit(Forger::of(&opened(coalition, who, "own.vsh"))).file();
    if coalition.sealed {
        let at = file.len() - 64;
        let message = [b"veilmatch/1 sig\0\x05share", &file[at - 32..at]].concat();
        let signature = identity(coalition, HUB).sign(&message);
        file[at..].copy_from_slice(&signature);
        file = sealed_to(coalition, who, &file);
    }
    coalition.write(who, "own.vsh", file);
}

fn told(coalition: &Coalition, who: &str) -> String {
    format!("--round round.json --member {who} {} --share own.vsh", coalition.identity())
}

/// All make their cross-checks; those for each lie in its folder as `from-WHO.vmx`.
fn exchange(coalition: &Coalition) {
    for from in MEMBERS {
        coalition.done(from, &format!("cross-check make {} --force --out checks", told(coalition, from)));
        let others: Vec<&str> = MEMBERS.into_iter().filter(|who| *who != from).collect();
        let expected: Vec<String> = others.iter().map(|who| format!("{who}.vmx")).collect();
        assert_eq!(coalition.names_in(from, "checks"), expected);
        for to in others {
            coalition.carry(from, &format!("checks/{to}.vmx"), to, &format!("from-{from}.vmx"));
        }
    }
}

fn compare(coalition: &Coalition, who: &str) -> Run {
    let others = MEMBERS.into_iter().filter(|other| *other != who);
    let files: Vec<String> = others.map(|from| format!("from-{from}.vmx")).collect();
    coalition.run(who, &format!("cross-check compare {} {}", told(coalition, who), files.join(" ")))
}

#[test]
fn members_who_were_told_the_same_agree() {
    for sealed in [true, false] {
        let coalition = matched(sealed, "holders");
        exchange(&coalition);
        for (who, expected) in [
            ("a", "b crypto.evm/1: agrees, 6 in common\nc crypto.evm/1: agrees, 2 in common\n"),
            ("b", "a crypto.evm/1: agrees, 6 in common\nc crypto.evm/1: agrees, 4 in common\n"),
            ("c", "a crypto.evm/1: agrees, 2 in common\nb crypto.evm/1: agrees, 4 in common\n"),
        ] {
            let run = compare(&coalition, who);
            assert_eq!((run.code, run.stdout.as_str()), (Some(0), expected), "{}", run.stderr);
            assert_eq!(run.stderr.contains("whoever reads it can try guesses"), !sealed, "{}", run.stderr);
        }
        let one = format!("cross-check compare {} from-b.vmx", told(&coalition, "a"));
        let run = coalition.done("a", &one);
        assert!(run.stderr.contains("nothing of them was given: c\n"), "{}", run.stderr);
    }
}

#[test]
fn an_overlap_that_only_one_of_two_was_told_is_found() {
    for sealed in [true, false] {
        let coalition = matched(sealed, "holders");
        // The hub drops from b's share one token that a and b hold, and no other member.
        let only_ab = |record: &[u8]| record[16] == 0b011;
        lie(&coalition, "b", |records| {
            let at = records.chunks(RECORD).position(only_ab).unwrap();
            records.drain(at * RECORD..(at + 1) * RECORD);
        });
        exchange(&coalition);
        let run = compare(&coalition, "a");
        assert_eq!(run.code, Some(1));
        assert_eq!(
            run.stdout,
            "b crypto.evm/1: differs: they say 5, we say 6\nc crypto.evm/1: agrees, 2 in common\n"
        );
        assert!(run.stderr.contains("got 1 that do not"), "{}", run.stderr);
        let run = compare(&coalition, "b");
        assert!(run.code == Some(1) && run.stdout.contains("a crypto.evm/1: differs: they say 6, we say 5"));
        assert_eq!(compare(&coalition, "c").code, Some(0));
    }
}

#[test]
fn other_tokens_of_the_same_number_are_found() {
    let coalition = matched(true, "holders");
    // Of two tokens, one of a and b and one of all, b is told the other way round.
    lie(&coalition, "b", |records| {
        let at = |wanted: u8, records: &[u8]| {
            records.chunks(RECORD).position(|record| record[16] == wanted).unwrap()
        };
        let (two, bc) = (at(0b011, records), at(0b110, records));
        records[two * RECORD + 16] = 0b110;
        records[bc * RECORD + 16] = 0b011;
    });
    exchange(&coalition);
    let run = compare(&coalition, "b");
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stdout,
        "a crypto.evm/1: differs: both say 6, and not the same tokens\n\
         c crypto.evm/1: differs: both say 4, and not the same tokens\n"
    );
}

#[test]
fn another_holder_of_a_common_token_is_found() {
    let coalition = matched(true, "holders");
    // a is told that one token of a and b is held by c too.
    lie(&coalition, "a", |records| {
        let at = records.chunks(RECORD).position(|record| record[16] == 0b011).unwrap();
        records[at * RECORD + 16] = 0b111;
    });
    exchange(&coalition);
    assert_eq!(
        compare(&coalition, "a").stdout,
        "b crypto.evm/1: differs: the same 6 in common, and not the same holders\n\
         c crypto.evm/1: differs: they say 2, we say 3\n"
    );
    // b and c were told the truth and agree.
    let run = compare(&coalition, "b");
    assert!(
        run.code == Some(1) && run.stdout.contains("c crypto.evm/1: agrees, 4 in common"),
        "{}",
        run.stdout
    );
}

/// Where the other two hold nothing that c holds, nothing but the list of members shows it.
#[test]
fn different_members_that_are_said_to_have_been_matched_are_found() {
    for sealed in [true, false] {
        let coalition = matched(sealed, "holders");
        // No token of c is left in the shares of a and b: the records agree, whoever is said to have been matched.
        for who in ["a", "b"] {
            lie(&coalition, who, |records| {
                let kept = records.chunks(RECORD).filter(|record| record[16] & 0b100 == 0);
                *records = kept.flatten().copied().collect();
            });
        }
        exchange(&coalition);
        let run = compare(&coalition, "b");
        assert!(run.stdout.contains("a crypto.evm/1: agrees, 4 in common\n"), "{}", run.stdout);
        assert!(!run.stderr.contains("leaves out"), "{}", run.stderr);
        // a is told that c was not matched.
        retold(&coalition, "a", |forged| {
            forged
                .names(crate::support::files::names_block(&[b"a", b"b"]))
                .replace(r#""members":3"#, r#""members":2"#)
        });
        let [a, b] = ["a", "b"].map(|who| share(&coalition, who));
        assert!(a.tokens() == b.tokens() && a.member_count() == 2 && b.member_count() == 3);
        let make =
            coalition.done("a", &format!("cross-check make {} --force --out checks", told(&coalition, "a")));
        let left_out = "our share of crypto.evm/1 leaves out members that are to bring it: c\n";
        assert!(make.stderr.contains(left_out), "{}", make.stderr);
        assert_eq!(coalition.names_in("a", "checks"), ["b.vmx"]);
        coalition.carry("a", "checks/b.vmx", "b", "from-a.vmx");
        let run = coalition.run("b", &format!("cross-check compare {} from-a.vmx", told(&coalition, "b")));
        let expected = "a crypto.evm/1: differs: not the same members were matched\n";
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), expected), "{}", run.stderr);
        let run = coalition.run("a", &format!("cross-check compare {} from-b.vmx", told(&coalition, "a")));
        let expected = "b crypto.evm/1: differs: not the same members were matched\n";
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), expected), "{}", run.stderr);
        assert!(run.stderr.contains(left_out), "{}", run.stderr);
    }
}

#[test]
fn a_kind_of_which_no_share_was_given_is_named() {
    let terms = "--at-least 2 --kind crypto.evm --kind card.pan --policy holders --brings c=card.pan";
    let coalition = Coalition::new(&MEMBERS, false, terms);
    let mut sets = Vec::new();
    for who in MEMBERS {
        coalition.write(who, "rows.csv", format!("wallet,card\n{},9999100000001562\n", wallet(1)));
        let columns = if who == "c" { "" } else { "--column wallet=crypto.evm" };
        sets.extend(coalition.tokenize(who, &format!("{columns} --column card=card.pan")));
    }
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for (who, kind) in [("a", "crypto.evm-1"), ("b", "crypto.evm-1"), ("c", "card.pan-1")] {
        coalition.carry(HUB, &format!("result/{who}.{kind}.vsh"), who, "own.vsh");
    }
    coalition.done("a", &format!("cross-check make {} --out checks", told(&coalition, "a")));
    coalition.carry("a", "checks/b.vmx", "b", "from-a.vmx");
    let run = coalition.done("b", &format!("cross-check compare {} from-a.vmx", told(&coalition, "b")));
    let said = "not compared, since we have given no share of it: card.pan/1\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    // A member has no share of a kind that it does not bring, and is not left out of it.
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "own.vsh");
    coalition.done("a", &format!("cross-check make {} --force --out checks", told(&coalition, "a")));
    coalition.carry("a", "checks/c.vmx", "c", "from-a.vmx");
    let run = coalition.done("c", &format!("cross-check compare {} from-a.vmx", told(&coalition, "c")));
    assert!(!run.stderr.contains("no share of it") && !run.stderr.contains("leaves out"), "{}", run.stderr);
}

#[test]
fn shares_of_two_matches_are_told_apart_from_a_lie() {
    let coalition = matched(false, "holders");
    exchange(&coalition);
    let sets: Vec<String> = MEMBERS.iter().map(|who| format!("{who}.crypto.evm-1.vms")).collect();
    let again = format!("intersect --round round.json --out again {}", sets.join(" "));
    let run: Run =
        coalition.command(HUB, &again).env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap().into();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    coalition.carry(HUB, "again/a.crypto.evm-1.vsh", "a", "own.vsh");
    let run = compare(&coalition, "a");
    assert_eq!(run.code, Some(1));
    assert!(
        run.stdout.contains("ours at 2023-11-14T22:13:20Z; compare those of one match"),
        "{}",
        run.stdout
    );
}

fn require_refused(run: &Run, words: &str) {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains(words), "expected {words}: {}", run.stderr);
}

#[test]
fn what_is_not_addressed_to_a_member_or_not_signed_by_whom_it_names_is_refused() {
    let coalition = matched(true, "holders");
    exchange(&coalition);
    let to_b = opened(&coalition, "b", "from-a.vmx");
    // A third member cannot open it; passed on to it, it is still not for it.
    coalition.carry("a", "checks/b.vmx", "c", "found.vmx");
    let compare = |who: &str| format!("cross-check compare {} found.vmx", told(&coalition, who));
    require_refused(&coalition.run("c", &compare("c")), "not sealed to this key");
    coalition.write("c", "found.vmx", sealed_to(&coalition, "c", &to_b));
    require_refused(&coalition.run("c", &compare("c")), "made for b, not for c");

    let (round, shares) = (round(&coalition), [share(&coalition, "a")]);
    let written = |by: Option<&Identity>| {
        let mut bytes = Vec::new();
        let check = CrossCheck::new(&round, &name("a"), &name("b"), &shares).unwrap();
        match by {
            Some(by) => check.sign_to(by, &mut bytes).unwrap(),
            None => check.write_to(&mut bytes).unwrap(),
        }
        bytes
    };
    for (what, content, words) in [
        ("unsigned", written(None), "not signed: this round asks for the signature of a"),
        ("signed by c", written(Some(&identity(&coalition, "c"))), "which is not the key of a in this round"),
        (
            "in another's name",
            String::from_utf8(written(Some(&identity(&coalition, "c"))))
                .unwrap()
                .replace(r#""from":"a""#, r#""from":"c""#)
                .into_bytes(),
            "the signature was not made by the key",
        ),
        ("not sealed", to_b.clone(), "expected a sealed file"),
    ] {
        let content = if what == "not sealed" { content } else { sealed_to(&coalition, "b", &content) };
        coalition.write("b", "found.vmx", content);
        require_refused(&coalition.run("b", &compare("b")), words);
    }
    coalition.write("b", "found.vmx", sealed_to(&coalition, "b", &written(Some(&identity(&coalition, "a")))));
    coalition.done("b", &compare("b"));

    // Of another round: with the shares of that round, as it is.
    let mut manifest = round.manifest().clone();
    manifest.number = 2;
    let other = Round::new(manifest).unwrap();
    let check = CrossCheck::from_file_bytes(&to_b).unwrap();
    let error = check.compare(&other, &name("b"), &[]).unwrap_err();
    assert!(matches!(error, Error::RoundDiffers { .. }), "{error}");
}

#[test]
fn a_file_that_was_changed_anywhere_is_refused() {
    let coalition = matched(true, "holders");
    exchange(&coalition);
    let good = opened(&coalition, "b", "from-a.vmx");
    assert_eq!(rewritten(&coalition, &good), good);
    for at in 0..good.len() {
        for bit in [1, 0x20] {
            let mut changed = good.clone();
            changed[at] ^= bit;
            assert!(CrossCheck::from_file_bytes(&changed).is_err(), "byte {at}");
        }
        assert!(CrossCheck::from_file_bytes(&good[..at]).is_err(), "cut at {at}");
    }
    assert!(CrossCheck::from_file_bytes(&[&good[..], b"\n"].concat()).is_err());
    assert!(CrossCheck::from_file_bytes(&vec![b' '; CrossCheck::MAX_LEN + 1]).is_err());

    // Unsigned, so that nothing but its form refuses it.
    let text = String::from_utf8(unsigned(&good)).unwrap();
    CrossCheck::from_file_bytes(text.as_bytes()).unwrap();
    for (from, to) in [
        (r#"{"round""#, r#"{ "round""#),
        (r#","signer":null}"#, "}"),
        (r#","signer":null}"#, r#","signer":null,"signer":null}"#),
        (r#","signer":null}"#, r#","signer":null,"more":1}"#),
        (r#""from":"a","to":"b""#, r#""to":"b","from":"a""#),
        (r#""to":"b""#, r#""to":"A""#),
        (r#""tokens":6"#, r#""tokens":6.0"#),
        (r#""tokens":6"#, r#""tokens":9007199254740992"#),
        (r#""kind":"crypto.evm/1""#, r#""kind":"crypto.evm/01""#),
        ("cross-check 1", "cross-check 2"),
    ] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{from}");
        let error = CrossCheck::from_file_bytes(other.as_bytes()).expect_err(to);
        assert_eq!(error.code(), "format", "{to}");
    }
}

/// What is read and written again, signed by a.
fn rewritten(coalition: &Coalition, file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let check = CrossCheck::from_file_bytes(file).unwrap();
    check.sign_to(&identity(coalition, "a"), &mut bytes).unwrap();
    bytes
}

fn unsigned(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    CrossCheck::from_file_bytes(file).unwrap().write_to(&mut bytes).unwrap();
    bytes
}

/// c has the coalition's secret, a share with some of the tokens, and may guess all others. What is sealed says nothing
/// to it, and what it might see of the digests says nothing without the key.
#[test]
fn a_third_member_cannot_try_guesses() {
    let coalition = matched(true, "holders");
    let (round, shares) = (round(&coalition), [share(&coalition, "a")]);
    let fields = || {
        let mut bytes = Vec::new();
        CrossCheck::new(&round, &name("a"), &name("b"), &shares).unwrap().write_to(&mut bytes).unwrap();
        let line = bytes.split(|byte| *byte == b'\n').nth(1).unwrap().to_vec();
        serde_json::from_slice::<serde_json::Value>(&line).unwrap()
    };
    let (first, second) = (fields(), fields());
    assert_ne!(first["key"], second["key"]);
    for digest in ["members", "digest", "holders"] {
        assert_ne!(
            first["kinds"][0][digest], second["kinds"][0][digest],
            "the same tokens, never the same {digest}"
        );
    }
    assert_eq!(first["kinds"][0]["tokens"], 6);

    // SPEC.md, section 13.7, by another implementation of HMAC: the digest is of these tokens, under that key.
    let key: Vec<u8> = hex(first["key"].as_str().unwrap());
    let [a, b] = ["a", "b"].map(|who| [&[0, 1], who.as_bytes()].concat());
    let kind = b"\0\x0ccrypto.evm/1";
    let share = &shares[0];
    let context = [
        &round.digest().0[..],
        &a,
        &b,
        kind,
        &share.terms().key_id.0,
        &share.metadata().created.to_be_bytes(),
    ]
    .concat();
    let both =
        (0..share.len()).filter(|at| share.holders(*at).unwrap().names().any(|holder| *holder == name("b")));
    let (mut tokens, mut holders) = (Vec::new(), Vec::new());
    for at in both {
        let token = share.tokens()[at].as_bytes();
        let names: Vec<u8> = share
            .holders(at)
            .unwrap()
            .names()
            .flat_map(|holder| [&[0, 1], holder.as_str().as_bytes()].concat())
            .collect();
        tokens.extend_from_slice(token);
        holders.extend([&token[..], &[0, share.holder_count(at) as u8], &names].concat());
    }
    let mac = |key: &[u8], label: &[u8], content: &[u8]| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
        crate::support::files::hex(ring::hmac::sign(&key, &[label, &context, content].concat()).as_ref())
    };
    let common = &first["kinds"][0];
    assert_eq!(common["digest"], mac(&key, b"veilmatch/1 cross-check tokens", &tokens));
    assert_eq!(common["holders"], mac(&key, b"veilmatch/1 cross-check holders", &holders));
    let members = [&[0, 3][..], b"\0\x01a\0\x01b\0\x01c"].concat();
    assert_eq!(common["members"], mac(&key, b"veilmatch/1 cross-check members", &members));
    assert_ne!(common["digest"], mac(&[0; 32], b"veilmatch/1 cross-check tokens", &tokens));
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn shares_that_count_holders_cannot_be_cross_checked() {
    let coalition = matched(true, "counts");
    let run = coalition.run("a", &format!("cross-check make {} --out checks", told(&coalition, "a")));
    require_refused(&run, "the shares count holders and do not name them");
    assert!(!coalition.file("a", "checks").exists());
}

#[test]
fn a_share_of_one_side_alone_does_not_agree() {
    let coalition = matched(true, "holders");
    let (round, shares) = (round(&coalition), MEMBERS.map(|who| share(&coalition, who)));
    let by = |who: &str, shares: &[Share]| {
        let mut bytes = Vec::new();
        let check = CrossCheck::new(&round, &name(who), &name("b"), shares).unwrap();
        check.sign_to(&identity(&coalition, who), &mut bytes).unwrap();
        CrossCheck::from_file_bytes(&bytes).unwrap()
    };
    let outcomes = |check: &CrossCheck, shares: &[Share]| {
        let compared = check.compare(&round, &name("b"), shares).unwrap();
        compared.into_iter().map(|(_, outcome)| outcome).collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&by("a", &shares[..1]), &shares[1..2]), [Outcome::Agrees { tokens: 6 }]);
    assert_eq!(outcomes(&by("a", &shares[..1]), &[]), [Outcome::OnlyTheirs]);
    assert_eq!(outcomes(&by("a", &[]), &shares[1..2]), [Outcome::OnlyOurs]);
    // Another's share, two of one kind, and oneself.
    let of = |from: &str, to: &str, shares: &[Share]| {
        CrossCheck::new(&round, &name(from), &name(to), shares).unwrap_err()
    };
    assert_eq!(of("a", "b", &shares[1..2]).code(), "wrong_recipient");
    assert_eq!(of("a", "b", &[shares[0].clone(), shares[0].clone()]).code(), "cross_check");
    assert_eq!(of("a", "A", &shares[..1]).code(), "cross_check");
    assert_eq!(of("a", "x", &shares[..1]).code(), "not_in_round");
    let shown = format!("{:?}", by("a", &shares[..1]));
    assert!(shown.contains("CrossCheck") && !shown.contains("key"), "{shown}");
}
