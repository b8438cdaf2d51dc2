//! `blind` and `unblind` that are killed at any moment: run again, they end in the same cache, and nothing is charged twice.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use veilmatch::container::HEADER_LEN;

use crate::custodied::{COLUMN, agreed, coalition, evaluate, part, unblind};
use crate::support::coalition::Coalition;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use crate::support::shim::{Place, kill_at};
use crate::support::thorough::times;
use crate::support::work::{found, opened, put, wallets};

/// Nearly all that a custodian evaluates for a member: what is charged twice is over the quota.
const ROWS: u64 = 600;
const ASKED: [&str; 2] = ["court", "auditor"];

fn ledger(custodian: &str) -> String {
    format!("step-3/{custodian}.ledger")
}

/// The charges in each ledger.
fn charges(all: &Coalition) -> [usize; 2] {
    ASKED.map(|who| fs::read_to_string(all.file(who, &ledger(who))).unwrap().lines().count() - 1)
}

fn spawn(all: &Coalition, arguments: &str) -> Child {
    all.command("a", arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills the command at a part of the time that it takes, denser towards the end, where names are given.
fn kill(all: &Coalition, arguments: &str, longest: Duration, (kill, kills): (u32, u32)) {
    let mut child = spawn(all, arguments);
    let part = 1.0 - (1.0 - f64::from(kill) / f64::from(kills)).powi(2);
    std::thread::sleep(Duration::from_secs_f64(longest.as_secs_f64() * 1.1 * part));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The tokens of all rows, by the cache.
fn tokens(all: &Coalition) -> Vec<u8> {
    let tokenize =
        format!("tokenize {} {COLUMN} --input rows.csv --keep kept --out sets --force", part(all, "a"));
    all.done("a", &tokenize);
    let files = opened(all, &found(&all.file("a", "kept")).unwrap());
    files["crypto.evm-1.vms"][HEADER_LEN..][..16 * ROWS as usize].to_vec()
}

fn answered(all: &Coalition) -> Vec<String> {
    ASKED.iter().map(|custodian| evaluate(all, custodian, "a")).collect()
}

#[test]
fn killed_as_it_blinds_a_rerun_asks_once_and_the_cache_is_the_same() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, ROWS));
    let begun = ASKED.map(|who| fs::read(all.file(who, &ledger(who))).unwrap());
    let reset = || {
        ["cache", "asked"].iter().for_each(|name| put(&all.file("a", name), None));
        for (who, begun) in ASKED.iter().zip(&begun) {
            fs::write(all.file(who, &ledger(who)), begun).unwrap();
        }
    };
    let blind = format!("blind {} {COLUMN} --input rows.csv --out asked --force", agreed("a"));
    let start = Instant::now();
    assert!(spawn(&all, &blind).wait().unwrap().success());
    let longest = start.elapsed();
    assert_eq!(unblind(&all, "a", &answered(&all)).code, Some(0));
    let expected = tokens(&all);
    // What is there after a kill: what is pending, and the requests. Then everything is done again.
    let end = |kill: &str| {
        let is_pending = all.file("a", "cache/crypto.evm-1.vmw").exists();
        let is_out = all.file("a", "asked").exists();
        assert!(is_pending || !is_out, "{kill}: a request whose blinds are lost");
        if is_out {
            evaluate(&all, "court", "a"); // and the answer is lost
        }
        all.done("a", &blind);
        let answers = answered(&all);
        assert_eq!(charges(&all), [1, 1], "{kill}");
        assert_eq!(unblind(&all, "a", &answers).code, Some(0), "{kill}");
        assert_eq!(all.names_in("a", "cache"), ["crypto.evm-1.vmc"], "{kill}");
        assert!(tokens(&all) == expected, "{kill}");
        (is_pending, is_out)
    };
    let (kills, mut found) = (times(10), Vec::new());
    for number in 0..kills {
        reset();
        kill(&all, &blind, longest, (number, kills));
        found.push(end(&format!("kill {number}")));
    }
    println!("what was pending, and requests that were out, after each kill: {found:?}");
    assert!(found.contains(&(false, false)), "the first kill comes at once");
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (place, state) in [
        (Place::After("cache/crypto.evm-1.vmb"), (false, false)),
        (Place::Before("cache/crypto.evm-1.vmw"), (false, false)),
        (Place::After("cache/crypto.evm-1.vmw"), (true, false)),
        (Place::Before("asked"), (true, false)),
        (Place::After("asked"), (true, true)),
    ] {
        reset();
        kill_at(place, all.command("a", &blind));
        assert_eq!(end(&format!("{place:?}")), state, "{place:?}");
    }
}

#[test]
fn killed_as_it_unblinds_a_rerun_ends_in_the_same_cache() {
    let all = coalition();
    all.write("a", "rows.csv", wallets(0, ROWS));
    let blind = format!("blind {} {COLUMN} --input rows.csv --out asked --force", agreed("a"));
    all.done("a", &blind);
    let answers = answered(&all);
    let unblinding = format!("unblind {} {}", agreed("a"), answers.join(" "));
    let pending = found(&all.file("a", "cache")).unwrap();
    let start = Instant::now();
    assert!(spawn(&all, &unblinding).wait().unwrap().success());
    let longest = start.elapsed();
    let expected = tokens(&all);
    let reset = || {
        put(&all.file("a", "cache"), Some(&pending));
        let _ = fs::remove_dir_all(all.file("a", ".cache.part"));
    };
    // What is there after a kill: what is pending, and the cache. Then everything is done again.
    let end = |kill: &str| {
        let [is_pending, is_evaluated] =
            ["vmw", "vmc"].map(|ending| all.file("a", &format!("cache/crypto.evm-1.{ending}")).exists());
        assert!(is_pending || is_evaluated, "{kill}: the blinds are lost");
        let again = unblind(&all, "a", &answers);
        match is_pending {
            true => assert_eq!(again.code, Some(0), "{kill}: {}", again.stderr),
            false => {
                assert!(again.stderr.contains("these answers were unblinded before"), "{}", again.stderr)
            }
        }
        assert!(tokens(&all) == expected, "{kill}");
        let nothing = all.done("a", &blind);
        assert!(nothing.stderr.contains("nothing is asked"), "{kill}: {}", nothing.stderr);
        assert!(!all.file("a", "cache/crypto.evm-1.vmw").exists(), "{kill}");
        (is_pending, is_evaluated)
    };
    let (kills, mut found) = (times(10), Vec::new());
    for number in 0..kills {
        reset();
        kill(&all, &unblinding, longest, (number, kills));
        found.push(end(&format!("kill {number}")));
    }
    println!("what was pending, and a cache, after each kill: {found:?}");
    assert!(found.contains(&(true, false)), "the first kill comes at once");
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (place, state) in [
        (Place::Before("cache/crypto.evm-1.vmc"), (true, false)),
        (Place::After("cache/crypto.evm-1.vmc"), (true, true)),
        (Place::Before("cache/crypto.evm-1.vmw"), (true, true)),
        (Place::After("cache/crypto.evm-1.vmw"), (false, true)),
        (Place::After("cache/crypto.evm-1.vmb"), (false, true)),
    ] {
        reset();
        kill_at(place, all.command("a", &unblinding));
        assert_eq!(end(&format!("{place:?}")), state, "{place:?}");
    }
}
