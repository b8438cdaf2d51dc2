//! Files: what is written is read back, and every truncation and every flipped byte is refused.

mod support;

use support::hub::{name, set_of, terms};
use veilmatch::domain::RoundDigest;
use veilmatch::format::{CHUNK_RECORDS, HEADER_LEN};
use veilmatch::{Disclosure, Error, Intersection, Overlaps, Prefilter, Share, Stamp, TokenSet};

fn written(write: impl Fn(&mut Vec<u8>) -> Result<(), Error>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("writing to memory succeeds");
    bytes
}

fn stamp() -> Stamp {
    Stamp {
        created: 1_700_000_000,
        not_before: Some(1),
        not_after: None,
        purpose: "test \"of\" files".into(),
    }
}

/// One small file of each type, with the reader that validates it.
type Reader = fn(&[u8]) -> Result<Vec<u8>, Error>;

fn small_files() -> Vec<(&'static str, Vec<u8>, Reader)> {
    let (a, b) = (set_of("bank-a", 0..40).with_stamp(stamp()), set_of("bank-b", 20..50));
    let overlaps =
        Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap().collect(&()).unwrap();
    let share = |disclosure| overlaps.share(&name("bank-a"), disclosure).unwrap().with_stamp(stamp());
    let prefilter = Prefilter::standard(&b, 0.01).unwrap();
    let share_again: Reader = |bytes| {
        let share = Share::from_file_bytes(bytes)?;
        Ok(written(|out| share.write_to(out)))
    };
    vec![
        ("set", written(|out| a.write_to(out)), |bytes| {
            let set = TokenSet::from_file_bytes(bytes)?;
            Ok(written(|out| set.write_to(out)))
        }),
        ("overlaps", written(|out| overlaps.write_to(out)), |bytes| {
            let overlaps = Overlaps::from_file_bytes(bytes)?;
            Ok(written(|out| overlaps.write_to(out)))
        }),
        ("share with holders", written(|out| share(Disclosure::Holders).write_to(out)), share_again),
        ("share with counts", written(|out| share(Disclosure::Counts).write_to(out)), share_again),
        ("prefilter", written(|out| prefilter.write_to(&stamp(), out)), |bytes| {
            let prefilter = Prefilter::from_file_bytes(bytes)?;
            Ok(written(|out| prefilter.write_to(&stamp(), out)))
        }),
    ]
}

#[test]
fn reading_and_writing_again_gives_the_same_bytes() {
    for (what, bytes, again) in small_files() {
        assert_eq!(again(&bytes).expect(what), bytes, "{what}");
    }
}

#[test]
fn a_set_of_several_chunks_comes_back_whole() {
    for len in [0, 1, CHUNK_RECORDS, CHUNK_RECORDS + 1, 3 * CHUNK_RECORDS - 1] {
        let set = set_of("bank-a", 0..len as u64).with_stamp(stamp());
        let bytes = written(|out| set.write_to(out));
        let index = 48 * len.div_ceil(CHUNK_RECORDS);
        assert_eq!(bytes.len(), HEADER_LEN + 16 * len + index + 32 + 64);
        assert_eq!(TokenSet::from_file_bytes(&bytes).unwrap(), set);
    }
}

#[test]
fn every_truncation_is_refused() {
    for (what, bytes, read) in small_files() {
        for len in 0..bytes.len() {
            assert!(matches!(read(&bytes[..len]), Err(Error::Format { .. })), "{what} cut to {len}");
        }
    }
}

#[test]
fn every_flipped_byte_is_refused() {
    for (what, bytes, read) in small_files() {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80] {
                let mut broken = bytes.clone();
                broken[at] ^= flip;
                assert!(matches!(read(&broken), Err(Error::Format { .. })), "{what}, byte {at} ^ {flip:#x}");
            }
        }
    }
}

#[test]
fn nothing_may_follow() {
    for (what, mut bytes, read) in small_files() {
        bytes.push(0);
        assert!(matches!(read(&bytes), Err(Error::Format { .. })), "{what}");
    }
}

#[test]
fn a_file_of_one_type_is_not_read_as_another() {
    let files = small_files();
    for (what, bytes, _) in &files {
        for (other, _, read) in &files {
            let same = what.split(' ').next() == other.split(' ').next();
            assert_eq!(read(bytes).is_ok(), same, "{what} read as {other}");
        }
    }
}

/// Signs a changed header and records with fresh digests, as a hostile writer would.
fn forged(set: &TokenSet, edit: impl Fn(String) -> String, tokens: Vec<u8>) -> Vec<u8> {
    let sha256 = |parts: &[&[u8]]| {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    };
    let page = written(|out| set.write_to(out))[..HEADER_LEN].to_vec();
    let head = edit(String::from_utf8(page).unwrap().trim_end().to_owned());
    let mut bytes = head.into_bytes();
    bytes.push(b'\n');
    bytes.resize(HEADER_LEN - 1, b' ');
    bytes.push(b'\n');
    let page = bytes.clone();
    let mut index = Vec::new();
    for (number, chunk) in tokens.chunks(16 * CHUNK_RECORDS).enumerate() {
        index.extend_from_slice(&chunk[..16]);
        index.extend_from_slice(&sha256(&[b"veilmatch/1 chunk", &(number as u64).to_be_bytes(), chunk]));
    }
    let count = (tokens.len() as u64 / 16).to_be_bytes();
    let root = sha256(&[b"veilmatch/1 root", &[0, 3], b"set", &page, &count, &index]);
    for part in [&tokens, &index, &root, &vec![0; 64]] {
        bytes.extend_from_slice(part);
    }
    bytes
}

#[test]
fn a_well_digested_forgery_is_refused_for_what_it_says() {
    let set = set_of("bank-a", 0..4);
    let tokens: Vec<u8> = set.tokens().iter().flat_map(|token| *token.as_bytes()).collect();
    let read = |bytes: Vec<u8>| TokenSet::from_file_bytes(&bytes);
    assert_eq!(read(forged(&set, |head| head, tokens.clone())).unwrap(), set, "the forger forges well");

    let edits: [(&str, &str); 16] = [
        ("\"format\":1", "\"format\":2"),
        ("\"epoch\":1", "\"epoch\":9007199254740992"),
        ("\"epoch\":1", "\"epoch\":1.0"),
        ("\"epoch\":1", "\"epoch\":-1"),
        ("\"epoch\":1", "\"epoch\":1,\"epoch\":1"),
        ("\"epoch\":1", "\"epoch\": 1"),
        ("\"epoch\":1", "\"epoch\":1,\"more\":1"),
        ("\"round\":null,", ""),
        ("\"purpose\":\"\"", "\"purpose\":\"\\u0007\""),
        ("\"purpose\":\"\"", "\"purpose\":\"\\u0041\""),
        ("\"signer\":null", &format!("\"signer\":\"{}\"", "00".repeat(32))),
        ("\"member\":\"bank-a\"", "\"member\":\"../bank-a\""),
        ("\"member\":\"bank-a\"", "\"member\":null"),
        ("\"rows\":4", "\"rows\":5"),
        ("\"tokens\":4", "\"tokens\":3"),
        ("\"tokens\":4", "\"tokens\":4503599627370495"),
    ];
    for (from, to) in edits {
        let edit = |head: String| {
            assert!(head.contains(from), "{from}");
            head.replace(from, to)
        };
        let result = read(forged(&set, edit, tokens.clone()));
        assert!(matches!(result, Err(Error::Format { .. })), "{from} -> {to}: {result:?}");
    }

    let mut repeated = tokens.clone();
    repeated.copy_within(0..16, 16);
    let mut descending = tokens.clone();
    descending.rotate_left(16);
    for (what, tokens) in [("repeated", repeated), ("descending", descending)] {
        let result = read(forged(&set, |head| head, tokens));
        let Err(Error::Format { expected, .. }) = result else { panic!("{what}: {result:?}") };
        assert_eq!(expected, "tokens in ascending order, each once", "{what}");
    }
}

#[test]
fn stamps_and_rounds_travel_in_the_header_and_bad_ones_are_not_written() {
    let mut terms = terms();
    terms.round = Some(RoundDigest([7; 32]));
    let set = TokenSet::from_tokens(terms.clone(), name("bank-a"), Vec::new()).with_stamp(stamp());
    let bytes = written(|out| set.write_to(out));
    let head = String::from_utf8(bytes[..HEADER_LEN].to_vec()).unwrap();
    assert_eq!(head.lines().next(), Some("veilmatch set 1"));
    let again = TokenSet::from_file_bytes(&bytes).unwrap();
    assert_eq!((again.stamp(), again.terms()), (&stamp(), &terms));

    for bad in [
        Stamp { created: 1 << 53, ..stamp() },
        Stamp { not_after: Some(u64::MAX), ..stamp() },
        Stamp { purpose: "a".repeat(257), ..stamp() },
        Stamp { purpose: "two\nlines".into(), ..stamp() },
    ] {
        let result = set.clone().with_stamp(bad).write_to(&mut Vec::new());
        assert!(matches!(result, Err(Error::Stamp)));
    }
}

#[test]
fn a_writer_that_fails_is_an_error() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let set = set_of("bank-a", 0..4);
    let whole = written(|out| set.write_to(out)).len();
    for room in [0, 1, HEADER_LEN, whole - 1] {
        assert!(matches!(set.write_to(&mut Full(room)), Err(Error::Io(_))), "{room}");
    }
    assert!(set.write_to(&mut Full(whole)).is_ok());
}
