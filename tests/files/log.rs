//! The run record: every change to it is found, a cut end against the head, and no line is ever lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use tempfile::TempDir;
use veilmatch::Error;
use veilmatch::container::Signer;
use veilmatch::round::log;
use veilmatch::round::log::{
    Digesting, Entry, FileRecord, How, InputNonce, Log, MAX_LINE, Operator, raw_input_digest,
};
use veilmatch::terms::{ContentDigest, RoundDigest, SignerKey};

/// A log in a folder that goes with it.
struct Folder {
    _folder: TempDir,
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.log");
        Self { _folder: folder, path }
    }

    /// A log of these entries; those of which `keys` says so are signed.
    fn of(entries: &[Entry], keys: impl Fn(usize) -> Option<u8>) -> (Self, Vec<ContentDigest>) {
        let folder = Self::new();
        let heads = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| match keys(at) {
                None => log::append(&folder.path, entry, None).unwrap().head,
                Some(seed) => {
                    let head = log::head_of(&folder.path).unwrap();
                    signed(seed, |signer| log::append_after(&folder.path, entry, signer, head)).unwrap().head
                }
            })
            .collect();
        (folder, heads)
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }
}

fn key_pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(seed: u8) -> SignerKey {
    SignerKey(key_pair(seed).public_key().as_ref().try_into().unwrap())
}

/// Signs with one key and says that it has another.
struct Keys {
    signs: u8,
    says: u8,
}

impl Signer for Keys {
    fn key(&self) -> SignerKey {
        public(self.says)
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        Ok(key_pair(self.signs).sign(message).as_ref().try_into().unwrap())
    }
}

fn signed<T>(seed: u8, call: impl FnOnce(&dyn Signer) -> T) -> T {
    call(&Keys { signs: seed, says: seed })
}

fn file(name: &str, byte: u8, how: How) -> FileRecord {
    FileRecord::new(Path::new(name), ContentDigest([byte; 32]), how)
}

/// The three commands of SPEC.md's vector.
fn vector() -> [Entry; 3] {
    let mut tokenize = Entry::new(1_795_506_099, "tokenize", "0.1.0");
    tokenize.operator = Some(Operator::new(r#"EFC\j.doe "night""#).unwrap());
    tokenize.round = Some(RoundDigest([7; 32]));
    tokenize.inputs = vec![file("/data/K\u{e4}rnten 100%.csv", 1, How::NonceSha256)];
    tokenize.outputs = vec![file("out/card.pan.vms", 2, How::Sha256)];
    tokenize.counts = [("rows", 2), ("accepted", 1)].map(|(name, count)| (name.into(), count)).into();
    let mut resolve = Entry::new(1_795_509_699, "resolve", "0.1.0");
    resolve.inputs = vec![file("-", 3, How::Sha256)];
    resolve.outcome = "wrong_recipient".into();
    [tokenize, resolve, Entry::new(1_795_513_299, "delta", "0.1.0")]
}

fn vector_keys(at: usize) -> Option<u8> {
    [Some(9), None, Some(9)][at]
}

fn entries(count: u64) -> Vec<Entry> {
    (0..count).map(|n| Entry::new(n, &format!("command-{n}"), "1")).collect()
}

/// The line and the problem that reading names.
fn problem<T: std::fmt::Debug>(result: Result<T, Error>) -> (u64, &'static str) {
    match result.unwrap_err() {
        Error::Log { line, problem } => (line, problem),
        Error::At { source, .. } => problem::<()>(Err(*source)),
        other => panic!("{other}"),
    }
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

// --- The form -------------------------------------------------------------------------------------------

#[test]
fn the_bytes_of_the_specification_s_vector_are_frozen() {
    let (folder, heads) = Folder::of(&vector(), vector_keys);
    assert_eq!(String::from_utf8(folder.bytes()).unwrap(), include_str!("../../spec/log-1.jsonl"));
    assert_eq!(
        heads.map_strings(),
        [
            "096b71cb31aa44748af899b67d3be4f85fbbb7c70f5f8ded4c1325369b47e73c",
            "da3e0c3231645f2e534376748f25749f6e5e56a4fa0f9fc87a669bafa4e56814",
            "6b184283ed8486a0472680a362de14e203b07900bac76cecbb39faf9380fe8fb",
        ]
    );
    let start = "4ae7a3ebea757681752c2f2b8101b5c0291fc75f5b1debe923671920ec97826b";
    assert_eq!(Log::parse(b"").unwrap().head().to_string(), start);
}

trait Strings {
    fn map_strings(&self) -> Vec<String>;
}

impl Strings for Vec<ContentDigest> {
    fn map_strings(&self) -> Vec<String> {
        self.iter().map(ContentDigest::to_string).collect()
    }
}

#[test]
fn what_was_stated_is_read_back() {
    let (folder, heads) = Folder::of(&vector(), vector_keys);
    let log = Log::read_file(&folder.path).unwrap();
    assert_eq!(log.lines().iter().map(|line| line.entry()).collect::<Vec<_>>(), vector());
    assert_eq!(log.head(), heads[2]);
    assert_eq!(log.lines()[1].previous, heads[0]);
    assert_eq!((log.lines()[0].signer, log.lines()[1].signer), (Some(public(9)), None));
    assert_eq!(log.unvouched().collect::<Vec<_>>(), [(3, 2..=2)]);
    let name = |line: usize| log.lines()[line].inputs[0].name().to_owned();
    assert_eq!((name(0).as_str(), name(1).as_str()), ("K%C3%A4rnten 100%25.csv", "-"));
    assert_eq!(file("..", 0, How::Sha256).name(), "-");
    assert_eq!(file("a\nb\u{1b}[1m\\\"", 0, How::Sha256).name(), "a%0Ab%1B[1m\\\"");
}

#[test]
fn what_a_line_cannot_hold_is_refused_and_not_written() {
    let folder = Folder::new();
    log::append(&folder.path, &Entry::new(0, "inspect", "1"), None).unwrap();
    let before = folder.bytes();
    let with = |change: &dyn Fn(&mut Entry)| {
        let mut entry = Entry::new(0, "inspect", "1");
        change(&mut entry);
        entry
    };
    let count = |name: &str, count| with(&|entry| entry.counts.extend([(name.to_owned(), count)]));
    let wrong = [
        with(&|entry| entry.time = 253_402_300_800),
        with(&|entry| entry.command = String::new()),
        with(&|entry| entry.command = "round  new".into()),
        with(&|entry| entry.command = "Inspect".into()),
        with(&|entry| entry.command = "a".repeat(65)),
        with(&|entry| entry.version = "1 2".into()),
        with(&|entry| entry.outcome = "a problem".into()),
        with(&|entry| entry.inputs = vec![file(&"a".repeat(766), 0, How::Sha256)]),
        count("", 1),
        count("jane@example.com", 1),
        count("rows", 1 << 53),
    ];
    for entry in &wrong {
        assert_eq!(problem(log::append(&folder.path, entry, None)).0, 2, "{entry:?}");
    }
    assert_eq!(folder.bytes(), before);
    for right in [
        with(&|entry| entry.time = 253_402_300_799),
        with(&|entry| entry.command = "round new".into()),
        count("card.pan/1.rows", (1 << 53) - 1),
    ] {
        log::append(&folder.path, &right, None).unwrap();
    }
    for operator in ["", "two\nlines", "J\u{f6}", &"a".repeat(129)] {
        let error = Operator::new(operator).unwrap_err();
        assert_eq!(error.code(), "operator");
    }
}

#[test]
fn a_line_has_room_for_all_that_a_round_can_have_but_not_for_more() {
    let folder = Folder::new();
    let mut entry = Entry::new(0, "intersect", "1");
    let name = format!("{}.card.pan.vms", "m".repeat(64));
    entry.inputs = vec![file(&name, 1, How::Sha256); 2048 * 8];
    entry.outputs = entry.inputs.clone();
    log::append(&folder.path, &entry, None).unwrap();
    assert_eq!(Log::read_file(&folder.path).unwrap().lines().len(), 1);
    let before = folder.bytes();
    entry.inputs = vec![file(&name, 1, How::Sha256); MAX_LINE / 150];
    assert_eq!(problem(log::append(&folder.path, &entry, None)).0, 2);
    assert_eq!(folder.bytes(), before);
}

#[cfg(unix)]
#[test]
fn a_new_log_is_its_owner_s_alone_and_only_a_regular_file_is_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _) = Folder::of(&entries(1), |_| None);
    assert_eq!(fs::metadata(&folder.path).unwrap().permissions().mode() & 0o777, 0o600);
    for other in [Path::new("/dev/zero"), folder.path.parent().unwrap()] {
        for error in [
            log::append(other, &entries(1)[0], None).unwrap_err(),
            log::head_of(other).unwrap_err(),
            Log::read_file(other).unwrap_err(),
        ] {
            assert_eq!(error.code(), "io", "{error}");
        }
    }
    assert_eq!(Log::read_file(Path::new("/nonexistent/run.log")).unwrap_err().code(), "io");
}

// --- What is found --------------------------------------------------------------------------------------

#[test]
fn lines_removed_repeated_or_reordered_are_found_by_the_first_that_does_not_fit() {
    let (folder, _) = Folder::of(&entries(6), |_| None);
    let whole = lines(&folder.bytes());
    for from in 0..whole.len() {
        for to in 0..whole.len() {
            let mut repeated = whole.clone();
            repeated.insert(to, whole[from].clone());
            // Before the line itself and after it is the same text.
            let first = if to == from { from + 2 } else { to + 1 };
            assert_eq!(problem(Log::parse(&repeated.concat())).0 as usize, first, "{from} before {to}");
            if from != to {
                let mut swapped = whole.clone();
                swapped.swap(from, to);
                assert_eq!(problem(Log::parse(&swapped.concat())).0 as usize, from.min(to) + 1);
            }
        }
        if from + 1 < whole.len() {
            let mut removed = whole.clone();
            removed.remove(from);
            assert_eq!(problem(Log::parse(&removed.concat())).0 as usize, from + 1);
        }
    }
}

#[test]
fn a_changed_line_that_keeps_its_form_is_found_by_the_next() {
    let (folder, _) = Folder::of(&entries(3), |_| None);
    let text = String::from_utf8(folder.bytes()).unwrap();
    let changed = text.replace("command-1", "command-9");
    let (line, problem) = problem(Log::parse(changed.as_bytes()));
    assert_eq!(line, 3);
    assert!(problem.starts_with("does not follow the line before"), "{problem}");
}

#[test]
fn a_cut_end_is_found_against_the_head_and_without_it_the_rest_is_only_self_consistent() {
    let (folder, heads) = Folder::of(&entries(5), |_| None);
    let whole = lines(&folder.bytes());
    for keep in 0..=whole.len() {
        let log = Log::parse(&whole[..keep].concat()).unwrap();
        assert_eq!(log.verify(None, &[]).unwrap().to_string(), "self-consistent");
        for (at, head) in heads.iter().enumerate() {
            let result = log.verify(Some(*head), &[]);
            if at < keep {
                let verified = result.unwrap();
                assert_eq!(verified.head_at, Some(at as u64 + 1));
                assert_eq!(verified.after_head(), Some((keep - at - 1) as u64));
                assert!(
                    verified.to_string().starts_with("self-consistent, complete to the head"),
                    "{verified}"
                );
            } else {
                assert_eq!(problem(result).0 as usize, keep + 1, "{keep} lines, head of {}", at + 1);
            }
        }
    }
}

#[test]
fn the_head_before_the_first_line_is_that_of_every_log() {
    let folder = Folder::new();
    let start = log::head_of(&folder.path).unwrap();
    assert!(!folder.path.exists(), "asking makes no log");
    let appended = log::append(&folder.path, &entries(1)[0], None).unwrap();
    assert_eq!(log::head_of(&folder.path).unwrap(), appended.head);
    let verified = Log::read_file(&folder.path).unwrap().verify(Some(start), &[]).unwrap();
    assert_eq!((verified.head_at, verified.after_head()), (Some(0), Some(1)));
}

#[test]
fn a_log_written_anew_is_found_against_a_head_of_the_old_one() {
    let (_, heads) = Folder::of(&entries(3), |_| None);
    let mut other = entries(4);
    other[0].time = 1;
    let (folder, _) = Folder::of(&other, |_| None);
    let log = Log::read_file(&folder.path).unwrap();
    assert!(log.verify(None, &[]).is_ok());
    for head in heads {
        assert_eq!(problem(log.verify(Some(head), &[])).0, 5);
    }
}

// --- Signatures -----------------------------------------------------------------------------------------

#[test]
fn verifying_says_what_is_signed_and_by_whom() {
    let all = |seed| move |_| Some(seed);
    let verify = |keys: &dyn Fn(usize) -> Option<u8>, signers: &[SignerKey]| {
        let (folder, _) = Folder::of(&entries(4), keys);
        Log::read_file(&folder.path).unwrap().verify(None, signers)
    };
    let verified = verify(&all(1), &[public(1)]).unwrap();
    assert!(verified.is_signed());
    assert_eq!(verified.to_string(), "self-consistent, every line signed");
    // Without a key from elsewhere a signature says nothing about who signed.
    let verified = verify(&all(1), &[]).unwrap();
    assert!(!verified.is_signed() && verified.signed.is_none());
    assert_eq!(verified.to_string(), "self-consistent");
    let some = |at| (at % 2 == 0).then_some(1);
    let verified = verify(&some, &[public(1)]).unwrap();
    assert!(!verified.is_signed());
    assert_eq!((verified.signed, verified.signed_to), (Some(2), 3));
    assert_eq!(verified.to_string(), "self-consistent, 2 of 4 lines signed, the last of them line 3");
    let none = verify(&|_| None, &[public(1)]).unwrap();
    assert_eq!(none.to_string(), "self-consistent, no line signed");
    let both = |at| Some(1 + (at % 2) as u8);
    assert!(verify(&both, &[public(1), public(2)]).unwrap().is_signed());
    assert_eq!(problem(verify(&both, &[public(1)])).0, 2);
    assert_eq!(problem(verify(&all(2), &[public(1)])).0, 1);
    assert!(!Log::parse(b"").unwrap().verify(None, &[public(1)]).unwrap().is_signed());
}

#[test]
fn a_signature_that_does_not_fit_is_an_error_even_if_nobody_asks_for_one() {
    let (folder, _) = Folder::of(&entries(1), |_| Some(1));
    let text = String::from_utf8(folder.bytes()).unwrap();
    let shifted = text.replace("\"signature\":\"", "\"signature\":\"0").replace("\"}\n", "");
    let shifted = shifted[..shifted.len() - 1].to_owned() + "\"}\n";
    let other_key = text.replace(&public(1).to_string(), &public(2).to_string());
    for changed in [text.replace("command-0", "command-1"), other_key, shifted] {
        assert_ne!(changed, text);
        let log = Log::parse(changed.as_bytes()).expect("the last line may be any");
        assert_eq!(problem(log.verify(None, &[])), (1, "has a signature that does not fit"));
    }
}

#[test]
fn a_signer_whose_key_is_another_does_not_spoil_the_log() {
    let (folder, _) = Folder::of(&entries(1), |_| Some(1));
    let before = folder.bytes();
    let signer = Keys { signs: 1, says: 2 };
    let head = log::head_of(&folder.path).unwrap();
    let refused = log::append_after(&folder.path, &entries(1)[0], &signer, head).unwrap_err();
    assert_eq!(refused.code(), "signature");
    assert_eq!(folder.bytes(), before);
}

// --- Interrupted and concurrent writers -----------------------------------------------------------------

#[test]
fn a_line_cut_off_anywhere_is_an_error_to_readers_and_taken_away_by_the_next_writer() {
    let (folder, heads) = Folder::of(&vector()[..2], vector_keys);
    let (whole, first) = (folder.bytes(), lines(&folder.bytes())[0].len());
    for len in (first + 1..whole.len()).chain(1..first) {
        fs::write(&folder.path, &whole[..len]).unwrap();
        let (complete, head) =
            if len > first { (first, heads[0]) } else { (0, Log::parse(b"").unwrap().head()) };
        let number = if len > first { 2 } else { 1 };
        let found = problem(Log::read_file(&folder.path));
        assert_eq!(found, (number, "is incomplete: it does not end with a newline"), "{len}");
        assert_eq!(log::head_of(&folder.path).unwrap(), head);
        let appended = log::append(&folder.path, &vector()[1], None).unwrap();
        assert_eq!((appended.line, appended.discarded), (number, (len - complete) as u64));
        let log = Log::read_file(&folder.path).unwrap();
        assert_eq!((log.lines().len() as u64, log.head()), (number, appended.head));
    }
}

#[test]
fn no_line_is_appended_to_what_is_not_a_log_and_nothing_of_it_is_taken_away() {
    let (folder, _) = Folder::of(&entries(2), |_| None);
    let whole = folder.bytes();
    let torn = [&whole[..], b"{\"n\":4,"].concat();
    let zeros = [&whole[..], b"\0\0\0"].concat();
    let changed = String::from_utf8(whole.clone()).unwrap().replace("command-0", "command-7").into_bytes();
    for bytes in [&b"notes"[..], b"notes\n", b"{\"n\":2", b"\n", &torn, &zeros, &changed, &whole[1..]] {
        fs::write(&folder.path, bytes).unwrap();
        for error in [
            log::append(&folder.path, &entries(1)[0], None).unwrap_err(),
            log::head_of(&folder.path).unwrap_err(),
            Log::read_file(&folder.path).unwrap_err(),
        ] {
            assert_eq!(error.code(), "log");
            assert!(error.to_string().contains("run.log: line "), "{error}");
        }
        assert_eq!(folder.bytes(), bytes);
    }
}

const APPENDER: &str = "VEILMATCH_LOG_APPENDER";
const WRITERS: usize = 4;
const APPENDED: usize = 50;

fn append_many(path: &Path, writer: &str) {
    for n in 0..APPENDED {
        let mut entry = Entry::new(0, &format!("{writer}-{n}"), "1");
        entry.inputs = vec![file("some input", 0, How::Sha256); n]; // lines of several lengths
        log::append(path, &entry, None).unwrap();
    }
}

fn assert_nothing_was_lost(path: &Path) {
    let log = Log::read_file(path).unwrap();
    let mut found: Vec<String> = log.lines().iter().map(|line| line.command.clone()).collect();
    let mut expected: Vec<String> =
        (0..WRITERS).flat_map(|writer| (0..APPENDED).map(move |n| format!("{writer}-{n}"))).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn threads_that_append_at_once_lose_no_line() {
    let folder = Folder::new();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let path = &folder.path;
            scope.spawn(move || append_many(path, &writer.to_string()));
        }
        for _ in 0..20 {
            log::head_of(&folder.path).expect("a reader sees whole lines");
        }
    });
    assert_nothing_was_lost(&folder.path);
}

#[test]
fn processes_that_append_at_once_lose_no_line() {
    let folder = Folder::new();
    let mut children: Vec<_> = (0..WRITERS)
        .map(|writer| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "log::appends_for_the_test_of_processes", "--nocapture"])
                .env(APPENDER, format!("{writer}:{}", folder.path.display()))
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    assert_nothing_was_lost(&folder.path);
}

/// The work of one of those processes; alone it does nothing.
#[test]
fn appends_for_the_test_of_processes() {
    if let Ok(order) = std::env::var(APPENDER) {
        let (writer, path) = order.split_once(':').unwrap();
        append_many(Path::new(path), writer);
    }
}

// --- Any bytes ------------------------------------------------------------------------------------------

fn any_text(alphabet: &'static str, most: usize) -> impl Strategy<Value = String> {
    let letters: Vec<char> = alphabet.chars().collect();
    prop::collection::vec(prop::sample::select(letters), 1..=most)
        .prop_map(|letters| letters.iter().collect())
}

fn any_file() -> impl Strategy<Value = FileRecord> {
    (prop::collection::vec(any::<char>(), 1..12), any::<[u8; 32]>(), any::<bool>()).prop_map(
        |(name, digest, nonce)| {
            let name: String = name.into_iter().collect();
            let how = if nonce { How::NonceSha256 } else { How::Sha256 };
            FileRecord::new(Path::new(&name), ContentDigest(digest), how)
        },
    )
}

prop_compose! {
    fn any_entry()(
        time in 0..=253_402_300_799u64,
        command in any_text("abc-09", 20),
        version in any_text("019.+-aZ", 10),
        operator in prop::option::of(any_text("aZ 09\\\"/~@", 40)),
        round in prop::option::of(any::<[u8; 32]>()),
        inputs in prop::collection::vec(any_file(), 0..4),
        outputs in prop::collection::vec(any_file(), 0..4),
        counts in prop::collection::btree_map(any_text("az._-/", 9), 0..1u64 << 53, 0..5),
        outcome in any_text("ab_9", 12),
    ) -> Entry {
        let operator = operator.map(|text| Operator::new(&text).unwrap());
        let counts: BTreeMap<String, u64> = counts;
        Entry { time, command, version, operator, round: round.map(RoundDigest), inputs, outputs, counts, outcome }
    }
}

fn any_log() -> impl Strategy<Value = Vec<(Entry, Option<u8>)>> {
    prop::collection::vec((any_entry(), prop::option::of(1..3u8)), 1..6)
}

fn written(log: &[(Entry, Option<u8>)]) -> (Vec<u8>, Vec<ContentDigest>) {
    let entries: Vec<Entry> = log.iter().map(|(entry, _)| entry.clone()).collect();
    let (folder, heads) = Folder::of(&entries, |at| log[at].1);
    (folder.bytes(), heads)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_log_is_read_back_and_is_complete_to_each_of_its_heads(log in any_log()) {
        let (bytes, heads) = written(&log);
        let read = Log::parse(&bytes).unwrap();
        prop_assert_eq!(read.lines().iter().map(|line| line.entry()).collect::<Vec<_>>(),
            log.iter().map(|(entry, _)| entry.clone()).collect::<Vec<_>>());
        for (at, head) in heads.iter().enumerate() {
            let verified = read.verify(Some(*head), &[public(1), public(2)]).unwrap();
            prop_assert_eq!(verified.head_at, Some(at as u64 + 1));
            prop_assert_eq!(verified.signed, Some(log.iter().filter(|(_, key)| key.is_some()).count() as u64));
        }
    }

    /// Against the head every change to any byte is found; without it, all but those to the last line, and
    /// those too if it is signed.
    #[test]
    fn a_change_to_any_byte_is_found(
        log in any_log(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 200),
    ) {
        let (bytes, heads) = written(&log);
        let head = *heads.last().unwrap();
        let last = bytes.len() - lines(&bytes).last().unwrap().len();
        for (place, byte, how) in places {
            let at = place.index(bytes.len());
            let mut changed = bytes.clone();
            match how {
                0 => changed[at] = byte,
                1 => changed[at] = b"0123456789abcdef\",:{}"[usize::from(byte) % 21],
                2 => drop(changed.remove(at)),
                _ => changed.insert(at, byte),
            }
            if changed == bytes {
                continue;
            }
            let verify = |head| Log::parse(&changed).and_then(|log| log.verify(head, &[]));
            prop_assert!(verify(Some(head)).is_err(), "byte {}", at);
            let named = log.last().unwrap().1.is_some();
            let strict = Log::parse(&changed).and_then(|log| log.verify(None, &[public(1), public(2)]));
            if at < last {
                prop_assert!(verify(None).is_err(), "byte {}", at);
            } else if named {
                prop_assert!(strict.is_err(), "byte {}", at);
            }
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 1..400)) {
        let refused = matches!(Log::parse(&bytes), Err(Error::Log { line: 1, .. }));
        prop_assert!(refused);
    }
}

/// Spellings of a line that a JSON reader would take; each stands where the chain cannot find it.
#[test]
fn a_line_has_one_spelling() {
    let (folder, _) = Folder::of(&vector()[1..2], |_| None);
    let text = String::from_utf8(folder.bytes()).unwrap();
    for (from, to) in [
        ("\n", "\r\n"),
        ("\n", " \n"),
        ("\n", "\n\n"),
        ("{\"n\":1,", "{ \"n\":1,"),
        ("{\"n\":1,", "{\"n\":1.0,"),
        ("{\"n\":1,", "{\"n\":01,"),
        ("{\"n\":1,", "{\"n\":2,"),
        ("{\"n\":1,", "{\"n\":1,\"n\":1,"),
        ("{\"n\":1,", "{\"n\":1,\"x\":1,"),
        ("\"operator\":null,", ""),
        ("\"operator\":null,\"round\":null", "\"round\":null,\"operator\":null"),
        ("\"operator\":null", "\"operator\":\"\""),
        ("\"operator\":null", "\"operator\":\"two\\nlines\""),
        ("\"operator\":null", "\"operator\":\"\\u0061\""),
        ("\"counts\":{}", "\"counts\":{\"b\":1,\"a\":1}"),
        ("\"counts\":{}", "\"counts\":{\"a\":1,\"a\":1}"),
        ("\"counts\":{}", "\"counts\":{\"a\":1.5}"),
        ("\"counts\":{}", "\"counts\":{\"a\":-1}"),
        ("\"counts\":{}", "\"counts\":{\"a\":9007199254740992}"),
        ("\"counts\":{}", "\"counts\":null"),
        ("\"name\":\"-\"", "\"name\":\"../x\""),
        ("\"name\":\"-\"", "\"name\":\"\u{e4}\""),
        ("\"name\":\"-\"", "\"name\":\"-\",\"x\":1"),
        ("\"how\":\"sha256\"", "\"how\":\"md5\""),
        ("03030303\"", "0303030A\""),
        ("2026-11-24T08", "2026-11-24T24"),
        ("wrong_recipient", "Wrong recipient"),
        ("\"unvouched\":null,", ""),
        ("\"unvouched\":null", "\"unvouched\":0"),
        ("\"unvouched\":null", "\"unvouched\":1"),
        (
            "\"signer\":null",
            "\"signer\":\"0000000000000000000000000000000000000000000000000000000000000000\"",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let bytes = text.replacen(from, to, 1);
        assert!(matches!(Log::parse(bytes.as_bytes()), Err(Error::Log { .. })), "{from} as {to}");
    }
    let deep = format!("{{\"n\":{}", "[".repeat(1 << 20)) + "\n";
    assert_eq!(problem(Log::parse(deep.as_bytes())).0, 1);
    let long = " ".repeat(MAX_LINE + 1) + "\n";
    assert_eq!(problem(Log::parse(long.as_bytes())), (1, "is longer than any that is written"));
}

// --- Inputs ---------------------------------------------------------------------------------------------

#[test]
fn a_raw_input_s_digest_is_of_the_nonce_beside_it_and_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("export.csv");
    fs::write(&raw, "4242424242424242\n".repeat(10_000)).unwrap();
    let nonce = InputNonce::beside(&raw).unwrap();
    let path = folder.path().join("export.csv.nonce");
    assert_eq!(InputNonce::path_beside(&raw), path);
    let text = fs::read_to_string(&path).unwrap();
    let bytes: ContentDigest = text.strip_suffix('\n').unwrap().parse().unwrap();
    let content = fs::read(&raw).unwrap();
    let expected = ring::digest::digest(&ring::digest::SHA256, &[&bytes.0[..], &content].concat());
    let open = || fs::File::open(&raw).unwrap();
    let digest = raw_input_digest(&nonce, open()).unwrap();
    assert_eq!(digest.0, expected.as_ref());
    let again = InputNonce::beside(&raw).unwrap();
    assert_eq!(raw_input_digest(&again, open()).unwrap(), digest, "the nonce is used again");
    assert_eq!(format!("{nonce:?}"), "InputNonce");

    // What was read through it, and what was left.
    let mut through = Digesting::with_nonce(&again, open());
    std::io::Read::read_exact(&mut through, &mut [0; 100]).unwrap();
    assert_eq!(through.finish().unwrap(), digest);
    let plain = ring::digest::digest(&ring::digest::SHA256, &content);
    assert_eq!(Digesting::plain(open()).finish().unwrap().0, plain.as_ref());

    let other = folder.path().join("other.csv");
    let other = raw_input_digest(&InputNonce::beside(&other).unwrap(), open()).unwrap();
    assert_ne!(other, digest, "every file has its own nonce");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_log_has_neither_the_raw_rows_nor_what_would_let_one_try_them_out() {
    let folder = Folder::new();
    let raw = folder.path.with_file_name("export.csv");
    let rows = "4242424242424242\njane.doe@example.com\n";
    fs::write(&raw, rows).unwrap();
    let nonce = InputNonce::beside(&raw).unwrap();
    let digest = raw_input_digest(&nonce, rows.as_bytes()).unwrap();
    let mut entry = Entry::new(0, "tokenize", "1");
    entry.inputs = vec![FileRecord::new(&raw, digest, How::NonceSha256)];
    let appended = signed(1, |signer| log::append(&folder.path, &entry, Some(signer))).unwrap();
    let log = Log::read_file(&folder.path).unwrap();
    let said = format!("{}{log:?}{appended:?}{nonce:?}", String::from_utf8(folder.bytes()).unwrap());
    assert!(said.contains(&digest.to_string()), "the control");
    let plain = Digesting::plain(rows.as_bytes()).finish().unwrap().to_string();
    let beside = fs::read_to_string(InputNonce::path_beside(&raw)).unwrap();
    for secret in ["4242", "jane", &plain, beside.trim_end(), folder.path.parent().unwrap().to_str().unwrap()]
    {
        assert!(!said.contains(secret), "{secret}");
    }
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &std::path::Path, _: u32) {}

#[test]
fn a_nonce_file_that_holds_anything_else_is_an_error_and_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("export.csv");
    let path = InputNonce::path_beside(&raw);
    let hex = "0123456789abcdef".repeat(4);
    for bad in
        ["\n", &hex, &hex.to_uppercase(), &format!("{hex}\r\n"), &format!("{hex}0\n"), &format!("{hex}\n\n")]
    {
        fs::write(&path, bad).unwrap();
        set_mode(&path, 0o600);
        let error = InputNonce::beside(&raw).unwrap_err();
        assert_eq!(error.code(), "format", "{bad:?}");
        assert!(error.to_string().contains("export.csv.nonce"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
    fs::write(&path, format!("{hex}\n")).unwrap();
    InputNonce::beside(&raw).unwrap();
    #[cfg(unix)]
    for mode in [0o640, 0o604, 0o620, 0o666] {
        set_mode(&path, mode);
        let error = InputNonce::beside(&raw).unwrap_err().to_string();
        assert!(error.contains("export.csv.nonce") && error.contains("expected mode 0600"), "{error}");
    }
    set_mode(&path, 0o600);
    fs::write(&path, "").unwrap();
    InputNonce::beside(&raw).expect("an empty file is what a writer that was killed leaves");
    assert_eq!(fs::metadata(&path).unwrap().len(), 65);
}

#[test]
fn threads_that_ask_for_a_nonce_at_once_get_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("export.csv");
    let ask = || raw_input_digest(&InputNonce::beside(&raw).unwrap(), &b""[..]).unwrap();
    let digests: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}
