//! Finds tokens among the sorted ones of a share: their leading bits tell a bucket of a few tokens, and a short search
//! the place in it.

use crate::token::Token;

/// The tokens of a bucket, on average from half of this number to all of it: at most four cache lines.
const BUCKET: usize = 16;

/// Sorted tokens, each once, and where the bucket of each value of their leading bits begins.
///
/// Memory: half a byte a token at most. Tokens that share their leading bits lie in one bucket, in which the search is
/// as long as among all.
pub(super) struct Places<'a> {
    tokens: &'a [Token],
    bits: u32,
    /// Where each bucket begins, and the end of the last one.
    starts: Vec<u32>,
}

impl<'a> Places<'a> {
    /// Takes fewer than 2³² tokens; of more there are no starts, and all are one bucket.
    pub(super) fn of(tokens: &'a [Token]) -> Self {
        let Ok(end) = u32::try_from(tokens.len()) else {
            return Self { tokens, bits: 0, starts: Vec::new() };
        };
        let bits = (tokens.len() / BUCKET).next_power_of_two().ilog2();
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (at, token) in (0..end).zip(tokens) {
            while starts.len() <= bucket(token, bits) {
                starts.push(at);
            }
        }
        starts.resize((1 << bits) + 1, end);
        Self { tokens, bits, starts }
    }

    /// Returns the place of a token, if it is there.
    #[inline]
    pub(super) fn find(&self, token: &Token) -> Option<usize> {
        let at = bucket(token, self.bits);
        let bounds = self.starts.get(at).zip(self.starts.get(at + 1));
        let (from, to) = bounds.map_or((0, self.tokens.len()), |(from, to)| (*from as usize, *to as usize));
        self.tokens[from..to].binary_search(token).ok().map(|at| from + at)
    }
}

#[inline]
fn bucket(token: &Token, bits: u32) -> usize {
    // The shift is done in two steps, because a shift by 64 does nothing.
    (token.leading() >> 1 >> (63 - bits)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_is_found_in_its_place_and_no_other_is_found() {
        for len in [0u128, 1, 2, 15, 16, 17, 100, 5_000] {
            for step in [u128::MAX / 5_001, 1, 1 << 64, 1 << 100] {
                for first in [0, u128::MAX - len * step] {
                    let token = |number: u128| Token::from_bytes(number.to_be_bytes());
                    let tokens: Vec<Token> = (0..len).map(|at| token(first + at * step)).collect();
                    let places = Places::of(&tokens);
                    for at in 0..len {
                        let number = first + at * step;
                        assert_eq!(places.find(&token(number)), Some(at as usize));
                        for other in [number.wrapping_add(1), number.wrapping_sub(1)] {
                            assert_eq!(places.find(&token(other)), tokens.binary_search(&token(other)).ok());
                        }
                    }
                    assert_eq!(
                        places.find(&token(first / 2 + 7)),
                        tokens.binary_search(&token(first / 2 + 7)).ok()
                    );
                }
            }
        }
    }
}
