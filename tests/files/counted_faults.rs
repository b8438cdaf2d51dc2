//! In the library: each read and write of a delta, of its application and of a screened set fails once, and each time
//! that is an error; what is merely slow or interrupted gives the right answer.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::files::{metadata, written};
use crate::support::hub::{set_of, token};
use veilmatch::container::{CHUNK_RECORDS, ReadAt, Revision};
use veilmatch::screen::{Screen, ScreenIndex};
use veilmatch::{Delta, Error, SetFile, Token, TokenSet};

const CHUNK: u64 = CHUNK_RECORDS as u64;
const BROKEN: &str = "the disk is broken";

/// Counts what is done, and fails one of it.
struct Faults {
    done: Cell<usize>,
    fails: usize,
}

impl Faults {
    fn at(fails: usize) -> Self {
        Self { done: Cell::new(0), fails }
    }

    fn step(&self) -> io::Result<()> {
        let number = self.done.replace(self.done.get() + 1);
        if number == self.fails { Err(io::Error::other(BROKEN)) } else { Ok(()) }
    }
}

/// Reads and writes no more than a page at a time.
struct Faulty<'a, T>(&'a Faults, T);

const PAGE: usize = 4096;

impl<R: Read> Read for Faulty<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.step()?;
        let most = buffer.len().min(PAGE);
        self.1.read(&mut buffer[..most])
    }
}

impl<W: Write> Write for Faulty<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.step()?;
        self.1.write(&bytes[..bytes.len().min(PAGE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.step()?;
        self.1.flush()
    }
}

/// Every step fails once; the error says so.
fn fail_each<T>(what: &str, least: usize, work: impl Fn(&Faults) -> Result<T, Error>) {
    let whole = Faults::at(usize::MAX);
    assert!(work(&whole).is_ok(), "{what}");
    assert!(whole.done.get() >= least, "{what}: {} steps", whole.done.get());
    for fails in 0..whole.done.get() {
        let Err(error) = work(&Faults::at(fails)) else { panic!("{what}: step {fails} is overlooked") };
        assert_eq!(error.code(), "io", "{what}, step {fails}");
        assert!(error.to_string().contains(BROKEN), "{what}, step {fails}: {error}");
    }
}

/// Two sets of some chunks, one after the other, and their files.
fn two_days() -> (TokenSet, TokenSet, Vec<u8>, Vec<u8>) {
    let base = set_of("bank-a", 0..5 * CHUNK + 3);
    let next = set_of("bank-a", CHUNK..7 * CHUNK).with_metadata(metadata());
    let next = next.following(&base.revision().unwrap()).unwrap();
    let files = [&base, &next].map(|set| written(|out| set.write_to(out)));
    let [base_file, next_file] = files;
    (base, next, base_file, next_file)
}

#[test]
fn every_fault_of_a_delta_and_its_application_surfaces() {
    let (base, next, base_file, next_file) = two_days();
    let delta = Delta::between(&base, &next).unwrap();
    fail_each("writing a delta", 10, |faults| delta.write_to(&mut Faulty(faults, io::sink())));
    fail_each("comparing files", 40, |faults| {
        Delta::between_files(Faulty(faults, &base_file[..]), Faulty(faults, &next_file[..]))
    });
    fail_each("applying a delta", 40, |faults| {
        delta.apply_to(Faulty(faults, &base_file[..]), &mut Faulty(faults, io::sink()))
    });
    fail_each("reading a place", 20, |faults| Revision::read(Faulty(faults, &base_file[..])));
}

/// Gives a byte or a few at a time, and is interrupted before each.
struct Halting<R>(R, bool);

impl<R: Read> Read for Halting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(7);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn reads_that_halt_give_the_whole() {
    let (base, next, base_file, next_file) = two_days();
    let delta = Delta::between(&base, &next).unwrap();
    let halting = |file| Halting(file, false);
    assert!(Delta::between_files(halting(&base_file[..]), halting(&next_file[..])).unwrap() == delta);
    assert!(written(|out| delta.apply_to(halting(&base_file[..]), out)) == next_file);
    assert_eq!(Revision::read(halting(&base_file[..])).unwrap(), base.revision().unwrap());
}

/// A base to which something happens once so much of it was read.
struct Disturbed<'a> {
    file: File,
    left: usize,
    disturb: Option<&'a dyn Fn()>,
}

impl Read for Disturbed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0
            && let Some(disturb) = self.disturb.take()
        {
            disturb();
        }
        let most = buffer.len().min(if self.left > 0 { self.left } else { buffer.len() });
        let read = self.file.read(&mut buffer[..most])?;
        self.left -= read.min(self.left);
        Ok(read)
    }
}

#[test]
fn a_base_that_is_cut_overwritten_or_replaced_while_it_is_applied_to_gives_no_other_set() {
    let (base, next, base_file, next_file) = two_days();
    let delta = Delta::between(&base, &next).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.vms");
    let cut = || OpenOptions::new().write(true).open(&path).unwrap().set_len(PAGE as u64).unwrap();
    let overwritten = || fs::write(&path, &next_file).unwrap();
    let replaced = || {
        let coming = folder.path().join("coming");
        fs::write(&coming, &next_file).unwrap();
        fs::rename(coming, &path).unwrap();
    };
    for after in (PAGE..base_file.len()).step_by(3 * PAGE) {
        let applied = |disturb: &dyn Fn()| {
            fs::write(&path, &base_file).unwrap();
            let file = File::open(&path).unwrap();
            let mut out = Vec::new();
            let base = Disturbed { file, left: after, disturb: Some(disturb) };
            delta.apply_to(base, &mut out).map(|()| out)
        };
        for (what, spoil) in [("cut", &cut as &dyn Fn()), ("overwritten", &overwritten)] {
            let error = applied(spoil).expect_err(what);
            assert_eq!(error.code(), "format", "{what} after {after}: {error}");
            assert!(error.to_string().starts_with("the base: "), "{error}");
        }
        // What is open stays what it was.
        assert!(applied(&replaced).unwrap() == next_file, "replaced after {after}");
    }
}

/// A set's file of which one read fails.
struct FaultyPages {
    bytes: Vec<u8>,
    fails: Arc<AtomicUsize>,
    reads: Arc<AtomicUsize>,
}

impl ReadAt for FaultyPages {
    fn size(&self) -> io::Result<u64> {
        self.bytes.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        match number == self.fails.load(Ordering::Relaxed) {
            true => Err(io::Error::other(BROKEN)),
            false => self.bytes.read_exact_at(buffer, offset),
        }
    }
}

/// A read that fails is never a miss: who is asked about says so, and is right the next time.
#[test]
fn every_fault_of_a_screened_set_surfaces() {
    let set = set_of("bank-a", 0..70 * CHUNK);
    let bytes = written(|out| set.write_to(out));
    let asked: Vec<Token> = (60 * CHUNK..80 * CHUNK).step_by(311).map(token).collect();
    let there: Vec<bool> = (60 * CHUNK..80 * CHUNK).step_by(311).map(|number| number < 70 * CHUNK).collect();
    for memory in [0, 35 * 16 * CHUNK, u64::MAX] {
        let (fails, reads) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicUsize::new(0)));
        let open = || {
            reads.store(0, Ordering::Relaxed);
            let (fails, reads) = (Arc::clone(&fails), Arc::clone(&reads));
            let source = FaultyPages { bytes: bytes.clone(), fails, reads };
            ScreenIndex::from_file(SetFile::from_source(Box::new(source), "a.vms")?, memory)
        };
        let failed = |error: Error| {
            let said = error.to_string();
            assert_eq!(error.code(), "io");
            assert!(said.starts_with("a.vms") && said.contains(BROKEN), "{said}");
        };
        open().unwrap();
        let opening = reads.load(Ordering::Relaxed);
        assert!(opening > 3, "{opening}");
        for at in 0..opening {
            fails.store(at, Ordering::Relaxed);
            failed(open().expect_err("the fault surfaces"));
        }

        fails.store(usize::MAX, Ordering::Relaxed);
        let screen = Screen::new(open().unwrap());
        let mut lookups = 0;
        for (token, there) in asked.iter().zip(&there) {
            let before = reads.load(Ordering::Relaxed);
            assert_eq!(screen.find(token).unwrap().is_some(), *there);
            if reads.load(Ordering::Relaxed) == before {
                continue; // kept in memory, or denied by the prefilter
            }
            lookups += 1;
            fails.store(reads.load(Ordering::Relaxed), Ordering::Relaxed);
            failed(screen.find(token).expect_err("a fault is no miss"));
            assert_eq!(screen.find(token).unwrap().is_some(), *there, "and is forgotten");
            let next = reads.load(Ordering::Relaxed);
            fails.store(next, Ordering::Relaxed);
            let each = screen.current().find_each(std::slice::from_ref(token), |_, _| panic!("an answer"));
            failed(each.expect_err("a fault is no miss"));
        }
        assert_eq!(lookups > 10, memory < u64::MAX, "{lookups} lookups within {memory}");
    }
}
