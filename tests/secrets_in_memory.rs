//! By the program: what lies in the memory of a command that waits for rows, read as root reads it.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use support::coalition::{Coalition, HUB};
use veilmatch::key::CoalitionSecret;

const COLUMNS: &str = "--column wallet=crypto.evm";
const SHARE: &str = "a.crypto.evm-1.vsh";

/// Stands in the manifest, which every command keeps: a look that does not find it has looked nowhere.
const PLANTED: &str = "planted where memory is read";

fn matched() -> Coalition {
    let terms =
        format!("--at-least 2 --kind crypto.evm --kind card.pan --purpose {}", PLANTED.replace(' ', "_"));
    let coalition = Coalition::new(&["a", "b"], true, &terms);
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(
            who,
            "rows.csv",
            format!("wallet,card\n0x{:040x},9999100000001562\n", 0xabcdef_u128 << 64),
        );
        sets.extend(coalition.tokenize(who, &format!("{COLUMNS} --column card=card.pan")));
    }
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    coalition.carry(HUB, &format!("result/{SHARE}"), "a", SHARE);
    coalition
}

/// A command that has read all its files and waits for standard input.
fn waiting(coalition: &Coalition, arguments: &str) -> Child {
    let mut command = coalition.command("a", arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    if arguments.starts_with("screen") {
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("row,kind"), "{line}");
    }
    // It sleeps in a read of its standard input, which is a pipe.
    let (folder, start) = (format!("/proc/{}", child.id()), Instant::now());
    let reads_input = || {
        let threads = fs::read_dir(format!("{folder}/task")).unwrap();
        threads.flatten().any(|thread| {
            fs::read_to_string(thread.path().join("syscall")).is_ok_and(|call| call.starts_with("0 0x0 "))
        })
    };
    while !reads_input() {
        assert!(start.elapsed() < Duration::from_secs(60), "{arguments}: does not wait for its input");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// All memory of a process that it can read or write itself.
fn memory(child: &Child) -> Vec<Vec<u8>> {
    let folder = format!("/proc/{}", child.id());
    let file = fs::File::open(format!("{folder}/mem")).unwrap();
    let mut all = Vec::new();
    for line in fs::read_to_string(format!("{folder}/maps")).unwrap().lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if !rest.starts_with('r') || line.ends_with("[vvar]") || line.ends_with("[vvar_vclock]") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let [start, end] = [start, end].map(|at| u64::from_str_radix(at, 16).unwrap());
        let mut bytes = vec![0; (end - start) as usize];
        // Guard pages and devices cannot be read.
        if file.read_exact_at(&mut bytes, start).is_ok() {
            all.push(bytes);
        }
    }
    all
}

fn holds(memory: &[Vec<u8>], needle: &[u8]) -> bool {
    memory.iter().any(|region| {
        let starts = region.iter().enumerate().filter(|(_, byte)| **byte == needle[0]);
        starts.into_iter().any(|(at, _)| region[at..].starts_with(needle))
    })
}

/// The 32 bytes under the checksum of a secret's line.
fn bytes(line: &str) -> Vec<u8> {
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<bech32::Bech32m>(line).unwrap();
    checked.byte_iter().collect()
}

/// Not the secret, nor its line, nor the key that HKDF extracts from it, of which all keys are derived.
#[test]
fn a_command_that_waits_for_rows_has_no_secret_in_its_memory() {
    let coalition = matched();
    let line = fs::read_to_string(coalition.file("a", "secret")).unwrap();
    let line = line.trim();
    assert!(CoalitionSecret::parse(line).is_ok());
    let secret = bytes(line);
    let salt = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"veilmatch/1");
    let extracted = ring::hmac::sign(&salt, &secret);

    let part = coalition.part("a");
    for arguments in [
        format!("screen {part} --share {SHARE}"),
        format!("tokenize {part} {COLUMNS} --input - --out waiting"),
        format!("tokenize {part} {COLUMNS} --column card=card.pan --input - --out waiting"),
        format!("tokenize {part} --kind-column kind --value-column value --input - --out waiting"),
        format!("resolve {part} {COLUMNS} --share {SHARE} --input -"),
    ] {
        let mut child = waiting(&coalition, &arguments);
        let found = memory(&child);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(holds(&found, PLANTED.replace(' ', "_").as_bytes()), "{arguments}");
        for (what, needle) in
            [("bytes", &secret[..]), ("line", &line.as_bytes()[9..]), ("extracted key", extracted.as_ref())]
        {
            assert!(!holds(&found, needle), "{arguments}: the secret's {what}");
            // Nor a good part of it.
            assert!(!holds(&found, &needle[needle.len() / 2..]), "{arguments}: half of the secret's {what}");
        }
    }
}
