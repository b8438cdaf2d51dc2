//! A whole round by the program: six folders, from keys to resolved rows, against an independent computation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::support::coalition::{Coalition, HUB};

const MEMBERS: [&str; 5] = ["alba", "borea", "cardhaus", "dorado", "eastpay"];
const COLUMNS: &str = "--column card=card.pan --column mail=email.mailbox --column wallet=crypto.evm";
const KINDS: [&str; 3] = ["card.pan/1", "email.mailbox/1", "crypto.evm/1"];
const TERMS: &str = "--kind card.pan --kind email.mailbox --kind crypto.evm";

/// A card number of a range that no issuer has, with its check digit (ISO/IEC 7812-1).
fn card(number: u64) -> String {
    let payload = format!("999912{number:09}");
    let digits = payload.bytes().rev().map(|digit| u64::from(digit - b'0'));
    let sum: u64 =
        digits.zip([2, 1].iter().cycle()).map(|(digit, by)| (digit * by) / 10 + (digit * by) % 10).sum();
    format!("{payload}{}", (10 - sum % 10) % 10)
}

/// A member's rows: spellings differ by member and row, every seventh is spoilt, every eleventh suppressed.
fn rows(member: u64) -> Vec<[String; 3]> {
    (0..60)
        .map(|row| {
            let person = (row * (member + 2) + member) % 90;
            let (spaced, hyphens) = (row % 3 == 1, row % 3 == 2);
            let card = card(person);
            let parts = [&card[..4], &card[4..8], &card[8..12], &card[12..]];
            let card = if spaced {
                parts.join(" ")
            } else if hyphens {
                parts.join("-")
            } else {
                card.clone()
            };
            let mail = format!("person_{person}@example.org");
            let mail = if spaced { mail.to_uppercase() } else { mail };
            let wallet = format!("{:040x}", (u128::from(person) << 64) + 0xabcdef);
            let wallet = if hyphens { format!("0x{wallet}") } else { wallet.to_uppercase() };
            match row {
                row if row % 7 == 6 => [format!("{card}?"), mail.replace('@', "-"), format!("{wallet}0")],
                row if row % 11 == 10 => ["4111 1111 1111 1111".into(), mail, "0".repeat(40)],
                _ => [card, mail, wallet],
            }
        })
        .collect()
}

/// The form that counts, or nothing for what is spoilt or suppressed; for these rows alone.
fn plain(kind: usize, value: &str) -> Option<String> {
    let value: String = value.chars().filter(|c| !matches!(c, ' ' | '-') || kind == 1).collect();
    let value = value.to_lowercase();
    match kind {
        0 => (value.len() == 16 && value.starts_with("9999")).then_some(value),
        1 => value.contains('@').then_some(value),
        _ => {
            let digits = value.strip_prefix("0x").unwrap_or(&value).to_owned();
            (digits.len() == 40 && digits.bytes().any(|digit| digit != b'0')).then_some(digits)
        }
    }
}

fn csv(rows: &[[String; 3]]) -> String {
    rows.iter().fold("id,card,mail,wallet\n".to_owned(), |mut text, [card, mail, wallet]| {
        let _ = writeln!(text, "x,{card},{mail},{wallet}");
        text
    })
}

/// What `resolve` must print for each member, computed from all rows.
fn expected(all: &[Vec<[String; 3]>], at_least: usize, named: bool, with_values: bool) -> Vec<String> {
    let mut holders: BTreeMap<(usize, String), BTreeSet<usize>> = BTreeMap::new();
    let each = |member: usize| {
        all[member].iter().enumerate().flat_map(move |(row, values)| {
            (0..3).filter_map(move |kind| Some((row, kind, plain(kind, &values[kind])?)))
        })
    };
    for member in 0..all.len() {
        for (_, kind, value) in each(member) {
            holders.entry((kind, value)).or_default().insert(member);
        }
    }
    let member = |member: usize| {
        let mut text = format!(
            "row,line,kind,holders{}{}\n",
            if named { ",names" } else { "" },
            if with_values { ",value" } else { "" }
        );
        // In order of row, then as the shares are given.
        for (row, kind, value) in each(member) {
            let held = &holders[&(kind, value)];
            if held.len() >= at_least {
                let _ = write!(text, "{},{},{},{}", row + 1, row + 2, KINDS[kind], held.len());
                if named {
                    let names: Vec<&str> = held.iter().map(|member| MEMBERS[*member]).collect();
                    let _ = write!(text, ",{}", names.join(" "));
                }
                if with_values {
                    let _ = write!(text, ",{}", all[member][row][kind]);
                }
                text.push('\n');
            }
        }
        text
    };
    (0..all.len()).map(member).collect()
}

/// A whole round; what each member resolved.
fn round(sealed: bool, at_least: usize, more: &str, with_values: bool) -> (Coalition, Vec<String>) {
    let coalition = Coalition::new(&MEMBERS, sealed, &format!("--at-least {at_least} {TERMS} {more}"));
    let mut hands = Vec::new();
    for (number, who) in MEMBERS.iter().enumerate() {
        coalition.write(who, "rows.csv", csv(&rows(number as u64)));
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
        hands.extend(coalition.deliver(who, "hands"));
    }
    let shaken = coalition.done(
        HUB,
        &format!("intersect --round round.json {} --handshake {}", coalition.identity(), hands.join(" ")),
    );
    assert_eq!(shaken.stdout.lines().filter(|line| line.ends_with(": agrees")).count(), 15);

    let mut sets = Vec::new();
    for who in MEMBERS {
        sets.extend(coalition.tokenize(who, COLUMNS));
        assert_eq!(
            coalition.names_in(who, "sets"),
            ["card.pan-1.vms", "crypto.evm-1.vms", "email.mailbox-1.vms"]
        );
    }
    let matched = coalition.intersect(&sets);
    assert_eq!(matched.code, Some(0), "{}", matched.stderr);
    let mut resolved = Vec::new();
    for who in MEMBERS {
        let mut shares = String::new();
        for kind in KINDS {
            let share = format!("{who}.{}.vsh", kind.replace('/', "-"));
            coalition.carry(HUB, &format!("result/{share}"), who, &share);
            let _ = write!(shares, "--share {share} ");
        }
        let values = if with_values { "--with-values" } else { "" };
        let part = coalition.part(who);
        resolved.push(
            coalition
                .done(who, &format!("resolve {part} {COLUMNS} --input rows.csv {shares} {values}"))
                .stdout,
        );
    }
    (coalition, resolved)
}

fn all_rows() -> Vec<Vec<[String; 3]>> {
    (0..MEMBERS.len()).map(|member| rows(member as u64)).collect()
}

#[test]
fn a_signed_and_sealed_round_resolves_what_the_raw_files_have_in_common() {
    let (coalition, resolved) = round(true, 2, "", false);
    let expected = expected(&all_rows(), 2, true, false);
    assert!(expected.iter().all(|text| text.lines().count() > 20), "{expected:?}");
    assert_eq!(resolved, expected);
    // Only the shares' names tell of a member.
    let mut names: Vec<String> = MEMBERS
        .iter()
        .flat_map(|who| KINDS.map(|kind| format!("{who}.{}.vsh", kind.replace('/', "-"))))
        .chain(["hub-only.json", "report.html", "report.json"].map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(coalition.names_in(HUB, "result"), names);
}

#[test]
fn threshold_and_policy_are_those_of_the_manifest() {
    let (_, resolved) = round(true, 3, "--policy counts", true);
    assert_eq!(resolved, expected(&all_rows(), 3, false, true));
}

#[test]
fn a_trial_round_gives_the_same_and_says_that_it_is_one() {
    let (coalition, resolved) = round(false, 2, "", false);
    assert_eq!(resolved, expected(&all_rows(), 2, true, false));
    let run = coalition.done("alba", &format!("tokenize {} --handshake --out again", coalition.part("alba")));
    assert!(run.stderr.contains("trial round"), "{}", run.stderr);
    let inspected = coalition.done("alba", "inspect again/card.pan-1.vmh --format json").stdout;
    assert!(inspected.contains("\"signer\":null"), "{inspected}");
}

#[test]
fn the_hub_writes_the_same_bytes_whatever_the_threads_and_the_order_of_files() {
    let coalition = Coalition::new(&MEMBERS, false, &format!("--at-least 2 {TERMS}"));
    let mut sets = Vec::new();
    for (number, who) in MEMBERS.iter().enumerate() {
        coalition.write(who, "rows.csv", csv(&rows(number as u64)));
        sets.extend(coalition.tokenize(who, COLUMNS));
    }
    let mut results = Vec::new();
    for threads in [1, 2, 3] {
        sets.rotate_left(4);
        let arguments = format!(
            "intersect --round round.json --threads {threads} --force --out result {}",
            sets.join(" ")
        );
        let output =
            coalition.command(HUB, &arguments).env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap();
        assert!(output.status.success());
        let mut names = coalition.names_in(HUB, "result");
        names.retain(|name| name != "hub-only.json"); // which has a nonce
        let files: Vec<Vec<u8>> = names
            .iter()
            .map(|name| std::fs::read(coalition.file(HUB, &format!("result/{name}"))).unwrap())
            .collect();
        results.push((names, files, output.stdout));
    }
    assert!(results[0] == results[1] && results[1] == results[2]);
}

#[test]
fn a_set_under_the_smallest_takes_no_part_and_its_member_gets_no_share() {
    let coalition =
        Coalition::new(&["a", "b", "c"], true, "--at-least 2 --kind card.pan --min-set 3 --min-result 2");
    let mut sets = Vec::new();
    for (who, people) in [("a", 0..5), ("b", 2..7), ("c", 3..5)] {
        coalition.write(
            who,
            "rows.csv",
            people.fold("card\n".to_owned(), |text, person| text + &card(person) + "\n"),
        );
        sets.extend(coalition.tokenize(who, "--column card=card.pan"));
    }
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("the set of c is under the round's smallest"), "{}", run.stderr);
    assert_eq!(
        coalition.names_in(HUB, "result"),
        ["a.card.pan-1.vsh", "b.card.pan-1.vsh", "hub-only.json", "report.html", "report.json"]
    );
    let report = std::fs::read_to_string(coalition.file(HUB, "result/report.json")).unwrap();
    let part = r#""took_part":[{"kind":"card.pan/1","matched":["a","b"],"left_out":["c"],"without":[]}]"#;
    assert!(report.contains(part), "{report}");
}

#[test]
fn a_report_is_drawn_again_and_a_members_own_page_has_values_only_if_asked() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        sets.extend(coalition.tokenize(who, "--column card=card.pan"));
    }
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stdout.contains('\x1b'), "colours on a terminal alone");
    let page = |who: &str, name: &str| std::fs::read_to_string(coalition.file(who, name)).unwrap();
    coalition.done(HUB, "report result/report.json --out again.html --log run.log");
    assert_eq!(page(HUB, "again.html"), page(HUB, "result/report.html"));
    coalition.done(HUB, "report result/report.json --out again.html --force");
    coalition.write(HUB, "other.html", "<!doctype html>\nmine");
    let refused = coalition.run(HUB, "report result/report.json --out other.html --force");
    assert!(refused.code == Some(1) && page(HUB, "other.html").ends_with("mine"), "{}", refused.stderr);

    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share.vsh");
    let part = coalition.part("a");
    let resolve = format!("resolve {part} --share share.vsh --column card=card.pan --input rows.csv");
    let plain = coalition.done("a", &format!("{resolve} --html own.html --log run.log")).stdout;
    assert!(page("a", "own.html").contains("2 own rows") && !page("a", "own.html").contains("9999"));
    coalition.done("a", &format!("{resolve} --html own.html --with-values --force"));
    assert!(page("a", "own.html").contains("<td class=t>9999100000001562"));
    assert_eq!(coalition.done("a", &resolve).stdout, plain, "the list is the same beside a page");
    let record = page("a", "run.log");
    assert!(
        record.contains("own.html") && record.contains(r#""how":"log-nonce-sha256"}],"counts""#),
        "no plain digest: {record}"
    );
}

#[test]
fn standard_streams_serve_as_files() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind card.pan --kind crypto.evm");
    let text = csv(&rows(1));
    coalition.write("a", "rows.csv", &text);
    coalition.tokenize("a", COLUMNS.replace("--column mail=email.mailbox", "").trim());
    let arguments = format!(
        "tokenize {} --column card=card.pan --column wallet=crypto.evm --input - --out streamed",
        coalition.part("a")
    );
    let mut child = coalition.command("a", &arguments).stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let tokens = |folder: &str| {
        let inspect = format!("inspect {folder}/card.pan-1.vms --identity hub.key --format json");
        let header: serde_json::Value = serde_json::from_str(&coalition.done("a", &inspect).stdout).unwrap();
        (header["header"]["tokens"].clone(), header["header"]["counters"].clone())
    };
    coalition.carry(HUB, "own.key", "a", "hub.key");
    assert_eq!(tokens("sets"), tokens("streamed"));
}
