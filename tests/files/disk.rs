//! Sets on disk: the same answers as in memory, and nothing of a damaged file is used.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::support::files::{Forger, metadata, written};
use crate::support::hub::{name, set_of, terms};
use proptest::prelude::*;
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use veilmatch::container::{CHUNK_RECORDS, HEADER_LEN, ReadAt, TokenBuffer};
use veilmatch::matching::{Query, StreamedShare};
use veilmatch::{Disclosure, Error, Intersection, SetFile, Token, TokenSet};

const CHUNK: u64 = CHUNK_RECORDS as u64;

fn on_disk(folder: &Path, set: &TokenSet) -> SetFile {
    let path = folder.join(format!("{}.vms", set.member()));
    set.write_to(&mut File::create(&path).unwrap()).unwrap();
    SetFile::open(path).unwrap()
}

fn in_memory(bytes: Vec<u8>) -> Result<SetFile, Error> {
    SetFile::from_source(Box::new(bytes), "file")
}

/// Opens and reads everything, as a match of all its tokens would.
fn read_all(bytes: &[u8]) -> Result<TokenSet, Error> {
    in_memory(bytes.to_vec())?.load()
}

#[test]
fn a_file_tells_what_the_set_in_memory_tells() {
    let folder = tempfile::tempdir().unwrap();
    for len in [0, 1, 5, CHUNK, CHUNK + 1, 3 * CHUNK - 1, 70 * CHUNK] {
        let set = set_of("bank-a", 0..len).with_metadata(metadata());
        let file = on_disk(folder.path(), &set);
        assert_eq!((file.header(), file.len()), (set.header(), len));
        assert_eq!(file.chunks() as u64, len.div_ceil(CHUNK));
        assert_eq!(file.content_digest(), set.content_digest());
        assert!(file.load().unwrap() == set);
        file.verify().unwrap();
        let bytes = written(|out| set.write_to(out));
        for shown in [0, 7, bytes.len() as u64, u64::MAX] {
            let swept = TokenSet::read(&bytes[..], shown).unwrap();
            assert!(swept == set && swept.root().unwrap() == file.root());
            assert_eq!(swept.content_digest(), set.content_digest());
            assert!(written(|out| swept.write_to(out)) == bytes);
        }
        let mut page = TokenBuffer::new();
        for chunk in 0..file.chunks() {
            file.read(chunk..chunk + 1, &mut page).unwrap();
            assert_eq!(page.tokens().first(), Some(&file.first_token(chunk)));
            assert!(page.tokens() == &set.tokens()[chunk * CHUNK_RECORDS..][..page.tokens().len()]);
        }
        for (at, token) in set.tokens().iter().enumerate().step_by(97) {
            assert_eq!(file.chunk_of(token), Some(at / CHUNK_RECORDS));
            assert!(file.contains(token).unwrap());
        }
        for stranger in (len..len + 20).map(crate::support::hub::token) {
            assert!(!file.contains(&stranger).unwrap());
        }
    }
}

/// A thread of the pool that digests a set may take up another task meanwhile that asks for the same.
#[test]
fn many_tasks_of_a_pool_may_ask_for_the_digests_of_one_set() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    for _ in 0..20 {
        let set = set_of("bank-a", 0..70 * CHUNK);
        let ask = || (0..64).into_par_iter().with_max_len(1).map(|_| set.clone().content_digest()).collect();
        let digests: Vec<_> = pool.install(ask);
        assert!(digests.iter().all(|digest| *digest == digests[0]));
    }
}

#[test]
fn every_truncation_is_refused() {
    for len in [40, CHUNK + 3] {
        let bytes = written(|out| set_of("a", 0..len).with_metadata(metadata()).write_to(out));
        for cut in (0..bytes.len()).step_by(if len > CHUNK { 37 } else { 1 }) {
            assert!(matches!(unplaced(read_all(&bytes[..cut])), Error::Format { .. }), "cut to {cut}");
            assert!(matches!(TokenSet::read(&bytes[..cut], 0), Err(Error::Format { .. })), "cut to {cut}");
        }
    }
}

#[test]
fn every_flipped_byte_is_refused() {
    for (len, step) in [(40, 1), (2 * CHUNK + 3, 41)] {
        let bytes = written(|out| set_of("a", 0..len).with_metadata(metadata()).write_to(out));
        for at in (0..bytes.len()).step_by(step) {
            let mut broken = bytes.clone();
            broken[at] ^= 0x10;
            assert!(matches!(unplaced(read_all(&broken)), Error::Format { .. }), "byte {at}");
            assert!(matches!(TokenSet::read(&broken[..], 0), Err(Error::Format { .. })), "byte {at}");
        }
    }
}

/// An error without the place that was attached.
fn unplaced<T: std::fmt::Debug>(result: Result<T, Error>) -> Error {
    match result.expect_err("damage is refused") {
        Error::At { source, .. } => *source,
        error => error,
    }
}

/// Both readers accept the same files, and say the same of the others.
#[test]
fn a_forger_with_fresh_digests_is_refused_as_in_memory() {
    let good = written(|out| set_of("a", 0..3 * CHUNK).write_to(out));
    let whole = Forger::of(&good);
    for (a, b) in [(0, 1), (5, 6), (1022, 1023), (1023, 1024), (1024, 1025), (0, 3071), (1024, 2048)] {
        for swap in [true, false] {
            let mut forged = whole.clone();
            let (from, to) = (16 * a, 16 * b);
            let earlier: Vec<u8> = forged.records[from..from + 16].to_vec();
            if swap {
                let later: Vec<u8> = forged.records[to..to + 16].to_vec();
                forged.records[from..from + 16].copy_from_slice(&later);
            }
            forged.records[to..to + 16].copy_from_slice(&earlier);
            let file = forged.file();
            let expected = unplaced(TokenSet::from_file_bytes(&file));
            assert!(matches!(TokenSet::read(&file[..], 0), Err(Error::Format { .. })), "{a} and {b}");
            let found = unplaced(read_all(&file));
            let (Error::Format { expected, .. }, Error::Format { expected: also, offset }) =
                (expected, found)
            else {
                panic!("{a} and {b}")
            };
            assert_eq!(expected, also);
            assert!(offset >= HEADER_LEN as u64 && offset < file.len() as u64);
        }
    }
}

#[test]
fn a_file_changed_or_cut_while_open_is_an_error_with_its_name_and_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.vms");
    let set = set_of("a", 0..5 * CHUNK);
    let write = || set.write_to(&mut File::create(&path).unwrap()).unwrap();
    let refused = |file: &SetFile, chunk: usize| {
        let mut page = TokenBuffer::new();
        let error = file.read(0..5, &mut page).unwrap_err();
        assert!(page.tokens().is_empty(), "nothing unverified is given out");
        let (text, place) = (error.to_string(), format!("{}, chunk {chunk}", path.display()));
        assert!(text.starts_with(&place), "{text}");
        assert_eq!(error.code(), "format");
        assert!(file.load().is_err() && file.verify().is_err());
        file.read(0..chunk, &mut page).unwrap();
        assert!(page.tokens() == &set.tokens()[..chunk * CHUNK_RECORDS]);
    };

    write();
    let file = SetFile::open(&path).unwrap();
    let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
    writer.seek(SeekFrom::Start(HEADER_LEN as u64 + 16 * 3 * CHUNK + 7)).unwrap();
    writer.write_all(&[0xff; 2]).unwrap();
    refused(&file, 3);

    write();
    let file = SetFile::open(&path).unwrap();
    writer.set_len(HEADER_LEN as u64 + 16 * CHUNK + 5).unwrap();
    let error = file.read(1..2, &mut TokenBuffer::new()).unwrap_err().to_string();
    assert!(error.contains("chunk 1") && error.contains("it was cut"), "{error}");

    // What replaces the name is another file; the one that is open stays as it was.
    write();
    let file = SetFile::open(&path).unwrap();
    let other = folder.path().join("other");
    set_of("a", 7..9).write_to(&mut File::create(&other).unwrap()).unwrap();
    fs::rename(other, &path).unwrap();
    assert!(file.load().unwrap() == set);
}

/// Gives out the chunks from the 64th on so late that others are read, and found damaged, meanwhile.
struct Slow(Vec<u8>);

impl ReadAt for Slow {
    fn size(&self) -> std::io::Result<u64> {
        self.0.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
        if offset == (HEADER_LEN + 16 * CHUNK_RECORDS * 64) as u64 {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        self.0.read_exact_at(buffer, offset)
    }
}

#[test]
fn of_several_damaged_chunks_verifying_tells_the_first_on_any_number_of_threads() {
    let mut bytes = written(|out| set_of("a", 0..300 * CHUNK).write_to(out));
    for chunk in [70, 130, 131, 290] {
        bytes[HEADER_LEN + 16 * CHUNK_RECORDS * chunk + 9] ^= 1;
    }
    let file = SetFile::from_source(Box::new(Slow(bytes)), "file").unwrap();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let error = pool.install(|| file.verify()).unwrap_err().to_string();
        assert!(error.starts_with("file, chunk 70:"), "{error}");
    }
}

#[test]
fn what_is_no_file_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("missing")] {
        let error = SetFile::open(&path).unwrap_err();
        assert_eq!(error.code(), "io");
        assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    }
    // A sparse file may tell any size; it takes no more memory than its header explains.
    let sparse = folder.path().join("sparse");
    File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(SetFile::open(&sparse).unwrap_err().code(), "format");
}

/// Fails the read with this number, counted from 0.
struct Faulty {
    bytes: Vec<u8>,
    fails: usize,
    reads: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl ReadAt for Faulty {
    fn size(&self) -> std::io::Result<u64> {
        self.bytes.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
        let number = self.reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match number == self.fails {
            true => Err(std::io::Error::other("the disk is broken")),
            false => self.bytes.read_exact_at(buffer, offset),
        }
    }
}

#[test]
fn a_fault_in_any_read_is_an_error_of_every_answer() {
    let a = set_of("a", 0..40 * CHUNK);
    let (b, small) = (set_of("b", 20 * CHUNK..60 * CHUNK), set_of("small", (0..300).map(|n| n * 97)));
    let bytes = written(|out| a.write_to(out));
    let answers = |fails: usize, other: &TokenSet| -> (Result<u64, Error>, usize) {
        let reads = std::sync::Arc::default();
        let source = Faulty { bytes: bytes.clone(), fails, reads: std::sync::Arc::clone(&reads) };
        let answer = || {
            let file = SetFile::from_source(Box::new(source), "a.vms")?;
            let matched = Intersection::new().add(&file)?.add(other)?.at_least(2)?;
            matched.count()
        };
        (answer(), reads.load(std::sync::atomic::Ordering::Relaxed))
    };
    for other in [&b, &small] {
        let (all, reads) = answers(usize::MAX, other);
        let expected = Intersection::new().add(&a).unwrap().add(other).unwrap().at_least(2).unwrap();
        assert_eq!(all.unwrap(), expected.count().unwrap());
        assert!(reads > 4);
        for fails in 0..reads {
            let error = answers(fails, other).0.expect_err("the fault surfaces");
            assert_eq!(error.code(), "io");
            let text = error.to_string();
            assert!(text.starts_with("a.vms") && text.contains("the disk is broken"), "{text}");
        }
    }
}

/// All answers in bytes or numbers.
#[derive(PartialEq, Debug)]
struct Answers {
    overlaps: Vec<u8>,
    streamed: Vec<u8>,
    count: u64,
    by_holder_count: Vec<u64>,
    pairs: Vec<(usize, usize, u64)>,
    combinations: Vec<(Vec<usize>, u64)>,
    by_member: Vec<u64>,
    shares: Vec<Vec<u8>>,
}

fn answers(matched: &Query<'_>) -> Answers {
    let metadata = metadata();
    let overlaps = matched.collect().unwrap().with_metadata(metadata.clone());
    let tally = matched.tally().unwrap();
    assert_eq!(tally.by_member, matched.by_member().unwrap());
    assert_eq!(tally.pairs, matched.by_pair().unwrap());
    assert_eq!(tally.by_holder_count, matched.by_holder_count().unwrap());
    let mut shares = Vec::new();
    for disclosure in [Disclosure::Holders, Disclosure::Counts] {
        let mut files = vec![Vec::new(); overlaps.members().len()];
        let begin = |(member, out): (usize, &mut Vec<u8>)| {
            let (count, out): (u64, &mut dyn Write) = (tally.by_member[member], out);
            // The borrow of each file ends with its writer.
            let share = StreamedShare::new(matched, &overlaps.members()[member], count, disclosure).unwrap();
            let mut writer = share.with_metadata(metadata.clone()).write_to(out).unwrap();
            matched.for_each(|token, holders| writer.push(token, holders)).unwrap();
            writer.finish().unwrap();
        };
        files.iter_mut().enumerate().for_each(begin);
        shares.append(&mut files);
    }
    Answers {
        overlaps: written(|out| overlaps.write_to(out)),
        streamed: written(|out| matched.write_overlaps_to(&metadata, out)),
        count: matched.count().unwrap(),
        by_holder_count: tally.by_holder_count,
        pairs: tally.pairs.iter().collect(),
        combinations: matched.by_combination().unwrap(),
        by_member: tally.by_member,
        shares,
    }
}

/// The same from memory, from files, and from both in turn.
fn check(sets: &[TokenSet], thresholds: impl IntoIterator<Item = usize>) {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<SetFile> = sets.iter().map(|set| on_disk(folder.path(), set)).collect();
    for at_least in thresholds {
        let memory = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
        let memory = memory.at_least(at_least).unwrap();
        let expected = answers(&memory);
        assert!(expected.overlaps == expected.streamed);
        for (member, set) in sets.iter().enumerate() {
            let overlaps = memory.collect().unwrap();
            for (at, disclosure) in [Disclosure::Holders, Disclosure::Counts].into_iter().enumerate() {
                let share = overlaps.share(set.member(), disclosure).unwrap().with_metadata(metadata());
                let share = share.with_own_set(set).unwrap();
                assert!(written(|out| share.write_to(out)) == expected.shares[at * sets.len() + member]);
            }
        }
        for memory_too in [false, true] {
            let mut all = Intersection::new();
            for (at, (set, file)) in sets.iter().zip(&files).enumerate() {
                all = if memory_too && at % 2 == 0 { all.add(set) } else { all.add(file) }.unwrap();
            }
            let matched = all.at_least(at_least).unwrap();
            assert!(answers(&matched) == expected, "at least {at_least}, both: {memory_too}");
            assert!(matched.memory() > 0);
        }
    }
}

#[test]
fn answers_from_files_are_those_from_memory_byte_for_byte() {
    let members = ["a", "b", "c", "d"];
    let sets: Vec<TokenSet> = (0..4u64)
        .zip(members)
        .map(|(at, member)| set_of(member, (0..30_000).map(|n| n * (at + 1))))
        .collect();
    check(&sets[..2], 1..=2);
    check(&sets, 1..=4);
    check(&[set_of("a", 0..40 * CHUNK), set_of("b", 3..9), set_of("c", [])], 1..=3);
    check(&[set_of("a", []), set_of("b", [])], 1..=2);
}

/// Windows are cut by chunks, so a crowd of tokens in a narrow part makes no window larger.
#[test]
fn tokens_that_share_their_leading_bits_are_matched_all_the_same() {
    let crowded = |number: u64| {
        let mut bytes = [0xa5; 16];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        Token::from_bytes(bytes)
    };
    let set = |member: &str, step: u64, len: u64| {
        TokenSet::from_tokens(terms(), name(member), (0..len).map(|n| crowded(n * step)).collect())
    };
    let sets = [set("a", 1, 700 * CHUNK), set("b", 3, 200 * CHUNK), set("c", 1, 5000)];
    check(&sets[1..], 1..=2);
    let folder = tempfile::tempdir().unwrap();
    let files = sets.each_ref().map(|set| on_disk(folder.path(), set));
    let matched = files.iter().try_fold(Intersection::new(), |all, file| all.add(file)).unwrap();
    let matched = matched.at_least(2).unwrap();
    let threads = rayon::current_num_threads() as u64;
    assert!(matched.memory() < threads * (16 << 20), "{}", matched.memory());
    // 5,000 of a and c; of b those below 700 chunks.
    let of_c = 5_000;
    let of_b = (700 * CHUNK).div_ceil(3).min(200 * CHUNK);
    assert_eq!(matched.count().unwrap(), of_c + of_b - of_c.div_ceil(3));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_of_any_sizes_give_the_answers_of_memory(
        numbers in prop::collection::vec((0u64..4_000, 0u64..6_000, 1u64..4), 2..5),
        at_least in 1usize..5,
    ) {
        let sets: Vec<TokenSet> = numbers
            .iter()
            .enumerate()
            .map(|(at, (from, len, step))| set_of(&format!("m{at}"), (*from..from + len).map(|n| n * step)))
            .collect();
        check(&sets, [at_least.min(sets.len())]);
    }
}

#[test]
fn a_share_of_another_length_than_counted_is_refused() {
    let (a, b) = (set_of("a", 0..50), set_of("b", 20..70));
    let matched = Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap();
    for counted in [0, 29, 31] {
        let mut out = Vec::new();
        let share = StreamedShare::new(&matched, &name("a"), counted, Disclosure::Counts).unwrap();
        let mut writer = share.write_to(&mut out).unwrap();
        matched.for_each(|token, holders| writer.push(token, holders)).unwrap();
        assert!(matches!(writer.finish(), Err(Error::Recounted { found: 30, .. })));
    }
}

#[test]
fn files_of_other_terms_and_of_one_member_twice_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let a = on_disk(folder.path(), &set_of("a", 0..9));
    let mut other = terms();
    other.key_id = veilmatch::terms::KeyId([9; 8]);
    let b = on_disk(folder.path(), &TokenSet::from_tokens(other, name("b"), Vec::new()));
    let in_memory = set_of("A", 0..3);
    let one = || Intersection::new().add(&a).unwrap();
    assert!(matches!(one().add(&b), Err(Error::TermsDiffer { .. })));
    assert!(matches!(one().add(&a), Err(Error::DuplicateMember { .. })));
    assert!(matches!(one().add(&in_memory), Err(Error::DuplicateMember { .. })));
}

#[test]
fn a_consumer_that_fails_stops_the_match() {
    let (a, b) = (set_of("a", 0..50_000), set_of("b", 0..50_000));
    let matched = Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap();
    let mut seen = 0;
    let stopped = matched.for_each(|_, _| {
        seen += 1;
        if seen == 100 { Err(Error::Cancelled) } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(seen, 100);
}

/// The same rows in memory and within budgets so small that there are many runs.
#[cfg(feature = "member")]
#[test]
fn a_set_built_within_any_budget_is_that_built_in_memory() {
    use veilmatch::SetBuilder;
    use veilmatch::member::key::CoalitionSecret;
    use veilmatch::member::rows::Rows;
    use veilmatch::member::tokenize::Tokenizer;
    use veilmatch::terms::{KeyContext, KindId};

    let secret = CoalitionSecret::generate().unwrap();
    let context = KeyContext::new(name("efc"), 1, KindId::new("crypto.evm/1").unwrap()).unwrap();
    let tokenizer = Tokenizer::new(&secret, context).unwrap();
    let row = |n: u64| format!("0x{:040x}\n", u128::from(n % 400_000 + 1) << 70);
    let mut lines: String = (0..500_000).map(row).collect();
    lines.insert_str(4000, "\nno wallet\n");
    let rows = || Rows::lines(lines.as_bytes());
    let tokenized = tokenizer.tokenize(&name("a"), rows()).unwrap();
    let expected = written(|out| tokenized.set.clone().with_metadata(metadata()).write_to(out));
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("spill");
    for (threads, memory) in [(1, 0), (2, 0), (4, 6 << 20), (2, 1 << 30)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let bytes = pool.install(|| {
            let builder = SetBuilder::new(tokenizer.terms().clone(), name("a"), memory, &folder).unwrap();
            let builder = builder.with_metadata(metadata());
            let spilled = tokenizer.tokenize_into(&builder, rows()).unwrap();
            assert_eq!(spilled.rejections, tokenized.rejections);
            let mut out = std::io::Cursor::new(Vec::new());
            let header = builder.write_to(&mut out).unwrap();
            assert_eq!(header.counters(), tokenized.set.counters());
            out.into_inner()
        });
        assert!(bytes == expected, "{threads} threads, {memory} bytes");
        assert!(!folder.exists());
    }
    // A part of an input would make a set that looks whole.
    struct Stop;
    impl veilmatch::Progress for Stop {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    for (rows, code) in [(rows().expect_rows(7), "row_count"), (rows().with_progress(&Stop), "cancelled")] {
        let builder = SetBuilder::new(tokenizer.terms().clone(), name("a"), 0, &folder).unwrap();
        assert_eq!(tokenizer.tokenize_into(&builder, rows).unwrap_err().code(), code);
        let error = builder.write_to(&mut std::io::Cursor::new(Vec::new())).unwrap_err();
        assert!(error.to_string().contains("tokens were lost when an earlier step failed"), "{error}");
    }
    let other = SetBuilder::new(terms(), name("a"), 0, &folder).unwrap();
    assert_eq!(tokenizer.tokenize_into(&other, rows()).unwrap_err().code(), "terms_differ");
}

#[test]
fn a_file_is_copied_as_it_is_and_damage_is_not() {
    let bytes = written(|out| set_of("a", 0..40 * CHUNK + 7).with_metadata(metadata()).write_to(out));
    let file = in_memory(bytes.clone()).unwrap();
    assert!(written(|out| file.copy_to(out)) == bytes);
    let mut broken = bytes;
    broken[HEADER_LEN + 16 * 39 * CHUNK_RECORDS] ^= 1;
    let error = in_memory(broken).unwrap().copy_to(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("chunk 39"), "{error}");
}
