//! Windows: parts of the token space that hold a bounded number of chunks of all files together.
//!
//! The index of each file has the first token of every chunk, so windows are cut without reading. Their size does not
//! depend on how the tokens are distributed: a file that crowds its tokens gets narrow windows, not large ones.

use std::ops::Range;

use rayon::slice::ParallelSliceMut as _;

use crate::container::CHUNK_RECORDS;
use crate::error::Error;
use crate::token::{Token, append};

use super::kernel::{Input, Source};
use super::ranges::lower_bound;

/// Length of a chunk of tokens in bytes.
const CHUNK_LEN: usize = CHUNK_RECORDS * Token::LEN;

/// Returns the number of chunks of all files together in one window, with two more for each file: at its ends a window
/// shares chunks with its neighbours, and these are read twice.
pub(crate) const fn most_chunks(files: usize) -> usize {
    256 + 2 * files
}

/// Returns the bytes of a window where only some tasks are worked on at a time.
pub(crate) const fn bytes_of(chunks: usize, files: usize) -> u64 {
    // Besides the tokens there are what is read at a time, half a MiB, and a MiB to match in.
    ((chunks + 2 * files) * CHUNK_LEN) as u64 + (3 << 19)
}

/// The token space, cut into windows.
pub(crate) struct Windows<'a> {
    sources: Vec<(Source<'a>, u16)>,
    /// First tokens of all windows except the first.
    bounds: Vec<Token>,
    chunks: usize,
}

/// The tokens of one window.
#[derive(Default)]
pub(crate) struct Loaded {
    /// The tokens of all files.
    tokens: Vec<Token>,
    /// Places of each source's tokens: in `tokens`, or in the source.
    parts: Vec<Range<usize>>,
    bytes: Vec<u8>,
}

impl<'a> Windows<'a> {
    /// Cuts the token space into at least `tasks` windows, as long as they are worth it. A window has at most
    /// `most_chunks` chunks.
    pub(crate) fn new(sources: &[(Source<'a>, u16)], tasks: usize, most_chunks: usize) -> Self {
        let mut firsts: Vec<Token> = Vec::new();
        for (source, _) in sources {
            match source {
                Source::Memory(tokens) => firsts.extend(tokens.iter().step_by(CHUNK_RECORDS)),
                Source::File(file) => {
                    firsts.extend((0..file.index().chunks()).map(|at| file.index().first(at)))
                }
            }
        }
        firsts.par_sort_unstable();
        let least = most_chunks.min(2 * sources.len() + 16);
        let chunks = (firsts.len() / tasks).clamp(least, most_chunks);
        let mut bounds: Vec<Token> = firsts.iter().copied().skip(chunks).step_by(chunks).collect();
        bounds.dedup();
        Self { sources: sources.to_vec(), bounds, chunks }
    }

    pub(crate) fn len(&self) -> usize {
        self.bounds.len() + 1
    }

    /// Returns the bytes of memory that one window takes at most.
    pub(crate) fn bytes_of_one(&self) -> u64 {
        bytes_of(self.chunks, self.sources.len())
    }

    /// Reads and verifies the part of the files that lies in a window.
    pub(crate) fn load(&self, window: usize, loaded: &mut Loaded) -> Result<(), Error> {
        let from = window.checked_sub(1).map(|before| self.bounds[before]);
        let below = self.bounds.get(window);
        let Loaded { tokens, parts, bytes } = loaded;
        tokens.clear();
        parts.clear();
        // All room is made at once, so that it never grows to twice of what is needed.
        let chunks = |source: &Source<'_>| chunks(source, from.as_ref(), below).len();
        tokens.reserve_exact(
            CHUNK_RECORDS * self.sources.iter().map(|(source, _)| chunks(source)).sum::<usize>(),
        );
        for (source, _) in &self.sources {
            let (start, found) = match source {
                Source::Memory(tokens) => (0, *tokens),
                Source::File(file) => {
                    let start = tokens.len();
                    let chunks = self::chunks(source, from.as_ref(), below);
                    file.read_tokens(chunks, bytes, |read| append(read, tokens))?;
                    (start, &tokens[start..])
                }
            };
            let begin = from.map_or(0, |from| found.partition_point(|token| *token < from));
            let end = below.map_or(found.len(), |below| lower_bound(found, begin, below));
            parts.push(start + begin..start + end);
        }
        Ok(())
    }

    /// Returns the part of each source that lies in the window that was loaded.
    pub(crate) fn inputs<'b>(&'b self, loaded: &'b Loaded) -> Vec<Input<'b>> {
        let input = |((source, member), part): (&(Source<'b>, u16), &Range<usize>)| {
            let tokens = match source {
                Source::Memory(tokens) => *tokens,
                Source::File(_) => &loaded.tokens[..],
            };
            Input { tokens: &tokens[part.clone()], member: *member }
        };
        self.sources.iter().zip(&loaded.parts).map(input).collect()
    }
}

/// Returns the chunks of a source that can hold tokens of a window.
fn chunks(source: &Source<'_>, from: Option<&Token>, below: Option<&Token>) -> Range<usize> {
    let Source::File(file) = source else { return 0..0 };
    let index = file.index();
    let first = from.map_or(0, |from| index.chunks_up_to(from).saturating_sub(1));
    first..below.map_or(index.chunks(), |below| index.chunks_below(below)).max(first)
}
