//! A member's configuration: what it gives, what counts in its place, and what it must not be.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::coalition::Coalition;
use crate::support::run::without_digests;

const EXPORT: &str =
    "nr;card;second\nK-1;9999 1000 0000 1562;\nK-2;;9999100000002933\nK-3;9999100000000001;\n";

const CONFIG: &str = "round = \"round.json\"\nmember = \"a\"\nsecret-file = \"secret\"\ninput = [\"rows.csv\"]\n\
                      delimiter = \"semicolon\"\ncolumn = [\"card=card.pan\", \"second=card.pan\"]\nsubject-column = \"nr\"\n\
                      [tokenize]\nout = \"sets\"\n[resolve]\nshare = [\"shares\"]\n";

fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", EXPORT);
    coalition.write("a", "veilmatch.toml", CONFIG);
    coalition
}

#[test]
fn verbs_alone_do_and_an_option_counts_in_the_place_of_its_key() {
    let coalition = coalition();
    let dry = coalition.done("a", "dry-run");
    assert!(dry.stdout.starts_with("card.pan/1: 6 rows, 2 accepted"), "{}", dry.stdout);
    assert!(dry.stderr.contains("with veilmatch.toml: column, delimiter, input"), "{}", dry.stderr);
    // A kind excludes the columns of the configuration, and a handshake its input.
    coalition.write("a", "list.txt", "9999100000001562\n");
    let lines = coalition.done("a", "dry-run --kind card.pan --input list.txt --format csv --no-header");
    assert!(lines.stdout.starts_with("card.pan/1: 1 rows, 1 accepted"), "{}", lines.stdout);
    coalition.done("a", "tokenize --handshake --out hands");
    assert_eq!(coalition.names_in("a", "hands"), ["card.pan-1.vmh"]);
    // Another file, whose paths begin where it lies.
    fs::create_dir(coalition.file("a", "below")).unwrap();
    let below = "round = \"../round.json\"\nmember = \"a\"\nsecret-file = \"../secret\"\ninput = \"../rows.csv\"\n\
                 delimiter = \";\"\ncolumn = \"card=card.pan\"\nmin-accepted = 10\nout = \"made\"\n";
    coalition.write("a", "below/other.toml", below);
    coalition.done("a", "tokenize --config below/other.toml");
    assert_eq!(coalition.names_in("a", "below/made"), ["card.pan-1.vms"]);
    let refused = coalition.run("a", "tokenize --config below/other.toml --min-accepted 90 --force");
    assert!(
        refused.code == Some(1) && refused.stderr.contains("at least 90 % of 2 values"),
        "{}",
        refused.stderr
    );
}

/// Two columns of a file are read one after the other; its lines are what they are.
#[test]
fn empty_lines_of_a_file_count_once_whatever_the_columns_and_a_kind_that_is_due_is_named() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan --kind net.ip");
    coalition.write("a", "rows.csv", format!("{EXPORT}\n\n"));
    coalition.write("a", "veilmatch.toml", CONFIG);
    let dry = coalition.done("a", "dry-run").stdout;
    assert!(dry.contains("  2 empty lines are no rows"), "{dry}");
    let said = coalition.done("a", "tokenize").stderr;
    assert!(said.contains("card.pan/1: 2 empty lines are no rows"), "{said}");
    assert!(
        said.contains("warning: net.ip/1: the round expects a set of a too, and no column has it"),
        "{said}"
    );
}

#[test]
fn a_round_by_verbs_gives_customers_with_file_column_and_line() {
    let coalition = coalition();
    coalition.done("a", "tokenize");
    let mut sets = coalition.deliver("a", "sets");
    coalition.write("b", "rows.csv", "card\n9999100000002933\n9999100000001562\n");
    sets.extend(coalition.tokenize("b", "--column card=card.pan"));
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    fs::create_dir(coalition.file("a", "shares")).unwrap();
    coalition.carry("hub", "result/a.card.pan-1.vsh", "a", "shares/a.card.pan-1.vsh");
    let expected = "row,line,kind,column,holders,names,subject\n1,2,card.pan/1,card,2,a b,K-1\n2,3,card.pan/1,second,2,a b,K-2\n";
    assert_eq!(coalition.done("a", "resolve").stdout, expected);
    // From standard input, which is read into memory, for each column and for the subject.
    let mut command = coalition.command("a", "resolve --input -");
    command.stdin(fs::File::open(coalition.file("a", "rows.csv")).unwrap());
    assert_eq!(String::from_utf8(command.output().unwrap().stdout).unwrap(), expected);
    // Two files have names; rows and lines begin anew in each.
    let (first, second) = EXPORT.split_at(EXPORT.find("K-2").unwrap());
    fs::create_dir(coalition.file("a", "two")).unwrap();
    coalition.write("a", "two/1.csv", first);
    coalition.write("a", "two/2.csv", format!("nr;card;second\n\n{second}"));
    let listed = coalition.done("a", "resolve --input two --with-values").stdout;
    let expected = "file,row,line,kind,column,holders,names,subject,value\n\
                    two/1.csv,1,2,card.pan/1,card,2,a b,K-1,9999 1000 0000 1562\n\
                    two/2.csv,1,3,card.pan/1,second,2,a b,K-2,9999100000002933\n";
    assert_eq!(listed, expected);
}

#[test]
fn what_is_no_configuration_is_refused_and_nothing_of_it_is_shown() {
    let coalition = coalition();
    for (text, problem) in [
        ("member = a\n", "line 1: expected TOML"),
        ("\n\nround = \"x\nmember\n", "line 4: expected TOML"),
        ("colum = [\"card=card.pan\"]\n", "did you mean column?"),
        (
            "9999100000001562 = 1\n",
            "a key: expected the name of an option of blind, unblind, tokenize, dry-run",
        ),
        ("[\"ann.one@example.org\"]\nx = 1\n", "a table: expected a table of a command"),
        ("force = true\n", "key force: expected the name of an option"),
        (
            "[resolved]\nshare = \"x\"\n",
            "[resolved]: expected a table of a command: blind, unblind, tokenize",
        ),
        ("[dry-run]\nshare = \"x\"\n", "key share: expected the name of an option of dry-run"),
        ("delimiter = [\";\", \",\"]\n", "delimiter: expected one value, got a list"),
        ("no-header = \"yes\"\n", "no-header: expected true or false"),
        ("quoted-lines = 1.5\n", "quoted-lines: expected a text in quotes, a number, or a list of them"),
    ] {
        coalition.write("a", "veilmatch.toml", text);
        let run = coalition.run("a", "dry-run --kind card.pan --input rows.csv --log run.log");
        assert_eq!(run.code, Some(1), "{text}: {}", run.stderr);
        assert!(
            run.stderr.contains(&format!("veilmatch.toml: {problem}")) || run.stderr.contains(problem),
            "{text}: {}",
            run.stderr
        );
        let said = without_digests(&run.stderr);
        assert!(!said.contains("9999") && !said.contains("ann.") && run.stdout.is_empty(), "{}", run.stderr);
    }
    let record = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    assert_eq!(record.lines().count(), 11);
    // Commands run what stands in it, so it must be the user's own, and no link to another's.
    fs::remove_file(coalition.file("a", "veilmatch.toml")).unwrap();
    coalition.write("b", "theirs.toml", CONFIG);
    std::os::unix::fs::symlink(coalition.file("b", "theirs.toml"), coalition.file("a", "veilmatch.toml"))
        .unwrap();
    let run = coalition.run("a", "dry-run");
    assert!(run.code == Some(1) && run.stderr.contains("veilmatch.toml"), "{}", run.stderr);
}

#[test]
fn a_configuration_that_others_can_write_is_refused() {
    let coalition = coalition();
    let file = coalition.file("a", "veilmatch.toml");
    for mode in [0o666, 0o664] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let run = coalition.run("a", "dry-run");
        assert!(run.code == Some(1) && run.stderr.contains("writ"), "{mode:o}: {}", run.stderr);
    }
}

#[test]
fn init_guesses_what_an_export_shows_and_replaces_nothing() {
    let coalition = coalition();
    fs::remove_file(coalition.file("a", "veilmatch.toml")).unwrap();
    coalition.done("a", "config init --input rows.csv");
    let text = fs::read_to_string(coalition.file("a", "veilmatch.toml")).unwrap();
    for line in [
        "delimiter = \"semicolon\"",
        "  \"card=card.pan\", # ? 1 of the first 2 values",
        "subject-column = \"nr\" # ?",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    assert!(!text.contains("9999") && !text.contains("K-1"), "{text}");
    let again = coalition.run("a", "config init --input rows.csv --force");
    assert!(again.code == Some(1) && again.stderr.contains("veilmatch.toml"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(coalition.file("a", "veilmatch.toml")).unwrap(), text);
    coalition.write("a", "plain.csv", "9999100000001562,K-1\n");
    let run = coalition.run("a", "config init --input plain.csv --out plain.toml");
    assert!(run.code == Some(1) && run.stderr.contains("looks like a row"), "{}", run.stderr);
    assert!(!coalition.file("a", "plain.toml").exists() && !run.stderr.contains("9999"));
}

#[test]
fn a_folder_with_a_run_record_beside_its_files_can_be_read_again() {
    let coalition = coalition();
    fs::create_dir(coalition.file("a", "exports")).unwrap();
    for name in ["1.csv", "2.csv"] {
        coalition.write("a", &format!("exports/{name}"), EXPORT);
    }
    for _ in 0..2 {
        coalition.done("a", "tokenize --input exports --log run.log --force");
    }
    assert!(coalition.names_in("a", "exports").contains(&"1.csv.nonce".to_owned()));
    // A nonce without its file is a stranger.
    coalition.write("a", "exports/3.csv.nonce", "");
    assert!(coalition.run("a", "dry-run --input exports").stderr.contains("another file, 3.csv.nonce"));
}

#[test]
fn what_would_count_twice_or_be_read_wrongly_is_refused() {
    let coalition = coalition();
    coalition.write("a", "list.txt", "x-1\n");
    coalition.write("a", "list.csv", "id\nx-1\n");
    coalition.write("a", "latin.csv", b"name\nM\xfcller\n");
    coalition.write("a", "utf8.csv", "name\nMüller\n");
    let wrong: String = (0..40).map(|number| format!("K-{number};no card;\n")).collect();
    coalition.write("a", "wrong.csv", format!("nr;card;second\n{wrong}"));
    let good: String = (0..40).map(|_| "K;9999100000001562;\n").collect();
    coalition.write("a", "good.csv", format!("nr;card;second\n{good}"));
    coalition.write("a", "empty.csv", "nr;card;second\nK-1;;\nK-2;;\n");
    for (arguments, code, problem) in [
        ("dry-run --input rows.csv ./rows.csv", 1, "expected each file of --input once"),
        (
            "dry-run --no-config --kind opaque.x --input list.txt list.csv",
            2,
            "--format says how all are read",
        ),
        (
            "dry-run --no-config --column name=opaque.x --encoding latin1 --input latin.csv utf8.csv",
            1,
            "utf8.csv: expected windows-1252, got UTF-8",
        ),
        (
            "tokenize --input good.csv wrong.csv",
            1,
            "wrong.csv: column \"card\", card.pan/1: expected at least 1 % of 40 values",
        ),
        ("tokenize --input empty.csv", 1, "empty.csv: card.pan/1: expected values, got 4 empty ones"),
    ] {
        let run = coalition.run("a", arguments);
        assert_eq!(run.code, Some(code), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(problem), "{arguments}: {}", run.stderr);
        assert!(!coalition.file("a", "sets").exists());
    }
    coalition.done("a", "tokenize --input good.csv wrong.csv --min-accepted 0");
}

/// A file that lies there by chance, or by somebody's design, runs nothing.
#[test]
fn a_command_stands_only_in_a_configuration_that_was_named() {
    let coalition = coalition();
    let config = CONFIG.replace("secret-file = \"secret\"", "secret-command = \"touch ran\"");
    coalition.write("a", "veilmatch.toml", &config);
    let run = coalition.run("a", "tokenize");
    assert!(run.code == Some(1) && run.stderr.contains("secret-command: runs a command"), "{}", run.stderr);
    assert!(!coalition.file("a", "ran").exists());
    let named = config.replace("touch ran", "cat secret");
    coalition.write("a", "veilmatch.toml", &named);
    coalition.done("a", "tokenize --config veilmatch.toml");
}

#[test]
fn options_of_sets_that_cannot_be_remembered_are_a_matter_before_rows_are_read() {
    let coalition = coalition();
    coalition.write("a", "veilmatch.sets.json", "x");
    let run = coalition.run("a", "tokenize");
    assert!(run.code == Some(1) && run.stderr.contains("veilmatch.sets.json: "), "{}", run.stderr);
    assert!(!run.stderr.contains("rows,"), "{}", run.stderr);
}
