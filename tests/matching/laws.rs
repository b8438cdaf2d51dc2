//! The laws of matching, over random sets, against an oracle of three lines.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::hub::{name, set_of, terms, token};
use proptest::prelude::*;
use veilmatch::report::KindReport;
use veilmatch::{Disclosure, Intersection, Overlaps, Prefilter, Report, Token, TokenSet};

/// Who holds what, by the plainest of means: token to positions of its holders.
fn oracle(sets: &[TokenSet]) -> BTreeMap<Token, BTreeSet<usize>> {
    let mut holders: BTreeMap<Token, BTreeSet<usize>> = BTreeMap::new();
    for (member, set) in sets.iter().enumerate() {
        set.tokens().iter().for_each(|token| {
            holders.entry(*token).or_default().insert(member);
        });
    }
    holders
}

fn collect(sets: &[TokenSet], at_least: usize) -> Overlaps {
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    all.at_least(at_least).unwrap().collect().unwrap()
}

/// All answers to one question agree with the oracle.
fn check(sets: &[TokenSet], at_least: usize) {
    let all = oracle(sets);
    let matched = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    let matched = matched.at_least(at_least).unwrap();

    let expected: Vec<(Token, Vec<usize>)> = all
        .iter()
        .filter(|(_, holders)| holders.len() >= at_least)
        .map(|(token, holders)| (*token, holders.iter().copied().collect()))
        .collect();
    let overlaps = matched.collect().unwrap();
    let found: Vec<(Token, Vec<usize>)> =
        overlaps.iter().map(|(token, holders)| (token, holders.positions().collect())).collect();
    assert!(found == expected, "{} overlaps expected, {} found", expected.len(), found.len());
    assert_eq!(matched.count().unwrap(), expected.len() as u64);

    let mut by_holder_count = vec![0; sets.len()];
    all.values().for_each(|holders| by_holder_count[holders.len() - 1] += 1);
    assert_eq!(matched.by_holder_count().unwrap(), by_holder_count);

    let pairs = matched.by_pair().unwrap();
    let mut both: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for holders in all.values() {
        for b in holders {
            holders.range(..b).for_each(|a| *both.entry((*a, *b)).or_default() += 1);
        }
    }
    for (a, b, count) in pairs.iter() {
        let expected = both.get(&(a, b)).copied().unwrap_or_default();
        assert_eq!((count, pairs.get(b, a)), (expected, expected));
    }

    let mut combinations: BTreeMap<Vec<usize>, u64> = BTreeMap::new();
    expected.iter().for_each(|(_, holders)| *combinations.entry(holders.clone()).or_default() += 1);
    assert!(matched.by_combination().unwrap().into_iter().eq(combinations));

    let report = KindReport::new(&matched).unwrap();
    assert_eq!(report.overlaps, Some(expected.len() as u64));
    assert!(report.by_holder_count.0.into_iter().eq(by_holder_count.into_iter().map(Some)));
    assert!(report.pairs.iter().map(|pair| pair.overlap).eq(pairs.iter().map(|(.., count)| Some(count))));

    for (member, set) in sets.iter().enumerate() {
        let own: Vec<(Token, usize)> = expected
            .iter()
            .filter(|(_, holders)| holders.contains(&member))
            .map(|(token, holders)| (*token, holders.len()))
            .collect();
        for disclosure in [Disclosure::Holders, Disclosure::Counts] {
            let share = overlaps.share(set.member(), disclosure).unwrap();
            let told = share.tokens().iter().enumerate().map(|(at, token)| (*token, share.holder_count(at)));
            assert!(told.eq(own.iter().copied()), "share of {}", set.member());
        }
    }
}

fn members(numbers: &[Vec<u64>]) -> Vec<TokenSet> {
    let width = numbers.len().to_string().len();
    let named = |(member, numbers): (usize, &Vec<u64>)| {
        set_of(&format!("member-{member:0width$}"), numbers.iter().copied())
    };
    numbers.iter().enumerate().map(named).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_exact_for_every_threshold(
        numbers in prop::collection::vec(prop::collection::vec(0u64..60, 0..60), 2..7),
    ) {
        let sets = members(&numbers);
        (1..=sets.len()).for_each(|at_least| check(&sets, at_least));
    }

    #[test]
    fn the_order_of_members_makes_no_difference(
        numbers in prop::collection::vec(prop::collection::vec(0u64..40, 0..40), 2..6),
        seed in any::<u64>(),
    ) {
        let sets = members(&numbers);
        let mut shuffled = sets.clone();
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, (seed >> (8 * (at % 8))) as usize % (at + 1));
        }
        for at_least in 1..=sets.len() {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            collect(&sets, at_least).write_to(&mut one).unwrap();
            collect(&shuffled, at_least).write_to(&mut other).unwrap();
            prop_assert!(one == other);
        }
    }

    #[test]
    fn a_higher_threshold_gives_a_subset(
        numbers in prop::collection::vec(prop::collection::vec(0u64..40, 0..40), 2..6),
    ) {
        let sets = members(&numbers);
        for at_least in 2..=sets.len() {
            let fewer: BTreeSet<Token> = collect(&sets, at_least).iter().map(|(token, _)| token).collect();
            let more: BTreeSet<Token> = collect(&sets, at_least - 1).iter().map(|(token, _)| token).collect();
            prop_assert!(fewer.is_subset(&more));
        }
    }

    #[test]
    fn sizes_far_apart_and_prefilters_make_no_difference(
        small in prop::collection::vec(prop::collection::vec(0u64..6_000, 0..12), 1..4),
        large in prop::collection::vec(3_000u64..6_000, 1..4),
        rate in prop::sample::select(vec![0.5, 0.01]),
    ) {
        let mut sets = members(&small);
        for (member, len) in large.iter().enumerate() {
            sets.push(set_of(&format!("more-{member}"), (0..*len).map(|n| 2 * n)));
        }
        let filters: Vec<Prefilter> = sets.iter().enumerate().map(|(at, set)| match at % 2 == 0 {
            true => Prefilter::blocked(set, rate).unwrap(),
            false => Prefilter::standard(set, rate).unwrap(),
        }).collect();
        for at_least in 1..=sets.len() {
            check(&sets, at_least);
            let with = sets.iter().zip(&filters).try_fold(Intersection::new(), |all, (set, filter)| {
                all.add_with_prefilter(set, filter)
            });
            let with = with.unwrap().at_least(at_least).unwrap().collect().unwrap();
            prop_assert!(with == collect(&sets, at_least));
        }
    }

    #[test]
    fn tokens_that_share_their_leading_bits_are_matched_all_the_same(
        numbers in prop::collection::vec(prop::collection::vec(0u32..500, 0..400), 2..5),
    ) {
        let crowded = |number: &u32| {
            let mut bytes = [0xa5; 16];
            bytes[12..].copy_from_slice(&number.to_be_bytes());
            Token::from_bytes(bytes)
        };
        let sets: Vec<TokenSet> = numbers.iter().enumerate().map(|(member, numbers)| {
            TokenSet::from_tokens(terms(), name(&format!("m{member}")), numbers.iter().map(crowded).collect())
        }).collect();
        (1..=sets.len()).for_each(|at_least| check(&sets, at_least));
    }

    /// Uniform, crowded in some leading bytes or all but the last four, or the same in the bytes that pick bits.
    #[test]
    fn a_prefilter_never_denies_a_member(
        numbers in prop::collection::vec(0u64..100_000, 0..3_000),
        same in prop::sample::select(vec![0..0, 0..1, 0..2, 0..8, 0..12, 8..16, 12..16]),
        with in any::<u8>(),
        rate in prop_oneof![0.001..=0.5, Just(0.001), Just(0.01), Just(0.5)],
        lone in any::<bool>(),
    ) {
        let take = if lone { 1 } else { numbers.len() };
        let tokens: Vec<Token> = numbers.iter().take(take).map(|number| {
            let mut bytes = *token(*number).as_bytes();
            bytes[same.clone()].fill(with);
            Token::from_bytes(bytes)
        }).collect();
        let set = TokenSet::from_tokens(terms(), name("a"), tokens);
        for filter in [Prefilter::blocked(&set, rate), Prefilter::standard(&set, rate)] {
            let filter = filter.unwrap();
            prop_assert!(set.tokens().iter().all(|token| filter.may_contain(token)));
            prop_assert!((0.0..=1.0).contains(&filter.false_positive_rate()));
            prop_assert_eq!(filter.tokens(), set.len() as u64);
            // An honest set's filter is read back, and is the same.
            if same.is_empty() {
                let mut file = Vec::new();
                filter.write_to(&Default::default(), &mut file).unwrap();
                let read = Prefilter::from_file_bytes(&file).unwrap();
                prop_assert_eq!((read.size(), read.false_positive_rate()), (filter.size(), filter.false_positive_rate()));
                prop_assert!(set.tokens().iter().all(|token| read.may_contain(token)));
            }
        }
    }

    #[test]
    fn sets_are_sorted_unique_and_count_what_was_repeated(numbers in prop::collection::vec(0u64..50, 0..200)) {
        let set = set_of("a", numbers.iter().copied());
        let expected: BTreeSet<Token> = numbers.iter().map(|number| token(*number)).collect();
        prop_assert!(set.tokens().iter().eq(&expected));
        prop_assert_eq!(set.counters().duplicates, (numbers.len() - expected.len()) as u64);
        prop_assert_eq!(set.counters().unique(), expected.len() as u64);
    }
}

/// Sets of several ranges each, with overlaps of every degree.
fn large_sets(sets: u64, len: u64) -> Vec<TokenSet> {
    let numbers: Vec<Vec<u64>> = (0..sets).map(|set| (0..len).map(|n| n * (set + 1)).collect()).collect();
    members(&numbers)
}

#[test]
fn sets_of_many_ranges_are_matched_exactly() {
    let sets = large_sets(5, 30_000);
    (1..=5).for_each(|at_least| check(&sets, at_least));
}

#[test]
fn the_number_of_threads_makes_no_difference() {
    let sets = large_sets(4, 50_000);
    let bytes = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let overlaps = collect(&sets, 2);
            let mut bytes = Vec::new();
            overlaps.write_to(&mut bytes).unwrap();
            let mut report = Report::new(2, sets.iter().map(|set| set.member().clone()).collect());
            let matched = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
            report.kinds.push(KindReport::new(&matched.at_least(2).unwrap()).unwrap());
            (bytes, report.to_json())
        })
    };
    let one = bytes(1);
    for threads in [2, 3, 8] {
        assert!(bytes(threads) == one, "{threads} threads");
    }
}

#[test]
fn empty_and_equal_sets_are_sets_like_others() {
    check(&members(&[vec![], vec![]]), 1);
    check(&members(&[vec![], vec![1, 2, 3], vec![]]), 2);
    let equal = members(&[vec![1, 2, 3], vec![1, 2, 3]]);
    (1..=2).for_each(|at_least| check(&equal, at_least));
    assert_eq!(collect(&equal, 2).len(), 3);
}

#[test]
fn three_hundred_members_are_matched_exactly() {
    let numbers: Vec<Vec<u64>> = (1..=300).map(|step| (0..200).map(|n| n * step % 977).collect()).collect();
    let sets = members(&numbers);
    for at_least in [1, 2, 3, 150, 255, 256, 299, 300] {
        check(&sets, at_least);
    }
}

/// Sets of 16 members with this number of tokens. No two tokens have the same holders.
fn each_its_own_combination(tokens: u16) -> Vec<TokenSet> {
    let of = |member: u16| (1..=tokens).filter(move |token| token >> member & 1 == 1);
    let token = |token: u16| {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&token.to_be_bytes());
        Token::from_bytes(bytes)
    };
    let set = |member: u16| {
        let name = veilmatch::terms::Name::new(&format!("m{member:02}")).unwrap();
        TokenSet::from_tokens(veilmatch::terms::Terms::example(), name, of(member).map(token).collect())
    };
    (0..16).map(set).collect()
}

#[test]
fn too_many_combinations_are_not_counted_whatever_the_threads() {
    for (tokens, counted) in [(9_000, true), (60_000, false)] {
        let sets = each_its_own_combination(tokens);
        let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
        let query = all.at_least(2).unwrap();
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let combinations = pool.install(|| query.tally().unwrap().combinations);
            assert_eq!(combinations.map(|all| all.len()), counted.then_some(tokens.into()), "{threads}");
        }
        let alone = tokens.ilog2() as usize + 1; // powers of two
        assert_eq!(query.by_combination().unwrap().len(), usize::from(tokens) - alone);
    }
}
