//! Screening: whatever holds the tokens, and whatever takes their place meanwhile, the answer is that of a set.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::files::{hex, written};
use crate::support::hub::{name, set_of, terms, token};
use proptest::prelude::*;
use veilmatch::container::CHUNK_RECORDS;
use veilmatch::screen::{Screen, ScreenIndex};
use veilmatch::terms::{KeyId, RoundDigest};
use veilmatch::{Disclosure, Error, Intersection, Metadata, SetFile, Token, TokenSet};

/// Bytes of a chunk.
const CHUNK: u64 = 16 * CHUNK_RECORDS as u64;

fn on_disk(set: &TokenSet, memory: u64) -> ScreenIndex {
    let file = SetFile::from_source(Box::new(written(|out| set.write_to(out))), "a set").unwrap();
    ScreenIndex::from_file(file, memory).unwrap()
}

/// Every way to screen against a set.
fn all_ways(set: &TokenSet) -> Vec<ScreenIndex> {
    let mut ways = vec![ScreenIndex::from_set(set.clone()).unwrap()];
    ways.extend([0, CHUNK - 1, CHUNK, 2 * CHUNK + 1, u64::MAX].map(|memory| on_disk(set, memory)));
    let other = TokenSet::from_tokens(set.terms().clone(), name("bank-z"), set.tokens().to_vec());
    let matched = Intersection::new().add(set).unwrap().add(&other).unwrap().at_least(2).unwrap();
    let share = matched.collect().unwrap().share(set.member(), Disclosure::Holders).unwrap();
    ways.push(ScreenIndex::from_share(share).unwrap());
    ways
}

fn check(set: &TokenSet, asked: &[Token]) {
    let plain: BTreeSet<Token> = set.tokens().iter().copied().collect();
    let place = |token: &Token| plain.contains(token).then(|| plain.range(..token).count() as u64);
    let expected: Vec<Option<u64>> = asked.iter().map(place).collect();
    for screened in all_ways(set) {
        let found: Vec<Option<u64>> = asked.iter().map(|token| screened.find(token).unwrap()).collect();
        assert!(found == expected, "{screened:?}");
        let mut each = vec![None; asked.len()];
        screened.find_each(asked, |at, place| assert!(each[at].replace(place).is_none())).unwrap();
        assert!(each == expected, "{screened:?}, together");
        assert_eq!((screened.len(), screened.is_empty()), (set.len() as u64, set.is_empty()));
        assert_eq!((screened.member(), screened.terms()), (set.member(), set.terms()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_a_set(
        numbers in prop::collection::btree_set(0u64..200, 0..120),
        asked in prop::collection::vec(0u64..220, 0..150),
    ) {
        let asked: Vec<Token> = asked.into_iter().map(token).collect();
        check(&set_of("bank-a", numbers), &asked);
    }

    /// Tokens that nobody's key makes: all alike but for a few bits anywhere, in order of those.
    #[test]
    fn tokens_that_are_not_spread_evenly_are_found_too(
        bits in prop::collection::vec(any::<u16>(), 0..1500),
        shift in 0u32..112,
        asked in prop::collection::vec(any::<u16>(), 0..50),
    ) {
        let made = |bits: &u16| Token::from_bytes((u128::from(*bits) << shift | 7 << 120).to_be_bytes());
        let set = TokenSet::from_tokens(terms(), name("bank-a"), bits.iter().map(made).collect());
        let asked: Vec<Token> = bits.iter().take(100).chain(&asked).map(made).collect();
        check(&set, &asked);
    }
}

#[test]
fn sets_of_several_chunks_end_anywhere() {
    for len in
        [CHUNK_RECORDS - 1, CHUNK_RECORDS, CHUNK_RECORDS + 1, 5 * CHUNK_RECORDS, 70 * CHUNK_RECORDS + 3]
    {
        let set = set_of("bank-a", 0..len as u64);
        let step = 1 + len / 500;
        let mut asked: Vec<Token> = set.tokens().iter().step_by(step).copied().collect();
        // The ends of chunks, what is beside them, and the ends of all.
        for at in (0..len).step_by(CHUNK_RECORDS).chain([len - 1]) {
            let number = u128::from_be_bytes(*set.tokens()[at].as_bytes());
            asked.extend(
                [number - 1, number, number + 1].map(|number| Token::from_bytes(number.to_be_bytes())),
            );
            asked.extend(at.checked_sub(1).map(|before| set.tokens()[before]));
        }
        asked.extend([[0; 16], [0xff; 16]].map(Token::from_bytes));
        asked.extend((1_000_000..1_000_500).map(token));
        check(&set, &asked);
    }
}

#[test]
fn memory_is_what_was_asked_for_and_is_told() {
    let set = set_of("bank-a", 0..20 * CHUNK_RECORDS as u64);
    let tokens = 16 * set.len();
    for (memory, kept) in [(0, 0), (CHUNK, 16 * CHUNK_RECORDS), (u64::MAX, tokens)] {
        let told = on_disk(&set, memory).memory();
        let filter = told - kept - 16 * 20;
        let bits = 8.0 * filter as f64 / set.len() as f64;
        assert!(if memory == u64::MAX { bits < 12.0 } else { bits < 24.0 }, "{memory}: {bits}");
    }
}

#[test]
fn a_share_says_who_the_holders_of_a_hit_are() {
    let sets = [set_of("a", 0..50), set_of("b", 20..70), set_of("c", 40..90)];
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    let overlaps = all.at_least(2).unwrap().collect().unwrap();
    let share = overlaps.share(&name("a"), Disclosure::Holders).unwrap();
    let screen = Screen::new(ScreenIndex::from_share(share).unwrap());
    let holders = |number| {
        let screened = screen.current();
        let at = screened.find(&token(number)).unwrap()? as usize;
        let share = screened.share().unwrap();
        Some(share.holders(at).unwrap().names().map(ToString::to_string).collect::<Vec<_>>().concat())
    };
    assert_eq!([0, 19, 20, 45, 60].map(holders), [None, None, Some("ab".into()), Some("abc".into()), None]);
}

#[test]
fn who_asks_while_it_is_replaced_is_answered_from_one_set_or_the_other() {
    let (old, new) = (set_of("bank-a", 0..3000), set_of("bank-a", 1000..4000));
    let ways = || [all_ways(&old), all_ways(&new)].into_iter().flatten();
    let screen = Screen::new(ScreenIndex::from_set(old.clone()).unwrap());
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let asking: Vec<_> = (0..3)
            .map(|thread| {
                let (screen, done) = (&screen, &done);
                threads.spawn(move || {
                    let mut asked = 0;
                    while !done.load(Ordering::Relaxed) || asked == 0 {
                        asked += 1;
                        let number = (asked * 7 + thread) % 1000;
                        // In both at any time, in neither at any time, in exactly one at one time.
                        assert!(screen.find(&token(1000 + number)).unwrap().is_some());
                        assert!(screen.find(&token(9000 + number)).unwrap().is_none());
                        let now = screen.current();
                        let [a, b] = [number, 3000 + number].map(|number| now.find(&token(number)).unwrap());
                        assert_ne!(a.is_some(), b.is_some());
                    }
                })
            })
            .collect();
        for _ in 0..5 {
            for next in ways() {
                screen.replace(next).unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
        asking.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn what_may_not_take_its_place_is_refused_and_changes_nothing() {
    let monday = set_of("bank-a", 0..10);
    let tuesday = set_of("bank-a", 5..15).following(&monday.revision().unwrap()).unwrap();
    let screen = Screen::new(ScreenIndex::from_set(tuesday.clone()).unwrap());
    let with = |edit: fn(&mut veilmatch::terms::Terms)| {
        let mut terms = terms();
        edit(&mut terms);
        TokenSet::from_tokens(terms, name("bank-a"), monday.tokens().to_vec())
    };
    let refused = |set: TokenSet, code: &str| {
        for next in [ScreenIndex::from_set(set.clone()).unwrap(), on_disk(&set, 0)] {
            assert_eq!(screen.replace(next).unwrap_err().code(), code);
        }
        assert!(screen.find(&token(14)).unwrap().is_some());
    };
    refused(monday.clone(), "rollback");
    refused(set_of("bank-b", 0..10), "other_member");
    refused(with(|terms| terms.key_id = KeyId([9; 8])), "terms_differ");
    // Sets of one number, and shares, which have none, go by their dates.
    let made =
        |set: &TokenSet, created| set.clone().with_metadata(Metadata { created, ..Metadata::default() });
    let screen_of = |set: TokenSet| Screen::new(ScreenIndex::from_set(set).unwrap());
    let dated = screen_of(made(&monday, 100));
    for (created, code) in [(100, None), (101, None), (100, Some("older")), (102, None)] {
        let replaced = dated.replace(ScreenIndex::from_set(made(&monday, created)).unwrap());
        assert_eq!(replaced.err().map(|error| error.code()), code, "{created}");
    }
    let other = set_of("bank-b", 0..10);
    let matched = Intersection::new().add(&monday).unwrap().add(&other).unwrap().at_least(2).unwrap();
    let share = |created| {
        let share = matched.collect().unwrap().share(monday.member(), Disclosure::Counts).unwrap();
        ScreenIndex::from_share(share.with_metadata(Metadata { created, ..Metadata::default() })).unwrap()
    };
    let dated = Screen::new(share(100));
    assert_eq!(dated.replace(share(99)).unwrap_err().code(), "older");
    dated.replace(share(100)).unwrap();
    // Another round has its own sequence.
    let before = screen
        .replace(ScreenIndex::from_set(with(|terms| terms.round = Some(RoundDigest([1; 32])))).unwrap());
    assert!(before.unwrap().find(&token(14)).unwrap().is_some());
    assert!(screen.find(&token(14)).unwrap().is_none());
}

#[test]
fn a_file_that_changes_underneath_is_an_error_and_never_another_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("set.vms");
    let (set, other) = (set_of("bank-a", 0..5000), set_of("bank-a", 2500..7500));
    fs::write(&path, written(|out| set.write_to(out))).unwrap();
    let open = |memory| ScreenIndex::from_file(SetFile::open(&path).unwrap(), memory).unwrap();
    let (none_kept, one_kept, all_kept) = (open(0), open(CHUNK), open(u64::MAX));
    let asked: Vec<Token> = (0..7500).step_by(50).map(token).collect();
    let answers = |screened: &ScreenIndex| -> Vec<Result<bool, Error>> {
        asked.iter().map(|token| Ok(screened.find(token)?.is_some())).collect()
    };
    let right = |at: usize| at < 100;
    let all_right = |screened: &ScreenIndex| {
        answers(screened)
            .iter()
            .enumerate()
            .all(|(at, answer)| matches!(answer, Ok(found) if *found == right(at)))
    };
    for screened in [&none_kept, &one_kept, &all_kept] {
        assert!(all_right(screened));
    }
    // Replaced by name: what is open stays open.
    let coming = folder.path().join("coming");
    fs::write(&coming, written(|out| other.write_to(out))).unwrap();
    let kept_open = folder.path().join("kept");
    fs::hard_link(&path, &kept_open).unwrap();
    fs::rename(&coming, &path).unwrap();
    assert!(all_right(&none_kept) && all_right(&one_kept));
    // Written over, then cut, in place.
    let spoil: [&dyn Fn(); 2] =
        [&|| fs::write(&kept_open, written(|out| other.write_to(out))).unwrap(), &|| {
            fs::OpenOptions::new().write(true).open(&kept_open).unwrap().set_len(4096).unwrap()
        }];
    for spoil in spoil {
        spoil();
        for (screened, kept) in [(&none_kept, 0), (&one_kept, CHUNK_RECORDS)] {
            let mut wrong = 0;
            for (at, answer) in answers(screened).into_iter().enumerate() {
                match answer {
                    Ok(found) => assert_eq!(found, right(at), "token {at}"),
                    Err(Error::At { what, source }) => {
                        assert!(
                            what.contains("set.vms, chunk") && source.code() == "format",
                            "{what}: {source}"
                        );
                        wrong += 1;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            assert!(wrong >= 100 - kept / 25, "{wrong} errors");
        }
        assert!(all_right(&all_kept));
    }
}

#[test]
fn no_debug_form_shows_a_token() {
    let set = set_of("bank-a", 0..100);
    let said: String = all_ways(&set)
        .into_iter()
        .flat_map(|way| [format!("{way:?}"), format!("{:?}", Screen::new(way))])
        .collect();
    for token in set.tokens() {
        assert!(!said.contains(&hex(&token.as_bytes()[..3])), "{said}");
        assert!(!said.contains(&format!("{:?}", &token.as_bytes()[..3]).replace(['[', ']'], "")), "{said}");
    }
}
