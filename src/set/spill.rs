//! Builds a set of more tokens than memory holds: sorted runs on disk, joined by a k-way merge into the set's file.
//!
//! Tokens are collected up to the budget, sorted, and written as a run. Each thread has a part of the budget and sorts
//! on its own. Then the kernel that matches sets merges the runs, window by window, straight into the file. If there
//! are too many runs for the budget, groups of them are merged into larger runs first.

mod budget;
mod folder;
#[cfg(feature = "member")]
mod of_member;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard};

use crate::container::chunked::Chunked;
use crate::container::frame::Index;
use crate::container::records::Chunks;
use crate::container::{Metadata, Parent, Revision, Signer};
use crate::engine::kernel::{Source, Tasks};
use crate::engine::sinks::Sink;
use crate::error::Error;
use crate::outcome::Counters;
use crate::progress::Progress;
use crate::terms::{Name, Terms};
use crate::token::Token;

use super::{SetHeader, SetWriter};
use budget::Budget;
use folder::{Folder, Store};

/// Builds a set's file within a budget of memory, with a temporary folder for what does not fit.
///
/// The file is equal, byte for byte, to that of a set made in memory of these tokens. Several threads may push tokens
/// at once. Only the owner can read the folder and its files, and they go away with the builder. What a killed process
/// left there is removed by the next builder with the same folder.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// # let parent = tempfile::tempdir()?;
/// # let folder = parent.path().join("spill");
/// use veilmatch::{SetBuilder, Token};
///
/// let member = Name::new("bank-a")?;
/// let builder = SetBuilder::new(terms, member, SetBuilder::LEAST_MEMORY, &folder)?;
/// builder.push(&[[9; 16], [3; 16], [9; 16]].map(Token::from_bytes))?;
/// let mut file = std::io::Cursor::new(Vec::new());
/// let set = builder.write_to(&mut file)?;
/// assert_eq!((set.tokens(), set.counters().duplicates), (2, 1));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[must_use = "the set is there once it is written"]
pub struct SetBuilder<'a> {
    terms: Terms,
    member: Name,
    follows: Option<Parent>,
    metadata: Metadata,
    progress: &'a dyn Progress,
    budget: Budget,
    store: Box<dyn Store>,
    collected: Mutex<Collected>,
    /// Notified when a buffer is given back.
    given_back: Condvar,
}

/// The tokens that were pushed so far.
struct Collected {
    /// Buffers that no thread is using.
    buffers: Vec<Vec<Token>>,
    runs: Vec<Run>,
    /// What became of the rows that the tokens are of.
    counters: Counters,
    /// Runs that were begun, which gives them their names.
    begun: usize,
    /// The first reason why tokens were lost, if a run could not be written or merged. Another thread may be the one to
    /// report it.
    lost: Option<String>,
}

/// Sorted tokens on disk, each once.
struct Run {
    name: String,
    index: Index,
}

impl<'a> SetBuilder<'a> {
    /// The smallest budget in bytes, 4 MiB.
    pub const LEAST_MEMORY: u64 = 4 << 20;

    /// Begins an empty set, to be built within this number of bytes of memory. A budget below the least counts as the
    /// least.
    ///
    /// The budget is for tokens. Besides it some 128 bytes are used for each 1,024 tokens, and a MiB a thread. Push and
    /// finish in the pool in which this is called.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the folder: [`Error::Io`] if it cannot be made, or if it is there and has other files in it than
    /// an earlier builder left.
    pub fn new(terms: Terms, member: Name, memory: u64, folder: &Path) -> Result<Self, Error> {
        Ok(Self::in_store(terms, member, memory, Box::new(Folder::create(folder)?)))
    }

    fn in_store(terms: Terms, member: Name, memory: u64, store: Box<dyn Store>) -> Self {
        let budget = Budget::new(memory, rayon::current_num_threads());
        let buffers = vec![Vec::new(); budget.threads()];
        let counters = Counters::default();
        let collected = Collected { buffers, runs: Vec::new(), counters, begun: 0, lost: None };
        let (collected, given_back) = (Mutex::new(collected), Condvar::new());
        let metadata = Metadata::default();
        Self { terms, member, follows: None, metadata, progress: &(), budget, store, collected, given_back }
    }

    /// Makes the set the next one after another ([`TokenSet::following`](crate::TokenSet::following)).
    ///
    /// # Errors
    ///
    /// [`Error::OtherMember`], [`Error::TermsDiffer`]; [`Error::Metadata`] after 2⁵³ − 1 sets.
    pub fn following(self, base: &Revision) -> Result<Self, Error> {
        let follows = Some(base.followed_by(&self.member, &self.terms)?);
        Ok(Self { follows, ..self })
    }

    /// States date, purpose and dates of use for the set's file.
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self { metadata, ..self }
    }

    /// Tells how far writing has come, in tokens, and asks whether to go on.
    pub fn with_progress(self, progress: &'a dyn Progress) -> Self {
        Self { progress, ..self }
    }

    /// Under which key and rules the set is made.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Returns the member whose set it will be.
    pub fn member(&self) -> &Name {
        &self.member
    }

    /// Returns the bytes of disk that building a set of this number of tokens takes at most. The set's file is
    /// included: runs and file are there at once.
    pub const fn disk_need(tokens: u64) -> u64 {
        let index = tokens.div_ceil(crate::container::CHUNK_RECORDS as u64) * 48;
        2 * tokens * Token::LEN as u64 + index + 2 * crate::container::HEADER_LEN as u64
    }

    /// Adds the tokens of accepted rows, in any order; a token that comes again is a duplicate.
    ///
    /// It mostly copies them. When a thread's part of the budget is full, it sorts and writes a run.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the folder where writing fails. The set cannot be completed then: pushing more and
    /// [`SetBuilder::write_to`] are errors too.
    pub fn push(&self, tokens: &[Token]) -> Result<(), Error> {
        let mut buffer = self.take_buffer();
        let mut rest = tokens;
        let mut pushed = self.require_all();
        while !rest.is_empty() && pushed.is_ok() {
            // The buffer has its full length at once: one that grew would take twice its memory on the way.
            let wanted = self.budget.buffer().saturating_sub(buffer.len());
            if buffer.try_reserve_exact(wanted).is_err() {
                pushed = Err(std::io::Error::from(std::io::ErrorKind::OutOfMemory).into());
                break;
            }
            let room = self.budget.buffer() - buffer.len();
            let (taken, after) = rest.split_at(rest.len().min(room));
            buffer.extend_from_slice(taken);
            rest = after;
            if buffer.len() == self.budget.buffer() {
                pushed = self.write_run(&mut buffer);
            }
        }
        let mut collected = self.lock();
        if let Err(error) = &pushed {
            collected.lost.get_or_insert_with(|| error.to_string());
        }
        collected.counters.rows += tokens.len() as u64;
        collected.counters.accepted += tokens.len() as u64;
        collected.buffers.push(buffer);
        drop(collected);
        self.given_back.notify_one();
        pushed
    }

    /// Refuses to go on without tokens that were lost.
    fn require_all(&self) -> Result<(), Error> {
        let Some(why) = self.lock().lost.clone() else { return Ok(()) };
        let problem = format!("tokens were lost when an earlier step failed: {why}");
        Err(self.at(io::Error::other(problem).into(), ""))
    }

    /// Takes a buffer. It waits if more threads push than the pool has; a thread that holds one never waits.
    fn take_buffer(&self) -> Vec<Token> {
        let mut collected = self.lock();
        loop {
            if let Some(buffer) = collected.buffers.pop() {
                return buffer;
            }
            collected = self.given_back.wait(collected).expect("no panic while it is held");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().expect("no panic while it is held")
    }

    /// Sorts a buffer, writes it, and leaves it empty.
    ///
    /// It runs on this thread alone: a task of the pool that sorted in parallel would take up other tasks meanwhile,
    /// and those would wait for its buffer.
    fn write_run(&self, buffer: &mut Vec<Token>) -> Result<(), Error> {
        buffer.sort_unstable();
        buffer.dedup();
        let name = self.next_name();
        let run = self.write(name, |push| push(buffer))?;
        buffer.clear();
        self.lock().runs.push(run);
        Ok(())
    }

    fn next_name(&self) -> String {
        let mut collected = self.lock();
        collected.begun += 1;
        format!("run-{}", collected.begun)
    }

    /// Writes one run of what is pushed to it; errors name the run.
    fn write(
        &self,
        name: String,
        write: impl FnOnce(&mut dyn FnMut(&[Token]) -> Result<(), Error>) -> Result<(), Error>,
    ) -> Result<Run, Error> {
        let written = || {
            let mut file = BufWriter::with_capacity(1 << 18, self.store.create(&name)?);
            let mut chunks = Chunks::on_this_thread(Token::LEN);
            let mut bytes = Vec::with_capacity(PIECE * Token::LEN);
            write(&mut |tokens: &[Token]| {
                for tokens in tokens.chunks(PIECE) {
                    bytes.clear();
                    tokens.iter().for_each(|token| bytes.extend_from_slice(token.as_bytes()));
                    chunks.push(&bytes, &mut file)?;
                }
                Ok(())
            })?;
            let index = chunks.finish_file(&mut file)?;
            file.flush()?;
            Ok(index)
        };
        match written() {
            Ok(index) => Ok(Run { name, index }),
            Err(error) => Err(self.at(error, &name)),
        }
    }

    fn at(&self, error: Error, name: &str) -> Error {
        error.at(self.store.name_of(name))
    }

    /// Writes the set's file, unsigned, and removes the folder.
    ///
    /// Positions in `out` are relative to where it stands: the header, which tells how many tokens there are, is written
    /// last.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold; [`Error::Io`] where writing fails, [`Error::At`] the
    /// folder where that does, or reading back, or where it did before and tokens were lost; [`Error::Cancelled`].
    pub fn write_to(self, out: &mut (impl Write + Seek)) -> Result<SetHeader, Error> {
        self.write_as(None, out)
    }

    /// Writes the set's file as [`SetBuilder::write_to`] does, and signs it.
    ///
    /// # Errors
    ///
    /// Those of [`SetBuilder::write_to`] and of the signer.
    pub fn sign_to(self, signer: &dyn Signer, out: &mut (impl Write + Seek)) -> Result<SetHeader, Error> {
        self.write_as(Some(signer), out)
    }

    fn write_as(
        self,
        signer: Option<&dyn Signer>,
        out: &mut (impl Write + Seek),
    ) -> Result<SetHeader, Error> {
        let runs = self.few_runs()?;
        let file = SetWriter::begin(self.terms.clone(), self.member.clone(), out)?;
        let file = file.with_metadata(self.metadata.clone()).with_parent(self.follows);
        let mut file = file.with_counters(self.lock().counters.clone());
        self.merge(&runs, |tokens| file.push(tokens))?;
        file.finish_as(signer)
    }

    /// All runs, merged until they are few enough to be merged at once.
    fn few_runs(&self) -> Result<Vec<Run>, Error> {
        self.require_all()?;
        let mut runs = self.all_runs()?;
        while runs.len() > self.budget.fan_in() {
            runs = self.merge_groups(runs)?;
        }
        Ok(runs)
    }

    /// Writes what is left in the buffers, and takes all runs.
    fn all_runs(&self) -> Result<Vec<Run>, Error> {
        // New buffers take no memory: merging has the budget now.
        let fresh = vec![Vec::new(); self.budget.threads()];
        let buffers = std::mem::replace(&mut self.lock().buffers, fresh);
        for mut buffer in buffers {
            if !buffer.is_empty() {
                self.write_run(&mut buffer)?;
            }
        }
        Ok(std::mem::take(&mut self.lock().runs))
    }

    /// Merges as many runs at a time as the budget allows; each group's runs are removed once they are merged.
    fn merge_groups(&self, runs: Vec<Run>) -> Result<Vec<Run>, Error> {
        let groups = runs.len().div_ceil(self.budget.fan_in());
        let size = runs.len().div_ceil(groups);
        let mut merged = Vec::with_capacity(groups);
        let mut runs = runs.into_iter().peekable();
        while runs.peek().is_some() {
            let group: Vec<Run> = runs.by_ref().take(size).collect();
            let names: Vec<String> = group.iter().map(|run| run.name.clone()).collect();
            merged.push(self.write(self.next_name(), |push| self.merge(&group, |tokens| push(tokens)))?);
            for name in names {
                self.store.remove(&name).map_err(|error| self.at(error.into(), &name))?;
            }
        }
        Ok(merged)
    }

    /// Unites runs and hands the tokens on in order.
    fn merge(&self, runs: &[Run], mut each: impl FnMut(&[Token]) -> Result<(), Error>) -> Result<(), Error> {
        let mut files = Vec::with_capacity(runs.len());
        for run in runs {
            let source = self.store.open(&run.name).map_err(|error| self.at(error.into(), &run.name))?;
            files.push(Chunked::new(source, self.store.name_of(&run.name), run.index.clone()));
        }
        let sources: Vec<(Source<'_>, u16)> = files.iter().map(Source::File).zip(0..).collect();
        let tasks = Tasks::new(&sources, 1, self.budget.window(runs.len()));
        tasks.run_in_order(Union::default, self.progress, |Union(tokens)| each(&tokens))
    }
}

/// The number of tokens that are turned into bytes at a time.
const PIECE: usize = 1 << 13;

/// A sink that keeps every token, whoever holds it.
#[derive(Default)]
struct Union(Vec<Token>);

impl Sink for Union {
    fn overlap(&mut self, token: Token, _: &[u16]) {
        self.0.push(token);
    }

    fn join(&mut self, later: Self) {
        self.0.extend_from_slice(&later.0);
    }
}

impl fmt::Debug for SetBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetBuilder").field("budget", &self.budget).finish_non_exhaustive()
    }
}
