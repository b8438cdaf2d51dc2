//! By the program: a stream is screened line by line, as a share or the member's own set says.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::support::coalition::{Coalition, HUB};

const COLUMNS: &str = "--column wallet=crypto.evm";
const SHARE: &str = "a.crypto.evm-1.vsh";

fn wallet(number: u64) -> String {
    format!("0x{:040x}", (u128::from(number) << 64) + 0xabcdef)
}

fn rows(numbers: impl Iterator<Item = u64>) -> String {
    numbers.fold("wallet\n".to_owned(), |text, number| text + &wallet(number) + "\n")
}

/// Three members; the share of `a`, which has 0 to 9, is of 4 to 9, and `c` has 8 and 9 too.
fn matched(sealed: bool, policy: &str) -> Coalition {
    let coalition = Coalition::new(
        &["a", "b", "c"],
        sealed,
        &format!("--at-least 2 --kind crypto.evm --policy {policy}"),
    );
    let mut sets = Vec::new();
    for (who, numbers) in [("a", 0..10), ("b", 4..20), ("c", 8..12)] {
        coalition.write(who, "rows.csv", rows(numbers));
        sets.extend(coalition.tokenize(who, COLUMNS));
    }
    share(&coalition, &sets);
    coalition
}

fn share(coalition: &Coalition, sets: &[String]) {
    let run = coalition.intersect(sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    coalition.carry(HUB, &format!("result/{SHARE}"), "a", SHARE);
}

fn screen(coalition: &Coalition, file: &str) -> String {
    format!("screen {} {file}", coalition.part("a"))
}

/// A screening in progress.
struct Stream {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Stream {
    fn start(coalition: &Coalition, file: &str) -> Self {
        let mut command = coalition.command("a", &screen(coalition, file));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    fn say(&mut self, lines: &str) {
        self.input.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    }

    /// The next line, which must come though the input goes on.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// What follows once the input ends, and what is said at the end.
    fn end(mut self) -> (String, String, Option<i32>) {
        drop(self.input.take());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.output, &mut rest).unwrap();
        let output = self.child.wait_with_output().unwrap();
        (rest, String::from_utf8(output.stderr).unwrap(), output.status.code())
    }
}

#[test]
fn a_line_has_its_answer_before_the_next_one_comes() {
    for (sealed, policy) in [(true, "holders"), (false, "holders"), (true, "counts")] {
        let coalition = matched(sealed, policy);
        let names = policy == "holders";
        let hit = |row: u64, line: u64, holders: &str| {
            let (count, names) =
                (holders.split(' ').count(), if names { format!(",{holders}") } else { String::new() });
            format!("{row},{line},crypto.evm/1,{count}{names}\n")
        };
        let mut stream = Stream::start(&coalition, &format!("--share {SHARE}"));
        assert_eq!(
            stream.hear(),
            if names { "row,line,kind,holders,names\n" } else { "row,line,kind,holders\n" }
        );
        stream.say(&format!("{}\n", wallet(5)));
        assert_eq!(stream.hear(), hit(1, 1, "a b"));
        // Misses, an empty line, what is no wallet, half a line; then its rest.
        stream.say(&format!("{}\n\n{}\r\nno wallet\n{}", wallet(3), wallet(77), &wallet(8)[..10]));
        stream.say(&format!("{}\r\n", &wallet(8)[10..]));
        assert_eq!(stream.hear(), hit(5, 6, "a b c"));
        stream.say(&wallet(4)); // without an end of line
        let (rest, said, code) = stream.end();
        assert_eq!((rest, code), (hit(6, 7, "a b"), Some(0)), "{said}");
        assert!(said.contains("crypto.evm/1: 6 rows, 5 accepted, 3 hits, 1 rejected"), "{said}");
    }
}

#[test]
fn the_stream_is_read_by_nothing_else() {
    let coalition = matched(false, "holders");
    for file in ["--share -", "--set -"] {
        let mut command = coalition.command("a", &screen(&coalition, file));
        let share = fs::File::open(coalition.file("a", SHARE)).unwrap();
        let run: crate::support::run::Run = command.stdin(share).output().unwrap().into();
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{file}: {}", run.stderr);
        assert!(run.stderr.contains("-: - is given twice"), "{file}: {}", run.stderr);
    }
}

/// What comes through a pipe comes once, and nothing takes its place.
#[cfg(unix)]
#[test]
fn a_share_from_a_pipe_is_refused_at_once() {
    let coalition = matched(false, "holders");
    let pipe = coalition.file("a", "pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    let run = coalition.run("a", &screen(&coalition, "--share pipe"));
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("pipe: expected a regular file"), "{}", run.stderr);
}

#[test]
fn a_large_stream_gives_what_resolve_gives() {
    let coalition = matched(false, "holders");
    let numbers = (0..60_000).map(|number| number % 1_999);
    coalition.write("a", "stream.txt", numbers.map(|number| wallet(number) + "\n").collect::<String>());
    let file = std::fs::File::open(coalition.file("a", "stream.txt")).unwrap();
    let mut command = coalition.command("a", &screen(&coalition, &format!("--share {SHARE}")));
    let output = command.stdin(file).output().unwrap();
    let expected = (0..60_000).filter(|number| (4..10).contains(&(number % 1_999))).map(|number| {
        let holders = if number % 1_999 >= 8 { "3,a b c" } else { "2,a b" };
        format!("{0},{0},crypto.evm/1,{holders}\n", number + 1)
    });
    let expected = "row,line,kind,holders,names\n".to_owned() + &expected.collect::<String>();
    assert!(output.stdout == expected.as_bytes(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A header first, then a record a line: each column of the share's kind is asked, and the subject is told.
#[test]
fn a_stream_of_records_gives_what_resolve_gives_for_the_same_export() {
    let coalition = matched(true, "holders");
    let record = |number: u64| format!("\"K;{number}\";{};{}\n", wallet(number), wallet(number + 2));
    let text = "\u{feff}nr;first;second\n\n".to_owned() + &(0..40).map(record).collect::<String>();
    coalition.write("a", "pay.csv", &text);
    let options = "--column first=crypto.evm --column second=crypto.evm --column nr=opaque.nr --delimiter ; \
                   --subject-column nr";
    let screened = |more: &str| -> crate::support::run::Run {
        let arguments = screen(&coalition, &format!("--share {SHARE} {options} {more}"));
        let input = fs::File::open(coalition.file("a", "pay.csv")).unwrap();
        coalition.command("a", &arguments).stdin(input).output().unwrap().into()
    };
    let run = screened("");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut expected = "row,line,kind,column,holders,names,subject\n".to_owned();
    for number in 0..10 {
        for (column, wallet) in [("first", number), ("second", number + 2)] {
            if (4..10).contains(&wallet) {
                let holders = if wallet >= 8 { "3,a b c" } else { "2,a b" };
                expected +=
                    &format!("{},{},crypto.evm/1,{column},{holders},K;{number}\n", number + 1, number + 3);
            }
        }
    }
    assert_eq!(run.stdout, expected);
    assert!(run.stderr.contains("80 rows, 80 accepted, 12 hits"), "{}", run.stderr);
    // One at a time.
    let mut stream = Stream::start(&coalition, &format!("--share {SHARE} {options}"));
    stream.hear();
    stream.say("nr;first;second\r\n");
    stream.say(&format!("7;{};none\r\n", wallet(9)));
    assert_eq!(stream.hear(), "1,2,crypto.evm/1,first,3,a b c,7\n");
    // What is no record is rejected; those beside it have their answers, however the pieces come.
    let bad =
        ["\"8;x;y", "8;\"x\"y;z", "8;x", "8;x;y;z", "8;x\ry;z"].map(|line| line.to_owned() + "\n").concat();
    stream.say(&format!("{bad}9;{};\n", wallet(4)));
    assert_eq!(stream.hear(), "7,8,crypto.evm/1,first,2,a b,9\n");
    stream.say(&format!("{}10;{};\n", bad, wallet(5)));
    let (rest, said, code) = stream.end();
    assert_eq!((rest.as_str(), code), ("13,14,crypto.evm/1,first,2,a b,10\n", Some(0)), "{said}");
    assert!(said.contains("missing_field 4") && said.contains("extra_fields 4"), "{said}");
    // The first record says whether records end in delimiters, and each later one is held to that.
    let mut stream = Stream::start(&coalition, &format!("--share {SHARE} --column first=crypto.evm"));
    stream.hear();
    stream.say(&format!("nr,first\n1,{},\n", wallet(4)));
    assert_eq!(stream.hear(), "1,2,crypto.evm/1,2,a b\n");
    stream.say(&format!("2,{}\n", wallet(5)));
    let (rest, said, code) = stream.end();
    assert!(rest.is_empty() && code == Some(0) && said.contains("missing_field 1"), "{said}");

    for (more, problem) in [
        ("--column third=crypto.evm", "expected a column \"third\", got \"nr\", \"first\", \"second\""),
        ("--format lines", ""),
        ("--encoding klingon", "--encoding: expected the name of an encoding"),
    ] {
        let run = screened(more);
        assert_eq!(run.code, Some(if problem.is_empty() { 0 } else { 1 }), "{more}: {}", run.stderr);
        assert!(run.stderr.contains(problem), "{more}: {}", run.stderr);
    }
    let run = coalition.run("a", &screen(&coalition, &format!("--share {SHARE} --subject-column nr")));
    assert!(run.code == Some(2) && run.stderr.contains("need a CSV stream"), "{}", run.stderr);
}

/// An opaque kind takes every row as it is, so that nothing else would show.
#[test]
fn a_text_gives_what_resolve_gives_or_is_refused_as_there() {
    let coalition =
        Coalition::new(&["a", "b"], false, "--at-least 2 --kind opaque.customer --policy holders");
    let source = "--kind opaque.customer --input lines.txt";
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "lines.txt", "x-1\nx-2\n");
        coalition.done(who, &format!("tokenize {} {source} --out sets", coalition.part(who)));
        sets.extend(coalition.deliver(who, "sets"));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.opaque.customer-1.vsh", "a", "share");
    let record = |name: &str| fs::read_to_string(coalition.file("a", name)).unwrap();
    let outcome =
        |record: String| record.lines().last().unwrap().split_once("\"outcome\"").unwrap().1.to_owned();
    let both = |text: &[u8]| {
        coalition.write("a", "lines.txt", text);
        let resolve = format!("resolve {} {source} --share share --log resolve.log", coalition.part("a"));
        let resolved = coalition.run("a", &resolve);
        let mut command = coalition.command("a", &screen(&coalition, "--share share --log screen.log"));
        let input = fs::File::open(coalition.file("a", "lines.txt")).unwrap();
        let screened: crate::support::run::Run = command.stdin(input).output().unwrap().into();
        (resolved, screened)
    };
    let hits = |before: u64| {
        let hit = |row| format!("{row},{},opaque.customer/1,2,a b\n", before + row);
        format!("row,line,kind,holders,names\n{}{}", hit(1), hit(2))
    };
    for (text, empty) in [
        ("\u{feff}x-1\r\nx-2\r\n", 0),
        ("\u{feff}\n\r\nx-1\nx-2", 2),
        ("\n\nx-1\nx-2\r", 2),
        ("x-1\r\nx-2", 0),
    ] {
        let hits = hits(empty);
        let hits = hits.as_str();
        let (resolved, screened) = both(text.as_bytes());
        assert_eq!(
            (resolved.code, resolved.stdout.as_str()),
            (Some(0), hits),
            "{text:?}: {}",
            resolved.stderr
        );
        assert_eq!(
            (screened.code, screened.stdout.as_str()),
            (Some(0), hits),
            "{text:?}: {}",
            screened.stderr
        );
    }
    let units: Vec<u16> = "\u{feff}x-1\nx-2\n".encode_utf16().collect();
    let (little, big) =
        (units.iter().flat_map(|unit| unit.to_le_bytes()), units.iter().flat_map(|unit| unit.to_be_bytes()));
    let (little, big): (Vec<u8>, Vec<u8>) = (little.collect(), big.collect());
    for text in [
        &little[..],
        &little[2..],
        &big,
        &big[2..],
        b"x-1\rx-2\r",
        b"\n\r\nx-1\rx-2",
        b"\xef\xbb\xbfx-1\rx-2\n",
    ] {
        let (resolved, screened) = both(text);
        for (run, name, source) in
            [(resolved, "resolve.log", "lines.txt"), (screened, "screen.log", "standard input")]
        {
            assert!(run.code == Some(1) && !run.stdout.contains("customer"), "{text:?}: {}", run.stdout);
            assert!(
                run.stderr.contains(&format!("{source}: encoding: expected ")),
                "{text:?}: {}",
                run.stderr
            );
            assert!(outcome(record(name)).starts_with(":\"encoding\""), "{}", record(name));
        }
    }
    // However the bytes come, and no line waits for the next one.
    let mut stream = Stream::start(&coalition, "--share share");
    stream.hear();
    for byte in "\u{feff}\r\nx-1\n".as_bytes() {
        stream.input.as_mut().unwrap().write_all(&[*byte]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(stream.hear(), "1,2,opaque.customer/1,2,a b\n");
    stream.say("x-2\n");
    assert_eq!(stream.hear(), "2,3,opaque.customer/1,2,a b\n");
    // Only at the beginning.
    stream.say("\u{feff}x-2\nx-2\rx-1\n");
    let (rest, said, code) = stream.end();
    assert_eq!((rest.as_str(), code), ("", Some(0)), "{said}");
    assert!(said.contains("4 rows, 4 accepted, 2 hits"), "{said}");
}

#[test]
fn a_line_without_end_is_a_rejected_row_and_is_not_kept() {
    let coalition = matched(false, "holders");
    let mut stream = Stream::start(&coalition, &format!("--share {SHARE}"));
    stream.hear();
    stream.say(&format!("{}\n{}", wallet(3), "0".repeat(3 << 20)));
    stream.say(&format!("\n{}\n", wallet(6)));
    assert_eq!(stream.hear(), "3,3,crypto.evm/1,2,a b\n");
    // As long as a line may be, with white space before the wallet.
    stream.say(&format!("{}{}\r\n", " ".repeat(65_536 - 42), wallet(7)));
    assert_eq!(stream.hear(), "4,4,crypto.evm/1,2,a b\n");
    let (_, said, _) = stream.end();
    assert!(said.contains("4 rows, 3 accepted, 2 hits, 1 rejected: row_too_long 1"), "{said}");
}

#[test]
fn a_new_share_takes_the_place_of_the_old_and_a_bad_one_does_not() {
    let coalition = matched(true, "holders");
    let mut stream = Stream::start(&coalition, &format!("--share {SHARE}"));
    stream.hear();
    stream.say(&format!("{}\n", wallet(1)));
    stream.say(&format!("{}\n", wallet(5)));
    assert_eq!(stream.hear(), "2,2,crypto.evm/1,2,a b\n");

    // One that is not for this member.
    coalition.carry(HUB, "result/b.crypto.evm-1.vsh", "a", "coming");
    std::fs::rename(coalition.file("a", "coming"), coalition.file("a", SHARE)).unwrap();
    stream.say(&format!("{}\n", wallet(5)));
    assert_eq!(stream.hear(), "3,3,crypto.evm/1,2,a b\n", "the old one serves on");

    coalition.write("b", "rows.csv", rows(0..2));
    let sets: Vec<String> = coalition.tokenize("b", COLUMNS);
    let run =
        coalition.intersect(&[sets, vec!["a.crypto.evm-1.vms".into(), "c.crypto.evm-1.vms".into()]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    coalition.carry(HUB, &format!("result/{SHARE}"), "a", "coming");
    std::fs::rename(coalition.file("a", "coming"), coalition.file("a", SHARE)).unwrap();
    stream.say(&format!("{}\n{}\n", wallet(5), wallet(1)));
    assert_eq!(stream.hear(), "5,5,crypto.evm/1,2,a b\n");
    let (rest, said, code) = stream.end();
    assert_eq!((rest.as_str(), code), ("", Some(0)));
    assert!(said.contains("the file before is screened against") && said.contains("was replaced"), "{said}");
}

#[test]
fn the_members_own_set_can_be_asked() {
    for (sealed, memory) in [(true, ""), (false, ""), (true, "--memory 1"), (false, "--memory 1GiB")] {
        let coalition = matched(sealed, "holders");
        let part = coalition.part("a");
        coalition.done("a", &format!("tokenize {part} {COLUMNS} --input rows.csv --out out --keep kept"));
        let mut stream = Stream::start(&coalition, &format!("--set kept/crypto.evm-1.vms {memory}"));
        assert_eq!(stream.hear(), "row,line,kind\n");
        stream.say(&format!("{}\n{}\n", wallet(10), wallet(9)));
        assert_eq!(stream.hear(), "2,2,crypto.evm/1\n");
        assert_eq!(stream.end().2, Some(0));
        // Another's set is never asked by a holder of the key.
        let part = coalition.part("b");
        coalition.done("b", &format!("tokenize {part} {COLUMNS} --input rows.csv --out out --keep kept"));
        coalition.carry("b", "kept/crypto.evm-1.vms", "a", "of-b.vms");
        let run = coalition.run("a", &screen(&coalition, "--set of-b.vms"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        let says = if sealed { "not sealed to this key" } else { "expected a set of a, got one of b" };
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

/// A sealed one is opened into a file, which has lost its name by the time of the first answer.
#[test]
fn a_new_set_takes_the_place_of_one_that_is_on_disk() {
    for sealed in [true, false] {
        let coalition = matched(sealed, "holders");
        let part = coalition.part("a");
        let keep = |rows: String, kept: &str| {
            coalition.write("a", "rows.csv", rows);
            let out = format!("--force --out out --keep {kept}");
            coalition.done("a", &format!("tokenize {part} {COLUMNS} --input rows.csv {out}"));
        };
        keep(rows(0..10), "kept");
        let mut stream = Stream::start(&coalition, "--set kept/crypto.evm-1.vms --memory 1");
        assert_eq!(stream.hear(), "row,line,kind\n");
        assert_eq!(coalition.names_in("a", "kept"), ["crypto.evm-1.vms", "kept.txt"]);
        stream.say(&format!("{}\n{}\n", wallet(10), wallet(9)));
        assert_eq!(stream.hear(), "2,2,crypto.evm/1\n");

        keep(rows(10..12), "later");
        let moved = |name: &str| coalition.file("a", &format!("{name}/crypto.evm-1.vms"));
        std::fs::rename(moved("later"), moved("kept")).unwrap();
        stream.say(&format!("{}\n{}\n", wallet(9), wallet(10)));
        assert_eq!(stream.hear(), "4,4,crypto.evm/1\n");
        assert_eq!(coalition.names_in("a", "kept"), ["crypto.evm-1.vms", "kept.txt"]);

        // While another one opens the set, the one before is asked; the new one is taken after that.
        if sealed {
            let busy = coalition.file("a", "kept/.crypto.evm-1.vms.part");
            std::fs::create_dir(&busy).unwrap();
            let held = std::fs::File::open(&busy).unwrap();
            held.lock().unwrap();
            keep(rows(20..21), "last");
            std::fs::rename(moved("last"), moved("kept")).unwrap();
            stream.say(&format!("{}\n{}\n", wallet(20), wallet(11)));
            assert_eq!(stream.hear(), "6,6,crypto.evm/1\n");
            held.unlock().unwrap(); // also where another test has it between fork and exec
            stream.say(&format!("{}\n{}\n", wallet(11), wallet(20)));
            assert_eq!(stream.hear(), "8,8,crypto.evm/1\n");
        }
        let (rest, said, code) = stream.end();
        assert_eq!((rest.as_str(), code), ("", Some(0)));
        assert!(said.contains("was replaced") && !said.contains("warning: the file before"), "{said}");
    }
}

/// What is no longer there cannot be asked: an error that names the file, and never a miss.
#[cfg(unix)]
#[test]
fn a_set_that_is_cut_while_it_is_screened_against_is_an_error() {
    let coalition = matched(false, "holders");
    coalition.write("a", "rows.csv", rows(0..3_000));
    let part = coalition.part("a");
    coalition.done("a", &format!("tokenize {part} {COLUMNS} --input rows.csv --out out --keep kept"));
    let set = "kept/crypto.evm-1.vms";
    let mut stream = Stream::start(&coalition, &format!("--set {set} --memory 1"));
    stream.hear();
    stream.say(&format!("{}\n", wallet(7)));
    assert_eq!(stream.hear(), "1,1,crypto.evm/1\n");
    let file = std::fs::OpenOptions::new().write(true).open(coalition.file("a", set)).unwrap();
    file.set_len(4096 + 16).unwrap();
    stream.say(&format!("{}\n", wallet(7)));
    let (rest, said, code) = stream.end();
    assert_eq!((rest.as_str(), code), ("", Some(1)));
    assert!(said.contains(&format!("{set}, chunk ")) && said.contains("it was cut"), "{said}");
}

#[cfg(unix)]
#[test]
fn nobody_who_listens_and_no_room_are_errors() {
    let coalition = matched(false, "holders");
    let mut stream = Stream::start(&coalition, &format!("--share {SHARE}"));
    stream.hear();
    let Stream { mut child, input, output } = stream;
    drop(output);
    // A process that another test forks listens too, until it runs its program.
    let mut input = input.unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(60) {
        let _ = input.write_all(format!("{}\n", wallet(5)).as_bytes());
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(1));

    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = coalition
        .command("a", &screen(&coalition, &format!("--share {SHARE}")))
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
}
