//! screen: identifiers come in line by line. Those that a share, or the member's own set, has go out at once.

use std::fmt::Write as _;
use std::fs::Metadata;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use veilmatch::container::FileType;
use veilmatch::matching::Holders;
use veilmatch::member::rows::{MAX_LINE, text_begins};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::screen::{Screen, ScreenIndex};
use veilmatch::{Counters, Error, Place, Reason, Share};
use zeroize::Zeroizing;

use super::summary;
use super::tokenize::Participant;
use crate::arguments::Memory;
use crate::files::envelope::{OpenedSet, open_set, read_as, starts_sealed};
use crate::keys::guard;
use crate::output::part::Part;
use crate::session::{Session, now, take_stdin};
use crate::{Failure, arguments};

/// The number of bytes that are read at a time, or fewer if a pipe has fewer.
const READ: usize = 1 << 18;

pub(crate) fn run(session: &mut Session, arguments: &arguments::Screen) -> Result<(), Failure> {
    let (own, tokenizers) = Participant::of(session, &arguments.part)?;
    // This comes first: a file that is `-` must not eat up the stream.
    let input = take_stdin().map_err(|error| Error::from(error).at("standard input"))?;
    let mut watched = Watched::open(session, &own, arguments)?;
    let kind = watched.screen.current().terms().context.kind().clone();
    // The stream may last for months, so only the key of one kind stays before its first line.
    let tokenizers = tokenizers.keep(&own, std::slice::from_ref(&kind))?;
    let mut tokenizer = tokenizers.into_iter().next().expect("one for the one kind");
    if let Some(plan) = &arguments.national_plan {
        tokenizer = tokenizer.with_national_plan(plan.parse()?);
    }
    guard::hold(&tokenizer);
    // A file under another secret is found before the first line.
    let screened = watched.screen.current();
    tokenizer.terms().require(screened.terms(), screened.member())?;
    drop(screened);
    session.begin()?;
    let counts = stream(session, &own, &mut watched, &tokenizer, &mut input.lock())?;
    session.result(summary::of(&kind, &counts.counters, &format!("{} hits", counts.hits)));
    session.count(format_args!("{kind}/rows"), counts.counters.rows);
    session.count(format_args!("{kind}/hits"), counts.hits);
    Ok(())
}

/// The index that is screened against, and its file, which may be replaced meanwhile.
struct Watched<'a> {
    screen: Screen,
    path: &'a Path,
    held: Held,
    seen: Option<Seen>,
    not_after: Option<u64>,
}

/// The type of the file, and how much of it may be in memory.
#[derive(Clone, Copy)]
enum Held {
    Share,
    Set(Option<Memory>),
}

/// What shows that another file has taken the place of the file.
#[derive(PartialEq)]
struct Seen {
    len: u64,
    modified: Option<std::time::SystemTime>,
    file: u64,
}

impl Seen {
    fn of(path: &Path) -> Option<Self> {
        // Anything that is not a regular file can be read only once, and nothing takes its place.
        let metadata = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
        Some(Self { len: metadata.len(), modified: metadata.modified().ok(), file: number(&metadata) })
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

impl<'a> Watched<'a> {
    fn open(
        session: &mut Session,
        own: &Participant,
        arguments: &'a arguments::Screen,
    ) -> Result<Self, Failure> {
        let (path, held) = match (&arguments.share, &arguments.set) {
            (Some(share), None) => (share, Held::Share),
            (None, Some(set)) => (set, Held::Set(arguments.memory)),
            _ => return Err(Failure::Usage("expected --share or --set")),
        };
        let seen = Seen::of(path); // before it is read: what comes later is noticed
        let (screened, not_after) = load(session, own, path, held)?;
        who_took_part(own, &screened)?.into_iter().for_each(|line| session.result(line));
        Ok(Self { screen: Screen::new(screened.taken_at(now())), path, held, seen, not_after })
    }

    /// Takes the file that stands under the name now. Until another file is found good, the one before serves.
    fn refresh(&mut self, session: &mut Session, own: &Participant) -> Result<(), Error> {
        own.round.require_open(now())?;
        let seen = Seen::of(self.path);
        if seen != self.seen && seen.is_some() {
            let before = std::mem::replace(&mut self.seen, seen);
            let replaced = load(session, own, self.path, self.held).and_then(|(screened, not_after)| {
                self.screen.replace(screened.taken_at(now()))?;
                self.not_after = not_after;
                Ok(())
            });
            match replaced {
                Ok(()) => {
                    session.say(format_args!("{} was replaced", self.path.display()));
                    who_took_part(own, &self.screen.current())?
                        .into_iter()
                        .for_each(|line| session.say(line));
                }
                Err(error) if is_busy(&error) => self.seen = before, // with the next lines then
                Err(error) => session.warn(format_args!("the file before is screened against: {error}")),
            }
        }
        match self.not_after {
            Some(bound) if now() > bound => {
                Err(Error::FileDates { bound, over: true }.at(self.path.display().to_string()))
            }
            _ => Ok(()),
        }
    }
}

/// Says who was matched for a share. What others share with a member that was not matched is never a hit.
fn who_took_part(own: &Participant, screened: &ScreenIndex) -> Result<Option<String>, Error> {
    let Some(share) = screened.share() else { return Ok(None) };
    Ok(Some(format!("{}: {}", share.terms().context.kind(), own.round.participation(share)?)))
}

/// Whether another screening of the set is opening it just now.
fn is_busy(error: &Error) -> bool {
    match error {
        Error::At { source, .. } => is_busy(source),
        Error::Io(error) => error.kind() == io::ErrorKind::WouldBlock,
        _ => false,
    }
}

/// Loads a share for this member, or its own set as it was kept.
fn load(
    session: &mut Session,
    own: &Participant,
    path: &Path,
    held: Held,
) -> Result<(ScreenIndex, Option<u64>), Error> {
    let Held::Set(memory) = held else {
        return read_as(session, path, &own.round, FileType::Share, |bytes| {
            let share = Share::from_file_bytes(bytes)?;
            own.round.accept(&share, &own.member.name)?;
            share.metadata().require_current(now())?;
            let not_after = share.metadata().not_after;
            Ok((ScreenIndex::from_share(share)?, not_after))
        });
    };
    let memory = memory.map_or(u64::MAX, Memory::bytes);
    let named = |error: io::Error| Error::from(error).at(path.display().to_string());
    // The folder is held only while the set is being opened: others may screen against the set too.
    let part = match memory < u64::MAX && starts_sealed(path).map_err(named)? {
        true => Some(Part::beside(path).map_err(named)?),
        false => None, // nothing is unsealed onto a disk
    };
    let scratch = part.as_ref().map_or(PathBuf::new(), |part| part.scratch("opened"));
    let set = open_set(session, path, &own.round, &mut memory.clone(), scratch)?;
    drop(part);
    let header = set.as_ref();
    let admitted = || {
        if *header.member() != own.member.name {
            let (expected, found) = (own.member.name.clone(), header.member().clone());
            return Err(Error::OtherMember { expected, found });
        }
        own.round.admit(header)?;
        header.metadata().require_current(now())
    };
    admitted().map_err(|error| error.at(path.display().to_string()))?;
    let not_after = header.metadata().not_after;
    let screened = match set {
        OpenedSet::InMemory(set) => ScreenIndex::from_set(set)?,
        OpenedSet::OnDisk(file) => ScreenIndex::from_file(file, memory)?,
    };
    Ok((screened, not_after))
}

/// Counts what became of the lines.
#[derive(Default)]
struct Counts {
    counters: Counters,
    /// All lines, empty ones too.
    lines: u64,
    hits: u64,
}

/// Answers all lines that have come before it waits for more. So a line has its answer at once, and a file goes through
/// in blocks.
fn stream(
    session: &mut Session,
    own: &Participant,
    watched: &mut Watched<'_>,
    tokenizer: &Tokenizer,
    input: &mut impl Read,
) -> Result<Counts, Error> {
    let mut out = io::stdout().lock();
    let to_out = |error: io::Error| Error::from(error).at("standard output");
    let mut lines = Lines { buffer: Zeroizing::new(vec![0; READ]), len: 0, at_start: true, skipping: false };
    let mut counts = Counts::default();
    let mut hits = header(&watched.screen.current());
    loop {
        if !hits.is_empty() {
            out.write_all(hits.as_bytes()).and_then(|()| out.flush()).map_err(to_out)?;
            hits.clear();
        }
        let read = lines.read(input).map_err(|error| Error::from(error).at("standard input"))?;
        watched.refresh(session, own)?;
        if !lines.begin(read == 0).map_err(|error| error.at("standard input"))? {
            continue;
        }
        let screened = watched.screen.current();
        let too_long = lines.cut_too_long();
        let (whole, taken) = lines.whole(read == 0);
        let (values, numbers) = (rows(whole).map(|(_, value)| value), rows(whole).map(|(line, _)| line));
        for (line, token) in numbers.zip(tokenizer.tokens(values)) {
            counts.counters.rows += 1;
            match token {
                Err(reason) => counts.counters.rejected.count(reason),
                Ok(None) => counts.counters.suppressed += 1,
                Ok(Some(token)) => {
                    counts.counters.accepted += 1;
                    if let Some(place) = screened.find(&token)? {
                        counts.hits += 1;
                        let at = Place { input: 0, row: counts.counters.rows, line: counts.lines + line };
                        hit(&mut hits, at, &screened, place);
                    }
                }
            }
        }
        counts.lines += whole.iter().filter(|byte| **byte == b'\n').count() as u64;
        lines.consume(taken);
        if too_long {
            counts.lines += 1;
            counts.counters.rows += 1; // the last that came
            counts.counters.rejected.count(Reason::RowTooLong);
        }
        if read == 0 {
            out.write_all(hits.as_bytes()).and_then(|()| out.flush()).map_err(to_out)?;
            return Ok(counts);
        }
    }
}

/// Returns the header of the answers; they have the columns of `resolve`.
fn header(screened: &ScreenIndex) -> String {
    let names = screened.share().is_some_and(|share| share.members().is_some());
    let holders = if screened.share().is_some() { ",holders" } else { "" };
    format!("row,line,kind{holders}{}\n", if names { ",names" } else { "" })
}

fn hit(out: &mut String, at: Place, screened: &ScreenIndex, place: u64) {
    let _ = write!(out, "{},{},{}", at.row, at.line, screened.terms().context.kind());
    if let Some(share) = screened.share() {
        let index = place as usize; // a place among tokens in memory
        let _ = write!(out, ",{}", share.holder_count(index));
        for (position, name) in share.holders(index).into_iter().flat_map(Holders::names).enumerate() {
            let _ = write!(out, "{}{name}", if position > 0 { " " } else { "," });
        }
    }
    out.push('\n');
}

/// The lines as they come, in one buffer that is wiped when dropped.
struct Lines {
    buffer: Zeroizing<Vec<u8>>,
    len: usize,
    /// Nothing has been handed out yet: a byte-order mark may come, or something that is not text.
    at_start: bool,
    /// The line that is being read is too long: only its end matters.
    skipping: bool,
}

impl Lines {
    /// Reads what there is, and waits only if there is nothing.
    fn read(&mut self, input: &mut impl Read) -> io::Result<usize> {
        loop {
            match input.read(&mut self.buffer[self.len..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    self.len += read;
                    return Ok(read);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the lines have begun, by the rules that `tokenize` and `resolve` have for a file. A byte-order mark is
    /// removed.
    fn begin(&mut self, at_end: bool) -> Result<bool, Error> {
        if self.at_start
            && let Some(mark) = text_begins(&self.buffer[..self.len], at_end)?
        {
            self.consume(mark);
            self.at_start = false;
        }
        Ok(!self.at_start)
    }

    /// Whether the last line is too long to be kept. It says so once, and nothing of the line stays.
    fn cut_too_long(&mut self) -> bool {
        if self.skipping {
            let end = self.buffer[..self.len].iter().position(|byte| *byte == b'\n');
            self.skipping = end.is_none();
            self.consume(end.map_or(self.len, |end| end + 1));
        }
        // A carriage return may still belong to the line's end; hence the one byte.
        let last = self.buffer[..self.len].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if self.len - last > MAX_LINE + 1 {
            self.len = last;
            self.skipping = true;
            return true;
        }
        false
    }

    /// Returns the lines that are complete, or at the end everything that is left, and the number of these bytes.
    fn whole(&self, at_end: bool) -> (&[u8], usize) {
        let read = &self.buffer[..self.len];
        let end = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = if at_end { self.len } else { end };
        (&read[..end], end)
    }

    fn consume(&mut self, bytes: usize) {
        self.buffer.copy_within(bytes..self.len, 0);
        self.len -= bytes;
    }
}

/// Returns the rows with the numbers of their lines. As everywhere, an empty line is not a row.
fn rows(lines: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let lines = (1..).zip(lines.split(|byte| *byte == b'\n'));
    let stripped = lines.map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)));
    stripped.filter(|(_, line)| !line.is_empty())
}
