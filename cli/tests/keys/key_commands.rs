//! By the program: secrets and key files that a command prints, as the client of a key service would.

use std::fs;
use std::process::Command;
use std::time::Instant;

use crate::support::coalition::{Coalition, HUB};
use crate::support::run::Run;

fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind crypto.evm");
    coalition.write("a", "rows.csv", format!("wallet\n0x{:040x}\n", 0xabcdef_u128 << 64));
    coalition
}

/// `tokenize` with the secret and the identity from these commands.
fn tokenize(coalition: &Coalition, secret: &str, identity: &str) -> Run {
    let mut command = coalition.command(
        "a",
        "tokenize --round round.json --member a --column wallet=crypto.evm --input rows.csv --out sets --force",
    );
    command.args(["--secret-command", secret, "--identity-command", identity]);
    command.output().unwrap().into()
}

fn refused(coalition: &Coalition, secret: &str) -> String {
    let run = tokenize(coalition, secret, "cat own.key");
    assert_eq!(run.code, Some(1), "{secret}: {}", run.stderr);
    assert!(!coalition.file("a", "sets").exists(), "{secret}");
    // Neither what it printed nor what it was asked.
    let line = fs::read_to_string(coalition.file("a", "secret")).unwrap();
    assert!(line.len() > 60 && !run.stderr.contains(&line[9..20]), "{}", run.stderr);
    assert!(secret.is_empty() || !run.stderr.contains(secret), "{}", run.stderr);
    run.stderr
}

#[test]
fn keys_from_commands_are_as_good_as_from_files() {
    let coalition = coalition();
    let with_space = coalition.file("a", "the secret");
    fs::rename(coalition.file("a", "secret"), &with_space).unwrap();
    let quoted = format!("cat '{}'", with_space.display());
    for (secret, identity) in
        [(quoted.as_str(), "cat own.key"), ("cat the\\ secret", "sh -c 'cat own.key 1>&1'")]
    {
        let run = tokenize(&coalition, secret, identity);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    coalition.carry("a", "sets/crypto.evm-1.vms", HUB, "a.vms");
    let mut hub = coalition.command(HUB, "verify --round round.json a.vms");
    let run: Run = hub.args(["--identity-command", "cat own.key"]).output().unwrap().into();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn a_command_that_fails_gives_no_key_whatever_it_printed() {
    let coalition = coalition();
    for (command, said) in [
        ("sh -c 'cat secret; exit 3'", "--secret-command: the command failed: exit status: 3"),
        ("sh -c 'cat secret; kill -9 $$'", "--secret-command: the command failed: signal: 9"),
        ("false", "--secret-command: the command failed: exit status: 1"),
        ("/nonexistent/client", "--secret-command: the command cannot be started"),
        ("cat 'secret", "--secret-command: expected a command whose quotes are closed"),
        ("", "--secret-command: expected a command whose quotes are closed"),
        ("true", "--secret-command: secret: expected one line"),
        ("cat own.key", "--secret-command: secret: expected one line"),
        ("cat secret secret", "--secret-command: secret: expected one line"),
        // What it says itself goes through.
        ("sh -c 'echo the vault is locked >&2; exit 1'", "the vault is locked"),
    ] {
        let stderr = refused(&coalition, command);
        assert!(stderr.contains(said), "{command}: {stderr}");
    }
}

#[test]
fn there_is_no_shell_and_no_input() {
    let coalition = coalition();
    for command in
        ["cat secret; touch ran", "cat secret && touch ran", "cat $(touch ran)", "cat secret | tee ran"]
    {
        refused(&coalition, command);
        assert!(!coalition.file("a", "ran").exists(), "{command}");
    }
    // Standard input is at its end: nothing of the rows' stream can be taken.
    let run = tokenize(&coalition, "sh -c 'read -r line || cat secret'", "cat own.key");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn endless_output_is_refused_at_once() {
    let coalition = coalition();
    for command in ["yes", "cat /dev/zero", "head -c 4097 /dev/zero"] {
        assert!(refused(&coalition, command).contains("printed more than 4,096 bytes"));
    }
}

/// It sleeps for a minute: the bound is not for users to change.
#[test]
fn a_command_that_hangs_is_ended_with_its_children() {
    let coalition = coalition();
    let start = Instant::now();
    let stderr = refused(&coalition, "sh -c 'sleep 1117 & echo $! > child; cat secret; sleep 1117'");
    assert!(stderr.contains("took more than 60 seconds and was ended"), "{stderr}");
    assert!(start.elapsed().as_secs() >= 60);
    let child = fs::read_to_string(coalition.file("a", "child")).unwrap();
    // Gone, or waiting for whoever reaps orphans.
    let state = Command::new("ps").args(["-o", "stat=", "-p", child.trim()]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    assert!(state.is_empty() || state.starts_with('Z'), "{state}");
}

#[test]
fn a_key_has_one_source() {
    let coalition = coalition();
    let part =
        "tokenize --round round.json --member a --column wallet=crypto.evm --input rows.csv --out sets";
    for (more, said) in [
        ("--secret-file secret --secret-command cat", "cannot be used with"),
        ("--secret-command cat --identity own.key --identity-command cat", "cannot be used with"),
        ("--identity own.key", "--secret-file <FILE>"),
    ] {
        let run = coalition.run("a", &format!("{part} {more}"));
        assert_eq!(run.code, Some(2), "{more}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{more}: {}", run.stderr);
    }
}
