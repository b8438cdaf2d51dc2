//! By the program: a member sends what has changed, and the hub has the very set that the member kept.

use std::fs;
use std::io::Read as _;
use std::time::Duration;

use crate::support::coalition::{Coalition, HUB};
use veilmatch::TokenSet;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;

const TERMS: &str = "--at-least 2 --kind crypto.evm";
const COLUMNS: &str = "--column wallet=crypto.evm";
const SET: &str = "crypto.evm-1.vms";

fn rows(numbers: impl Iterator<Item = u64>) -> String {
    numbers.fold("wallet\n".to_owned(), |text, number| {
        text + &format!("0x{:040x}\n", (u128::from(number) << 64) + 0xabcdef)
    })
}

/// Tokenises `day`'s rows to `sets-DAY`, keeps them in `kept-DAY`, after those of the day before.
fn tokenize(coalition: &Coalition, who: &str, day: u64, numbers: std::ops::Range<u64>) {
    coalition.write(who, &format!("rows-{day}.csv"), rows(numbers));
    let follow = if day > 0 { format!("--follow kept-{}", day - 1) } else { String::new() };
    // Within a budget of memory the same set is made on another way.
    let memory = if day == 1 { "--memory 4MiB" } else { "" };
    coalition.done(
        who,
        &format!(
            "tokenize {} {COLUMNS} --input rows-{day}.csv --out sets-{day} --keep kept-{day} {follow} {memory}",
            coalition.part(who)
        ),
    );
}

/// Makes the delta to `day` and carries it to the hub.
fn send(coalition: &Coalition, who: &str, day: u64) -> String {
    let out = format!("{day}.vmd");
    coalition.done(who, &delta(coalition, who, day, &out));
    coalition.carry(who, &out, HUB, &out);
    out
}

fn delta(coalition: &Coalition, who: &str, day: u64, out: &str) -> String {
    let (before, identity) = (day - 1, coalition.identity());
    format!(
        "delta --round round.json --member {who} {identity} --base kept-{before}/{SET} --new kept-{day}/{SET} --out {out}"
    )
}

fn apply(coalition: &Coalition, base: &str, delta: &str, out: &str) -> String {
    let identity = coalition.identity();
    format!("apply --round round.json {identity} --base {base} --delta {delta} --out {out}")
}

/// A file of a role, opened if it is sealed.
fn content(coalition: &Coalition, who: &str, name: &str) -> Vec<u8> {
    let bytes = fs::read(coalition.file(who, name)).unwrap();
    if !seal::is_sealed(&bytes) {
        return bytes;
    }
    let identity = Identity::read_file(&coalition.file(who, "own.key")).unwrap();
    let mut content = Vec::new();
    seal::open(&identity, &bytes[..]).unwrap().read_to_end(&mut content).unwrap();
    content
}

/// Two members, of whom `a` has three days; the hub has the first, as `base.vms`.
fn three_days(sealed: bool) -> Coalition {
    let coalition = Coalition::new(&["a", "b"], sealed, TERMS);
    for (day, numbers) in (0..).zip([0..400, 30..420, 50..410]) {
        tokenize(&coalition, "a", day, numbers);
    }
    coalition.carry("a", &format!("sets-0/{SET}"), HUB, "base.vms");
    coalition
}

/// What must be refused, and what the refusal must say; nothing appears, and what was there stays.
fn refused(coalition: &Coalition, who: &str, arguments: &str, says: &str) {
    let files = || {
        let names = coalition.names_in(who, ".").into_iter();
        let read = |name: String| (fs::read(coalition.file(who, &name)).ok(), name);
        names.map(read).collect::<Vec<_>>()
    };
    let before = files();
    let run = coalition.run(who, arguments);
    assert_eq!(run.code, Some(1), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(says), "{arguments}:\n  {}  does not say: {says}", run.stderr);
    assert!(files() == before, "{arguments} left or changed something");
}

#[test]
fn the_hub_follows_a_member_from_day_to_day_and_has_what_the_member_kept() {
    for sealed in [true, false] {
        let coalition = three_days(sealed);
        for day in 1..3 {
            let delta = send(&coalition, "a", day);
            // In place: the newest is kept.
            let run = coalition.done(HUB, &(apply(&coalition, "base.vms", &delta, "base.vms") + " --force"));
            assert!(run.stderr.contains(&format!("sequence number {day}")), "{}", run.stderr);
            let kept = content(&coalition, "a", &format!("kept-{day}/{SET}"));
            assert!(content(&coalition, HUB, "base.vms") == kept, "day {day}");
            assert_eq!(TokenSet::from_file_bytes(&kept).unwrap().sequence(), day);
        }
        let verify = format!("verify --round round.json {} base.vms 2.vmd", coalition.identity());
        let verified = coalition.done(HUB, &verify).stdout;
        assert!(
            verified.contains("valid set of round") && verified.contains("valid delta of round"),
            "{verified}"
        );

        // It is matched, and resolves to the rows of the last day.
        coalition.write("b", "rows.csv", rows(405..500));
        let mut sets = coalition.tokenize("b", COLUMNS);
        sets.push("base.vms".to_owned());
        let matched = coalition.intersect(&sets);
        assert_eq!(matched.code, Some(0), "{}", matched.stderr);
        coalition.carry(HUB, "result/a.crypto.evm-1.vsh", "a", "share");
        let resolve = |day| {
            let part = coalition.part("a");
            coalition.run("a", &format!("resolve {part} {COLUMNS} --input rows-{day}.csv --share share"))
        };
        let expected: String =
            (356..361).map(|row| format!("{row},{},crypto.evm/1,2,a b\n", row + 1)).collect();
        assert_eq!(resolve(2).stdout, format!("row,line,kind,holders,names\n{expected}"));
        assert!(resolve(1).stderr.contains("was made from another set"));
    }
}

#[test]
fn what_is_not_the_next_is_refused_and_the_newest_stays() {
    let coalition = three_days(true);
    let (first, second) = (send(&coalition, "a", 1), send(&coalition, "a", 2));
    coalition.done(HUB, &apply(&coalition, "base.vms", &first, "1.vms"));
    coalition.done(HUB, &apply(&coalition, "1.vms", &second, "2.vms"));

    let at_hub = |arguments: String, says: &str| refused(&coalition, HUB, &arguments, says);
    at_hub(apply(&coalition, "base.vms", &second, "new.vms"), "expected sequence number 1, got 2");
    at_hub(apply(&coalition, "1.vms", &first, "new.vms"), "1 is not newer");
    at_hub(apply(&coalition, "base.vms", &first, "2.vms") + " --force", "sequence number 2; 1 is not newer");
    at_hub(apply(&coalition, "1.vms", &second, "1.vms"), "is there already; --force");
    // What is done already is done, as after a kill.
    let again = coalition.done(HUB, &apply(&coalition, "base.vms", &first, "1.vms"));
    assert!(again.stderr.contains("1.vms is there already"), "{}", again.stderr);

    // Other days of the same member, other members, and files of other kinds.
    tokenize(&coalition, "b", 0, 0..400);
    coalition.carry("b", &format!("sets-0/{SET}"), HUB, "b.vms");
    at_hub(apply(&coalition, "b.vms", &first, "new.vms"), "expected a set of b, got one of a");
    at_hub(apply(&coalition, "1.vmd", &first, "new.vms"), "expected the first line of a set");
    at_hub(apply(&coalition, "base.vms", "base.vms", "new.vms"), "expected the first line of a delta");
    let part = coalition.part("a");
    let other = format!("tokenize {part} {COLUMNS} --input rows-1.csv --out sets-x --keep kept-x");
    coalition.done("a", &other);
    coalition.carry("a", &format!("sets-x/{SET}"), HUB, "x.vms");
    at_hub(apply(&coalition, "x.vms", &first, "new.vms"), "delta whose additions and retractions");
    let changed =
        format!("tokenize {part} {COLUMNS} --input rows-0.csv --out sets-y --not-after 2099-01-01T00:00:00Z");
    coalition.done("a", &changed);
    coalition.carry("a", &format!("sets-y/{SET}"), HUB, "y.vms");
    at_hub(
        apply(&coalition, "y.vms", &first, "new.vms"),
        "made against another set than the one that is there",
    );

    let from_scratch = delta(&coalition, "a", 1, "new.vmd").replace("kept-1", "kept-x");
    refused(&coalition, "a", &from_scratch, "0 is not newer");
    let backwards = delta(&coalition, "a", 1, "new.vmd").replace("kept-0", "kept-2");
    refused(&coalition, "a", &backwards, "sequence number 2; 1 is not newer");
    let of_b = delta(&coalition, "a", 1, "new.vmd").replace("--member a", "--member b");
    refused(&coalition, "a", &of_b, "not the ones that the round lists");
}

#[test]
fn folders_that_would_spoil_each_other_are_refused() {
    let coalition = three_days(false);
    let tokenize = format!("tokenize {} {COLUMNS} --input rows-1.csv", coalition.part("a"));
    for (folders, code, says) in [
        ("--out x --keep x", 2, "--out and --keep to be different folders"),
        ("--out x --keep x/kept", 2, "neither in the other"),
        ("--out kept-9/x --keep kept-9", 2, "neither in the other"),
        (
            "--out x --keep kept-0 --follow kept-0 --force",
            1,
            "kept-0: --keep is kept-0, which this command reads",
        ),
    ] {
        let before = coalition.names_in("a", ".");
        let run = coalition.run("a", &format!("{tokenize} {folders}"));
        assert_eq!(
            (run.code, coalition.names_in("a", ".")),
            (Some(code), before),
            "{folders}: {}",
            run.stderr
        );
        assert!(run.stderr.contains(says), "{folders}: {}", run.stderr);
    }
    let absent = format!("{tokenize} --out x --keep y --follow kept-o");
    refused(&coalition, "a", &absent, "kept-o: expected the folder of a --keep before");
    let swapped = delta(&coalition, "a", 1, "x.vmd").replace("kept-0", "kept-x").replace("kept-1", "kept-0");
    let swapped = swapped.replace("kept-x", "kept-1");
    refused(&coalition, "a", &swapped, &format!("kept-1/{SET} to kept-0/{SET}: "));
}

#[test]
fn unsealed_strangers_and_outdated_files_are_refused() {
    let coalition = three_days(true);
    let first = send(&coalition, "a", 1);
    let opened = content(&coalition, HUB, &first);
    coalition.write(HUB, "open.vmd", &opened);
    refused(&coalition, HUB, &apply(&coalition, "base.vms", "open.vmd", "new.vms"), "expected a sealed file");
    coalition.write(HUB, "open.vms", content(&coalition, HUB, "base.vms"));
    refused(&coalition, HUB, &apply(&coalition, "open.vms", &first, "new.vms"), "expected a sealed file");
    let without = apply(&coalition, "base.vms", &first, "new.vms").replace("--identity own.key", "");
    refused(&coalition, HUB, &without, "expected --identity");
    // Sealed to the hub again, but cut short inside.
    let hub = Identity::read_file(&coalition.file(HUB, "own.key")).unwrap();
    let mut sealer = seal::seal(&hub.public_keys().seal, Vec::new()).unwrap();
    std::io::Write::write_all(&mut sealer, &opened[..opened.len() - 1]).unwrap();
    coalition.write(HUB, "cut.vmd", sealer.finish().unwrap());
    refused(&coalition, HUB, &apply(&coalition, "base.vms", "cut.vmd", "new.vms"), "exactly the length");

    // A file may say an earlier end than the round.
    let part = coalition.part("a");
    let end = (std::time::SystemTime::now() + Duration::from_secs(3))
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let text = veilmatch::terms::utc::format(end).unwrap();
    coalition.done(
        "a",
        &format!("tokenize {part} {COLUMNS} --input rows-1.csv --out soon --keep kept-9 --follow kept-0 --not-after {text}"),
    );
    coalition.carry("a", &format!("soon/{SET}"), HUB, "soon.vms");
    coalition.done("a", &delta(&coalition, "a", 1, "soon.vmd").replace("kept-1", "kept-9"));
    coalition.carry("a", "soon.vmd", HUB, "soon.vmd");
    while std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() <= end {
        std::thread::sleep(Duration::from_millis(100));
    }
    let says = format!("not to be used after {text}");
    refused(&coalition, HUB, &apply(&coalition, "base.vms", "soon.vmd", "new.vms"), &says);
    let matched = "intersect --round round.json --identity own.key --out new soon.vms base.vms";
    refused(&coalition, HUB, matched, &says);
    refused(&coalition, "a", &delta(&coalition, "a", 1, "new.vmd").replace("kept-1", "kept-9"), &says);
    // Looking at it is no use of it; that it cannot be used is said.
    coalition.done(HUB, "inspect --identity own.key soon.vms");
    let run = coalition.run(HUB, "verify --round round.json --identity own.key soon.vms soon.vmd base.vms");
    assert_eq!((run.code, run.stdout.matches(": valid ").count()), (Some(0), 3), "{}", run.stderr);
    assert_eq!(run.stdout.matches(&format!("; {says}, as the file says\n")).count(), 2, "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn killed_while_applying_the_old_set_or_the_new_one_is_there_and_a_rerun_ends_well() {
    let coalition = Coalition::new(&["a", "b"], false, TERMS);
    tokenize(&coalition, "a", 0, 0..150_000);
    tokenize(&coalition, "a", 1, 1_000..151_000);
    let delta = send(&coalition, "a", 1);
    let old = fs::read(coalition.file("a", &format!("kept-0/{SET}"))).unwrap();
    let new = fs::read(coalition.file("a", &format!("kept-1/{SET}"))).unwrap();
    let arguments = apply(&coalition, "base.vms", &delta, "base.vms") + " --force";
    let reset = || coalition.write(HUB, "base.vms", &old);
    reset();
    let start = std::time::Instant::now();
    coalition.done(HUB, &arguments);
    let longest = start.elapsed();
    let (mut kept, mut replaced) = (0, 0);
    for kill in 0..50 {
        reset();
        let mut child =
            coalition.command(HUB, &arguments).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(longest.mul_f64(1.1 * f64::from(kill) / 50.0));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = fs::read(coalition.file(HUB, "base.vms")).unwrap();
        assert!(found == old || found == new, "kill {kill}: neither the old set nor the new");
        if found == old {
            kept += 1
        } else {
            replaced += 1
        }
        coalition.done(HUB, &arguments);
        assert!(fs::read(coalition.file(HUB, "base.vms")).unwrap() == new, "kill {kill}");
        let left = coalition.names_in(HUB, ".");
        assert!(left.iter().all(|name| !name.ends_with(".part") && !name.ends_with(".old")), "{left:?}");
    }
    println!("{kept} kills left the old set, {replaced} the new");
    assert!(kept > 0, "the first kill comes at once");
}
