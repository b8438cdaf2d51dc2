//! The run record by the program: what was run is found again, and what was done to the record since.

use std::fs;

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::{hex, sha256, unhex};

const COLUMNS: &str = "--column card=card.pan";

/// Two members who have tokenised with a record; a hub that has matched with one.
fn recorded() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        let part = coalition.part(who);
        let log = "--log run.log --operator j.doe";
        coalition.done(who, &format!("tokenize {part} --handshake --out hands {log}"));
        coalition.done(who, &format!("tokenize {part} {COLUMNS} --input rows.csv --out sets {log}"));
        sets.extend(coalition.deliver(who, "sets"));
    }
    let sets = sets.join(" ");
    coalition.done(
        HUB,
        &format!("intersect --round round.json --identity own.key --out result --log run.log {sets}"),
    );
    coalition
}

fn lines(coalition: &Coalition, who: &str) -> Vec<serde_json::Value> {
    let record = fs::read_to_string(coalition.file(who, "run.log")).unwrap();
    record.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn digest_of(coalition: &Coalition, who: &str, file: &str) -> String {
    hex(&sha256(&[&fs::read(coalition.file(who, file)).unwrap()]))
}

#[test]
fn a_line_states_what_was_read_written_and_counted_and_by_whom() {
    let coalition = recorded();
    let lines = lines(&coalition, "a");
    let line = &lines[1];
    assert_eq!(
        (&line["command"], &line["operator"], &line["outcome"]),
        (&"tokenize".into(), &"j.doe".into(), &"done".into())
    );
    assert_eq!(line["counts"]["card.pan/1/tokens"], 2);
    let output = &line["outputs"][0];
    assert_eq!((&output["name"], &output["how"]), (&"card.pan-1.vms".into(), &"sha256".into()));
    assert_eq!(output["digest"], digest_of(&coalition, "a", "sets/card.pan-1.vms"));
    // Raw rows stand under the nonce beside them, never under a digest that could be guessed.
    let inputs: Vec<&serde_json::Value> = line["inputs"].as_array().unwrap().iter().collect();
    assert_eq!(
        inputs.iter().map(|input| input["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["round.json", "rows.csv"]
    );
    let nonce = unhex(&fs::read_to_string(coalition.file("a", "rows.csv.nonce")).unwrap());
    let rows = fs::read(coalition.file("a", "rows.csv")).unwrap();
    assert_eq!(
        (&inputs[1]["how"], &inputs[1]["digest"]),
        (&"nonce-sha256".into(), &hex(&sha256(&[&nonce, &rows])).into())
    );
    // Signed with the member's key, which its public keys verify.
    let keys = fs::read_to_string(coalition.file("a", "own.key.pub")).unwrap();
    assert!(keys.contains(line["signer"].as_str().unwrap()));
}

#[test]
fn every_file_names_the_head_before_the_command_that_wrote_it() {
    let coalition = recorded();
    let head = |who: &str, file: &str, key: &str| -> serde_json::Value {
        let shown = coalition.done(who, &format!("inspect {file} --identity {key} --format json")).stdout;
        serde_json::from_str::<serde_json::Value>(&shown).unwrap()["header"]["log"].clone()
    };
    coalition.carry(HUB, "own.key", "a", "hub.key");
    let lines = lines(&coalition, "a");
    assert_eq!(head("a", "hands/card.pan-1.vmh", "hub.key"), lines[0]["previous"]);
    assert_eq!(head("a", "sets/card.pan-1.vms", "hub.key"), lines[1]["previous"]);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(coalition.file(HUB, "result/report.json")).unwrap()).unwrap();
    assert!(report["log"].is_string());
}

#[test]
fn a_command_that_fails_leaves_a_line_and_nothing_else() {
    let coalition = recorded();
    let part = coalition.part("a").replace("--secret-file secret", "--secret-file rows.csv");
    let run =
        coalition.run("a", &format!("tokenize {part} {COLUMNS} --input rows.csv --out new --log run.log"));
    assert_eq!(run.code, Some(1));
    let lines = lines(&coalition, "a");
    assert_eq!(
        (lines.len(), &lines[2]["outcome"], &lines[2]["outputs"]),
        (3, &"secret".into(), &serde_json::json!([]))
    );
    // What was given by mistake in the place of a file of the round is not stated.
    coalition.run("a", "inspect rows.csv --log run.log");
    assert!(
        !fs::read_to_string(coalition.file("a", "run.log"))
            .unwrap()
            .contains(&digest_of(&coalition, "a", "rows.csv"))
    );
}

#[test]
fn what_was_done_to_the_record_is_found() {
    let coalition = recorded();
    let record = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    let verified = coalition.done("a", "verify --log run.log").stdout;
    assert!(verified.trim_end().ends_with("self-consistent"), "{verified}");
    let head = verified.split("head ").nth(1).unwrap()[..64].to_owned();
    let full = format!("verify --log run.log --head {head} --signer own.key.pub");
    let verified = coalition.done("a", &full).stdout;
    assert!(verified.contains("every line signed, complete to the head, line 2"), "{verified}");

    let lines: Vec<&str> = record.lines().collect();
    let swapped = format!("{}\n{}\n", lines[1], lines[0]);
    let changed = record.replacen("j.doe", "j.roe", 1);
    for (what, content) in [
        ("removed", format!("{}\n", lines[1])),
        ("reordered", swapped),
        ("changed", changed),
        ("repeated", format!("{record}{}\n", lines[1])),
        ("torn", record[..record.len() - 10].to_owned()),
    ] {
        coalition.write("a", "run.log", content);
        let run = coalition.run("a", "verify --log run.log");
        assert!(run.code == Some(1) && run.stderr.contains("run.log: "), "{what}: {}", run.stderr);
    }
    // A cut end is found against the head, or not at all.
    coalition.write("a", "run.log", format!("{}\n", lines[0]));
    assert!(coalition.done("a", "verify --log run.log").stdout.trim_end().ends_with("self-consistent"));
    assert!(coalition.run("a", &full).stderr.contains("the end was cut off or it is another log"));
    // So is a record written anew by somebody else.
    coalition.carry("b", "run.log", "a", "run.log");
    assert!(
        coalition
            .run("a", "verify --log run.log --signer own.key.pub")
            .stderr
            .contains("none of those given")
    );
}

#[test]
fn keys_that_must_have_signed_are_not_satisfied_by_a_record_without_signatures() {
    let coalition = recorded();
    let verify = "verify --log run.log --signer own.key.pub";
    coalition.done("a", verify);
    coalition.done("a", "inspect round.json --log run.log"); // signed by nobody
    let run = coalition.run("a", verify);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(
        run.stderr.contains("run.log: lines 3 to 3 are under no signature of these keys"),
        "{}",
        run.stderr
    );
    // A signed line after it needs a word, and says of itself that it does not vouch for what is before it.
    let head =
        coalition.done("a", "verify --log run.log").stdout.split("head ").nth(1).unwrap()[..64].to_owned();
    let signed = format!("inspect round.json --identity own.key --log run.log --log-after {head}");
    coalition.done("a", &signed);
    let said = coalition.done("a", verify).stdout;
    assert!(
        said.ends_with("run.log: line 4 does not vouch for line 3, which its key did not sign\n"),
        "{said}"
    );
}

#[test]
fn what_the_report_withholds_is_not_in_the_record() {
    for (min_result, overlaps) in [("", Some(2)), ("--min-result 5", None)] {
        let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
        let mut sets = Vec::new();
        for who in ["a", "b"] {
            coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
            sets.extend(coalition.tokenize(who, COLUMNS));
        }
        let sets = sets.join(" ");
        let arguments =
            format!("intersect --round round.json --out result --log run.log {min_result} {sets}");
        let shown = coalition.done(HUB, &arguments).stdout;
        assert_eq!(shown.contains("withheld overlaps"), overlaps.is_none(), "{shown}");
        let counts = &lines(&coalition, HUB)[0]["counts"];
        assert_eq!(
            counts.get("card.pan/1/overlaps").and_then(serde_json::Value::as_u64),
            overlaps,
            "{counts}"
        );
        assert_eq!(counts["card.pan/1/sets"], 2, "the control");
        // Sets that stay on disk are stated by the bytes that were used, under the nonce of the record.
        let nonce = unhex(&fs::read_to_string(coalition.file(HUB, "run.log.nonce")).unwrap());
        let inputs = lines(&coalition, HUB)[0]["inputs"].as_array().unwrap().clone();
        for (input, name) in inputs[1..].iter().zip(["a.card.pan-1.vms", "b.card.pan-1.vms"]) {
            let digest = sha256(&[&fs::read(coalition.file(HUB, name)).unwrap()]);
            assert_eq!(input["digest"], hex(&sha256(&[&nonce, &digest])));
            assert_eq!(input["how"], "log-nonce-sha256");
        }
    }
}

#[test]
fn an_input_that_changes_while_it_is_read_is_refused() {
    use std::io::Write as _;
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    // Large enough to change it before its end is read.
    let rows = "9999100000001562\n".repeat(3_000_000);
    coalition.write("a", "rows.csv", format!("card\n{rows}"));
    let part = coalition.part("a");
    let arguments = format!("tokenize {part} {COLUMNS} --input rows.csv --out sets --log run.log");
    let mut child = coalition.command("a", &arguments).stderr(std::process::Stdio::piped()).spawn().unwrap();
    // The digest is made before the folder is.
    while !coalition.file("a", ".sets.part").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }
    let file = fs::OpenOptions::new().append(true).open(coalition.file("a", "rows.csv"));
    file.unwrap().write_all(b"9999100000002933\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("rows.csv: changed while it was read"), "{said}");
    assert!(!coalition.file("a", "sets").exists());
    assert_eq!(lines(&coalition, "a")[0]["outcome"], "input_changed");
}

#[test]
fn commands_that_run_at_once_lose_no_line() {
    let coalition = recorded();
    let before = lines(&coalition, "a").len();
    let children: Vec<_> = (0..8)
        .map(|_| {
            coalition
                .command("a", "inspect round.json --log run.log")
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(lines(&coalition, "a").len(), before + 8);
    coalition.done("a", "verify --log run.log");
}
