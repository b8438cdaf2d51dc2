//! The runbook and the pages of trails and custodians are run: every command of them, by the role and in the folder that the prompt says, prints what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of the runbook and the output that follows it.
struct Step {
    who: String,
    command: String,
    output: String,
}

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// Who types, if a line has a prompt such as `alba$ `.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let (who, command) = line.split_once("$ ")?;
    who.bytes().all(|byte| byte.is_ascii_lowercase()).then_some((who, command))
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (line, inside) {
            ("```console", false) => inside = true,
            ("```", true) => inside = false,
            (line, true) => {
                match (prompt(line), line.strip_prefix("> ").or_else(|| line.strip_prefix(">"))) {
                    (Some((who, command)), _) => {
                        steps.push(Step {
                            who: who.into(),
                            command: format!("{command}\n"),
                            output: String::new(),
                        });
                    }
                    (None, Some(more)) => steps.last_mut().unwrap().command += &format!("{more}\n"),
                    (None, None) => steps.last_mut().unwrap().output += &format!("{line}\n"),
                }
            }
            _ => {}
        }
    }
    steps
}

/// Writes `<digest>`, `<trail>`, `<id>` and `<key>` for what differs from run to run.
fn settled(output: &str) -> String {
    let mut settled = String::new();
    let mut rest = output;
    while !rest.is_empty() {
        let word = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (head, tail) = rest.split_at(word.max(rest.chars().next().map_or(1, char::len_utf8)));
        let hex = head.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        settled += match (hex, word) {
            (true, 64) => "<digest>",
            (true, 32) => "<trail>",
            (true, 16) => "<id>",
            (false, 62) if head.starts_with("age1") => "<key>",
            _ => head,
        };
        rest = tail;
    }
    settled
}

fn run(folder: &Path, step: &Step) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_veilmatch")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let home = folder.join(&step.who);
    fs::create_dir_all(&home).unwrap();
    let script = format!("exec 2>&1\n{}", step.command);
    let output =
        Command::new("bash").args(["-c", &script]).current_dir(home).env("PATH", path).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}$ {}{said}", step.who, step.command);
    settled(&said)
}

#[test]
fn every_command_of_the_runbook_prints_what_the_runbook_says() {
    play("runbook.md", &["alba", "borea", "cardhaus", "eastpay", "webhost", "hub"]);
}

#[test]
fn every_command_of_the_page_of_trails_prints_what_the_page_says() {
    play("trails.md", &["alba", "borea", "webhost", "eastpay", "hub", "police"]);
}

#[cfg(feature = "custodian")]
#[test]
fn every_command_of_the_page_of_custodians_prints_what_the_page_says() {
    let custodians = ["auditor", "court", "registry"];
    play("custodians.md", &[&["alba", "borea", "cardhaus", "hub"][..], &custodians].concat());
}

/// Runs a page in which these take part.
fn play(name: &str, roles: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    for who in roles {
        fs::create_dir(folder.path().join(who)).unwrap();
    }
    let text = fs::read_to_string(page(name)).unwrap();
    let steps = steps(&text);
    assert!(steps.len() > 40, "{}", steps.len());
    let found: Vec<String> = steps.iter().map(|step| run(folder.path(), step)).collect();
    // `BLESS=1 cargo test -p veilmatch-cli --test round runbook` writes what was printed into the pages, to be looked at.
    if std::env::var_os("BLESS").is_some() {
        return fs::write(page(name), blessed(&text, &found)).unwrap();
    }
    for (step, found) in steps.iter().zip(&found) {
        assert_eq!(*found, step.output, "{}$ {}", step.who, step.command);
    }
}

fn blessed(text: &str, found: &[String]) -> String {
    let (mut out, mut inside, mut next) = (String::new(), false, 0);
    let mut pending = String::new();
    for line in text.lines() {
        let command = prompt(line).is_some();
        if inside && (command || line == "```") {
            out += &std::mem::take(&mut pending);
        }
        inside = (inside || line == "```console") && line != "```";
        if !inside || command || line == "```console" || line.starts_with('>') {
            out += &format!("{line}\n");
        }
        if inside && command {
            pending = found[next].clone();
            next += 1;
        }
    }
    out
}
