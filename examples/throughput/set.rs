//! Tokens in no order to a set.

use rayon::slice::ParallelSliceMut as _;
use veilmatch::{Token, TokenSet};

use crate::measure::{Bench, Group, Outcome, Threads};
use crate::support::{set, tokens};

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let distinct = bench.size - bench.size / 1000; // the rest occur twice
    let mut shuffled = tokens(0..distinct);
    shuffled.extend_from_within(..(bench.size - distinct) as usize);
    let template = set("bank", 0..0);
    let mut expected = shuffled.clone();
    expected.sort_unstable();
    expected.dedup();

    let input = || shuffled.clone();
    let build = |tokens| TokenSet::from_tokens(template.terms().clone(), template.member().clone(), tokens);
    let is_set = |set: &TokenSet| set.tokens() == expected;
    let is_sorted = |tokens: &Vec<Token>| *tokens == expected;
    Group::new(bench, "set", "build, one token in 1000 repeated")
        .items(bench.size)
        .case("ours", Threads::All, input, build, is_set)
        .case("ours, one thread", Threads::One, input, build, is_set)
        .case(
            "par_sort_unstable",
            Threads::All,
            input,
            sorted(|tokens| tokens.par_sort_unstable()),
            is_sorted,
        )
        .case("sort_unstable", Threads::One, input, sorted(|tokens| tokens.sort_unstable()), is_sorted)
        .case(
            "floor: copy",
            Threads::One,
            input,
            |mut copy| {
                copy.copy_from_slice(&shuffled);
                copy
            },
            |copy| *copy == shuffled,
        )
        .run()
}

/// The rival: sort, then drop what is repeated.
fn sorted(sort: impl Fn(&mut [Token]) + Send) -> impl FnMut(Vec<Token>) -> Vec<Token> + Send {
    move |mut tokens| {
        sort(&mut tokens);
        tokens.dedup();
        tokens
    }
}
