//! The one place of rayon in matching: ranges of the token space, handed out to threads and answered in order.
//!
//! Two sets alone are merged, range by range; of more sets, or of two that are united, a counting filter
//! leaves what can have enough holders. Ranges are cut from a sample of the tokens themselves: uniform tokens
//! are an assumption about speed, never about the answer.

use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;

use crate::error::Error;
use crate::progress::{self, Progress};
use crate::token::Token;

use super::filter::CountingFilter;
use super::merge::Merge;
use super::ranges::{self, lower_bound};
use super::sinks::Sink;

/// Tokens of all sides together in one range that is filtered; with their slots they stay within a core's
/// second-level cache. Chosen by benchmark `intersect`, group `8 sets`.
const FILTERED_RANGE: usize = 1 << 13;

/// Tokens of a range that is merged: without slots, longer runs are worth more than a place in cache. Chosen by
/// benchmark `intersect`, group `two sets`.
const MERGED_RANGE: usize = 1 << 16;

/// Tasks for each thread, so that an unlucky thread does not keep the others waiting.
const TASKS_PER_THREAD: usize = 8;

/// One member's sorted tokens and its position in the list of members.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) member: u16,
}

/// Feeds every token that at least `at_least` of the inputs hold to sinks, one a task, joined in order. The
/// inputs are in order of member.
pub(super) fn run<S: Sink>(
    inputs: &[Input<'_>],
    at_least: usize,
    new: impl Fn() -> S + Sync,
    progress: &dyn Progress,
) -> Result<S, Error> {
    let merged = inputs.len() == 2 && at_least == 2;
    let bounds = ranges::bounds(inputs, if merged { MERGED_RANGE } else { FILTERED_RANGE });
    let ranges_per_task = (bounds.len() + 1).div_ceil(rayon::current_num_threads() * TASKS_PER_THREAD);
    let upper_bounds: Vec<Option<Token>> = bounds.iter().copied().map(Some).chain([None]).collect();
    // Joined as they come, neighbours only: no more answers at a time than threads need.
    let joined = upper_bounds
        .par_chunks(ranges_per_task)
        .enumerate()
        .map(|(task, upper_bounds)| {
            let start = (task * ranges_per_task).checked_sub(1).map(|before| bounds[before]);
            let mut way =
                if merged { Way::Merged(Merge::default()) } else { Way::Filtered(CountingFilter::new()) };
            let mut sweep = Sweep::new(inputs, start);
            let mut sink = new();
            for bound in upper_bounds {
                sweep.advance(*bound);
                match &mut way {
                    Way::Merged(merge) => merge.common([sweep.part(0), sweep.part(1)], &mut sink),
                    Way::Filtered(filter) => filter.at_least(at_least, || sweep.parts(), &mut sink),
                }
                progress::advance(progress, sweep.parts().map(|part| part.tokens.len() as u64).sum())?;
            }
            Ok(sink)
        })
        .try_reduce_with(|mut before, after| {
            before.join(after);
            Ok(before)
        });
    joined.unwrap_or_else(|| Ok(new()))
}

/// How a task answers its ranges.
enum Way {
    Merged(Merge),
    Filtered(CountingFilter),
}

/// One task's way through consecutive ranges.
struct Sweep<'a> {
    inputs: &'a [Input<'a>],
    /// Where the current range begins in each input, and where it ends.
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl<'a> Sweep<'a> {
    fn new(inputs: &'a [Input<'a>], start: Option<Token>) -> Self {
        let position = |input: &Input<'_>| start.map_or(0, |start| lower_bound(input.tokens, 0, &start));
        let ends: Vec<usize> = inputs.iter().map(position).collect();
        Self { inputs, starts: ends.clone(), ends }
    }

    /// Moves on to the range below `bound`, or to all that is left.
    fn advance(&mut self, bound: Option<Token>) {
        std::mem::swap(&mut self.starts, &mut self.ends);
        for ((input, start), end) in self.inputs.iter().zip(&self.starts).zip(&mut self.ends) {
            *end = bound.map_or(input.tokens.len(), |bound| lower_bound(input.tokens, *start, &bound));
        }
    }

    /// What one input has in the current range.
    fn part(&self, input: usize) -> Input<'a> {
        let Input { tokens, member } = self.inputs[input];
        Input { tokens: &tokens[self.starts[input]..self.ends[input]], member }
    }

    fn parts(&self) -> impl Iterator<Item = Input<'a>> + '_ {
        (0..self.inputs.len()).map(|input| self.part(input))
    }
}
