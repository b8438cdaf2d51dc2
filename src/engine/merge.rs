//! Merges two sets without a branch on their order, several parts of a range in turn.
//!
//! One merge waits for its own comparisons: where to read next depends on what was read. Taking independent parts in
//! turn hides that. Only the leading 64 bits are compared. If a hostile file has different tokens that share these
//! bits, the range is merged again by whole tokens.

use crate::token::Token;

use super::kernel::Input;
use super::ranges::lower_bound;
use super::sinks::Sink;

/// The number of parts merged in turn. Chosen by benchmark `intersect`, group `two sets`.
const LANES: usize = 3;

/// Memory that is used range after range.
#[derive(Default)]
pub(crate) struct Merge {
    /// Positions in both sides of tokens that are equal in their leading bits, for each lane apart.
    candidates: Vec<(u32, u32)>,
}

impl Merge {
    /// Feeds every token that both parts of a range hold to the sink, in order.
    pub(crate) fn common(&mut self, parts: [Input<'_>; 2], sink: &mut impl Sink) {
        let holders = parts.map(|part| part.member);
        let [a, b] = parts.map(|part| part.tokens);
        self.common_tokens(a, b, |token| sink.overlap(token, &holders));
    }

    /// Calls `found` with every token that both sides hold, in order; each side has fewer than 2³² tokens.
    fn common_tokens(&mut self, a: &[Token], b: &[Token], mut found: impl FnMut(Token)) {
        let ends_a: [usize; LANES] = std::array::from_fn(|lane| (lane + 1) * a.len() / LANES);
        let mut ends_b = [b.len(); LANES];
        let (mut at_a, mut at_b) = ([0; LANES], [0; LANES]);
        for lane in 1..LANES {
            at_a[lane] = ends_a[lane - 1];
            at_b[lane] = a.get(at_a[lane]).map_or(b.len(), |first| lower_bound(b, at_b[lane - 1], first));
            ends_b[lane - 1] = at_b[lane];
        }
        // There is one more place than candidates: a token that is not one is written too, and written over.
        let room = a.len().div_ceil(LANES) + 1;
        if self.candidates.len() < LANES * room {
            self.candidates.resize(LANES * room, (0, 0));
        }
        let candidates = &mut self.candidates[..];
        let mut counts: [usize; LANES] = std::array::from_fn(|lane| lane * room);
        let mut step = |lane: usize, at_a: &mut usize, at_b: &mut usize| {
            let (one, other) = (a[*at_a].leading(), b[*at_b].leading());
            candidates[counts[lane]] = (*at_a as u32, *at_b as u32);
            counts[lane] += usize::from(one == other);
            *at_a += usize::from(one <= other);
            *at_b += usize::from(other <= one);
        };
        let left = |lane: usize, at_a: usize, at_b: usize| (ends_a[lane] - at_a).min(ends_b[lane] - at_b);
        loop {
            // In this number of steps no lane can run out.
            let steps = (0..LANES).map(|lane| left(lane, at_a[lane], at_b[lane])).min().unwrap_or(0);
            if steps == 0 {
                break;
            }
            for _ in 0..steps {
                for lane in 0..LANES {
                    step(lane, &mut at_a[lane], &mut at_b[lane]);
                }
            }
        }
        for lane in 0..LANES {
            while left(lane, at_a[lane], at_b[lane]) > 0 {
                step(lane, &mut at_a[lane], &mut at_b[lane]);
            }
        }
        let lanes = counts.iter().enumerate().map(|(lane, end)| &self.candidates[lane * room..*end]);
        let pairs = lanes.flatten().map(|(at_a, at_b)| (&a[*at_a as usize], &b[*at_b as usize]));
        if pairs.clone().all(|(one, other)| one == other) {
            pairs.for_each(|(token, _)| found(*token));
        } else {
            by_whole_tokens(a, b, found);
        }
    }
}

/// Merges two runs whose tokens are compared in full.
fn by_whole_tokens(a: &[Token], b: &[Token], mut found: impl FnMut(Token)) {
    let (mut at_a, mut at_b) = (0, 0);
    while at_a < a.len() && at_b < b.len() {
        let (one, other) = (&a[at_a], &b[at_b]);
        if one == other {
            found(*one);
        }
        (at_a, at_b) = (at_a + usize::from(one <= other), at_b + usize::from(other <= one));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorted tokens; many of them share their leading 64 bits.
    fn tokens(numbers: impl Iterator<Item = u64>, leading: u64) -> Vec<Token> {
        let token = |n: u64| {
            let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            Token::from_bytes((u128::from(spread % leading) << 64 | u128::from(n)).to_be_bytes())
        };
        let mut tokens: Vec<Token> = numbers.map(token).collect();
        tokens.sort_unstable();
        tokens
    }

    #[test]
    fn what_two_sides_share_is_found_whatever_bits_tokens_share() {
        let mut merge = Merge::default();
        for leading in [1, 2, 10, 1000, 1 << 40] {
            for (len, other, step) in
                [(0, 0, 1), (0, 9, 1), (1, 1, 1), (5, 700, 3), (700, 5, 2), (500, 500, 2), (999, 400, 7)]
            {
                let (a, b) = (tokens(0..len, leading), tokens((0..other).map(|n| n * step), leading));
                let mut expected = Vec::new();
                by_whole_tokens(&a, &b, |token| expected.push(token));
                let naive: Vec<Token> = a.iter().filter(|token| b.contains(token)).copied().collect();
                assert!(expected == naive);
                let mut found = Vec::new();
                merge.common_tokens(&a, &b, |token| found.push(token));
                assert!(found == expected, "{len} {other} {step} {leading}");
            }
        }
    }
}
