use std::collections::BTreeMap;
use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::container::ReadAt;
use crate::set::TokenSet;
use crate::terms::{KeyContext, KeyId, KindId, RuleDigest, SuppressionDigest};

use super::*;

fn member() -> Name {
    Name::new("a").unwrap()
}

fn terms() -> Terms {
    Terms {
        context: KeyContext::new(Name::new("efc").unwrap(), 1, KindId::new("card.pan/1").unwrap()).unwrap(),
        key_id: KeyId([1; 8]),
        rules: RuleDigest([2; 32]),
        suppression: SuppressionDigest([3; 32]),
        round: None,
    }
}

/// Numbers that look random, below `distinct`.
fn tokens(count: u64, distinct: u64) -> Vec<Token> {
    let spread = |n: u64| {
        let number = u128::from((n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % distinct);
        number.wrapping_mul(0x2d99_7879_26d4_6932_a4c1_f326_80f7_0c55)
    };
    (0..count).map(|n| Token::from_bytes(spread(n).to_be_bytes())).collect()
}

fn in_memory(tokens: &[Token]) -> Vec<u8> {
    let set = TokenSet::from_tokens(terms(), member(), tokens.to_vec());
    let mut bytes = Vec::new();
    set.write_to(&mut bytes).unwrap();
    bytes
}

/// Counts what is done with files, and fails one of them.
#[derive(Default)]
struct Faults {
    done: AtomicUsize,
    fails: usize,
}

impl Faults {
    fn step(&self) -> io::Result<()> {
        match self.done.fetch_add(1, Ordering::Relaxed) == self.fails {
            true => Err(io::Error::other("injected")),
            false => Ok(()),
        }
    }
}

type Bytes = Arc<Mutex<Vec<u8>>>;

/// Files in memory.
struct InMemory {
    faults: Arc<Faults>,
    files: Mutex<BTreeMap<String, Bytes>>,
}

struct Writing(Arc<Faults>, Bytes);

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.step()?;
        self.1.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.step()
    }
}

struct Reading(Arc<Faults>, Bytes);

impl ReadAt for Reading {
    fn size(&self) -> io::Result<u64> {
        self.0.step()?;
        self.1.lock().unwrap().size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.step()?;
        self.1.lock().unwrap().read_exact_at(buffer, offset)
    }
}

impl Store for InMemory {
    fn create(&self, name: &str) -> io::Result<Box<dyn Write + Send>> {
        self.faults.step()?;
        let file = Bytes::default();
        assert!(self.files.lock().unwrap().insert(name.to_owned(), Arc::clone(&file)).is_none());
        Ok(Box::new(Writing(Arc::clone(&self.faults), file)))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn ReadAt>> {
        self.faults.step()?;
        let file = Arc::clone(&self.files.lock().unwrap()[name]);
        Ok(Box::new(Reading(Arc::clone(&self.faults), file)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.faults.step()?;
        assert!(self.files.lock().unwrap().remove(name).is_some());
        Ok(())
    }

    fn name_of(&self, name: &str) -> String {
        name.to_owned()
    }
}

/// Output that fails as the store does.
struct Output(Arc<Faults>, Cursor<Vec<u8>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.step()?;
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.step()
    }
}

impl Seek for Output {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.step()?;
        self.1.seek(to)
    }
}

/// A builder whose files fail once.
fn builder(memory: usize, faults: &Arc<Faults>) -> SetBuilder<'static> {
    let store = InMemory { faults: Arc::clone(faults), files: Mutex::default() };
    SetBuilder {
        budget: Budget::tiny(memory, rayon::current_num_threads()),
        ..SetBuilder::in_store(terms(), member(), 0, Box::new(store))
    }
}

/// Builds with faults; returns what was written, and the number of steps.
fn build(tokens: &[Token], memory: usize, fails: usize) -> (Result<Vec<u8>, Error>, usize) {
    let faults = Arc::new(Faults { fails, ..Faults::default() });
    let builder = builder(memory, &faults);
    let built = || {
        tokens.chunks(999).try_for_each(|tokens| builder.push(tokens))?;
        let mut out = Output(Arc::clone(&faults), Cursor::new(Vec::new()));
        builder.write_to(&mut out)?;
        Ok(out.1.into_inner())
    };
    let built = built();
    (built, faults.done.load(Ordering::Relaxed))
}

#[test]
fn any_budget_gives_the_bytes_of_memory() {
    for (count, distinct) in
        [(0, 1), (1, 1), (5_000, 10), (60_000, 1 << 40), (60_000, 9_000), (200_000, 150_000)]
    {
        let tokens = tokens(count, distinct);
        let expected = in_memory(&tokens);
        for memory in [1 << 15, 1 << 16, 300_000, 1 << 20, 1 << 22] {
            assert!(build(&tokens, memory, usize::MAX).0.unwrap() == expected, "{count} in {memory}");
        }
    }
}

#[test]
fn tokens_that_share_their_leading_bits_are_merged_all_the_same() {
    let crowd = |n: u64| Token::from_bytes((0xa5u128 << 120 | u128::from(n * 7 % 50_000)).to_be_bytes());
    let tokens: Vec<Token> = (0..80_000).map(crowd).collect();
    let expected = in_memory(&tokens);
    for memory in [1 << 15, 1 << 18] {
        assert!(build(&tokens, memory, usize::MAX).0.unwrap() == expected);
    }
}

#[test]
fn a_fault_in_any_step_is_an_error() {
    let tokens = tokens(9_000, 1 << 40);
    // The number of steps depends on the threads, which share the budget.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let build = |fails| pool.install(|| build(&tokens, 1 << 15, fails));
    let (built, steps) = build(usize::MAX);
    assert!(built.unwrap() == in_memory(&tokens));
    assert!(steps > 100, "{steps}");
    for fails in 0..steps {
        let error = build(fails).0.expect_err("the fault surfaces");
        assert_eq!(error.code(), "io", "step {fails}");
        assert!(error.to_string().contains("injected"), "step {fails}: {error}");
    }
}

/// A caller that overlooks the error of a push, or of a digest, never gets a set without the tokens that were lost.
#[cfg(feature = "member")]
#[test]
fn tokens_that_were_lost_are_missed_at_the_end() {
    let tokens = tokens(9_000, 1 << 40);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let steps = pool.install(|| build(&tokens, 1 << 15, usize::MAX)).1;
    for digested in [false, true] {
        let mut overlooked = 0;
        for fails in 0..steps {
            let faults = Arc::new(Faults { fails, ..Faults::default() });
            let builder = pool.install(|| builder(1 << 15, &faults));
            let pushes = tokens.chunks(999).map(|tokens| builder.push(tokens).is_ok());
            let mut all_well = pushes.fold(true, |well, pushed| well & pushed);
            if digested {
                all_well = pool.install(|| builder.content_digest()).is_ok();
            }
            if all_well && digested {
                break; // there are no more steps to fail
            }
            let mut out = Cursor::new(Vec::new());
            let finished = pool.install(|| builder.write_to(&mut out));
            // What fails in the end itself, but for the output, says so of itself.
            match finished {
                Err(error) if !all_well => {
                    assert!(error.to_string().contains("tokens were lost"), "step {fails}: {error}");
                    overlooked += 1;
                }
                Err(error) => assert!(error.to_string().contains("injected"), "step {fails}: {error}"),
                Ok(_) => assert!(all_well && faults.done.load(Ordering::Relaxed) <= fails, "step {fails}"),
            }
        }
        assert!(overlooked > 10, "{overlooked}");
    }
}

#[test]
fn the_folder_goes_away_and_one_that_a_kill_left_is_taken_over() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("spill");
    let all = tokens(600_000, 1 << 40);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("run-1"), "left by a kill").unwrap();
    let builder = SetBuilder::new(terms(), member(), 0, &folder).unwrap();
    builder.push(&all).unwrap();
    assert!(folder.join("run-1").exists());
    let mut out = Cursor::new(Vec::new());
    builder.write_to(&mut out).unwrap();
    assert!(!folder.exists());
    assert!(out.into_inner() == in_memory(&all));

    let builder = SetBuilder::new(terms(), member(), 0, &folder).unwrap();
    builder.push(&all).unwrap();
    drop(builder);
    assert!(!folder.exists(), "it goes away without an end too");

    std::fs::create_dir(&folder).unwrap();
    for strange in ["thesis", "run-2026-11.csv"] {
        std::fs::write(folder.join(strange), "not ours").unwrap();
        let error = SetBuilder::new(terms(), member(), 0, &folder).unwrap_err();
        assert!(error.to_string().contains("nothing is removed"), "{error}");
        assert!(folder.join(strange).exists());
        std::fs::remove_file(folder.join(strange)).unwrap();
    }
    std::fs::write(folder.join("thesis"), "not ours").unwrap();
    let error = SetBuilder::new(terms(), member(), 0, &folder).unwrap_err();
    assert!(error.to_string().contains("nothing is removed"), "{error}");
    assert!(folder.join("thesis").exists());
}

#[test]
fn a_run_that_is_changed_on_disk_is_an_error_that_names_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("spill");
    let all = tokens(600_000, 1 << 40);
    // A thread's part of the least budget then has more than five chunks.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let builder = pool.install(|| SetBuilder::new(terms(), member(), 0, &folder).unwrap());
    pool.install(|| builder.push(&all)).unwrap();
    let run = folder.join("run-1");
    let mut bytes = std::fs::read(&run).unwrap();
    bytes[16 * 5000] ^= 1;
    std::fs::write(&run, bytes).unwrap();
    let built = builder.write_to(&mut Cursor::new(Vec::new()));
    let error = built.unwrap_err().to_string();
    assert!(error.contains("run-1, chunk 4"), "{error}");
    assert!(!folder.exists());
}
