//! Secrets, shares and key files under a passphrase, by the library, by the program, and as `age` has them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::coalition::{Coalition, HUB};
use crate::support::run::Run;
use veilmatch::Error;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::round::seal::passphrase::*;

const WORDS: &str = "correct horse battery staple";

/// Cheap enough for tests, and refused by the program for new files.
const CHEAP: u8 = 10;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

fn problem(error: Error) -> &'static str {
    assert_eq!(error.code(), "passphrase");
    match error {
        Error::Passphrase { problem } => problem,
        other => panic!("{other:?}"),
    }
}

// --- The library ------------------------------------------------------------------------------------------

#[test]
fn what_is_protected_opens_by_its_passphrase_alone() {
    let file = protect(b"a line\n", &passphrase(WORDS), CHEAP).unwrap();
    assert!(seal::is_sealed(&file) && !file.windows(6).any(|bytes| bytes == b"a line"));
    assert_eq!(**unprotect(&file, &passphrase(WORDS)).unwrap(), *b"a line\n");
    for other in ["correct horse battery stapl", "Correct horse battery staple", " "] {
        let problem = problem(unprotect(&file, &passphrase(other)).unwrap_err());
        assert_eq!(problem, "it does not open the file; is a character mistyped?");
    }
    assert_eq!(format!("{:?}", passphrase(WORDS)), "Passphrase");
}

#[test]
fn any_changed_or_missing_byte_is_found() {
    let file = protect(b"a line\n", &passphrase(WORDS), 1).unwrap();
    for at in 0..file.len() {
        assert_eq!(unprotect(&file[..at], &passphrase(WORDS)).unwrap_err().code(), "passphrase", "{at}");
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert_eq!(unprotect(&changed, &passphrase(WORDS)).unwrap_err().code(), "passphrase", "{at}");
    }
}

#[test]
fn a_file_that_asks_for_more_work_than_is_sane_is_refused_before_it_is_done() {
    let file = protect(b"", &passphrase(WORDS), CHEAP).unwrap();
    let header = String::from_utf8_lossy(&file[..100]).into_owned();
    let at = header.find(" 10\n").unwrap();
    for (factor, expected) in [
        (" 21\n", "expected a work factor of at most 20"),
        (" 63\n", "expected a work factor of at most 20"),
        (" 99\n", "expected a work factor of at most 20"),
    ] {
        let mut asks = file.clone();
        asks[at..at + 4].copy_from_slice(factor.as_bytes());
        assert_eq!(problem(unprotect(&asks, &passphrase(WORDS)).unwrap_err()), expected, "{factor}");
    }
    for factor in [0, MAX_WORK_FACTOR + 1, 64, 255] {
        assert_eq!(
            problem(protect(b"", &passphrase(WORDS), factor).unwrap_err()),
            "expected a work factor of 1 to 20"
        );
    }
}

#[test]
fn what_is_sealed_to_a_key_is_told_from_what_is_protected() {
    let mut sealer = seal::seal(&Identity::generate().unwrap().public_keys().seal, Vec::new()).unwrap();
    sealer.write_all(b"a line").unwrap();
    let file = sealer.finish().unwrap();
    let problem = problem(unprotect(&file, &passphrase(WORDS)).unwrap_err());
    assert_eq!(problem, "the file is sealed to a key; no passphrase opens it");
}

#[test]
fn a_passphrase_is_one_line_that_is_not_empty() {
    for text in [String::new(), "a\nb".into(), "a\r".into(), "x".repeat(Passphrase::MAX_LEN + 1)] {
        assert!(problem(Passphrase::new(&text).unwrap_err()).starts_with("expected"));
    }
    assert!(Passphrase::new(&"x".repeat(Passphrase::MAX_LEN)).is_ok());
    assert!(passphrase(WORDS).is(&passphrase(WORDS)) && !passphrase(WORDS).is(&passphrase("b")));
}

#[test]
fn a_reader_that_cannot_open_a_protected_file_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let secret = CoalitionSecret::generate().unwrap();
    let wrap = |line: &[u8]| Ok(protect(line, &passphrase(WORDS), CHEAP)?.into());
    secret.write_new_wrapped_file(&path, wrap).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let error = CoalitionSecret::read_file(&path).unwrap_err();
    assert!(error.to_string().ends_with("got a file that age encrypted"), "{error}");
    let read = CoalitionSecret::read_wrapped_file(&path, |file| unprotect(&file, &passphrase(WORDS)));
    assert_eq!(read.unwrap().id(), secret.id());
    // A wrapping does not make a secret of anything else.
    let other = folder.path().join("other");
    let padded = |line: &[u8]| Ok([line, &[b' '; 200]].concat().into());
    secret.write_new_wrapped_file(&other, padded).unwrap();
    assert_eq!(CoalitionSecret::read_wrapped_file(&other, Ok).unwrap_err().code(), "secret");
}

// --- The program ------------------------------------------------------------------------------------------

/// A run whose standard input is the descriptor of passphrases.
fn with_lines(coalition: &Coalition, who: &str, arguments: &str, lines: &str) -> Run {
    let mut command = coalition.command(who, &format!("{arguments} --passphrase-fd 0"));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes()); // it may not be read
    let run: Run = child.wait_with_output().unwrap().into();
    for line in lines.lines().filter(|line| line.len() > 2) {
        assert!(!run.stderr.contains(line) && !run.stdout.contains(line), "{arguments}: {}", run.stderr);
    }
    run
}

/// A coalition whose member `a` has secret and key file under passphrases, `first` and `second`.
fn protected(first: &str, second: &str) -> Coalition {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind crypto.evm");
    coalition.write("a", "rows.csv", format!("wallet\n0x{:040x}\n", 0xabcdef_u128 << 64));
    for (name, words) in [("own.key", first), ("secret", second)] {
        let path = coalition.file("a", name);
        fs::copy(&path, coalition.file("a", &format!("{name}.plain"))).unwrap();
        let file = protect(&fs::read(&path).unwrap(), &passphrase(words), CHEAP).unwrap();
        fs::write(path, file).unwrap();
    }
    coalition
}

const TOKENIZE: &str = "tokenize --round round.json --secret-file secret --member a --identity own.key \
                        --column wallet=crypto.evm --input rows.csv --out sets --force";

#[test]
fn every_reader_asks_for_the_passphrase_of_a_protected_file() {
    let coalition = protected("key words", "secret words");
    let run = with_lines(&coalition, "a", TOKENIZE, "key words\nsecret words\n");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let sets = coalition.file("a", "sets");
    let inspect = "inspect --identity own.key sets/crypto.evm-1.vms";
    assert_eq!(with_lines(&coalition, "a", inspect, "key words").code, Some(1)); // sealed to the hub, not to a
    let split = "split --secret-file secret --threshold 2 --keepers 2 --out shares";
    let run = with_lines(&coalition, "a", split, "secret words");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(fs::read_to_string(coalition.file("a", "shares/share-1")).unwrap().starts_with("vmshare1"));
    // A wrong one, too few, none, in the wrong order: nothing is done.
    fs::remove_dir_all(sets).unwrap();
    for (lines, said) in [
        ("key words\nsecret word\n", "secret: passphrase: it does not open the file"),
        ("secret words\nkey words\n", "own.key: passphrase: it does not open the file"),
        ("key words\n", "secret: passphrase: it does not open the file"),
        ("key words\n\n", "secret: passphrase: expected one, got an empty line"),
        ("", "descriptor 0: passphrase: expected a line with a passphrase, got none"),
        ("\n", "own.key: passphrase: expected one, got an empty line"),
    ] {
        let run = with_lines(&coalition, "a", TOKENIZE, lines);
        assert_eq!(run.code, Some(1), "{lines:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{lines:?}: {}", run.stderr);
        assert!(!coalition.file("a", "sets").exists());
    }
}

#[test]
fn one_line_serves_for_all_files() {
    let coalition = protected(WORDS, WORDS);
    for lines in
        [WORDS.to_owned(), format!("{WORDS}\n"), format!("{WORDS}\r\n"), format!("{WORDS}\n{WORDS}\n")]
    {
        let run = with_lines(&coalition, "a", TOKENIZE, &lines);
        assert_eq!(run.code, Some(0), "{lines:?}: {}", run.stderr);
    }
}

#[test]
fn without_a_terminal_or_a_descriptor_nothing_is_asked() {
    let coalition = protected(WORDS, WORDS);
    let mut command = Command::new("setsid");
    command.arg("--wait").arg(env!("CARGO_BIN_EXE_veilmatch")).args(TOKENIZE.split_whitespace());
    let run: Run = command.current_dir(coalition.of("a")).stdin(Stdio::null()).output().unwrap().into();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("own.key: "), "{}", run.stderr);
    assert!(
        run.stderr.contains("expected a terminal to ask for a passphrase, or --passphrase-fd"),
        "{}",
        run.stderr
    );
    let run = coalition.run("a", &format!("{TOKENIZE} --passphrase-fd 77"));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("descriptor 77: "), "{}", run.stderr);
    // Standard input cannot be both.
    let rows = TOKENIZE.replace("rows.csv", "-");
    let run = with_lines(&coalition, "a", &rows, &format!("{WORDS}\n{WORDS}\n0xabcdef\n"));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("- is given twice"), "{}", run.stderr);
}

#[test]
fn what_the_program_protects_is_private_and_opens_again() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind crypto.evm");
    let done = |arguments: &str, lines: &str| {
        let run = with_lines(&coalition, "a", arguments, lines);
        assert_eq!(run.code, Some(0), "{arguments}: {}", run.stderr);
        run.stderr
    };
    let cheap = "--passphrase --work-factor 17";
    let id = |said: &str| said.split("secret id ").nth(1).unwrap()[..16].to_owned();
    let made = id(&done(&format!("keygen --out new.secret {cheap}"), "first words\n"));
    done(&format!("keygen --identity --out new.key {cheap}"), "first words\n");
    // First the secret's, then one for each new share.
    let split = format!("split --secret-file new.secret --threshold 2 --keepers 2 --out shares {cheap}");
    assert_eq!(id(&done(&split, "first words\nshare one\nshare two\n")), made);
    for name in ["new.secret", "new.key", "shares/share-1", "shares/share-2"] {
        let file = fs::read(coalition.file("a", name)).unwrap();
        assert!(seal::is_sealed(&file), "{name}");
        let mode = fs::metadata(coalition.file("a", name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    let again = with_lines(&coalition, "a", "secret-id new.secret", "first words\n");
    assert_eq!((again.code, again.stdout), (Some(0), format!("secret id {made}\n")), "{}", again.stderr);
    let combine = format!("combine --out again.secret {cheap} shares/share-2 shares/share-1");
    let few = with_lines(&coalition, "a", &combine, "share two\nshare one\n");
    assert_eq!(few.code, Some(1), "{}", few.stderr);
    assert!(few.stderr.contains("one line for all files or one for each, got fewer"), "{}", few.stderr);
    assert_eq!(id(&done(&combine, "share two\nshare one\nlast words\n")), made);
    let again = fs::read(coalition.file("a", "again.secret")).unwrap();
    let line = unprotect(&again, &passphrase("last words")).unwrap();
    assert_eq!(CoalitionSecret::parse(std::str::from_utf8(&line).unwrap()).unwrap().id().to_string(), made);
    // The public file of a protected key whose making was cut off; never of one that is not protected as was asked.
    fs::remove_file(coalition.file("a", "new.key.pub")).unwrap();
    done(&format!("keygen --identity --out new.key {cheap}"), "first words");
    fs::remove_file(coalition.file("a", "own.key.pub")).unwrap();
    let run = with_lines(&coalition, "a", &format!("keygen --identity --out own.key {cheap}"), "first words");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("is there already, without a passphrase"), "{}", run.stderr);
    // What makes guessing cheap is refused, and so is what takes all memory.
    for factor in ["16", "21", "0"] {
        let run =
            coalition.run("a", &format!("keygen --out weak.secret --passphrase --work-factor {factor}"));
        assert_eq!(run.code, Some(2), "{}", run.stderr);
    }
}

#[test]
fn a_hub_opens_sets_with_a_protected_key() {
    let coalition = protected(WORDS, WORDS);
    assert_eq!(with_lines(&coalition, "a", TOKENIZE, WORDS).code, Some(0));
    coalition.carry("a", "sets/crypto.evm-1.vms", HUB, "a.vms");
    let key = coalition.file(HUB, "own.key");
    fs::write(&key, protect(&fs::read(&key).unwrap(), &passphrase("hub words"), CHEAP).unwrap()).unwrap();
    let verify = "verify --round round.json --identity own.key a.vms";
    let run = with_lines(&coalition, HUB, verify, "hub words");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(with_lines(&coalition, HUB, verify, "other words").code, Some(1));
}

// --- Terminals, and the program age -----------------------------------------------------------------------

/// Runs a shell's command on a terminal of its own, types an answer after each prompt; status and what was shown.
fn typed(folder: &Path, command: &str, answers: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--flush", "--command", command, "/dev/null"]);
    script.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).env("SHELL", "/bin/sh");
    let mut child = script.spawn().unwrap();
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut from) = (String::new(), 0);
    let mut byte = [0];
    for (prompt, answer) in answers {
        while !shown[from..].contains(prompt) {
            assert_eq!(screen.read(&mut byte).unwrap(), 1, "{command}: no {prompt:?} in {shown:?}");
            shown.push(byte[0].into());
        }
        from = shown.len();
        // The terminal shows what is typed until the program has told it not to.
        std::thread::sleep(std::time::Duration::from_millis(200));
        writeln!(keyboard, "{answer}").unwrap();
    }
    let mut rest = Vec::new();
    let _ = screen.read_to_end(&mut rest); // a terminal that closes is an error on some systems
    shown += &String::from_utf8_lossy(&rest);
    (child.wait().unwrap().code(), shown)
}

fn veilmatch(arguments: &str) -> String {
    format!("{} {arguments}", env!("CARGO_BIN_EXE_veilmatch"))
}

#[test]
fn a_passphrase_is_typed_twice_for_a_new_file_and_once_for_another_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let keygen = veilmatch("keygen --out s --passphrase --work-factor 17");
    let (code, shown) =
        typed(folder.path(), &keygen, &[("new passphrase of s: ", WORDS), ("again: ", "other")]);
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("expected the same one twice") && !folder.path().join("s").exists(), "{shown}");
    let (code, shown) =
        typed(folder.path(), &keygen, &[("new passphrase of s: ", WORDS), ("again: ", WORDS)]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains(WORDS), "{shown}");
    let split = veilmatch("split --secret-file s --threshold 2 --keepers 2 --out shares");
    let (code, shown) = typed(folder.path(), &split, &[("passphrase of s: ", WORDS)]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("split secret id") && !shown.contains(WORDS), "{shown}");
}

/// Its line in the run record is not signed then: a line is better than none.
#[test]
fn nobody_is_asked_for_a_passphrase_of_a_command_that_was_asked_wrongly() {
    let coalition = protected(WORDS, WORDS);
    let (code, shown) =
        typed(&coalition.of("a"), &veilmatch(&format!("{TOKENIZE} --log run.log --nonsense")), &[]);
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("--nonsense") && !shown.contains("passphrase of"), "{shown}");
    let record = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    assert_eq!(record.lines().count(), 1, "{record}");
    assert!(record.contains("\"usage\""), "{record}");
}

/// Whether `age` is installed; its absence fails under `VEILMATCH_REQUIRE_AGE=1`.
fn age_is_there() -> bool {
    let there = Command::new("age").arg("--version").stdout(Stdio::null()).status().is_ok();
    assert!(there || std::env::var_os("VEILMATCH_REQUIRE_AGE").is_none(), "age is not installed");
    if !there {
        eprintln!("skipped: age is not installed");
    }
    there
}

#[test]
fn age_opens_what_the_program_protects() {
    if !age_is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let new = [("new passphrase", WORDS), ("again: ", WORDS)];
    for (keygen, begins) in [
        ("keygen --out s", "vmsecret1"),
        ("keygen --identity --out s", "veilmatch identity 1\nsign: vmsign1"),
    ] {
        let (code, shown) = typed(folder.path(), &veilmatch(&format!("{keygen} --passphrase")), &new);
        assert_eq!(code, Some(0), "{shown}");
        let (code, shown) = typed(folder.path(), "age -d -o opened s", &[("Enter passphrase", WORDS)]);
        assert_eq!(code, Some(0), "{shown}");
        assert!(fs::read_to_string(folder.path().join("opened")).unwrap().starts_with(begins));
        for name in ["s", "opened"] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
}

#[test]
fn the_program_opens_what_age_protects() {
    if !age_is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    CoalitionSecret::generate().unwrap().write_new_file(&folder.path().join("s")).unwrap();
    let answers = [("Enter passphrase", WORDS), ("Confirm passphrase", WORDS)];
    let (code, shown) = typed(folder.path(), "umask 077; age -p -o p s", &answers);
    assert_eq!(code, Some(0), "{shown}");
    let split = veilmatch("split --secret-file p --threshold 2 --keepers 2 --out shares");
    let (code, shown) = typed(folder.path(), &split, &[("passphrase of p: ", WORDS)]);
    assert_eq!(code, Some(0), "{shown}");
    // The form for mail is told from what is no secret.
    let (code, shown) = typed(folder.path(), "umask 077; age -p -a -o armoured s", &answers);
    assert_eq!(code, Some(0), "{shown}");
    let (code, shown) = typed(folder.path(), &split.replace("file p", "file armoured"), &[]);
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("expected age's binary form"), "{shown}");
}
