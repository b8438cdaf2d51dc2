//! The ids by which members see that they have one secret.

use std::fs;
use std::process::Command;

use crate::support::coalition::{Coalition, HUB};
use veilmatch::member::key::CoalitionSecret;

fn coalition() -> Coalition {
    Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan --kind net.ip")
}

/// The id of a secret file, as the program prints it.
fn id(coalition: &Coalition, who: &str, file: &str) -> String {
    let run = coalition.done(who, &format!("secret-id {file}"));
    assert!(run.stderr.contains("equal secret ids mean equal secrets"), "{}", run.stderr);
    let id = run.stdout.strip_prefix("secret id ").and_then(|rest| rest.strip_suffix('\n')).unwrap();
    id.to_owned()
}

/// The secret 00 01 … 1f of SPEC.md.
#[test]
fn the_id_is_the_one_of_the_specification() {
    let coalition = coalition();
    let secret = CoalitionSecret::from_bytes(&mut std::array::from_fn(|at| at as u8)).unwrap();
    secret.write_new_file(&coalition.file("a", "known")).unwrap();
    assert_eq!(id(&coalition, "a", "known"), "f003293acffb4ba2");
    assert!(include_str!("../../../SPEC.md").contains("has the secret id `f003293acffb4ba2`"));
}

#[test]
fn equal_secrets_have_equal_ids_whoever_prints_them_and_others_have_others() {
    let coalition = coalition();
    let ours = id(&coalition, "a", "secret");
    assert_eq!(id(&coalition, "b", "secret"), ours);
    let split =
        coalition.done("a", "split --secret-file secret --threshold 2 --keepers 2 --out shares").stderr;
    assert!(split.contains(&format!("split secret id {ours} into")), "{split}");
    let made = coalition.done("b", "keygen --out other").stderr;
    let theirs = id(&coalition, "b", "other");
    assert!(made.contains(&format!("wrote other, secret id {theirs}")) && theirs != ours, "{made}");
    // The key ids of files are other ones, and differ from kind to kind.
    coalition.done("a", &format!("tokenize {} --handshake --out hands", coalition.part("a")));
    let key_ids = ["card.pan-1.vmh", "net.ip-1.vmh"].map(|name| {
        coalition.carry("a", &format!("hands/{name}"), HUB, name);
        let shown = coalition.done(HUB, &format!("inspect {name}")).stdout;
        shown.lines().find_map(|line| line.strip_prefix("key_id: ")).unwrap().to_owned()
    });
    assert!(key_ids[0] != key_ids[1] && !key_ids.contains(&ours), "{key_ids:?} {ours}");
}

#[test]
fn the_secret_may_come_from_a_command_and_must_be_one() {
    let coalition = coalition();
    let ours = id(&coalition, "a", "secret");
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
    command.current_dir(coalition.of("a")).args(["secret-id", "--secret-command", "cat secret"]);
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("secret id {ours}\n"));
    for (arguments, code, problem) in [
        ("secret-id", 2, "required"),
        ("secret-id secret --secret-command cat", 2, "cannot be used with"),
        ("secret-id absent", 1, "absent: "),
        ("secret-id own.key", 1, "own.key: secret: expected one line that begins with `vmsecret1`"),
    ] {
        let run = coalition.run("a", arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(problem), "{arguments}: {}", run.stderr);
    }
}

#[test]
fn neither_the_record_nor_a_message_has_more_of_the_secret_than_its_id() {
    let coalition = coalition();
    let secret = fs::read_to_string(coalition.file("a", "secret")).unwrap();
    let run = coalition.done("a", "secret-id secret --log run.log");
    let record = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    let all = [run.stdout, run.stderr, record.clone()].concat();
    assert!(!all.contains(&secret["vmsecret1".len()..][..8]), "{all}");
    let line: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!((&line["command"], &line["outcome"]), (&"secret-id".into(), &"done".into()));
    assert_eq!((&line["inputs"], &line["outputs"]), (&serde_json::json!([]), &serde_json::json!([])));
}
