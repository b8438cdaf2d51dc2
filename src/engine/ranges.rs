//! Ranges: parts of the token space that hold about equally many tokens of all sides together.

use crate::token::Token;

use super::kernel::Input;

/// The number of tokens sampled for each range bound that is kept: so ranges differ little in size.
const OVERSAMPLING: usize = 8;

/// Returns the first tokens of all ranges except the first: quantiles of a regular sample of the data themselves.
pub(crate) fn bounds(inputs: &[Input<'_>], range: usize) -> Vec<Token> {
    let stride = range / OVERSAMPLING;
    // The sample runs through the inputs as if they were one: many small sets count as much as a large one. It takes
    // one token of each stride, at a place that varies: at regular places, sets of some lengths would give their last
    // tokens only.
    let total: usize = inputs.iter().map(|input| input.tokens.len()).sum();
    let mut sample = Vec::with_capacity(total / stride);
    let (mut input, mut before) = (0, 0);
    for cell in 0..total / stride {
        let varied = (cell as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let at = cell * stride + varied as usize % stride;
        while at - before >= inputs[input].tokens.len() {
            before += inputs[input].tokens.len();
            input += 1;
        }
        sample.push(inputs[input].tokens[at - before]);
    }
    sample.sort_unstable();
    let mut bounds: Vec<Token> = sample.into_iter().skip(OVERSAMPLING - 1).step_by(OVERSAMPLING).collect();
    bounds.dedup();
    bounds
}

/// Returns the first position at or after `from` whose token is not below `bound`.
///
/// It gallops: the cost is the logarithm of the distance, not of the set.
pub(crate) fn lower_bound(tokens: &[Token], from: usize, bound: &Token) -> usize {
    let mut step = 1;
    let mut low = from;
    let mut high = from;
    while high < tokens.len() && tokens[high] < *bound {
        low = high + 1;
        high += step;
        step *= 2;
    }
    let high = high.min(tokens.len());
    low + tokens[low..high].partition_point(|token| token < bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: u128) -> Token {
        Token::from_bytes(number.to_be_bytes())
    }

    #[test]
    fn galloping_finds_what_a_plain_search_finds() {
        let tokens: Vec<Token> = (0..100).map(|n| token(3 * n)).collect();
        for bound in 0..310 {
            let plain = tokens.partition_point(|t| *t < token(bound));
            for from in 0..=plain {
                assert_eq!(lower_bound(&tokens, from, &token(bound)), plain);
            }
        }
        assert_eq!(lower_bound(&[], 0, &token(1)), 0);
    }

    #[test]
    fn ranges_stay_near_their_size_whether_sets_are_few_or_many() {
        const RANGE: usize = 1 << 14;
        for (sets, len) in
            [(1, 200_000), (3, 70_000), (1000, 200), (100_000, 2), (200, 1024), (100, 2048), (50, 4096)]
        {
            let mut state = 1u128;
            let mut next = || {
                state = state.wrapping_mul(0x2d99787926d46932a4c1f32680f70c55).wrapping_add(1);
                token(state)
            };
            let sets: Vec<Vec<Token>> = (0..sets)
                .map(|_| {
                    let mut tokens: Vec<Token> = (0..len).map(|_| next()).collect();
                    tokens.sort_unstable();
                    tokens
                })
                .collect();
            let inputs: Vec<Input<'_>> = sets.iter().map(|tokens| Input { tokens, member: 0 }).collect();
            let bounds = bounds(&inputs, RANGE);
            let total: usize = sets.iter().map(Vec::len).sum();
            assert!(bounds.is_sorted());
            assert!(bounds.len() >= total / RANGE / 2 && bounds.len() <= 2 * total / RANGE + 1);
            let below = |bound: &Token| -> usize {
                sets.iter().map(|set| set.partition_point(|token| token < bound)).sum()
            };
            for pair in bounds.windows(2) {
                assert!(below(&pair[1]) - below(&pair[0]) < 4 * RANGE);
            }
        }
    }
}
