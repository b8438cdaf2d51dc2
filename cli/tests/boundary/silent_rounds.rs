//! Silence of the program: nothing of a raw value, secret or key is in any file, record or message of a round, but
//! what `resolve --with-values` prints.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use crate::support::coalition::{Coalition, HUB};
use crate::support::run::Run;

/// Accepted, changed, suppressed and rejected values of every kind, none like another.
const COLUMNS: [(&str, &str, &[&str]); 8] = [
    (
        "iban",
        "bank.iban",
        &["DE89 3704 0044 0532 0130 00", "gb29nwbk60161331926819", "DE88370400440532013000", "XX00MARKER77"],
    ),
    (
        "card",
        "card.pan",
        &["9999 1000 0000 1562", "9999-1000-0000-2933", "4111 1111 1111 1111", "999910XXXXXX7777"],
    ),
    (
        "coin",
        "crypto.btc",
        &[
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "bc1markermarker",
            "m",
        ],
    ),
    (
        "wallet",
        "crypto.evm",
        &[
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xMARKERmarker88",
            "FB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0x",
        ],
    ),
    (
        "box",
        "email.mailbox",
        &["Marker.One+Tag@GoogleMail.com", "marker-three", "marker@four@example.com", "markér@example.com"],
    ),
    (
        "mail",
        "email.strict",
        &["Marker.Six@Example.COM", ".marker-eight@example.com", "marker ten@example.com", "@"],
    ),
    ("address", "net.ip", &["203.0.114.77", "2a00:1450:4001:0::200e", "198.51.99.7:8080", "10.20.30.40"]),
    ("phone", "phone.e164", &["+49 30 901820", "0049(0)30-901821", "030 901822", "+44 20 7946 0958 ext 77"]),
];

/// How a marker could show: as it is, in either case, without separators, as hex of its bytes.
fn spellings(value: &str) -> Vec<String> {
    let bare: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        value.to_owned(),
        value.to_lowercase(),
        value.to_uppercase(),
        bare.clone(),
        bare.to_lowercase(),
        hex,
    ];
    all.retain(|spelling| spelling.len() >= 6);
    all
}

fn markers() -> Vec<String> {
    COLUMNS.iter().flat_map(|(_, _, values)| values.iter().flat_map(|value| spellings(value))).collect()
}

fn search(what: &str, content: &[u8], markers: &[String]) {
    for marker in markers {
        let found = content.windows(marker.len()).any(|window| window == marker.as_bytes());
        assert!(!found, "{what} has {marker}");
    }
}

fn csv() -> String {
    let header = COLUMNS.map(|(name, ..)| name).join(",");
    let row = |row: usize| COLUMNS.map(|(_, _, values)| format!("\"{}\"", values[row])).join(",");
    format!("{header}\n{}\n", (0..4).map(row).collect::<Vec<_>>().join("\n"))
}

/// The same values with a kind a row, and rows of which a marker is the kind.
fn csv_of_kinds() -> String {
    let rows = COLUMNS.iter().flat_map(|(_, kind, values)| {
        let own = values.iter().map(move |value| format!("{kind},\"{value}\"\n"));
        own.chain([format!("\"{}\",{kind}\n", values[0])])
    });
    format!("kind,value\n{}", rows.collect::<String>())
}

/// Every file of a folder and what is in it, but what its owner keeps to itself.
fn search_files(folder: &Path, markers: &[String]) -> usize {
    let mut searched = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            searched += search_files(&path, markers);
        } else if !matches!(name, "rows.csv" | "secret" | "own.key") && !name.ends_with(".nonce") {
            search(&path.display().to_string(), &fs::read(&path).unwrap(), markers);
            searched += 1;
        }
    }
    searched
}

fn round(sealed: bool) {
    let kinds: String = COLUMNS.iter().map(|(_, kind, _)| format!(" --kind {kind}")).collect();
    let columns: String = COLUMNS.iter().map(|(name, kind, _)| format!(" --column {name}={kind}")).collect();
    let coalition = Coalition::new(&["a", "b"], sealed, &format!("--at-least 2 {kinds}"));
    let mut markers = markers();
    for secret in ["secret", "own.key"] {
        let text = fs::read_to_string(coalition.file("a", secret)).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("veilmatch"));
        markers.extend(lines.map(|line| line.split(": ").last().unwrap().to_owned()));
    }
    let said = std::cell::RefCell::new(Vec::new());
    let answer = |who: &str, arguments: &str, input: Stdio, code: i32| {
        // A record for each key, and one for commands that sign nothing.
        let log = if arguments.contains("--identity own.key") { "run.log" } else { "unsigned.log" };
        let mut command = coalition.command(who, &format!("{arguments} --log {log} --operator tester"));
        let run: Run = command.stdin(input).output().unwrap().into();
        assert_eq!(run.code, Some(code), "{arguments}: {}", run.stderr);
        said.borrow_mut().push((arguments.to_owned(), run));
    };
    let say = |who: &str, arguments: &str, code: i32| answer(who, arguments, Stdio::null(), code);
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", csv());
        let part = coalition.part(who);
        say(who, &format!("dry-run {columns} --input rows.csv"), 0);
        say(who, &format!("dry-run {columns} --national-plan 49/0 --summary json --input rows.csv"), 0);
        let own_rows = "--kind-column kind --value-column value --input of-kinds/rows.csv";
        fs::create_dir(coalition.file(who, "of-kinds")).unwrap();
        coalition.write(who, "of-kinds/rows.csv", csv_of_kinds());
        say(who, &format!("dry-run {own_rows}"), 0);
        say(who, &format!("dry-run {own_rows} --summary json"), 0);
        say(who, &format!("tokenize {part} {own_rows} --out sets-of-kinds"), 0);
        say(who, &own_rows.replacen("--kind-column kind", "dry-run --kind-column value", 1), 0);
        say(who, &format!("dry-run {columns} --input rows.csv --suppression rows.csv"), 1);
        say(who, &format!("tokenize {part} --handshake --out hands"), 0);
        say(who, &format!("tokenize {part} {columns} --input rows.csv --out sets"), 0);
        sets.extend(coalition.deliver(who, "sets"));
        // Everything that fails: raw rows in the place of every other file, and the reverse.
        for wrong in ["rows.csv", "secret", "own.key", "missing"] {
            say(
                who,
                &part_with(
                    &format!("tokenize {part} {columns} --input rows.csv --out new"),
                    "round.json",
                    wrong,
                ),
                1,
            );
            say(who, &format!("inspect {wrong}"), 1);
            say(who, &format!("verify {wrong}"), 1);
            say(who, &format!("resolve {part} {columns} --input rows.csv --share {wrong}"), 1);
            say(
                who,
                &format!(
                    "round new --coalition c --epoch 1 --at-least 2 --kind card.pan --member a={wrong} --out new"
                ),
                1,
            );
        }
        say(
            who,
            &part_with(
                &format!("tokenize {part} {columns} --input rows.csv --out new"),
                "--secret-file secret",
                "--secret-file rows.csv",
            ),
            1,
        );
        say(
            who,
            &format!(
                "tokenize {part} --kind card.pan --format lines --input secret --min-accepted 0 --out of-secret"
            ),
            0,
        );
        say(who, &format!("split --secret-file secret --threshold 2 --keepers 3 --out {}", "shares"), 0);
        fs::remove_dir_all(coalition.file(who, "shares")).unwrap();
    }
    let identity = coalition.identity();
    say(HUB, &format!("intersect --round round.json {identity} --out result {}", sets.join(" ")), 0);
    for who in ["a", "b"] {
        for name in
            coalition.names_in(HUB, "result").iter().filter(|name| name.starts_with(&format!("{who}.")))
        {
            coalition.carry(HUB, &format!("result/{name}"), who, name);
            say(
                who,
                &format!("resolve {} {columns} --input rows.csv --share {name}", coalition.part(who)),
                0,
            );
            say(who, &format!("inspect {name} {identity}"), 0);
        }
        say(who, "verify --round round.json round.json", 0);
    }
    update_and_screen(&coalition, &columns, &answer);
    for (arguments, run) in said.borrow().iter() {
        search(&format!("standard output of {arguments}"), run.stdout.as_bytes(), &markers);
        search(&format!("standard error of {arguments}"), run.stderr.as_bytes(), &markers);
    }
    let searched: usize = ["a", "b", HUB].iter().map(|who| search_files(&coalition.of(who), &markers)).sum();
    assert!(searched > 80, "{searched}");

    // And the search finds what is there.
    let part = coalition.part("a");
    let shown = coalition.done(
        "a",
        &format!("resolve {part} {columns} --input rows.csv --share a.card.pan-1.vsh --with-values"),
    );
    assert!(
        shown.stdout.contains("9999 1000 0000 1562") && !shown.stderr.contains("1562"),
        "{}",
        shown.stdout
    );
    search("standard error", shown.stderr.as_bytes(), &markers);
}

/// Runs a command with something on its standard input, which must end with a status.
type Answer<'a> = &'a dyn Fn(&str, &str, Stdio, i32);

/// The next day's sets with fewer rows, the deltas to them, their application, and the rows as a stream; each also with
/// raw rows, a secret and a key in the place of its files.
fn update_and_screen(coalition: &Coalition, columns: &str, answer: Answer<'_>) {
    let (part, identity) = (coalition.part("a"), coalition.identity());
    let agreed = format!("--round round.json {identity}");
    let say = |who: &str, arguments: &str, code| answer(who, arguments, Stdio::null(), code);
    for (who, folder) in [("a", "later"), (HUB, "wrong")] {
        fs::create_dir(coalition.file(who, folder)).unwrap();
    }
    coalition.write("a", "later/rows.csv", csv().lines().take(4).collect::<Vec<_>>().join("\n"));
    for (rows, more) in [
        ("rows.csv", "--out first --keep monday"),
        ("later/rows.csv", "--out second --keep tuesday --follow monday"),
    ] {
        say("a", &format!("tokenize {part} {columns} --input {rows} {more}"), 0);
    }
    for (at, (_, kind, values)) in COLUMNS.iter().enumerate() {
        let name = format!("{kind}-1");
        let (monday, tuesday) = (format!("monday/{name}.vms"), format!("tuesday/{name}.vms"));
        let delta = format!("delta {agreed} --member a --base {monday} --new {tuesday} --out {name}.vmd");
        say("a", &delta, 0);
        say("a", &format!("inspect {tuesday} {identity}"), 0);
        coalition.carry("a", &format!("first/{name}.vms"), HUB, &format!("monday-{name}.vms"));
        coalition.carry("a", &format!("{name}.vmd"), HUB, &format!("{name}.vmd"));
        let (base, out) = (format!("monday-{name}.vms"), format!("tuesday-{name}.vms"));
        let apply = format!("apply {agreed} --base {base} --delta {name}.vmd --out {out}");
        say(HUB, &apply, 0);
        say(HUB, &format!("inspect {name}.vmd {identity}"), 0);

        let stream = format!("stream-{at}/rows.csv");
        fs::create_dir(coalition.file("a", &format!("stream-{at}"))).unwrap();
        coalition.write("a", &stream, values.join("\n"));
        let screen = |against: &str, code| {
            let input = File::open(coalition.file("a", &stream)).unwrap();
            answer("a", &format!("screen {part} {against}"), input.into(), code);
        };
        let against = [
            format!("--share a.{name}.vsh"),
            format!("--set {tuesday}"),
            format!("--set {monday} --memory 1"),
        ];
        against.iter().for_each(|against| screen(against, 0));
        if at > 0 {
            continue;
        }
        for wrong in ["rows.csv", "secret", "own.key", "missing"] {
            ["share", "set"].iter().for_each(|option| screen(&format!("--{option} {wrong}"), 1));
            say("a", &part_with(&delta, &monday, wrong).replace(&format!("{name}.vmd"), "new.vmd"), 1);
            say("a", &part_with(&delta, &tuesday, wrong).replace(&format!("{name}.vmd"), "new.vmd"), 1);
            coalition.carry("b", if wrong == "missing" { "rows.csv" } else { wrong }, HUB, "wrong/rows.csv");
            for given in [&base, &format!("{name}.vmd")] {
                say(HUB, &part_with(&apply, given, "wrong/rows.csv").replace(&out, "new.vms"), 1);
            }
        }
    }
}

fn part_with(arguments: &str, from: &str, to: &str) -> String {
    assert!(arguments.contains(from));
    arguments.replacen(from, to, 1)
}

#[test]
fn a_sealed_round_is_silent() {
    round(true);
}

#[test]
fn a_trial_round_is_silent() {
    round(false);
}
