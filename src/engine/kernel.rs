//! The only place in matching that uses rayon. Tasks are parts of the token space; they are handed out to threads and
//! answered in order.
//!
//! Two sets alone are merged, range by range. For more sets, or for the union of two, a counting filter leaves only
//! tokens that can have enough holders. If all tokens are in memory, a task is some consecutive ranges. If some are on
//! disk, it is a window, which is loaded first. Ranges are cut from a sample of the tokens themselves: that tokens are
//! uniform is an assumption about speed, never about the answer.

use std::sync::Mutex;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::container::chunked::Chunked;
use crate::error::Error;
use crate::progress::{self, Progress};
use crate::token::Token;

use super::filter::CountingFilter;
use super::merge::Merge;
use super::ranges;
use super::ranges::lower_bound;
use super::sinks::Sink;
use super::windows::{Loaded, Windows};

/// The number of tokens of all sides together in one range that is filtered. With their slots they stay within a core's
/// second-level cache. Chosen by benchmark `intersect`, group `8 sets`.
const FILTERED_RANGE: usize = 1 << 13;

/// The number of tokens of a range that is merged: without slots, longer runs are worth more than a place in cache.
/// Chosen by benchmark `intersect`, group `two sets`.
const MERGED_RANGE: usize = 1 << 16;

/// The number of tasks for each thread, so that an unlucky thread does not keep the others waiting.
const TASKS_PER_THREAD: usize = 8;

/// One member's sorted tokens and its position in the list of members.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) tokens: &'a [Token],
    pub(crate) member: u16,
}

/// The place of one member's sorted tokens.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// In memory.
    Memory(&'a [Token]),
    /// On disk.
    File(&'a Chunked),
}

impl Source<'_> {
    /// Returns the number of tokens.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Source::Memory(tokens) => tokens.len() as u64,
            Source::File(file) => file.index().records(),
        }
    }
}

/// A question about some members, cut into parts of the token space.
pub(crate) struct Tasks<'a> {
    at_least: usize,
    merged: bool,
    parts: Parts<'a>,
    /// The memory in which tasks work, one for each thread, to be used again.
    rooms: Mutex<Vec<Room>>,
}

enum Parts<'a> {
    /// Consecutive ranges, below these tokens and up to the end.
    Ranges {
        inputs: Vec<Input<'a>>,
        bounds: Vec<Token>,
        ranges_per_task: usize,
    },
    Windows(Windows<'a>),
}

#[derive(Default)]
struct Room {
    merge: Merge,
    filter: Option<CountingFilter>,
    loaded: Loaded,
}

impl<'a> Tasks<'a> {
    /// Cuts the question. The sources are in order of member. One task never holds more than `most_chunks` chunks of
    /// files and two of each file.
    pub(crate) fn new(sources: &[(Source<'a>, u16)], at_least: usize, most_chunks: usize) -> Self {
        let merged = sources.len() == 2 && at_least == 2;
        let tasks = rayon::current_num_threads() * TASKS_PER_THREAD;
        let in_memory = sources.iter().map(|(source, member)| match source {
            Source::Memory(tokens) => Some(Input { tokens, member: *member }),
            Source::File(_) => None,
        });
        let parts = match in_memory.collect::<Option<Vec<Input<'a>>>>() {
            Some(inputs) => {
                let bounds = ranges::bounds(&inputs, range(merged));
                let ranges_per_task = (bounds.len() + 1).div_ceil(tasks);
                Parts::Ranges { inputs, bounds, ranges_per_task }
            }
            None => Parts::Windows(Windows::new(sources, tasks, most_chunks)),
        };
        Self { at_least, merged, parts, rooms: Mutex::default() }
    }

    fn len(&self) -> usize {
        match &self.parts {
            Parts::Ranges { bounds, ranges_per_task, .. } => (bounds.len() + 1).div_ceil(*ranges_per_task),
            Parts::Windows(windows) => windows.len(),
        }
    }

    /// Feeds every token that at least `at_least` sources hold to sinks, one a task, joined in order.
    pub(crate) fn run<S: Sink>(
        &self,
        new: impl Fn() -> S + Sync,
        progress: &dyn Progress,
    ) -> Result<S, Error> {
        // Answers are joined as they come, neighbours only: so there are never more answers at a time than threads
        // need.
        let answers = (0..self.len()).into_par_iter().map(|task| self.answer(task, new(), progress));
        let joined = answers.try_reduce_with(|mut before, after| {
            before.join(after);
            Ok(before)
        });
        joined.unwrap_or_else(|| Ok(new()))
    }

    /// Runs all tasks and hands on the sink of each, in order of token, while the next tasks are worked on.
    ///
    /// It holds the sinks of four tasks a thread.
    pub(crate) fn run_in_order<S: Sink>(
        &self,
        new: impl Fn() -> S + Sync,
        progress: &dyn Progress,
        mut each: impl FnMut(S) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let together = 2 * rayon::current_num_threads();
        let mut done: Vec<S> = Vec::new();
        for first in (0..self.len()).step_by(together) {
            let tasks = first..self.len().min(first + together);
            let answer = |task| self.answer(task, new(), progress);
            let mut answers: Result<Vec<S>, Error> = Ok(Vec::new());
            // The hand-over runs on the caller's thread, because what writes a file need not be `Send`.
            let handed_on = rayon::in_place_scope(|scope| {
                scope.spawn(|_| answers = tasks.into_par_iter().map(answer).collect());
                done.drain(..).try_for_each(&mut each)
            });
            handed_on?;
            done = answers?;
        }
        done.into_iter().try_for_each(each)
    }

    fn answer<S: Sink>(&self, task: usize, mut sink: S, progress: &dyn Progress) -> Result<S, Error> {
        let rooms = || self.rooms.lock().expect("no panic while it is held");
        let mut room = rooms().pop().unwrap_or_default();
        match &self.parts {
            Parts::Ranges { inputs, bounds, ranges_per_task } => {
                let first = task * ranges_per_task;
                let start = first.checked_sub(1).map(|before| bounds[before]);
                let bounds = bounds[first..].iter().copied().map(Some).chain([None]).take(*ranges_per_task);
                self.sweep(Sweep::new(inputs, start), bounds, &mut room, &mut sink, progress)?;
            }
            Parts::Windows(windows) => {
                let mut loaded = std::mem::take(&mut room.loaded);
                windows.load(task, &mut loaded)?;
                let inputs = windows.inputs(&loaded);
                let bounds = ranges::bounds(&inputs, range(self.merged));
                let bounds = bounds.into_iter().map(Some).chain([None]);
                self.sweep(Sweep::new(&inputs, None), bounds, &mut room, &mut sink, progress)?;
                room.loaded = loaded;
            }
        }
        rooms().push(room);
        sink.finish()?;
        Ok(sink)
    }

    fn sweep(
        &self,
        mut sweep: Sweep<'_>,
        upper_bounds: impl Iterator<Item = Option<Token>>,
        room: &mut Room,
        sink: &mut impl Sink,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        for bound in upper_bounds {
            sweep.advance(bound);
            if self.merged {
                room.merge.common([sweep.part(0), sweep.part(1)], sink);
            } else {
                let filter = room.filter.get_or_insert_with(CountingFilter::new);
                filter.at_least(self.at_least, || sweep.parts(), sink);
            }
            progress::advance(progress, sweep.parts().map(|part| part.tokens.len() as u64).sum())?;
        }
        Ok(())
    }

    /// Returns the bytes of files that tasks hold at a time.
    pub(crate) fn bytes_in_flight(&self) -> u64 {
        match &self.parts {
            Parts::Ranges { .. } => 0,
            Parts::Windows(windows) => rayon::current_num_threads() as u64 * windows.bytes_of_one(),
        }
    }
}

const fn range(merged: bool) -> usize {
    if merged { MERGED_RANGE } else { FILTERED_RANGE }
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

    /// Moves on to the range below `bound`, or to everything that is left.
    fn advance(&mut self, bound: Option<Token>) {
        std::mem::swap(&mut self.starts, &mut self.ends);
        for ((input, start), end) in self.inputs.iter().zip(&self.starts).zip(&mut self.ends) {
            *end = bound.map_or(input.tokens.len(), |bound| lower_bound(input.tokens, *start, &bound));
        }
    }

    /// Returns the part of one input in the current range.
    fn part(&self, input: usize) -> Input<'a> {
        let Input { tokens, member } = self.inputs[input];
        Input { tokens: &tokens[self.starts[input]..self.ends[input]], member }
    }

    fn parts(&self) -> impl Iterator<Item = Input<'a>> + '_ {
        (0..self.inputs.len()).map(|input| self.part(input))
    }
}
