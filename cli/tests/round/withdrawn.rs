//! By the program: a member withdraws rows, and those who were told of them list which of their own rows these are.

use std::fs;

use crate::support::coalition::{Coalition, HUB};

const COLUMNS: &str = "--column wallet=crypto.evm";
const SET: &str = "crypto.evm-1.vms";

fn rows(numbers: impl Iterator<Item = u64>) -> String {
    numbers.fold("wallet\n".to_owned(), |text, number| {
        text + &format!("0x{:040x}\n", (u128::from(number) << 64) + 0xabcdef)
    })
}

/// Three members whose sets were matched, of whom `a` and `b` send what has changed since.
fn withdrawn(sealed: bool, policy: &str) -> (Coalition, Vec<String>) {
    let terms = format!("--at-least 2 --kind crypto.evm --policy {policy}");
    let coalition = Coalition::new(&["a", "b", "c"], sealed, &terms);
    let mut sets = Vec::new();
    for (who, numbers) in [("a", 0..40), ("b", 10..50), ("c", 20..60)] {
        coalition.write(who, "rows.csv", rows(numbers));
        let part = coalition.part(who);
        coalition.done(who, &format!("tokenize {part} {COLUMNS} --input rows.csv --out sets --keep kept"));
        sets.extend(coalition.deliver(who, "sets"));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    // `a` no longer has 0 to 24 and 35 to 39, `b` no longer 10 to 21; both have new ones.
    for (who, numbers) in [("a", (25..35).chain(70..75)), ("b", (22..50).chain(70..71))] {
        coalition.write(who, "later.csv", rows(numbers));
        let (part, identity) = (coalition.part(who), coalition.identity());
        let follow = "--input later.csv --out later --keep kept-later --follow kept";
        coalition.done(who, &format!("tokenize {part} {COLUMNS} {follow}"));
        let files = format!("--base kept/{SET} --new kept-later/{SET} --out delta.vmd");
        coalition.done(who, &format!("delta --round round.json --member {who} {identity} {files}"));
        coalition.carry(who, "delta.vmd", HUB, &format!("{who}.vmd"));
    }
    (coalition, sets)
}

fn notices(coalition: &Coalition, sets: &[String], out: &str) -> String {
    let (identity, sets) = (coalition.identity(), sets.join(" "));
    format!(
        "notices --round round.json {identity} --hub-only result/hub-only.json --delta a.vmd --delta b.vmd --out {out} {sets}"
    )
}

fn resolve(coalition: &Coalition, who: &str, file: &str) -> String {
    let notice = format!("notices/{who}.crypto.evm-1.vmn");
    coalition.carry(HUB, &notice, who, "notice");
    format!("resolve {} {COLUMNS} --input {file} --notice notice", coalition.part(who))
}

#[test]
fn each_holder_lists_its_rows_that_others_have_withdrawn() {
    for sealed in [true, false] {
        let (coalition, sets) = withdrawn(sealed, "holders");
        let run = coalition.done(HUB, &notices(&coalition, &sets, "notices"));
        assert!(run.stderr.contains("2 deltas, notices for 3 members") && run.stdout.is_empty(), "{run:?}");
        let names = coalition.names_in(HUB, "notices");
        assert_eq!(names, ["a.crypto.evm-1.vmn", "b.crypto.evm-1.vmn", "c.crypto.evm-1.vmn"]);

        // Row 1 of `c` is 20: both have withdrawn 20 and 21, `a` alone 22 to 24 and 35 to 39.
        let mut expected = "row,line,kind,withdrawn,names\n".to_owned();
        for row in (1..=5).chain(16..=20) {
            let by = if row <= 2 { "2,a b" } else { "1,a" };
            expected += &format!("{row},{},crypto.evm/1,{by}\n", row + 1);
        }
        let run = coalition.done("c", &resolve(&coalition, "c", "rows.csv"));
        assert_eq!(run.stdout, expected);
        assert!(!run.stderr.contains("of no row"), "{}", run.stderr);

        // `a` knows what it withdrew itself, and has other rows now; of 10 to 21 none.
        let run = coalition.done("a", &resolve(&coalition, "a", "rows.csv"));
        let expected: String = (11..=22).map(|row| format!("{row},{},crypto.evm/1,1,b\n", row + 1)).collect();
        assert_eq!(run.stdout, format!("row,line,kind,withdrawn,names\n{expected}"));
        let run = coalition.done("a", &resolve(&coalition, "a", "later.csv"));
        assert_eq!(run.stdout, "row,line,kind,withdrawn,names\n");
        assert!(run.stderr.contains("12 tokens of the notice are of no row"), "{}", run.stderr);

        let verify = format!("verify --round round.json {}", coalition.identity());
        let run = coalition.done("c", &format!("{verify} notice"));
        assert!(run.stdout.contains("valid notice of round"), "{}", run.stdout);
        let inspect = format!("inspect {} notice", coalition.identity());
        assert!(coalition.done("c", &inspect).stdout.contains("type: notice"));
    }
}

/// `c` is under the round's smallest set: nobody was told of its tokens.
#[test]
fn a_delta_of_a_set_that_was_not_matched_tells_nobody_anything_and_that_is_said() {
    let coalition = Coalition::new(&["a", "b", "c"], true, "--at-least 2 --kind crypto.evm --min-set 5");
    let mut sets = Vec::new();
    for (who, numbers, later) in [("a", 0..40, 0..30), ("b", 10..50, 10..50), ("c", 20..23, 20..21)] {
        coalition.write(who, "rows.csv", rows(numbers));
        coalition.write(who, "later.csv", rows(later));
        let (part, identity) = (coalition.part(who), coalition.identity());
        coalition.done(who, &format!("tokenize {part} {COLUMNS} --input rows.csv --out sets --keep kept"));
        sets.extend(coalition.deliver(who, "sets"));
        let follow = "--input later.csv --out later --keep kept-later --follow kept";
        coalition.done(who, &format!("tokenize {part} {COLUMNS} {follow}"));
        let files = format!("--base kept/{SET} --new kept-later/{SET} --out delta.vmd");
        coalition.done(who, &format!("delta --round round.json --member {who} {identity} {files}"));
        coalition.carry(who, "delta.vmd", HUB, &format!("{who}.vmd"));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    let said = "warning: crypto.evm/1: the set of c was not matched, so its delta tells nobody anything\n";
    let both = notices(&coalition, &sets, "notices").replace("b.vmd", "c.vmd");
    let run = coalition.done(HUB, &both);
    assert!(run.stderr.contains(said) && run.stderr.contains("1 deltas, notices for 1 members"), "{run:?}");
    assert_eq!(coalition.names_in(HUB, "notices"), ["b.crypto.evm-1.vmn"]);
    let run = coalition.done(HUB, &both.replace("--delta a.vmd", "").replace("--out notices", "--out none"));
    let nobody = "crypto.evm/1: no set of these members was matched, so nobody was told of their tokens\n";
    assert!(run.stderr.contains(said) && run.stderr.contains(nobody), "{run:?}");
    assert_eq!(coalition.names_in(HUB, "none"), [""; 0]);
    // Of sets that were matched nothing of the like is said.
    let run = coalition.done(HUB, &notices(&coalition, &sets, "more"));
    assert!(!run.stderr.contains("tells nobody"), "{}", run.stderr);
}

#[test]
fn where_the_policy_is_counts_nobody_is_named() {
    let (coalition, sets) = withdrawn(true, "counts");
    let run = coalition.done(HUB, &(notices(&coalition, &sets, "notices") + " --log run.log"));
    assert!(run.stderr.contains("notices for 3 members"), "{}", run.stderr);
    let log = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
    assert!(log.contains(r#""command":"notices""#) && log.contains(r#""crypto.evm/1/notices":3"#), "{log}");
    coalition.done(HUB, "verify --log run.log --signer own.key.pub");
    let run = coalition.done("c", &(resolve(&coalition, "c", "rows.csv") + " --with-values"));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "row,line,kind,withdrawn,value");
    assert_eq!(lines.len(), 11);
    let value = rows(20..21);
    assert_eq!(lines[1], format!("1,2,crypto.evm/1,2,{}", value.lines().nth(1).unwrap()));
    assert!(lines[3].starts_with("3,4,crypto.evm/1,1,"), "{}", lines[3]);
}

#[test]
fn sets_on_disk_and_in_memory_give_the_same_bytes() {
    let (coalition, sets) = withdrawn(false, "holders");
    let names = ["a", "b", "c"].map(|who| format!("{who}.crypto.evm-1.vmn"));
    let mut made = Vec::new();
    for (out, more) in [("x", ""), ("y", "--memory 1MiB --threads 1"), ("z", "--threads 3")] {
        let mut command = coalition.command(HUB, &format!("{} {more}", notices(&coalition, &sets, out)));
        assert!(command.env("SOURCE_DATE_EPOCH", "1700000000").status().unwrap().success());
        let read = |name: &String| fs::read(coalition.file(HUB, &format!("{out}/{name}"))).unwrap();
        made.push(names.iter().map(read).collect::<Vec<_>>());
    }
    assert!(made[0] == made[1] && made[0] == made[2]);
}

#[test]
fn what_does_not_belong_is_refused_and_nothing_appears() {
    let (coalition, sets) = withdrawn(true, "holders");
    let refused = |who: &str, arguments: &str, says: &str| {
        let before = coalition.names_in(who, ".");
        let run = coalition.run(who, arguments);
        assert_eq!(run.code, Some(1), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{arguments}:\n  {}  does not say: {says}", run.stderr);
        assert!(run.stdout.is_empty() && coalition.names_in(who, ".") == before, "{arguments}");
    };
    let good = notices(&coalition, &sets, "notices");
    refused(HUB, &good.replace("a.vmd --", "a.vmd --delta a.vmd --"), "sequence number 1; 1 is not newer");
    refused(HUB, &good.replace("a.vmd", &sets[0]), "expected the first line of a delta");
    refused(HUB, &good.replace(&sets[2], "a.vmd"), "expected the first line of a set");
    // One that is missing would be missing among the holders, and nothing said taken for nothing to say.
    refused(HUB, &good.replace(&sets[0], ""), "expected the set of a that was matched");
    refused(HUB, &good.replace(&sets[2], ""), "expected the set of c that was matched");
    let alone = good.replace(&sets[0], "").replace(&sets[2], "");
    refused(HUB, &alone, "expected the set of a, c that was matched");
    let report = fs::read_to_string(coalition.file(HUB, "result/hub-only.json")).unwrap();
    let other_round = report.replacen("\"round\":\"", "\"round\":\"0123456789abcdef", 1);
    let at = other_round.find("0123456789abcdef").unwrap();
    let other_round = format!("{}{}", &other_round[..at + 64], &other_round[at + 80..]);
    coalition.write(HUB, "other.json", other_round);
    refused(HUB, &good.replace("result/hub-only.json", "other.json"), "other.json: ");
    refused(
        HUB,
        &good.replace("result/hub-only.json", "round.json"),
        "expected the hub-only.json of the match",
    );
    refused(HUB, &good.replace("--identity own.key", ""), "identity");

    // Too late: the base is no longer there.
    let apply =
        format!("apply --round round.json --identity own.key --base {0} --delta a.vmd --out {0}", sets[0]);
    coalition.carry(HUB, &sets[0], HUB, "before.vms");
    coalition.done(HUB, &format!("{apply} --force"));
    refused(HUB, &good, "expected the set of a that was matched");
    coalition.carry(HUB, "before.vms", HUB, &sets[0]);
    coalition.done(HUB, &good);
    refused(HUB, &good, "notices: is there already; --force");
    coalition.done(HUB, &format!("{good} --force"));

    // A notice for another, one that nobody signed, and one in the place of a share.
    let of_b = resolve(&coalition, "b", "rows.csv");
    coalition.carry(HUB, "notices/c.crypto.evm-1.vmn", "b", "notice");
    refused("b", &of_b, "notice: ");
    let of_c = resolve(&coalition, "c", "rows.csv");
    refused("c", &of_c.replace("--notice", "--share"), "expected the first line of a share");
    refused("c", &(of_c.clone() + " --notice notice"), "two notices of crypto.evm/1");
    let mut bytes = fs::read(coalition.file("c", "notice")).unwrap();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    coalition.write("c", "notice", bytes);
    refused("c", &of_c, "notice");
}
