//! The loop that answers every threshold: cache-sized ranges of the token space, a counting filter, a sort.
//!
//! A range holds about [`RANGE`] tokens of all sides together. A first sweep over it counts tokens in
//! one-byte slots, addressed by each token's own bits. A second sweep keeps the tokens whose slot has
//! reached the threshold: every true overlap is among them, since a token's slot counts at least its
//! holders. Few others are, and the survivors, sorted, are decided exactly. So the cost does not grow with
//! the number of sides. Uniform tokens are an assumption about speed only: where a hostile file makes all
//! slots collide, everything survives and the sort decides. Two sets alone are simply merged.

use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;

use crate::error::Error;
use crate::progress::{self, Progress};
use crate::token::Token;

use super::sinks::Sink;

/// Tokens of all sides together in one range; with their slots they stay within a core's second-level
/// cache. Chosen by benchmark `intersect`, group `range`.
const RANGE: usize = 1 << 14;

/// Slots of the counting filter of one range, a byte each: four times the tokens, so that about a fifth of
/// the tokens without a second holder survive a threshold of 2, and 3 % a threshold of 3.
const SLOT_BITS: u32 = 16;

/// Tokens sampled for each range bound that is kept: ranges then differ little in size.
const OVERSAMPLING: usize = 8;

/// Tasks for each thread, so that an unlucky thread does not keep the others waiting.
const TASKS_PER_THREAD: usize = 8;

/// One member's sorted tokens and its position in the list of members.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) member: u16,
}

/// Feeds every token that at least `at_least` of the inputs hold to sinks, one a task, joined in order.
pub(super) fn run<S: Sink>(
    inputs: &[Input<'_>],
    at_least: usize,
    new: impl Fn() -> S + Sync,
    progress: &dyn Progress,
) -> Result<S, Error> {
    let bounds = range_bounds(inputs);
    let ranges_per_task = (bounds.len() + 1).div_ceil(rayon::current_num_threads() * TASKS_PER_THREAD);
    let upper_bounds: Vec<Option<Token>> = bounds.iter().copied().map(Some).chain([None]).collect();
    // Joined as they come, neighbours only: no more answers at a time than threads need.
    let joined = upper_bounds
        .par_chunks(ranges_per_task)
        .enumerate()
        .map(|(task, upper_bounds)| {
            let start = (task * ranges_per_task).checked_sub(1).map(|before| bounds[before]);
            let mut sink = new();
            let mut sweep = Sweep::new(inputs, start, at_least);
            for bound in upper_bounds {
                let read = sweep.range(*bound, &mut sink);
                progress::advance(progress, read as u64)?;
            }
            Ok(sink)
        })
        .try_reduce_with(|mut before, after| {
            before.join(after);
            Ok(before)
        });
    joined.unwrap_or_else(|| Ok(new()))
}

/// First tokens of all ranges but the first: quantiles of a regular sample of the data themselves.
fn range_bounds(inputs: &[Input<'_>]) -> Vec<Token> {
    let stride = RANGE / OVERSAMPLING;
    // The sample runs through the inputs as if they were one: many small sets count as much as a large one.
    // One token of each stride, at a place that varies: at regular places, sets of some lengths would give
    // their last tokens only.
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

/// One task's way through consecutive ranges.
struct Sweep<'a> {
    inputs: &'a [Input<'a>],
    /// How far each input has been read.
    positions: Vec<usize>,
    /// Where the current range ends in each input.
    ends: Vec<usize>,
    at_least: usize,
    slots: Vec<u8>,
    survivors: Vec<(Token, u16)>,
    holders: Vec<u16>,
}

impl<'a> Sweep<'a> {
    fn new(inputs: &'a [Input<'a>], start: Option<Token>, at_least: usize) -> Self {
        let position = |input: &Input<'_>| start.map_or(0, |start| lower_bound(input.tokens, 0, &start));
        Self {
            inputs,
            positions: inputs.iter().map(position).collect(),
            ends: vec![0; inputs.len()],
            at_least,
            slots: vec![0; 1 << SLOT_BITS],
            survivors: Vec::new(),
            holders: Vec::new(),
        }
    }

    /// Feeds the overlaps below `bound` (all that are left, without one) to the sink; returns how many
    /// tokens were read.
    fn range(&mut self, bound: Option<Token>, sink: &mut impl Sink) -> usize {
        let (mut read, mut low, mut high) = (0, u64::MAX, 0);
        for ((input, position), end) in self.inputs.iter().zip(&self.positions).zip(&mut self.ends) {
            *end = bound.map_or(input.tokens.len(), |bound| lower_bound(input.tokens, *position, &bound));
            let tokens = &input.tokens[*position..*end];
            if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
                read += tokens.len();
                low = low.min(first.leading());
                high = high.max(last.leading());
            }
        }
        if read > 0 {
            if let ([a, b], 2) = (self.inputs, self.at_least) {
                self.merge([a, b], sink);
                std::mem::swap(&mut self.positions, &mut self.ends);
                return read;
            }
            let width = u64::BITS - (high - low).leading_zeros();
            let slot = Slot { low, shift: width.saturating_sub(SLOT_BITS) };
            self.keep_candidates(slot);
            self.decide(sink);
        }
        std::mem::swap(&mut self.positions, &mut self.ends);
        read
    }

    /// Two inputs are merged: that costs less than a filter of which every shared token survives.
    fn merge(&mut self, inputs: [&Input<'_>; 2], sink: &mut impl Sink) {
        let [a, b] = [0, 1].map(|side| &inputs[side].tokens[self.positions[side]..self.ends[side]]);
        let mut holders = inputs.map(|input| input.member);
        holders.sort_unstable();
        let (mut at, mut other) = (0, 0);
        while at < a.len() && other < b.len() {
            let (one, two) = (&a[at], &b[other]);
            if one == two {
                sink.overlap(*one, &holders);
            }
            // Without a branch on the order, which no machine can predict.
            (at, other) = (at + usize::from(one <= two), other + usize::from(two <= one));
        }
    }

    /// Leaves in `survivors` every token that may have enough holders.
    fn keep_candidates(&mut self, slot: Slot) {
        self.survivors.clear();
        let parts = self.inputs.iter().zip(&self.positions).zip(&self.ends);
        let parts = parts.map(|((input, from), to)| (&input.tokens[*from..*to], input.member));
        if self.at_least == 1 {
            for (tokens, member) in parts {
                self.survivors.extend(tokens.iter().map(|token| (*token, member)));
            }
            return;
        }
        self.slots.fill(0);
        for (tokens, _) in parts.clone() {
            for token in tokens {
                let count = &mut self.slots[slot.of(token)];
                *count = count.saturating_add(1);
            }
        }
        // A slot that stopped counting at 255 may stand for any number.
        let enough = u8::try_from(self.at_least).unwrap_or(u8::MAX);
        for (tokens, member) in parts {
            let kept = tokens.iter().filter(|token| self.slots[slot.of(token)] >= enough);
            self.survivors.extend(kept.map(|token| (*token, member)));
        }
    }

    /// Counts the holders of each survivor exactly.
    fn decide(&mut self, sink: &mut impl Sink) {
        // Stable, because it merges runs: each member's survivors are in order already.
        self.survivors.sort();
        for run in self.survivors.chunk_by(|a, b| a.0 == b.0) {
            if run.len() >= self.at_least {
                self.holders.clear();
                self.holders.extend(run.iter().map(|(_, member)| *member));
                sink.overlap(run[0].0, &self.holders);
            }
        }
    }
}

/// Where in a range's filter a token counts.
#[derive(Clone, Copy)]
struct Slot {
    low: u64,
    shift: u32,
}

impl Slot {
    #[inline]
    fn of(self, token: &Token) -> usize {
        // Below 2^SLOT_BITS for tokens of the range; the mask tells the compiler so.
        ((token.leading() - self.low) >> self.shift) as usize & ((1 << SLOT_BITS) - 1)
    }
}

/// First position at or after `from` whose token is not below `bound`.
///
/// Gallops: the cost is the logarithm of the distance, not of the set.
pub(super) fn lower_bound(tokens: &[Token], from: usize, bound: &Token) -> usize {
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
            let bounds = range_bounds(&inputs);
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
