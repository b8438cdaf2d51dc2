//! Searches near a guess. Among evenly spread tokens it takes a few steps, among others as many as a binary search.

/// The number of steps from the guess before they grow: two cache lines of tokens.
const STEP: usize = 8;

/// Returns the number of items, from the first on, for which `is_below` is true. `guess` is about that number.
#[inline]
pub(super) fn partition_near(len: usize, guess: usize, is_below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    let mut step = STEP;
    let guess = guess.min(len.saturating_sub(1));
    if guess < len && is_below(guess) {
        low = guess + 1;
        while low + step < len {
            if !is_below(low + step) {
                high = low + step;
                break;
            }
            low += step + 1;
            step *= 4;
        }
    } else {
        high = guess;
        while step < high {
            if is_below(high - step) {
                low = high - step + 1;
                break;
            }
            high -= step;
            step *= 4;
        }
    }
    while low < high {
        let middle = low.midpoint(high);
        if is_below(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_guess_the_partition_is_found() {
        for len in [0, 1, 2, 7, 8, 9, 10, 17, 100, 1_000] {
            for below in (0..=len).filter(|below| len < 200 || below % 37 == 0) {
                for guess in (0..=len + 3).filter(|guess| len < 200 || guess % 41 == 0).chain([usize::MAX]) {
                    let found = partition_near(len, guess, |at| {
                        assert!(at < len);
                        at < below
                    });
                    assert_eq!(found, below, "{len}, {guess}");
                }
            }
        }
    }
}
