//! Prefilters: built from a set, and asked in order of token.

use std::hint::black_box;

use bloomfilter::Bloom;
use fastbloom::BloomFilter;
use veilmatch::{Prefilter, Token, TokenSet};

use crate::measure::{Bench, Group, Outcome, Threads};
use crate::support::set;

const RATE: f64 = 0.01;

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let len = bench.size / 4;
    let asked = Asked { members: set("bank", 0..len), strangers: set("bank", len..2 * len) };
    let members = asked.members.tokens();
    let blocked = || Prefilter::blocked(&asked.members, RATE).expect("a fair rate");
    let standard = || Prefilter::standard(&asked.members, RATE).expect("a fair rate");
    let by_bloomfilter = || {
        let seed = std::array::from_fn(|n| n as u8); // two equal halves would be one hash function
        let mut bloom = Bloom::new_for_fp_rate_with_seed(members.len(), RATE, &seed).expect("a fair rate");
        members.iter().for_each(|token| bloom.set(token));
        bloom
    };
    let by_fastbloom = || BloomFilter::with_false_pos(RATE).seed(&1).items(members.iter());
    let ours_is_right = |filter: &Prefilter| asked.are_right(asked.by(|token| filter.may_contain(token)));
    let none = || ();
    Group::new(bench, "prefilter", "build, one token in 100 passes falsely")
        .items(len)
        .case("ours, blocked", Threads::All, none, |()| blocked(), ours_is_right)
        .case("ours, blocked, one thread", Threads::One, none, |()| blocked(), ours_is_right)
        .case("ours, standard", Threads::One, none, |()| standard(), ours_is_right)
        .case(
            "bloomfilter",
            Threads::One,
            none,
            |()| by_bloomfilter(),
            |filter: &Bloom<Token>| asked.are_right(asked.by(|token| filter.check(token))),
        )
        .case(
            "fastbloom",
            Threads::One,
            none,
            |()| by_fastbloom(),
            |filter: &BloomFilter| asked.are_right(asked.by(|token| filter.contains(token))),
        )
        .case("floor: read", Threads::One, none, |()| read(black_box(members)), |sum| *sum == read(members))
        .run()?;

    let (blocked, standard, bloom, fast) = (blocked(), standard(), by_bloomfilter(), by_fastbloom());
    let group = Group::new(bench, "prefilter", "ask for members and as many strangers").items(2 * len);
    let group = asked.case(group, "ours, blocked", |token| blocked.may_contain(token));
    let group = asked.case(group, "ours, standard", |token| standard.may_contain(token));
    let group = asked.case(group, "bloomfilter", |token| bloom.check(token));
    let group = asked.case(group, "fastbloom", |token| fast.contains(token));
    let strangers = asked.strangers.tokens();
    let both = || read(black_box(members)) ^ read(black_box(strangers));
    group.count("floor: read", Threads::One, both(), both).run()
}

/// Members and strangers, in order of token.
struct Asked {
    members: TokenSet,
    strangers: TokenSet,
}

impl Asked {
    /// How many members and how many strangers pass.
    fn by(&self, passes: impl Fn(&Token) -> bool) -> (usize, usize) {
        let passing = |set: &TokenSet| set.tokens().iter().filter(|token| passes(token)).count();
        (passing(&self.members), passing(&self.strangers))
    }

    /// Every member passes, and of strangers hardly more than the rate: a tenth more, or what chance explains.
    fn are_right(&self, (members, strangers): (usize, usize)) -> bool {
        let expected = RATE * self.strangers.len() as f64;
        members == self.members.len() && strangers as f64 <= 1.1 * expected + 8.0 * expected.sqrt() + 8.0
    }

    fn case<'a>(
        &'a self,
        group: Group<'a>,
        what: &str,
        passes: impl Fn(&Token) -> bool + Send + Sync + 'a,
    ) -> Group<'a> {
        group.case(what, Threads::One, || (), move |()| self.by(&passes), |found| self.are_right(*found))
    }
}

fn read(tokens: &[Token]) -> u64 {
    tokens.iter().fold(0, |sum, token| sum ^ u64::from(token.as_bytes()[7]))
}
