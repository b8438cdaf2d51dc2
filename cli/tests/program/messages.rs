//! What the program says when keys stand in the place of names, or names have characters that a terminal obeys.

use std::ffi::OsString;
use std::fs;
use std::process::{Command, Output, Stdio};

use crate::support::coalition::Coalition;

/// A key of every type, as somebody might paste it.
fn keys(coalition: &Coalition) -> Vec<String> {
    coalition.done("a", "split --secret-file secret --threshold 2 --keepers 2 --out shares");
    let read = |name: &str| fs::read_to_string(coalition.file("a", name)).unwrap();
    let identity = read("own.key");
    let of_identity =
        |label: &str| identity.lines().find_map(|line| line.strip_prefix(label)).unwrap().to_owned();
    let age = of_identity("seal: ");
    vec![
        read("secret").trim().to_owned(),
        read("secret").trim().to_uppercase(),
        read("shares/share-1").trim().to_owned(),
        of_identity("sign: "),
        age.to_lowercase(),
        age,
    ]
}

/// What of a key must not be seen anywhere: all after its prefix.
fn hidden(key: &str) -> &str {
    &key[key.rfind('1').unwrap() + 1..][..20]
}

fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", "card\n9999100000001562\n");
    coalition
}

/// Runs the program in the folder of `a`; arguments are parted by spaces, and KEY stands for a key.
fn run(coalition: &Coalition, arguments: &str, key: &str) -> Output {
    let arguments = arguments.split(' ').map(|argument| argument.replace("KEY", key));
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
    command.current_dir(coalition.of("a")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// All that was said and recorded.
fn all(coalition: &Coalition, output: &Output) -> String {
    let record = fs::read(coalition.file("a", "run.log")).unwrap_or_default();
    [&output.stdout[..], &output.stderr, &record]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .join("\n")
}

#[test]
fn a_key_in_the_place_of_anything_is_never_repeated() {
    let coalition = coalition();
    let keys = keys(&coalition);
    let part = "--round round.json --secret-file secret --member a";
    let source = "--column card=card.pan --input rows.csv";
    let lines = [
        // Files that are not there.
        format!("tokenize --round round.json --secret-file KEY --member a {source} --out sets"),
        format!("tokenize --round KEY --secret-file secret --member a {source} --out sets"),
        format!("tokenize {part} --identity KEY {source} --out sets"),
        format!("tokenize {part} --suppression KEY {source} --out sets"),
        format!("tokenize {part} --column card=card.pan --input KEY --out sets"),
        format!("tokenize {part} {source} --out KEY/KEY/sets"),
        format!("tokenize {part} {source} --follow KEY --out sets"),
        format!("tokenize {part} {source} --out sets --log KEY/run.log"),
        format!("resolve {part} {source} --share KEY"),
        format!("screen {part} --share x/KEY"),
        "combine --out again KEY shares/share-1".to_owned(),
        "split --secret-file ./KEY --threshold 2 --keepers 3 --out more".to_owned(),
        "keygen --out KEY/new".to_owned(),
        "keygen --identity --out KEY/new".to_owned(),
        "secret-id KEY".to_owned(),
        "inspect KEY".to_owned(),
        "verify KEY KEY".to_owned(),
        "verify --log KEY".to_owned(),
        "intersect --round round.json --out result KEY".to_owned(),
        // Words.
        format!("tokenize --round round.json --secret-file secret --member KEY {source} --out sets"),
        format!("tokenize {part} --column KEY=card.pan --input rows.csv --out sets"),
        format!("tokenize {part} --column card=KEY --input rows.csv --out sets"),
        format!("tokenize {part} {source} --not-after KEY --out sets"),
        format!("tokenize {part} {source} --national-plan KEY --out sets"),
        "round new --coalition KEY --epoch 1 --at-least 2 --kind card.pan --member a --member b --out r".to_owned(),
        "round new --coalition c --epoch KEY --at-least 2 --kind card.pan --member a --member b --out r".to_owned(),
        "round new --coalition c --epoch 1 --at-least 2 --kind KEY --member a --member b --out r".to_owned(),
        "round new --coalition c --epoch 1 --at-least 2 --kind card.pan --member a=KEY --member b --out r".to_owned(),
        "round new --coalition c --epoch 1 --at-least 2 --kind card.pan --member a --member b --out r --purpose KEY"
            .to_owned(),
        "kinds KEY".to_owned(),
        "kinds opaque.KEY".to_owned(),
        "kinds card.pan --try KEY".to_owned(),
        // What no option takes.
        "KEY".to_owned(),
        "--KEY".to_owned(),
        "tokenize KEY".to_owned(),
        format!("tokenize {part} {source} --out sets --secret=KEY"),
        "keygen --out new --threads KEY".to_owned(),
        "keygen --out new --threads=KEY --force=KEY".to_owned(),
        format!("tokenize {part} {source} --out sets --memory KEY"),
        "completions KEY".to_owned(),
        "inspect --format KEY round.json".to_owned(),
    ];
    for line in &lines {
        for key in &keys {
            let output = run(&coalition, line, key);
            let all = all(&coalition, &output);
            assert!(!all.to_lowercase().contains(&hidden(key).to_lowercase()), "{line}: {all}");
            assert!(matches!(output.status.code(), Some(1 | 2)), "{line}: {all}");
            assert!(!output.stderr.is_empty(), "{line}");
        }
    }
    // The mistake shows, and where it was made.
    let said = run(&coalition, &lines[0], &keys[0]);
    let said = String::from_utf8_lossy(&said.stderr);
    assert!(said.contains("vmsecret1***: No such file"), "{said}");
    let said = run(&coalition, "tokenize KEY", &keys[0]);
    assert!(String::from_utf8_lossy(&said.stderr).contains("unexpected argument 'vmsecret1***' found"));
}

#[test]
fn a_run_record_has_no_key_that_a_file_or_operator_was_called() {
    let coalition = coalition();
    for key in keys(&coalition) {
        coalition.write("a", &format!("{key}.csv"), "card\n9999100000001562\n");
        let line = "tokenize --round round.json --secret-file secret --member a --column card=card.pan --input KEY.csv \
                    --out KEY-sets --keep KEY --log run.log --operator KEY";
        let output = run(&coalition, line, &key);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let all = all(&coalition, &output);
        assert!(all.contains("1***.csv") && all.contains(r#""operator":""#), "{all}");
        assert!(!all.contains(hidden(&key)), "{all}");
        fs::remove_dir_all(coalition.file("a", &key)).unwrap();
        fs::remove_dir_all(coalition.file("a", &format!("{key}-sets"))).unwrap();
        fs::remove_file(coalition.file("a", &format!("{key}.csv"))).unwrap();
    }
    coalition.done("a", "verify --log run.log");
}

#[test]
fn names_of_files_are_escaped_wherever_they_are_printed() {
    let coalition = coalition();
    // A mark that turns the writing round, one that nothing shows, and an escape sequence of terminals.
    for mark in ["\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\u{1b}[2J", "\n", "\u{9b}1m"] {
        let name = format!("round{mark}.json");
        fs::copy(coalition.file("a", "round.json"), coalition.file("a", &name)).unwrap();
        let seen = mark.escape_debug().to_string();
        for (arguments, code) in [
            (vec!["verify", &name], 0),
            (vec!["verify", &name, "absent", "--log", &name], 1),
            (vec!["inspect", &name, "--log", "run.log"], 0),
            (vec!["inspect", &format!("absent{name}")], 1),
            (vec!["inspect", &format!("{name}/x")], 1),
            (vec!["keygen", "--out", &name], 1),
            (vec!["keygen", "--out", "x", "--threads", &name], 2),
            (vec![name.as_str()], 2),
        ] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
            let arguments: Vec<OsString> = arguments.into_iter().map(OsString::from).collect();
            let output = command.current_dir(coalition.of("a")).args(&arguments).output().unwrap();
            let all = all(&coalition, &output);
            assert_eq!(output.status.code(), Some(code), "{arguments:?}: {all}");
            if mark != "\n" {
                assert!(!all.contains(mark), "{arguments:?}: {all:?}");
                let recorded = all.contains("round%");
                assert!(all.contains(&seen) || recorded || code == 0, "{arguments:?}: {all}");
            }
        }
    }
    // A name cannot begin a line of its own.
    let said = coalition.command("a", "verify").arg("a\nveilmatch: all is well").output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("a\\nveilmatch: all is well: No such file"), "{said}");
}

#[test]
fn devices_of_windows_are_no_names() {
    let coalition = coalition();
    let round = |coalition: &str, member: &str| {
        format!(
            "round new --coalition {coalition} --epoch 1 --at-least 2 --kind card.pan --member {member} --member b --out r"
        )
    };
    for device in ["NUL", "con", "Com1", "LPT9"] {
        for (line, code) in [(round(device, "a"), 2), (round("c", device), 1)] {
            let refused = coalition.run("a", &line);
            assert_eq!(refused.code, Some(code), "{line}: {}", refused.stderr);
            assert!(
                refused.stderr.contains("expected a name that is no device on Windows"),
                "{}",
                refused.stderr
            );
            assert!(!coalition.file("a", "r").exists());
        }
    }
    coalition.done("a", &round("console", "nul-bank"));
}
