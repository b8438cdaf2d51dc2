//! The whole job in memory: lines of card numbers of two members, to the report.

use std::collections::HashSet;
use std::hint::black_box;
use std::ops::Range;

use veilmatch::member::identifier::Kind;
use veilmatch::member::rows::Rows;
use veilmatch::report::KindReport;
use veilmatch::terms::Name;
use veilmatch::{Intersection, Token};

use crate::hmacs;
use crate::hmacs::Hmacs;
use crate::measure::{Bench, Group, Outcome, Threads};
use crate::support::card;

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let rows = bench.size / 8;
    // The factor is coprime to ten, so the numbers are distinct.
    let card = |number| card(number * 61_803_398_879 % 100_000_000_000);
    let written = |numbers: Range<u64>| numbers.flat_map(|n| card(n).into_iter().chain([b'\n'])).collect();
    let files: [Vec<u8>; 2] = [written(0..rows), written(rows / 2..rows / 2 + rows)];
    let shared = rows - rows / 2;
    let names = [Name::new("a")?, Name::new("b")?];
    let tokenizer = hmacs::tokenizer(Kind::CardPan)?;
    let lines = |file: usize| files[file].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let ours = || {
        let set = |member: usize| {
            let rows = Rows::lines(black_box(&files[member][..]));
            tokenizer.tokenize(&names[member], rows).expect("reads").set
        };
        let (a, b) = (set(0), set(1));
        let both = Intersection::new().add(&a).and_then(|all| all.add(&b)).expect("same terms");
        KindReport::new(&both.at_least(2).expect("in bounds")).expect("counts").overlaps.unwrap_or(0)
    };
    let key = Hmacs::of(Vec::<Vec<u8>>::new())?;
    let by_ring = || {
        let known: HashSet<Token> = lines(0).map(|line| key.by_ring(line)).collect();
        lines(1).filter(|line| known.contains(&key.by_ring(line))).count() as u64
    };
    let ends = || files.iter().map(|file| memchr::memchr_iter(b'\n', black_box(file)).count() as u64).sum();
    Group::new(bench, "pipeline", "lines of two members to the report, half shared")
        .items(2 * rows)
        .count("ours", Threads::All, shared, ours)
        .count("ours, one thread", Threads::One, shared, ours)
        .count("ring and HashSet, no canonical forms", Threads::One, shared, by_ring)
        .count("floor: line ends", Threads::One, 2 * rows, ends)
        .run()
}
