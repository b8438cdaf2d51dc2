//! Withholding of small results: nothing that a report shows gives them back.

use std::collections::{BTreeMap, HashMap};

use crate::support::worlds::{World, combinations, holds, pairs, report_of, set_table, shown};
use proptest::prelude::*;
use veilmatch::Report;
use veilmatch::report::KindReport;
use veilmatch::terms::Name;

// --- Every world of a few members ----------------------------------------------------------------------

/// Every way to spread tokens over members whose sets have these sizes.
fn every_world(sizes: &[u64], visit: &mut dyn FnMut(&World)) {
    fn spread(world: &mut World, masks: &[u32], left: &mut [u64], visit: &mut dyn FnMut(&World)) {
        let Some((mask, masks)) = masks.split_first() else { return visit(world) };
        let of_mask =
            |left: &[u64]| -> Vec<usize> { (0..left.len()).filter(|at| holds(*mask, *at)).collect() };
        let members = of_mask(left);
        let most = members.iter().map(|at| left[*at]).min().unwrap();
        for count in 0..=most {
            members.iter().for_each(|at| left[*at] -= count);
            world.shared.insert(*mask, count);
            spread(world, masks, left, visit);
            members.iter().for_each(|at| left[*at] += count);
        }
    }
    let masks: Vec<u32> = (1..1u32 << sizes.len()).filter(|mask| mask.count_ones() >= 2).collect();
    let mut world = World { sizes: sizes.to_vec(), shared: BTreeMap::new() };
    spread(&mut world, &masks, &mut sizes.to_vec(), visit);
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Audit {
    /// Reports in which some pairs are shown and more than that is withheld.
    in_part: usize,
    /// Small cells that a report narrows down.
    narrowed: usize,
}

/// Reports on all worlds of these sizes, seen by someone who knows the sizes and how cells are withheld: every
/// small cell must have all values that it has in any of these worlds and that are small.
fn audit(sizes: &[u64], at_least: usize, min: u64, withhold: impl Fn(&mut KindReport)) -> Audit {
    assert!(sizes.iter().sum::<u64>() < 64, "values are bits");
    let small: u64 = (1..min).map(|value| 1 << value).sum();
    let mut possible: Vec<u64> = Vec::new();
    let mut seen: HashMap<Vec<Option<u64>>, Vec<u64>> = HashMap::new();
    let mut report = None;
    every_world(sizes, &mut |world| {
        let cells = world.cells(at_least);
        let report = report.get_or_insert_with(|| report_of(sizes, &cells));
        set_table(report, &cells);
        let whole = combinations(world, at_least);
        report.combinations = Some(whole.clone());
        withhold(report);
        let mut shown = shown(report);
        assert!(shown.iter().zip(&cells).all(|(shown, cell)| shown.is_none_or(|shown| shown == *cell)));
        possible.resize(cells.len(), 0);
        // What the combinations say, or that they say nothing, is seen as well.
        match &report.combinations {
            None => shown.push(None),
            Some(found) => {
                assert_eq!(found, &whole);
                let said = found.largest.iter().flat_map(|one| {
                    one.holders.iter().map(|name| name.as_str()[1..].parse().ok()).chain([Some(one.count)])
                });
                shown.extend(said.chain([Some(found.more), Some(found.smallest)]));
            }
        }
        let values = seen.entry(shown).or_insert_with(|| vec![0; cells.len()]);
        for ((values, possible), cell) in values.iter_mut().zip(&mut possible).zip(&cells) {
            *values |= 1 << cell;
            *possible |= 1 << cell;
        }
    });
    let mut audit = Audit::default();
    for (shown, values) in &seen {
        let cells = &shown[..values.len()];
        let any_pair_shown = cells[1 + sizes.len()..].iter().any(Option::is_some);
        audit.in_part += usize::from(cells.contains(&None) && any_pair_shown);
        let narrow =
            |(values, possible): (&u64, &u64)| values & small != 0 && values & small != possible & small;
        audit.narrowed += values.iter().zip(&possible).filter(|both| narrow(*both)).count();
    }
    audit
}

/// Sizes, and whether some report on them can show pairs beside what it withholds.
const SIZES: [(&[u64], u64, bool); 14] = [
    (&[0, 7], 3, false),
    (&[9, 9], 4, false),
    (&[12, 5], 6, false),
    (&[2, 30], 5, false),
    (&[8, 8, 8], 3, true),
    (&[10, 10, 4], 3, true),
    (&[14, 12, 7], 4, true),
    (&[11, 11, 1], 5, false),
    (&[3, 3, 3], 6, false),
    (&[9, 9, 4, 2], 3, true),
    (&[7, 7, 5, 3], 3, true),
    (&[5, 4, 4, 4], 2, true),
    (&[10, 9, 7, 4], 3, true),
    (&[12, 12, 6, 3], 4, true),
];

#[test]
fn a_small_cell_can_have_every_small_value_that_the_sizes_allow() {
    for (sizes, min, expected_in_part) in SIZES {
        for at_least in 1..=sizes.len() {
            let Audit { in_part, narrowed } = audit(sizes, at_least, min, |report| report.withhold(min));
            assert_eq!((narrowed, in_part > 0), (0, expected_in_part), "{sizes:?} {at_least} {min}");
        }
    }
}

#[test]
fn no_sizes_of_two_or_three_small_sets_make_an_exception() {
    let mut in_part = 0;
    let mut audit = |sizes: &[u64]| {
        for (at_least, min) in (1..=sizes.len()).flat_map(|at_least| (2..=4).map(move |min| (at_least, min)))
        {
            let audit = audit(sizes, at_least, min, |report| report.withhold(min));
            assert_eq!(audit.narrowed, 0, "{sizes:?} {at_least} {min}");
            in_part += audit.in_part;
        }
    };
    for (a, b) in (0..=12).flat_map(|a| (0..=a).map(move |b| (a, b))) {
        audit(&[a, b]);
        (0..=b).filter(|_| a <= 7).for_each(|c| audit(&[a, b, c]));
    }
    assert!(in_part > 0);
}

#[test]
fn withholding_small_cells_alone_would_give_them_back() {
    let small_alone = |min: u64| {
        move |report: &mut KindReport| {
            let hide = |cell: &mut Option<u64>| *cell = cell.filter(|count| !(1..min).contains(count));
            hide(&mut report.overlaps);
            report.by_holder_count.0.iter_mut().for_each(hide);
            report.pairs.iter_mut().for_each(|pair| hide(&mut pair.overlap));
        }
    };
    for (sizes, min) in [(&[9, 9][..], 4), (&[8, 8, 8], 3), (&[4, 4, 4, 4], 3)] {
        assert!(audit(sizes, 2, min, small_alone(min)).narrowed > 0, "{sizes:?}");
    }
}

#[test]
fn combinations_are_shown_if_none_of_them_is_small_and_then_nothing_is_withheld() {
    let (mut with, mut without) = (0, 0);
    for (sizes, min) in [(&[9, 9][..], 4), (&[8, 8, 8], 3), (&[9, 9, 4, 2], 3)] {
        every_world(sizes, &mut |world| {
            let alone = (0..sizes.len()).map(|member| world.alone(member).unwrap());
            let any_small =
                alone.chain(world.shared.values().copied()).any(|count| (1..min).contains(&count));
            let mut report = report_of(sizes, &world.cells(2));
            report.combinations = Some(combinations(world, 2));
            report.withhold(min);
            assert_eq!(report.combinations.is_none(), any_small, "{world:?}");
            if report.combinations.is_some() {
                assert!(!shown(&report).contains(&None), "{world:?}");
                with += 1;
            } else {
                without += 1;
            }
        });
    }
    assert!(with > 5 && without > 5, "{with} {without}");
}

/// Where a listed combination alone would have to be small, the rest of the report gives a small one back.
#[test]
fn to_look_at_listed_combinations_alone_would_give_small_ones_back() {
    // m0 holds 2 tokens alone, which no combination of two or more lists.
    let world = World { sizes: vec![22, 30, 30], shared: BTreeMap::from([(0b011, 20), (0b110, 10)]) };
    let mut report = report_of(&world.sizes, &world.cells(2));
    let whole = combinations(&world, 2);
    let listed: u64 =
        whole.largest.iter().filter(|one| one.holders[0].as_str() == "m0").map(|one| one.count).sum();
    assert!(whole.largest.iter().all(|one| one.count >= 5) && report.members[0].unique - listed == 2);
    report.combinations = Some(whole);
    report.withhold(5);
    assert_eq!(report.combinations, None);
}

// --- More members --------------------------------------------------------------------------------------

/// Up to nine members with a few shared combinations of any size, most with much that is their own.
fn worlds() -> impl Strategy<Value = (World, usize, u64)> {
    (3usize..10, 2u64..9).prop_flat_map(|(members, min)| {
        let masks = (1u32..1 << members).prop_filter("two or more", |mask| mask.count_ones() >= 2);
        let counts = prop_oneof![1..min, min..4 * min];
        let two = prop::sample::select(pairs(members).map(|(a, b)| 1 << a | 1 << b).collect::<Vec<u32>>());
        let shared = prop::collection::btree_map(masks, counts, 0..6);
        let of_two = prop::collection::btree_map(two, 2 * min..9 * min, 0..20);
        let room = prop_oneof![4 => 200u64..400, 1 => 0u64..40];
        let alone = prop::collection::vec(room, members);
        (shared, of_two, alone, 1..=members, Just(min)).prop_map(|(shared, of_two, sizes, at_least, min)| {
            let shared = of_two.into_iter().chain(shared).collect();
            let mut world = World { sizes, shared };
            for (mask, count) in &world.shared {
                (0..world.sizes.len()).filter(|at| holds(*mask, *at)).for_each(|at| world.sizes[at] += count);
            }
            (world, at_least, min)
        })
    })
}

fn withheld(world: &World, at_least: usize, min: u64) -> Vec<Option<u64>> {
    let mut report = report_of(&world.sizes, &world.cells(at_least));
    report.withhold(min);
    shown(&report)
}

/// Another world of the same sizes in which this cell has this value, as the proof in SPEC.md makes it.
fn other_world(
    world: &World,
    at_least: usize,
    min: u64,
    shown: &[Option<u64>],
    cell: usize,
    value: u64,
) -> Option<World> {
    let members = world.sizes.len();
    let pair = pairs(members).nth(cell.wrapping_sub(1 + members)).map(|(a, b)| 1u32 << a | 1 << b);
    let in_part = shown[1 + members..].iter().any(Option::is_some);
    let fits = |mask: u32| match cell {
        0 => mask.count_ones() as usize >= at_least,
        holders => mask.count_ones() as usize == holders,
    };
    // These hold the tokens of the cell.
    let mask = pair.or_else(|| world.shared.keys().copied().find(|mask| fits(*mask)))?;
    let mut shared = BTreeMap::new();
    if in_part {
        for ((a, b), overlap) in pairs(members).zip(&shown[1 + members..]) {
            let inside = holds(mask, a) && holds(mask, b);
            let of_two = match (pair.is_some(), inside) {
                (true, true) => value,
                (false, true) => overlap.unwrap_or(min - 1) - value,
                (_, false) => overlap.unwrap_or(1),
            };
            shared.insert(1 << a | 1 << b, of_two);
        }
    }
    if !in_part || pair.is_none() {
        shared.insert(mask, value);
    }
    let other = World { sizes: world.sizes.clone(), shared };
    let possible = (0..members).all(|member| other.alone(member).is_some());
    assert!(possible || !in_part, "{other:?}");
    (possible && other.cells(at_least)[cell] == value).then_some(other)
}

/// Rank over the integers modulo a prime.
fn rank(mut rows: Vec<Vec<u64>>) -> usize {
    const PRIME: u64 = 2_147_483_647;
    let power = |base: u64, exponent: u64| {
        (0..31).rev().fold(1, |all, bit| {
            let all = all * all % PRIME;
            if exponent >> bit & 1 == 1 { all * base % PRIME } else { all }
        })
    };
    let mut rank = 0;
    for column in 0..rows[0].len() {
        let Some(found) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(rank, found);
        let inverse = power(rows[rank][column], PRIME - 2);
        let pivot: Vec<u64> = rows[rank].iter().map(|value| value * inverse % PRIME).collect();
        for row in &mut rows[rank + 1..] {
            let factor = PRIME - row[column];
            row.iter_mut().zip(&pivot).for_each(|(value, pivot)| *value = (*value + factor * pivot) % PRIME);
        }
        rank += 1;
    }
    rank
}

/// How often a token of each combination of holders counts in each cell, then in each member's size.
fn equations(members: usize, at_least: usize) -> Vec<Vec<u64>> {
    let row =
        |counts: &dyn Fn(u32) -> bool| (1u32..1 << members).map(|mask| u64::from(counts(mask))).collect();
    let holders = |mask: u32| mask.count_ones() as usize;
    let mut rows = vec![row(&|mask| holders(mask) >= at_least)];
    rows.extend((1..=members).map(|count| row(&|mask| holders(mask) == count)));
    rows.extend(pairs(members).map(|(a, b)| row(&|mask| holds(mask, a) && holds(mask, b))));
    rows.extend((0..members).map(|member| row(&|mask| holds(mask, member))));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn for_every_small_value_of_a_small_cell_there_is_a_world_with_the_same_report(
        (world, at_least, min) in worlds(),
    ) {
        let cells = world.cells(at_least);
        let shown = withheld(&world, at_least, min);
        let in_part = shown.contains(&None) && shown[1 + world.sizes.len()..].iter().any(Option::is_some);
        for (cell, count) in cells.iter().enumerate().filter(|(_, count)| (1..min).contains(*count)) {
            prop_assert_eq!(shown[cell], None);
            for value in 1..min {
                let other = other_world(&world, at_least, min, &shown, cell, value);
                // Where only small pairs are withheld, every value is possible; else what the sizes allow.
                prop_assert!(other.is_some() || !in_part, "cell {} of {} as {}", cell, count, value);
                if let Some(other) = other {
                    prop_assert_eq!(&withheld(&other, at_least, min), &shown);
                }
            }
        }
    }

    #[test]
    fn no_small_cell_follows_from_the_equations_between_cells_and_sizes(
        (world, at_least, min) in worlds().prop_filter("few enough unknowns", |(world, ..)| world.sizes.len() < 8),
    ) {
        let cells = world.cells(at_least);
        let shown = withheld(&world, at_least, min);
        let all = equations(world.sizes.len(), at_least);
        let is_known = |at: usize| shown.get(at).is_none_or(Option::is_some);
        let known: Vec<Vec<u64>> =
            all.iter().enumerate().filter(|(at, _)| is_known(*at)).map(|(_, row)| row.clone()).collect();
        let rank_of_known = rank(known.clone());
        for (cell, _) in cells.iter().enumerate().filter(|(_, count)| (1..min).contains(*count)) {
            let mut with = known.clone();
            with.push(all[cell].clone());
            prop_assert!(rank(with) > rank_of_known, "cell {}", cell);
        }
    }

    #[test]
    fn whatever_is_shown_is_true_and_a_report_without_small_cells_is_left_as_it_was(
        (world, at_least, min) in worlds(),
    ) {
        let cells = world.cells(at_least);
        let whole: Vec<Option<u64>> = cells.iter().copied().map(Some).collect();
        prop_assert_eq!(&withheld(&world, at_least, 0), &whole);
        prop_assert_eq!(&withheld(&world, at_least, 1), &whole);
        let shown = withheld(&world, at_least, min);
        let none_small = !cells.iter().any(|count| (1..min).contains(count));
        prop_assert_eq!(none_small, shown == whole);
        prop_assert!(shown.iter().zip(&cells).all(|(shown, cell)| shown.is_none_or(|shown| shown == *cell)));
    }
}

// --- What it looks like --------------------------------------------------------------------------------

/// m0 and m1 share 40 tokens, m0 and m2 2, m1 and m2 none; or two more that all three hold.
fn report(of_three: u64, sizes: [u64; 3]) -> Report {
    let shared = BTreeMap::from([(0b011, 40), (0b101, 2), (0b111, of_three)]);
    let world = World { sizes: sizes.to_vec(), shared };
    let members: Vec<Name> = (0..3).map(|member| Name::new(&format!("m{member}")).unwrap()).collect();
    let mut report = Report::new(2, members);
    report.kinds.push(report_of(&world.sizes, &world.cells(2)));
    report
}

fn results(json: &str) -> &str {
    &json[json.find(r#""overlaps""#).unwrap()..]
}

#[test]
fn withheld_cells_are_null_and_zeros_and_large_pairs_are_shown() {
    let whole = report(0, [100, 100, 100]);
    let json = concat!(
        r#""overlaps":42,"by_holder_count":{"1":216,"2":42,"3":0},"pairs":[{"a":"m0","b":"m1","overlap":40},"#,
        r#"{"a":"m0","b":"m2","overlap":2},{"a":"m1","b":"m2","overlap":0}],"combinations":null}]}"#
    );
    assert_eq!(results(&whole.to_json()), json);
    assert_eq!(whole.clone().withholding(1).kinds, whole.kinds);
    assert_eq!(whole.clone().withholding(2).kinds, whole.kinds);

    let shown = whole.withholding(5);
    let json = concat!(
        r#""overlaps":null,"by_holder_count":{"1":null,"2":null,"3":null},"#,
        r#""pairs":[{"a":"m0","b":"m1","overlap":40},{"a":"m0","b":"m2","overlap":null},"#,
        r#"{"a":"m1","b":"m2","overlap":0}],"combinations":null}]}"#
    );
    assert_eq!(results(&shown.to_json()), json);
    let head = r#"{"schema":3,"at_least":2,"min_result":5,"members":["m0","m1","m2"],"kinds":[{"#;
    assert!(shown.to_json().starts_with(head), "{}", shown.to_json());
    let text = shown.to_string();
    let lines: Vec<&str> = text.lines().take(9).collect();
    let expected = [
        "3 members; an overlap is held by at least 2",
        "results under 5 are withheld, with what would give them back",
        "",
        "crypto.evm/1: withheld overlaps",
        "  by number of holders: withheld",
        "  shared by two",
        "  m1          40",
        "  m2    withheld         0",
        "              m0        m1",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn without_room_every_pair_is_withheld() {
    let all = r#""pairs":[{"a":"m0","b":"m1","overlap":null},{"a":"m0","b":"m2","overlap":null},"#;
    // m0 has 40 + 4 of 44 tokens taken at most, or 43: then it is known that the small pair is under 4.
    for (sizes, in_part) in [([44, 100, 100], true), ([43, 100, 100], false), ([100, 40, 100], true)] {
        let json = report(0, sizes).withholding(5).to_json();
        assert_eq!(json.contains(all), !in_part, "{json}");
    }
    let text = report(0, [43, 100, 100]).withholding(5).to_string();
    assert!(text.contains("\n  by number of holders: withheld\n  shared by two: withheld\n"), "{text}");
}

#[test]
fn a_second_withholding_never_shows_more() {
    for (first, second) in [(5, 3), (3, 5), (5, 5), (5, 0)] {
        let once = report(2, [100, 100, 100]).withholding(first);
        let twice = once.clone().withholding(second);
        assert_eq!(twice.min_result, first.max(second));
        let pairs = shown(&twice.kinds[0]).into_iter().zip(shown(&once.kinds[0]));
        assert!(pairs.clone().all(|(after, before)| after.is_none() || after == before));
        assert!(pairs.clone().any(|(_, before)| before.is_none()), "something was withheld");
    }
}
