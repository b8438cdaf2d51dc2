//! The example as a program: what it prints, byte for byte, and how it exits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::support::examples::{program, run};
use crate::support::member::{secret, wallet};
use crate::support::run::Run;
use crate::support::shared::shared;
use serde_json::Value;
use tempfile::TempDir;

/// Three members: `a.csv`, `b.txt`, and `c.txt`, which is empty.
fn three_members() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: String| fs::write(folder.path().join(name), content).unwrap();
    write(
        "a.csv",
        "wallet,mail,n\n\
         0x00000000c0ffee00000000000000000000000002,Ann@Example.com,1\n\
         0x00000000C0fFEe00000000000000000000000003,,2\n\
         0x00000000c0ffee00000000000000000000000004,ben@example.com,3\n"
            .into(),
    );
    write(
        "b.txt",
        "0x00000000c0ffee00000000000000000000000001\n\
         0X00000000C0FFEE00000000000000000000000001\n\
         0x00000000c0ffee00000000000000000000000002\n\
         \n\
         not a wallet\n\
         0x000000000000000000000000000000000000dEaD\n"
            .into(),
    );
    write("c.txt", String::new());
    folder
}

/// What `--format json` prints of these three for `--kind crypto.evm`, counted by hand.
const THREE_MEMBERS: &str = concat!(
    r#"{"schema":3,"at_least":2,"min_result":0,"members":["a","b","c"],"#,
    r#""kinds":[{"kind":"crypto.evm/1","members":["#,
    r#"{"name":"a","rows":3,"accepted":3,"changed":1,"warnings":1,"suppressed":0,"duplicates":0,"unique":3,"#,
    r#""rejected":{}},"#,
    r#"{"name":"b","rows":5,"accepted":3,"changed":1,"warnings":0,"suppressed":1,"duplicates":1,"unique":2,"#,
    r#""rejected":{"bad_character":1}},"#,
    r#"{"name":"c","rows":0,"accepted":0,"changed":0,"warnings":0,"suppressed":0,"duplicates":0,"unique":0,"#,
    r#""rejected":{}}],"#,
    r#""overlaps":1,"by_holder_count":{"1":3,"2":1,"3":0},"#,
    r#""pairs":[{"a":"a","b":"b","overlap":1},{"a":"a","b":"c","overlap":0},{"a":"b","b":"c","overlap":0}],"#,
    r#""combinations":{"largest":[{"holders":["a","b"],"count":1}],"more":0,"smallest":1}}]}"#,
    "\n"
);

fn ok(folder: &Path, arguments: &str) -> String {
    let Run { code, stdout, stderr } = run(folder, arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments}");
    stdout
}

/// Runs what should fail with this code, without a result, and gives the message.
fn refused(folder: &Path, arguments: &str, code: i32) -> String {
    let run = run(folder, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments}: {}", run.stderr);
    assert!(run.stderr.starts_with("intersect: ") && !run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(run.stderr.contains("Usage:"), code == 2, "{arguments}: {}", run.stderr);
    run.stderr
}

// --- The demonstration ----------------------------------------------------------------------------------

#[test]
fn without_arguments_it_demonstrates_four_kinds_and_prints_the_same_in_every_run() {
    let folder = tempfile::tempdir().unwrap();
    let first = ok(folder.path(), "");
    let headline = "Four organisations found 20 identifiers that at least two of them have, without showing each other \
                    their lists.\n\n4 members;";
    assert!(first.starts_with(headline), "{first}");
    for kind in ["card.pan/1", "email.mailbox/1", "phone.e164/1", "crypto.evm/1"] {
        assert_eq!(first.matches(&format!("\n{kind}: ")).count(), 1, "{kind} in {first}");
    }
    assert_eq!(ok(folder.path(), ""), first, "whatever the secret");
    for threads in ["1", "8"] {
        let run: Run = program(folder.path()).env("RAYON_NUM_THREADS", threads).output().unwrap().into();
        assert_eq!(run, Run { code: Some(0), stdout: first.clone(), stderr: String::new() });
    }
}

#[test]
fn the_demonstration_ends_with_a_trail_over_three_members() {
    let folder = tempfile::tempdir().unwrap();
    let trail = "\n\na trail from a confirmed case leads to 3 members; each learns of its own rows alone\n  \
                 nordpay row 4: the case; others in the trail have its email.mailbox/1\n  \
                 webhost row 4: 1 step away; others in the trail have its card.pan/1, crypto.evm/1, email.mailbox/1, phone.e164/1\n  \
                 alba-bank row 7: 2 steps away; others in the trail have its card.pan/1, crypto.evm/1, phone.e164/1\n  \
                 nordpay row 3: 2 steps away; others in the trail have its card.pan/1, crypto.evm/1, phone.e164/1\n\n\
                 These four are invented";
    let output = ok(folder.path(), "");
    assert!(output.contains(trail), "{output}");
}

#[test]
fn the_readme_shows_what_the_demonstration_prints() {
    let Ok(readme) = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")) else {
        return;
    };
    let after = readme.split_once("<!-- output of the demonstration -->\n```");
    let (_, after) = after.expect("the README has a block after the line that marks it");
    let (sample, _) = after.split_once("\n```").expect("the block ends");
    let (_, sample) = sample.split_once('\n').expect("the block has lines");
    assert!(sample.lines().count() > 2);
    let folder = tempfile::tempdir().unwrap();
    let output = ok(folder.path(), "");
    assert!(
        format!("\n{output}").contains(&format!("\n{sample}\n")),
        "README shows\n{sample}\nbut it is\n{output}"
    );
}

#[test]
fn the_report_says_what_its_words_mean() {
    let folder = three_members();
    for arguments in ["", "--kind crypto.evm a.csv b.txt"] {
        let text = ok(folder.path(), arguments);
        for word in ["changed", "warned", "suppressed"] {
            assert_eq!(text.matches(&format!("\n{word}: ")).count(), 1, "{word} in {text}");
        }
    }
}

#[test]
fn help_goes_to_standard_output_and_names_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in ["--help", "-h", "--kind crypto.evm --help"] {
        let help = ok(folder.path(), arguments);
        for kind in veilmatch::member::identifier::Kind::ALL {
            let (name, _) = kind.id().split_once('/').unwrap();
            assert!(help.contains(name), "{name}");
        }
    }
}

// --- Results --------------------------------------------------------------------------------------------

#[test]
fn json_is_exactly_what_a_count_by_hand_gives_whatever_the_order_of_the_files() {
    let folder = three_members();
    for files in ["a.csv b.txt c.txt", "c.txt b.txt a.csv", "b.txt a.csv c.txt"] {
        let arguments = format!("--kind crypto.evm --format json {files}");
        assert_eq!(ok(folder.path(), &arguments), THREE_MEMBERS, "{files}");
    }
    let text = ok(folder.path(), "--kind crypto.evm a.csv b.txt c.txt");
    assert_eq!(ok(folder.path(), "a.csv c.txt b.txt --kind crypto.evm --format text"), text);
    assert!(text.contains("crypto.evm/1: 1 overlap\n"), "{text}");
}

#[test]
fn the_threshold_decides_what_overlaps_and_is_listed_and_nothing_else() {
    let folder = three_members();
    let both = r#"{"holders":["a","b"],"count":1}"#;
    let each = format!(r#"{{"holders":["a"],"count":2}},{both},{{"holders":["b"],"count":1}}"#);
    for (at_least, overlaps, combinations) in [(1, 4, each.as_str()), (2, 1, both), (3, 0, "")] {
        let arguments = format!("--kind crypto.evm --format json --at-least {at_least} a.csv b.txt c.txt");
        let expected = THREE_MEMBERS
            .replace(r#""at_least":2"#, &format!(r#""at_least":{at_least}"#))
            .replace(r#""overlaps":1"#, &format!(r#""overlaps":{overlaps}"#))
            .replace(both, combinations);
        assert_eq!(ok(folder.path(), &arguments), expected);
    }
}

#[test]
fn a_kind_may_be_given_with_its_version() {
    let folder = three_members();
    let of = |kind: &str| ok(folder.path(), &format!("--kind {kind} --format json a.csv b.txt c.txt"));
    assert_eq!(of("crypto.evm/1"), THREE_MEMBERS);
    assert_eq!(of("crypto.evm"), THREE_MEMBERS);
}

#[test]
fn a_csv_file_is_read_for_its_first_column_and_any_other_line_by_line() {
    let folder = three_members();
    for name in ["a.txt", "a.CSV", "a"] {
        fs::copy(folder.path().join("a.csv"), folder.path().join(name)).unwrap();
    }
    let rows_and_rejected = |file: &str| {
        let json = ok(folder.path(), &format!("--kind crypto.evm --format json b.txt {file}"));
        let json: Value = serde_json::from_str(&json).unwrap();
        let member = &json["kinds"][0]["members"][0];
        (member["rows"].as_u64(), member["rejected"]["bad_character"].as_u64())
    };
    assert_eq!(rows_and_rejected("a.csv"), (Some(3), None));
    assert_eq!(rows_and_rejected("a.CSV"), (Some(3), None));
    assert_eq!(rows_and_rejected("a.txt"), (Some(4), Some(4)));
    assert_eq!(rows_and_rejected("a"), (Some(4), Some(4)));
}

#[test]
fn a_first_identifier_is_not_taken_for_the_header() {
    let folder = three_members();
    fs::write(folder.path().join("d.csv"), format!("{}\n{}\n", wallet(1), wallet(2))).unwrap();
    let message = refused(folder.path(), "--kind crypto.evm b.txt d.csv", 1);
    assert!(message.contains("d.csv: ") && message.contains("--no-header"), "{message}");
    assert!(!message.contains("c0ffee"), "{message}");
    let json = ok(folder.path(), "--kind crypto.evm --no-header --format json b.txt d.csv");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["kinds"][0]["members"][1]["rows"], &json["kinds"][0]["overlaps"]),
        (&2.into(), &2.into())
    );
    refused(folder.path(), "--column wallet=crypto.evm --no-header a.csv d.csv", 2);
}

#[test]
fn several_columns_give_several_kinds_in_their_order() {
    let folder = three_members();
    fs::write(folder.path().join("d.csv"), format!("mail,wallet\nann@example.com,{}\n", wallet(4))).unwrap();
    let arguments = "--column mail=email.mailbox --column wallet=crypto.evm --column mail=email.strict/1";
    let json = ok(folder.path(), &format!("{arguments} --format json d.csv a.csv"));
    let json: Value = serde_json::from_str(&json).unwrap();
    let found: Vec<(&str, u64, u64)> = json["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| {
            let empty = kind["members"][0]["rejected"]["empty"].as_u64().unwrap_or_default();
            (kind["kind"].as_str().unwrap(), kind["overlaps"].as_u64().unwrap(), empty)
        })
        .collect();
    assert_eq!(found, [("email.mailbox/1", 1, 1), ("crypto.evm/1", 1, 0), ("email.strict/1", 1, 1)]);
}

// --- Exports of spreadsheets ----------------------------------------------------------------------------

/// Three members with national phone numbers in two columns, between semicolons: in Latin-1 with CRLF, in UTF-8 behind a
/// byte-order mark, and in Latin-1 with LF.
fn three_exports() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write(
        "alba.csv",
        b"Kunde;B\xfcro;mobil\r\n\
          K\xf6hler;020 7946 0018;07700 900101\r\n\
          M\xfcller;+44 20 7946 0019;\r\n\
          J\xe4ger;;07700 900102\r\n",
    );
    write(
        "borea.csv",
        "\u{feff}B\u{fc}ro;mobil\r\n07700 900101;\r\n+44 7700 900103;020 7946 0019\r\n".as_bytes(),
    );
    write("webhost.csv", b"B\xfcro;mobil\n(020) 7946 0018;07700 900101\n07700 900103;7700 900104\n");
    folder
}

const OF_EXPORTS: &str = "--delimiter semicolon --encoding latin1 --national-plan 44/0 --column B\u{fc}ro=phone.e164 \
                          --column mobil=phone.e164 alba.csv borea.csv webhost.csv";

/// By hand: 0018 is alba's and webhost's, 0019 alba's and borea's, 101 all three's, 102 alba's, 103 borea's and webhost's.
#[test]
fn exports_in_latin1_with_semicolons_and_national_phones_in_two_columns_are_counted_as_by_hand() {
    let folder = three_exports();
    let json = ok(folder.path(), &format!("{OF_EXPORTS} --format json"));
    let json: Value = serde_json::from_str(&json).unwrap();
    let kinds = json["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 1, "the columns are one set");
    assert_eq!(kinds[0]["by_holder_count"], serde_json::json!({"1": 1, "2": 3, "3": 1}));
    let pairs: Vec<_> =
        kinds[0]["pairs"].as_array().unwrap().iter().map(|pair| number(&pair["overlap"])).collect();
    assert_eq!((number(&kinds[0]["overlaps"]), pairs), (4, vec![2, 2, 2]));
    let members = kinds[0]["members"].as_array().unwrap();
    let rows: Vec<_> = members.iter().map(|of| (number(&of["rows"]), number(&of["unique"]))).collect();
    assert_eq!(rows, [(6, 4), (4, 3), (4, 3)]);

    let spelt = OF_EXPORTS.replace("semicolon", ";").replace("latin1", "windows-1252");
    assert_eq!(ok(folder.path(), &spelt), ok(folder.path(), OF_EXPORTS));
}

#[test]
fn own_files_show_what_the_demonstration_shows() {
    let folder = three_exports();
    let text = ok(folder.path(), OF_EXPORTS);
    let headline = "Three organisations found 4 identifiers that at least two of them have, without showing each other \
                    their lists.\n";
    assert!(text.starts_with(headline), "{text}");
    assert!(text.contains("\n  borea           2\n  webhost         2         2\n"), "{text}");
    assert!(text.contains("\n  webhost phone.e164/1 (mobil) row 2, line 3: no_trunk_prefix\n"), "{text}");
    let learned = "\nwhat alba learns about its own rows from its share\n  \
                   row 1, line 2 phone.e164/1 (B\u{fc}ro): also seen by webhost\n  \
                   row 2, line 3 phone.e164/1 (B\u{fc}ro): also seen by borea\n  \
                   row 1, line 2 phone.e164/1 (mobil): also seen by borea, webhost\n";
    assert!(text.ends_with(learned), "{text}");

    let all = ok(folder.path(), &format!("{OF_EXPORTS} --at-least 3"));
    assert!(
        all.starts_with("Three organisations found 1 identifier that at least three of them have,"),
        "{all}"
    );
    let empty = ["x", "y"].map(|name| {
        fs::write(folder.path().join(name), "").unwrap();
        name
    });
    let none = ok(folder.path(), &format!("--kind crypto.evm {}", empty.join(" ")));
    assert!(none.starts_with("Two organisations found no identifiers that"), "{none}");
    assert!(none.ends_with("from its share\n  none\n"), "{none}");
}

#[test]
fn a_long_list_of_rows_is_cut_and_the_rest_counted() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = (1..=60).map(|number| wallet(number) + "\n").collect();
    let bad = "no wallet\n".repeat(150);
    fs::write(folder.path().join("a"), lines.clone() + &bad).unwrap();
    fs::write(folder.path().join("b"), lines).unwrap();
    let text = ok(folder.path(), "--kind crypto.evm a b");
    assert!(text.contains("\n  and 100 more\n\nwhat a learns"), "{text}");
    assert!(text.ends_with("also seen by b\n  and 10 more\n"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_secret_file_is_used_if_only_its_owner_may_open_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = three_members();
    let path = folder.path().join("secret");
    secret().write_new_file(&path).unwrap();
    let arguments = "--kind crypto.evm --format json --secret-file secret a.csv b.txt c.txt";
    assert_eq!(ok(folder.path(), arguments), THREE_MEMBERS);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let message = refused(folder.path(), arguments, 1);
    assert!(message.contains("secret: ") && message.contains("0600"), "{message}");
    let message = refused(folder.path(), "--kind crypto.evm --secret-file absent a.csv b.txt", 1);
    assert!(message.contains("absent"), "{message}");
}

// --- Refusals -------------------------------------------------------------------------------------------

#[test]
fn a_command_line_that_makes_no_sense_exits_with_2_and_shows_the_usage() {
    let folder = three_members();
    for arguments in [
        "--kinds crypto.evm a.csv b.txt",
        "-x a.csv b.txt",
        "--kind",
        "--kind crypto.evm a.csv b.txt --at-least",
        "--kind crypto.evm a.csv b.txt --format",
        "--kind crypto.evm a.csv b.txt --secret-file",
        "--kind crypto.doge a.csv b.txt",
        "--kind crypto.evm/2 a.csv b.txt",
        "--kind CRYPTO.EVM a.csv b.txt",
        "--column wallet=crypto a.csv a.csv",
        "--column wallet a.csv b.txt",
        "--kind crypto.evm",
        "a.csv b.txt",
        "--at-least 2 a.csv b.txt",
        "--kind crypto.evm --at-least two a.csv b.txt",
        "--kind crypto.evm --at-least -1 a.csv b.txt",
        "--kind crypto.evm --at-least 1.5 a.csv b.txt",
        "--kind crypto.evm --at-least 99999999999999999999999 a.csv b.txt",
        "--kind crypto.evm --format xml a.csv b.txt",
        "--kind crypto.evm --kind card.pan a.csv b.txt",
        "--kind crypto.evm --encoding latin0 a.csv b.txt",
        "--kind crypto.evm --delimiter ;; a.csv b.txt",
        "--kind crypto.evm --delimiter \u{e9} a.csv b.txt",
        "--kind crypto.evm --delimiter \" a.csv b.txt",
        "--kind crypto.evm --delimiter ; c.txt b.txt",
        "--kind crypto.evm --national-plan 0044 a.csv b.txt",
        "--column wallet=crypto.evm --column wallet=crypto.evm/1 a.csv b.txt",
        "--kind crypto.evm --column wallet=crypto.evm a.csv b.txt",
    ] {
        refused(folder.path(), arguments, 2);
    }
}

#[test]
fn an_input_that_cannot_be_matched_exits_with_1_and_names_what_is_wrong() {
    let folder = three_members();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::copy(folder.path().join("b.txt"), folder.path().join("folder/b.txt")).unwrap();
    fs::copy(folder.path().join("b.txt"), folder.path().join("folder/B.txt")).unwrap();
    write("empty.csv", "");
    write("twice.csv", "wallet,wallet\n1,2\n");
    write("open.csv", &format!("wallet\n\"{}", "x\n".repeat(600_000)));
    write("end.csv", "wallet\n\"x");
    for (arguments, named) in [
        ("--kind crypto.evm a.csv absent.txt", "absent.txt"),
        ("--kind crypto.evm a.csv folder", "folder"),
        ("--kind crypto.evm --at-least 0 a.csv b.txt", "threshold"),
        ("--kind crypto.evm --at-least 3 a.csv b.txt", "threshold"),
        ("--kind crypto.evm --at-least 18446744073709551615 a.csv b.txt", "threshold"),
        ("--kind crypto.evm a.csv", "at least 2"),
        ("--kind crypto.evm b.txt folder/b.txt", "member b "),
        ("--kind crypto.evm b.txt b.txt", "member b "),
        ("--kind crypto.evm b.txt folder/B.txt", "member B "),
        ("--column card=card.pan a.csv empty.csv", "a.csv"),
        ("--column wallet=crypto.evm a.csv b.txt", "b.txt"),
        ("--column wallet=crypto.evm a.csv twice.csv", "twice.csv"),
        ("--kind crypto.evm a.csv empty.csv", "empty.csv"),
        ("--kind crypto.evm a.csv open.csv", "row 1 "),
        ("--kind crypto.evm a.csv end.csv", "row 1 "),
    ] {
        let message = refused(folder.path(), arguments, 1);
        assert!(message.contains(named), "{arguments}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn a_file_whose_stem_is_no_name_of_a_member_is_named() {
    let folder = three_members();
    for name in ["b copy.txt", "-b.txt", "b.c.txt", "é.txt", ".txt", &("b".repeat(65) + ".txt")] {
        fs::copy(folder.path().join("b.txt"), folder.path().join(name)).unwrap();
        let path = format!("./{name}");
        let run: Run =
            program(folder.path()).args(["--kind", "crypto.evm", "a.csv", &path]).output().unwrap().into();
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = three_members();
    let path = OsStr::from_bytes(b"b\xff.txt");
    fs::copy(folder.path().join("b.txt"), folder.path().join(path)).unwrap();
    let output = program(folder.path()).args(["--kind", "crypto.evm", "a.csv"]).arg(path).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn members_without_a_single_valid_row_are_members_all_the_same() {
    let folder = three_members();
    fs::write(folder.path().join("d.txt"), b"\xff\xfd\n\0\nnonsense\n").unwrap();
    let json = ok(folder.path(), "--kind crypto.evm --format json c.txt d.txt");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["members"], serde_json::json!(["c", "d"]));
    assert_eq!(json["kinds"][0]["members"][0]["rows"], 0);
    assert_eq!(json["kinds"][0]["members"][1]["rows"], 3);
    assert_eq!(json["kinds"][0]["members"][1]["accepted"], 0);
    ok(folder.path(), "--kind crypto.evm c.txt d.txt");
}

const SOME_OUTPUTS: [&str; 4] = [
    "",
    "--help",
    "--kind crypto.evm a.csv b.txt c.txt",
    "--kind crypto.evm --format json a.csv b.txt c.txt",
];

#[test]
fn a_standard_output_that_nobody_reads_is_a_failure_and_no_panic() {
    let folder = three_members();
    for arguments in SOME_OUTPUTS {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut program = program(folder.path());
        let run: Run = program.args(arguments.split_whitespace()).stdout(writer).output().unwrap().into();
        assert_eq!(run.code, Some(1), "{arguments}");
        assert!(run.stderr.starts_with("intersect: standard output: "), "{}", run.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_a_failure_with_a_message() {
    let folder = three_members();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for arguments in SOME_OUTPUTS {
        let mut program = program(folder.path());
        let run: Run = program.args(arguments.split_whitespace()).stdout(full()).output().unwrap().into();
        assert_eq!(run.code, Some(1), "{arguments}");
        assert!(run.stderr.starts_with("intersect: standard output: "), "{}", run.stderr);
    }
    for (arguments, code) in [("--kind", 2), ("--kind crypto.evm a.csv absent.txt", 1)] {
        let mut program = program(folder.path());
        let status = program.args(arguments.split_whitespace()).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(code), "nowhere to put the message");
    }
}

// --- Real lists -----------------------------------------------------------------------------------------

/// The addresses of one list as the plainest of means find them: one spelling, no library of ours.
fn addresses(path: &Path) -> BTreeSet<String> {
    let raw: Vec<String> = if path.extension().is_some_and(|extension| extension == "csv") {
        let records = csv::Reader::from_path(path).unwrap().into_records();
        records.map(|record| record.unwrap()[0].to_owned()).collect()
    } else {
        fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
    };
    let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_address =
        |text: &String| text.strip_prefix("0x").is_some_and(|digits| digits.len() == 40 && hex(digits));
    raw.into_iter().map(|raw| raw.to_lowercase()).filter(is_address).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

/// Holds the program's answer for these lists against a count of who holds what.
fn check_lists(files: &[PathBuf], at_least: usize) -> u64 {
    let mut files: Vec<(String, &PathBuf)> =
        files.iter().map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut program = program(folder.path());
    program.args(["--kind", "crypto.evm", "--format", "json", "--at-least", &at_least.to_string()]);
    let run: Run = program.args(files.iter().map(|(_, path)| path)).output().unwrap().into();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let found = &json["kinds"][0];

    files.sort();
    let mut holders: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (member, (stem, path)) in files.iter().enumerate() {
        let all = addresses(path);
        assert!(!all.is_empty(), "{stem}");
        assert_eq!(json["members"][member], stem.as_str());
        let told = &found["members"][member];
        assert_eq!(number(&told["unique"]), all.len() as u64, "{stem}");
        let rejected: u64 = told["rejected"].as_object().unwrap().values().map(number).sum();
        assert_eq!(number(&told["rows"]), number(&told["accepted"]) + number(&told["suppressed"]) + rejected);
        assert_eq!(number(&told["accepted"]), number(&told["unique"]) + number(&told["duplicates"]));
        all.into_iter().for_each(|address| {
            holders.entry(address).or_default().insert(member);
        });
    }
    let held_by =
        |wanted: &dyn Fn(&BTreeSet<usize>) -> bool| holders.values().filter(|set| wanted(set)).count() as u64;
    let overlaps = held_by(&|set| set.len() >= at_least);
    assert_eq!(number(&found["overlaps"]), overlaps);
    for count in 1..=files.len() {
        let expected = held_by(&|set| set.len() == count);
        assert_eq!(number(&found["by_holder_count"][count.to_string()]), expected, "{count} holders");
    }
    let mut pairs = found["pairs"].as_array().unwrap().iter();
    for a in 0..files.len() {
        for b in a + 1..files.len() {
            let pair = pairs.next().expect("a pair for each two members, in order");
            assert_eq!((&pair["a"], &pair["b"]), (&json["members"][a], &json["members"][b]));
            assert_eq!(number(&pair["overlap"]), held_by(&|set| set.contains(&a) && set.contains(&b)));
        }
    }
    assert!(pairs.next().is_none());
    overlaps
}

fn lists(names: &[&str]) -> Option<Vec<PathBuf>> {
    names.iter().map(|name| shared(&format!("data/{name}"))).collect()
}

#[test]
fn nine_public_lists_are_counted_as_a_plain_count_does() {
    let names = [
        "ofac_ETH.txt",
        "ofac_ARB.txt",
        "ofac_BSC.txt",
        "ofac_ETC.txt",
        "ofac_USDC.txt",
        "ofac_USDT.txt",
        "forta_etherscan_malicious_labels.csv",
        "forta_malicious_smart_contracts.csv",
        "forta_phishing_scams.csv",
    ];
    let Some(files) = lists(&names) else { return };
    let overlaps: Vec<u64> = (2..=4).map(|at_least| check_lists(&files, at_least)).collect();
    assert!(overlaps[0] > 1000 && overlaps.is_sorted_by(|fewer, more| fewer >= more), "{overlaps:?}");
}

#[test]
fn four_tickers_of_the_ofac_list_are_counted_as_a_plain_count_does() {
    for tickers in [["ETH", "ARB", "BSC", "ETC"], ["ETH", "USDC", "USDT", "ETC"]] {
        let names = tickers.map(|ticker| format!("ofac_{ticker}.txt"));
        let Some(files) = lists(&names.each_ref().map(String::as_str)) else { return };
        let overlaps: Vec<u64> = (2..=4).map(|at_least| check_lists(&files, at_least)).collect();
        assert!(overlaps[0] > 0, "{tickers:?}: {overlaps:?}");
    }
}
