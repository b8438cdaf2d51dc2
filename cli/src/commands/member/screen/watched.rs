//! What is screened against: a share or the member's own set, which another file may replace meanwhile.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use veilmatch::container::FileType;
use veilmatch::screen::{Screen, ScreenIndex};
use veilmatch::{Error, Share};

use crate::arguments::Memory;
use crate::commands::member::tokenize::Participant;
use crate::files::envelope::{read_as, starts_sealed};
use crate::files::opened_sets::{OpenedSet, open_set};
use crate::output::part::Part;
use crate::session::{Session, now};
use crate::{Failure, arguments};

/// The index that is screened against, and its file, which may be replaced meanwhile.
pub(super) struct Watched<'a> {
    pub(super) screen: Screen,
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
    pub(super) fn open(
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
    pub(super) fn refresh(&mut self, session: &mut Session, own: &Participant) -> Result<(), Error> {
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
    let set = open_set(session, path, &own.round, memory, scratch)?;
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
