//! Opens the sets of a round, several at a time, in memory or on disk.

use std::path::{Path, PathBuf};

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use veilmatch::container::{FileHeader, FileType};
use veilmatch::set::SetHeader;
use veilmatch::terms::ContentDigest;
use veilmatch::{Error, Intersection, Round, SetFile, TokenSet};

use crate::files::envelope::{Opener, Stated, Streamed, judge, page, require_sealed};
use crate::output::digest_of_written;
use crate::session::Session;

/// A member's set, where its tokens are: in memory or on disk.
pub(crate) enum OpenedSet {
    InMemory(TokenSet),
    OnDisk(SetFile),
}

impl AsRef<SetHeader> for OpenedSet {
    fn as_ref(&self) -> &SetHeader {
        match self {
            Self::InMemory(set) => set.header(),
            Self::OnDisk(file) => file.header(),
        }
    }
}

impl OpenedSet {
    /// Returns the root of the set's file.
    pub(crate) fn root(&self) -> Result<ContentDigest, Error> {
        match self {
            Self::InMemory(set) => set.root(),
            Self::OnDisk(file) => Ok(file.root()),
        }
    }

    pub(crate) fn add_to<'a>(&'a self, all: Intersection<'a>) -> Result<Intersection<'a>, Error> {
        match self {
            Self::InMemory(set) => all.add(set),
            Self::OnDisk(file) => all.add(file),
        }
    }
}

/// How a set is opened.
enum Way {
    /// Its tokens stay on disk.
    OnDisk,
    /// It is read into memory.
    InMemory,
    /// It is unsealed into this file, of its owner alone, which loses its name as soon as it is open.
    Unsealed(PathBuf),
}

/// The memory that reading a set takes besides its tokens.
const READING: u64 = 4 << 20;

/// Opens sets of the round, as many at a time as there are threads. All headers decide before any set is opened. Returns the
/// first error in order.
///
/// In a trial the tokens stay on disk. Sealed sets are opened in memory while there is room in `memory`, in bytes, and
/// the others into files that `scratch` names by the number of the set.
pub(crate) fn open_sets(
    session: &mut Session,
    files: &[PathBuf],
    round: &Round,
    memory: u64,
    scratch: impl Fn(usize) -> PathBuf,
) -> Result<Vec<OpenedSet>, Error> {
    let mut room = memory;
    let opener = session.opener();
    let way = |(number, path): (usize, &PathBuf)| way(&opener, path, round, &mut room, || scratch(number));
    let ways: Vec<Way> = files.iter().enumerate().map(way).collect::<Result<_, Error>>()?;
    let opened = files.into_par_iter().zip(ways).with_max_len(1);
    let opened: Vec<Result<(OpenedSet, Stated), Error>> =
        opened.map(|(path, way)| open(&opener, path, round, way)).collect();
    let state = |(path, opened): (&PathBuf, Result<_, _>)| {
        let (set, stated) = opened?;
        session.state(path, stated)?;
        Ok(set)
    };
    files.iter().zip(opened).map(state).collect()
}

/// Opens one set of the round.
pub(crate) fn open_set(
    session: &mut Session,
    path: &Path,
    round: &Round,
    memory: u64,
    scratch: PathBuf,
) -> Result<OpenedSet, Error> {
    Ok(open_sets(session, &[path.to_owned()], round, memory, |_| scratch.clone())?.remove(0))
}

/// Chooses how a set is opened, and refuses one by its header. One that is opened in memory leaves less room by its size.
fn way(
    opener: &Opener,
    path: &Path,
    round: &Round,
    room: &mut u64,
    scratch: impl FnOnce() -> PathBuf,
) -> Result<Way, Error> {
    // Anything that is not a regular file can be read only once.
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
    let Some(size) = metadata.map(|metadata| metadata.len()).filter(|_| path != Path::new("-")) else {
        return Ok(Way::InMemory);
    };
    let mut file = Streamed::open_by(opener, path, |sealed| require_sealed(round, sealed))?;
    let sealed = file.is_sealed();
    let judged = page(&mut file).and_then(|page| judge(round, &FileHeader::read(&page, FileType::Set)?));
    judged.map_err(|error| named(path, error))?;
    if !sealed {
        return Ok(Way::OnDisk); // in a trial
    }
    if size.saturating_add(READING) > *room {
        return Ok(Way::Unsealed(scratch()));
    }
    *room -= size;
    Ok(Way::InMemory)
}

/// Opens a set; every error names its file.
fn open(opener: &Opener, path: &Path, round: &Round, way: Way) -> Result<(OpenedSet, Stated), Error> {
    match way {
        Way::OnDisk => {
            let file = SetFile::open(path)?; // the caller admits what it says now
            let digest = opener.digested.then(|| digest_of_written(|out| file.copy_to(out))).transpose()?;
            Ok((OpenedSet::OnDisk(file), digest.map_or(Stated::Not, Stated::OpenDigest)))
        }
        Way::InMemory => {
            let mut file = Streamed::open_by(opener, path, |sealed| require_sealed(round, sealed))?;
            let set = file.set(|header| judge(round, header))?;
            Ok((OpenedSet::InMemory(set), file.close()?.0))
        }
        Way::Unsealed(scratch) => {
            let unsealed = opener.unseal(path, round, FileType::Set, scratch);
            let (file, stated) = unsealed.map_err(|error| named(path, error))?;
            SetFile::from_file(file, path.display().to_string()).map(|file| (OpenedSet::OnDisk(file), stated))
        }
    }
}

fn named(path: &Path, error: Error) -> Error {
    error.at(path.display().to_string())
}
