//! Nobody's signature in a run record vouches for lines that others wrote: not by the library, not by the program.

use std::fs;
use std::path::Path;

use crate::support::coalition::Coalition;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use veilmatch::Error;
use veilmatch::container::Signer;
use veilmatch::round::log;
use veilmatch::round::log::{Appended, Entry, Line, Log};
use veilmatch::terms::{ContentDigest, SignerKey};

/// Signs with the key of this seed.
struct Key(u8);

impl Key {
    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[self.0; 32]).unwrap()
    }
}

impl Signer for Key {
    fn key(&self) -> SignerKey {
        SignerKey(self.pair().public_key().as_ref().try_into().unwrap())
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        Ok(self.pair().sign(message).as_ref().try_into().unwrap())
    }
}

const ME: &Key = &Key(1);
const STRANGER: &Key = &Key(2);

fn entry(command: &str) -> Entry {
    Entry::new(0, command, "1")
}

fn append(path: &Path, key: Option<&Key>) -> Result<Appended, Error> {
    log::append(path, &entry("done"), key.map(|key| key as &dyn Signer))
}

/// The lines that stand in the way.
fn unvouched<T: std::fmt::Debug>(result: Result<T, Error>) -> (u64, u64) {
    match result.unwrap_err() {
        Error::At { source, .. } => unvouched::<()>(Err(*source)),
        error @ Error::LogUnvouched { first, last } => {
            assert_eq!(error.code(), "log_unvouched");
            (first, last)
        }
        other => panic!("{other}"),
    }
}

fn marks(path: &Path) -> Vec<Option<u64>> {
    Log::read_file(path).unwrap().lines().iter().map(|line| line.unvouched).collect()
}

#[test]
fn a_signed_line_follows_the_signers_own_line_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.log");
    append(&path, Some(ME)).unwrap();
    append(&path, Some(ME)).unwrap();
    for (key, lines) in [(None, (3, 3)), (Some(STRANGER), (3, 4)), (None, (3, 5))] {
        // A stranger vouches no more for mine than I do for its.
        match key {
            Some(stranger) => {
                assert_eq!(unvouched(append(&path, Some(stranger))), (1, lines.1 - 1));
                let head = log::head_of(&path).unwrap();
                log::append_after(&path, &entry("done"), stranger, head).unwrap();
            }
            None => drop(append(&path, None).unwrap()),
        }
        let before = fs::read(&path).unwrap();
        assert_eq!(unvouched(append(&path, Some(ME))), lines);
        assert_eq!(unvouched(log::prepare(&path, Some(ME.key()), None)), lines);
        log::prepare(&path, None, None).unwrap();
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    // Who has looked at them all may go on; not who looked before the last of them came.
    let log = Log::read_file(&path).unwrap();
    let earlier = log.lines()[4].previous;
    let looked = |head: ContentDigest| log::append_after(&path, &entry("done"), ME, head);
    assert_eq!(unvouched(looked(earlier)), (3, 5));
    assert_eq!(unvouched(log::prepare(&path, Some(ME.key()), Some(earlier))), (3, 5));
    log::prepare(&path, Some(ME.key()), Some(log.head())).unwrap();
    looked(log.head()).unwrap();
    append(&path, Some(ME)).unwrap();
    assert_eq!(marks(&path), [None, None, None, Some(3), None, Some(3), None]);
    let log = Log::read_file(&path).unwrap();
    assert_eq!(log.unvouched().collect::<Vec<_>>(), [(4, 1..=3), (6, 3..=5)]);
    let verified = log.verify(None, &[ME.key(), STRANGER.key()]).unwrap();
    assert_eq!((verified.signed, verified.signed_to, verified.is_signed()), (Some(5), 7, false));
}

/// A line as anybody can write it, chained to those before.
fn forged(log: &[u8], change: impl FnOnce(&mut Line)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.log");
    fs::write(&path, log).unwrap();
    private(&path);
    let head = log::head_of(&path).unwrap();
    log::append_after(&path, &entry("forged"), STRANGER, head).unwrap();
    let written = fs::read(&path).unwrap();
    let mut line: Line = serde_json::from_slice(&written[log.len()..]).unwrap();
    change(&mut line);
    let mut bytes = serde_json::to_vec(&line).unwrap();
    bytes.push(b'\n');
    [log, &bytes].concat()
}

#[cfg(unix)]
fn private(path: &Path) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &Path) {}

#[test]
fn a_mark_cannot_be_left_out_and_a_line_cannot_be_given_my_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.log");
    append(&path, Some(ME)).unwrap();
    let mine = fs::read(&path).unwrap();
    for mark in [None, Some(0), Some(2)] {
        let error = Log::parse(&forged(&mine, |line| line.unvouched = mark)).unwrap_err();
        assert!(error.to_string().contains("how many lines before it its signer did not sign"), "{error}");
    }
    // In my name, with a signature that is not mine: the chain holds, and nothing follows it.
    let in_my_name = forged(&mine, |line| (line.signer, line.unvouched) = (Some(ME.key()), None));
    Log::parse(&in_my_name).unwrap();
    // In another's name, between my lines.
    let in_anothers = forged(&mine, |line| line.signer = Some(Key(3).key()));
    for forged in [in_my_name, in_anothers] {
        fs::write(&path, &forged).unwrap();
        let head = Log::parse(&forged).unwrap().head();
        for result in [
            append(&path, Some(ME)).map(drop),
            log::append_after(&path, &entry("done"), ME, head).map(drop),
            log::prepare(&path, Some(ME.key()), Some(head)).map(drop),
        ] {
            let error = result.unwrap_err();
            assert!(
                error.to_string().contains("line 2 of the log has a signature that does not fit"),
                "{error}"
            );
        }
        assert_eq!(fs::read(&path).unwrap(), forged);
    }
}

#[test]
fn the_program_signs_after_lines_of_others_if_it_is_told_to_and_says_so() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind card.pan");
    let head = || {
        let said = coalition.done("a", "verify --log run.log").stdout;
        said.split("head ").nth(1).unwrap()[..64].to_owned()
    };
    let signed = "inspect round.json --identity own.key --log run.log";
    coalition.done("a", signed);
    let early = head();
    // Somebody adds a line that says what it likes.
    coalition.done("a", "inspect round.json --operator ceo --log run.log");
    let verify = "verify --log run.log --signer own.key.pub";
    let every = format!("{verify} --every-line");

    let refused = coalition.run("a", signed);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{}", refused.stderr);
    assert!(
        refused.stderr.contains(
            "run.log: expected the log to end in a line of the key that signs now, got lines 2 to 2"
        )
    );
    assert!(
        refused.stderr.contains("verify --log") && refused.stderr.contains("--log-after"),
        "{}",
        refused.stderr
    );
    assert_eq!(coalition.run("a", &format!("{signed} --log-after {early}")).code, Some(1));
    assert_eq!(coalition.run("a", verify).code, Some(1), "the end is not signed");

    coalition.done("a", &format!("{signed} --log-after {}", head()));
    coalition.done("a", signed);
    let said = coalition.done("a", verify).stdout;
    assert!(said.contains("self-consistent, 3 of 4 lines signed, the last of them line 4\n"), "{said}");
    assert!(
        said.contains("run.log: line 3 does not vouch for line 2, which its key did not sign\n"),
        "{said}"
    );
    assert_eq!(coalition.done("a", "verify --log run.log").stdout.matches("does not vouch").count(), 1);
    let strict = coalition.run("a", &every);
    assert_eq!(strict.code, Some(1));
    assert!(
        strict.stderr.contains("3 of 4 lines are signed by these keys; expected every line"),
        "{}",
        strict.stderr
    );

    // Without a key nothing is vouched for, and no word is needed.
    coalition.done("a", "inspect round.json --log other.log");
    coalition.done("a", "inspect round.json --log other.log");
    coalition.done("a", "inspect round.json --identity own.key --log mine.log");
    coalition.done("a", "inspect round.json --identity own.key --log mine.log");
    coalition.done("a", "verify --log mine.log --signer own.key.pub --every-line");
    coalition.write("a", "empty.log", "");
    assert_eq!(coalition.run("a", "verify --log empty.log --signer own.key.pub --every-line").code, Some(1));
    assert_eq!(coalition.run("a", "verify --log mine.log --every-line").code, Some(2), "whose?");
}
