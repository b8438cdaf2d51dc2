//! Deltas: applied to its base one gives the next set, byte for byte; to anything else it is an error that says why.

use std::collections::BTreeSet;
use std::io;

use crate::support::files::{Forger, hex, metadata, sha256, written};
use crate::support::hub::{name, set_of, terms, token};
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use veilmatch::container::{CHUNK_RECORDS, Parent, Revision, Signer};
use veilmatch::terms::{ContentDigest, SignerKey};
use veilmatch::{Delta, Error, Metadata, SetFile, Token, TokenSet};

/// A set of `bank-a` after another.
fn after(base: &TokenSet, numbers: impl IntoIterator<Item = u64>) -> TokenSet {
    set_of("bank-a", numbers).with_metadata(metadata()).following(&base.revision().unwrap()).unwrap()
}

fn file_of(set: &TokenSet) -> Vec<u8> {
    written(|out| set.write_to(out))
}

/// Applies a delta to a file, as the hub does.
fn applied(delta: &Delta, base: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    delta.apply_to(base, &mut out)?;
    Ok(out)
}

/// A delta from its file.
fn sent(delta: &Delta) -> Delta {
    let again = Delta::from_file_bytes(&written(|out| delta.write_to(out))).unwrap();
    assert_eq!(again, *delta);
    again
}

/// Everything that a delta promises, against what is plainly so.
fn check(old: &BTreeSet<u64>, new: &BTreeSet<u64>) {
    let base = set_of("bank-a", old.iter().copied());
    let next = after(&base, new.iter().copied());
    let delta = sent(&Delta::between(&base, &next).unwrap());
    let sorted = |numbers: Vec<u64>| {
        let mut tokens: Vec<Token> = numbers.into_iter().map(token).collect();
        tokens.sort_unstable();
        tokens
    };
    assert!(delta.added() == sorted(new.difference(old).copied().collect()));
    assert!(delta.retracted() == sorted(old.difference(new).copied().collect()));

    let (base_file, next_file) = (file_of(&base), file_of(&next));
    assert!(Delta::between_files(&base_file[..], &next_file[..]).unwrap() == delta, "from files");
    assert!(applied(&delta, &base_file).unwrap() == next_file, "the very bytes");
    assert!(delta.apply(&base).unwrap() == next);
    assert_eq!(Revision::read(&next_file[..]).unwrap(), next.revision().unwrap());
    let on_disk = SetFile::from_source(Box::new(next_file), "next").unwrap();
    assert_eq!(on_disk.revision(), next.revision().unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_delta_applied_to_its_base_gives_the_next_set_byte_for_byte(
        old in prop::collection::btree_set(0u64..80, 0..60),
        new in prop::collection::btree_set(0u64..80, 0..60),
    ) {
        check(&old, &new);
    }

    #[test]
    fn deltas_give_the_last_set_in_their_order_and_no_other(
        days in prop::collection::vec(prop::collection::btree_set(0u64..40, 0..30), 3..6),
        places in (0usize..6, 0usize..6),
    ) {
        let mut sets: Vec<TokenSet> = Vec::new();
        for day in &days {
            let first = || set_of("bank-a", day.iter().copied());
            sets.push(sets.last().map_or_else(first, |last| after(last, day.iter().copied())));
        }
        let deltas: Vec<Delta> =
            sets.windows(2).map(|pair| sent(&Delta::between(&pair[0], &pair[1]).unwrap())).collect();
        let mut file = file_of(&sets[0]);
        for (delta, set) in deltas.iter().zip(&sets[1..]) {
            file = applied(delta, &file).unwrap();
            prop_assert!(file == file_of(set));
        }
        // Of day `at` only the delta of that day makes another set.
        let (at, of) = (places.0 % sets.len(), places.1 % deltas.len());
        match applied(&deltas[of], &file_of(&sets[at])) {
            Ok(next) => prop_assert!(at == of && next == file_of(&sets[of + 1])),
            Err(Error::Rollback { kept, found }) => {
                prop_assert_eq!((kept, found), (at as u64, of as u64 + 1));
                prop_assert!(of < at);
            }
            Err(Error::SequenceGap { expected, found }) => {
                prop_assert_eq!((expected, found), (at as u64 + 1, of as u64 + 1));
                prop_assert!(of > at);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn chunks_end_anywhere() {
    let chunk = CHUNK_RECORDS as u64;
    let lens = [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk];
    for old in lens {
        for new in lens {
            check(&(0..old).collect(), &(7..7 + new).collect());
        }
    }
}

#[test]
fn another_base_is_refused_with_both_roots() {
    let base = set_of("bank-a", 0..30);
    let delta = Delta::between(&base, &after(&base, 10..40)).unwrap();
    // As many tokens as the base has; other dates alone make another file too.
    for other in [set_of("bank-a", 1..31), base.clone().with_metadata(metadata())] {
        let roots = (base.root().unwrap(), other.root().unwrap());
        for error in [delta.apply(&other).unwrap_err(), applied(&delta, &file_of(&other)).unwrap_err()] {
            let Error::WrongBase { expected, found } = error else { panic!("{error}") };
            assert_eq!((expected, found), roots);
        }
    }
    let unrelated = after(&set_of("bank-a", 5..9), 10..40);
    assert_eq!(Delta::between(&base, &unrelated).unwrap_err().code(), "wrong_base");
    let files = (file_of(&base), file_of(&unrelated));
    assert_eq!(Delta::between_files(&files.0[..], &files.1[..]).unwrap_err().code(), "wrong_base");
}

#[test]
fn another_member_or_other_terms_are_refused() {
    let base = set_of("bank-a", 0..30);
    let next = after(&base, 10..40);
    let delta = Delta::between(&base, &next).unwrap();
    let other = set_of("bank-b", 0..30);
    let mut epoch = terms();
    epoch.context = veilmatch::terms::KeyContext::new(name("efc"), 2, epoch.context.kind().clone()).unwrap();
    let later = TokenSet::from_tokens(epoch, name("bank-a"), base.tokens().to_vec());
    for (other, code) in [(other, "other_member"), (later, "terms_differ")] {
        let file = file_of(&other);
        let place = other.revision().unwrap();
        assert_eq!(next.clone().following(&place).unwrap_err().code(), code);
        assert_eq!(Delta::between(&other, &next).unwrap_err().code(), code);
        assert_eq!(Delta::between_files(&file[..], &file_of(&next)[..]).unwrap_err().code(), code);
        assert_eq!(delta.apply(&other).unwrap_err().code(), code);
        assert_eq!(applied(&delta, &file).unwrap_err().code(), code);
        assert_eq!(place.require_older_than(&delta).unwrap_err().code(), code);
    }
}

#[test]
fn an_older_set_never_takes_the_place_of_a_newer_one() {
    let monday = set_of("bank-a", 0..30);
    let tuesday = after(&monday, 10..40);
    let wednesday = after(&tuesday, 20..50);
    let delta = Delta::between(&monday, &tuesday).unwrap();
    monday.revision().unwrap().require_older_than(&delta).unwrap();
    for set in [&tuesday, &wednesday] {
        let Err(Error::Rollback { kept, found: 1 }) = set.revision().unwrap().require_older_than(&delta)
        else {
            panic!("a delta that makes the first set after monday's");
        };
        assert_eq!(kept, set.sequence());
    }
    // A set made from scratch follows nothing, and what goes backwards is no delta either.
    let scratch = set_of("bank-a", 0..3);
    assert_eq!(Delta::between(&tuesday, &scratch).unwrap_err().code(), "rollback");
    assert_eq!(Delta::between(&wednesday, &tuesday).unwrap_err().code(), "rollback");
    assert_eq!(Delta::between(&monday, &wednesday).unwrap_err().code(), "sequence_gap");
}

/// The delta of a member who states another base than it had.
fn with_base(delta: &Delta, base: &TokenSet) -> Delta {
    let [from, to] = [delta.parent().base, base.root().unwrap()].map(|root| root.to_string());
    Delta::from_file_bytes(&Forger::of(&written(|out| delta.write_to(out))).replace(&from, &to).file())
        .unwrap()
}

#[test]
fn changes_that_the_base_does_not_bear_out_are_refused_by_count_and_place() {
    let base = set_of("bank-a", 0..10);
    let delta = Delta::between(&base, &after(&base, (3..10).chain(20..23))).unwrap();
    let place =
        |list: &[Token], of: u64| 1 + list.iter().position(|found| *found == token(of)).unwrap() as u64;

    let without = set_of("bank-a", (1..10).chain([50]));
    let forged = with_base(&delta, &without);
    for error in [forged.apply(&without).unwrap_err(), applied(&forged, &file_of(&without)).unwrap_err()] {
        let Error::NotInBase { tokens: 1, first } = error else { panic!("{error}") };
        assert_eq!(first, place(delta.retracted(), 0));
    }
    let with = set_of("bank-a", (0..9).chain([21]));
    let forged = with_base(&delta, &with);
    for error in [forged.apply(&with).unwrap_err(), applied(&forged, &file_of(&with)).unwrap_err()] {
        let Error::AlreadyInBase { tokens: 1, first } = error else { panic!("{error}") };
        assert_eq!(first, place(delta.added(), 21));
    }
    // All of them, and more than the base has.
    let none = set_of("bank-a", 100..110);
    let forged = with_base(&delta, &none);
    assert!(matches!(forged.apply(&none), Err(Error::NotInBase { tokens: 3, first: 1 })));
}

#[test]
fn a_delta_that_makes_another_set_than_it_says_is_refused() {
    let base = set_of("bank-a", 0..10);
    let delta = Delta::between(&base, &after(&base, 5..15)).unwrap();
    let file = Forger::of(&written(|out| delta.write_to(out)));
    let root = delta.root().to_string();
    let forged = Delta::from_file_bytes(&file.clone().replace(&root, &"0".repeat(64)).file()).unwrap();
    for error in [forged.apply(&base).unwrap_err(), applied(&forged, &file_of(&base)).unwrap_err()] {
        let Error::WrongResult { expected, found } = error else { panic!("{error}") };
        assert_eq!((expected, found), (ContentDigest([0; 32]), delta.root()));
    }
    // Its numbers must add up before anything is read.
    let counted = file.replace(r#""rows":10,"accepted":10"#, r#""rows":11,"accepted":11"#);
    let forged = counted.replace(r#""tokens":10}"#, r#""tokens":11}"#).file();
    let forged = Delta::from_file_bytes(&forged).unwrap();
    assert_eq!(forged.apply(&base).unwrap_err().code(), "format");
    assert_eq!(applied(&forged, &file_of(&base)).unwrap_err().code(), "format");
}

#[test]
fn records_are_in_order_each_once_and_say_what_they_do() {
    let base = set_of("bank-a", 0..10);
    let delta = Delta::between(&base, &after(&base, 5..15)).unwrap();
    let good = Forger::of(&written(|out| delta.write_to(out)));
    assert_eq!(good.record_len, 17);
    let refused = |forged: Forger| {
        let error = Delta::from_file_bytes(&forged.file()).unwrap_err();
        assert!(matches!(error, Error::Format { .. }), "{error}");
    };
    for byte in [0, b'*', b',', b'.', 0xff] {
        refused(good.clone().records(|records| records[16] = byte));
    }
    refused(good.clone().records(|records| records.copy_within(0..16, 17)));
    refused(good.clone().records(|records| records[..34].rotate_left(17)));
    // One addition more and one retraction less than the header tells.
    refused(good.clone().records(|records| {
        let at = records.chunks(17).position(|record| record[16] == b'-').unwrap();
        records[17 * at + 16] = b'+';
    }));
    for (from, to) in [
        (r#""sequence":1"#, r#""sequence":0"#),
        (r#""added":5,"retracted":5"#, r#""added":5,"retracted":4"#),
        (r#""signature":null"#, &format!(r#""signature":"{}""#, "00".repeat(64))),
        (r#","delta":{"added""#, r#","delta":null,"x":{"added""#),
    ] {
        refused(good.clone().replace(from, to));
    }
}

/// An Ed25519 key of one repeated byte.
struct Key(Ed25519KeyPair);

impl Key {
    fn of(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }
}

impl Signer for Key {
    fn key(&self) -> SignerKey {
        SignerKey(self.0.public_key().as_ref().try_into().unwrap())
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        Ok(self.0.sign(message).as_ref().try_into().unwrap())
    }
}

fn signed(set: &TokenSet, key: &Key) -> Vec<u8> {
    written(|out| set.sign_to(key, out))
}

#[test]
fn the_hub_writes_the_very_file_that_the_member_signed() {
    let (key, other) = (Key::of(1), Key::of(2));
    let base_file = signed(&set_of("bank-a", 0..30), &key);
    let base = TokenSet::from_file_bytes(&base_file).unwrap();
    let next_file = signed(&after(&base, 10..45), &key);
    let next = TokenSet::from_file_bytes(&next_file).unwrap();
    let delta = Delta::between(&base, &next).unwrap();
    assert_eq!(delta.signer(), Some(key.key()));
    assert!(matches!(delta.write_to(&mut Vec::new()), Err(Error::Unsigned { .. })));
    assert!(matches!(delta.sign_to(&other, &mut Vec::new()), Err(Error::WrongSigner { .. })));

    let file = written(|out| delta.sign_to(&key, out));
    let received = Delta::from_file_bytes(&file).unwrap();
    assert!(received == delta);
    assert!(applied(&received, &base_file).unwrap() == next_file);
    assert_eq!(received.apply(&base).unwrap(), next);

    // A member who signs the delta, but not the set that it makes.
    let set_signature = hex(&next_file[next_file.len() - 64..]);
    let mut forged = Forger::of(&file).replace(&set_signature, &"ab".repeat(64)).file();
    let root_at = forged.len() - 96;
    let message =
        [b"veilmatch/1 sig", &5u16.to_be_bytes()[..], b"delta", &forged[root_at..root_at + 32]].concat();
    let signature = key.sign(&message).unwrap();
    forged[root_at + 32..].copy_from_slice(&signature);
    assert!(matches!(Delta::from_file_bytes(&forged), Err(Error::Signature { .. })));
}

#[test]
fn a_base_that_is_cut_or_changed_anywhere_gives_no_set() {
    let base = set_of("bank-a", 0..30);
    let delta = Delta::between(&base, &after(&base, 10..40)).unwrap();
    let file = file_of(&base);
    for len in 0..file.len() {
        assert!(applied(&delta, &file[..len]).is_err(), "cut to {len}");
        assert!(Revision::read(&file[..len]).is_err(), "cut to {len}");
    }
    for at in 0..file.len() {
        let mut broken = file.clone();
        broken[at] ^= 1;
        assert!(applied(&delta, &broken).is_err(), "byte {at}");
        assert!(Revision::read(&broken[..]).is_err(), "byte {at}");
    }
    assert!(applied(&delta, &[&file[..], &[0]].concat()).is_err(), "nothing may follow");
}

#[test]
fn what_cannot_be_read_or_written_is_an_error() {
    /// Gives or takes so many bytes, then fails.
    struct Failing(io::Cursor<Vec<u8>>, usize);
    impl io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let room = buffer.len().min(self.1);
            if room == 0 {
                return Err(io::Error::other("the disk is gone"));
            }
            let read = self.0.read(&mut buffer[..room])?;
            self.1 -= read;
            Ok(read)
        }
    }
    impl io::Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.1);
            self.1 -= taken;
            if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let base = set_of("bank-a", 0..3000);
    let next = after(&base, 100..3500);
    let delta = Delta::between(&base, &next).unwrap();
    let (base_file, len) = (file_of(&base), file_of(&next).len());
    let is_io = |error: Error| error.code() == "io";
    for bytes in [0, 1, 4095, 4096, 20_000, base_file.len() - 1, base_file.len()] {
        let base = || Failing(io::Cursor::new(base_file.clone()), bytes);
        assert!(is_io(delta.apply_to(base(), &mut Vec::new()).unwrap_err()), "{bytes}");
        assert!(is_io(Revision::read(base()).unwrap_err()), "{bytes}");
    }
    for bytes in [0, 1, 4096, 20_000, len - 1] {
        let mut out = Failing(io::Cursor::default(), bytes);
        assert!(is_io(delta.apply_to(&base_file[..], &mut out).unwrap_err()), "{bytes}");
    }
    delta.apply_to(&base_file[..], &mut Failing(io::Cursor::default(), len)).unwrap();
}

#[test]
fn no_message_and_no_debug_form_shows_a_token() {
    let base = set_of("bank-a", 0..10);
    let delta = Delta::between(&base, &after(&base, 5..15)).unwrap();
    let forged = with_base(&delta, &set_of("bank-a", 100..110));
    let error = forged.apply(&set_of("bank-a", 100..110)).unwrap_err();
    let said = format!("{delta:?} {error} {error:?} {:?}", applied(&delta, &[]).unwrap_err());
    for number in (0..15).chain(100..110) {
        let bytes = token(number);
        assert!(!said.contains(&hex(&bytes.as_bytes()[..4])), "{said}");
        assert!(!said.contains(&format!("{:?}", &bytes.as_bytes()[..4]).replace(['[', ']'], "")), "{said}");
    }
}

#[test]
fn a_file_is_used_within_its_dates_alone() {
    let metadata = Metadata { not_before: Some(100), not_after: Some(200), ..Metadata::default() };
    for now in [100, 150, 200] {
        metadata.require_current(now).unwrap();
    }
    assert!(matches!(metadata.require_current(99), Err(Error::FileDates { bound: 100, over: false })));
    assert!(matches!(metadata.require_current(201), Err(Error::FileDates { bound: 200, over: true })));
    Metadata::default().require_current(u64::MAX).unwrap();
}

/// The file of SPEC.md, section 7.4.
#[test]
fn the_file_of_the_specification_is_written() {
    let base = set_of("bank-a", 0..3);
    let next = set_of("bank-a", 1..5).following(&base.revision().unwrap()).unwrap();
    let delta = Delta::between(&base, &next).unwrap();
    assert_eq!(delta.parent(), Parent { sequence: 1, base: base.root().unwrap() });
    let specification = include_str!("../../SPEC.md");
    let file = written(|out| delta.write_to(out));
    let header = file.split(|byte| *byte == b'\n').nth(1).unwrap();
    assert!(
        specification.contains(std::str::from_utf8(header).unwrap()),
        "{}",
        String::from_utf8_lossy(header)
    );
    for file in [file_of(&base), file, file_of(&next)] {
        let line = format!("| {} | `{}` |", file.len(), hex(&sha256(&[&file])));
        assert!(specification.contains(&line), "{line}");
    }
}
