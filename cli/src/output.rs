//! Output appears under its name when it is complete, or not at all.
//!
//! Output is made in a staging directory beside its name ([`Part`]), synced and renamed. Old output survives until the
//! new output is complete. If the last rename or sync fails, it is put back, with all other output of the same command.
//! The run record is written before the rename: no output has its name without a line.

mod digest;
mod earlier;
mod file;
pub(crate) mod part;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use veilmatch::Error;
use veilmatch::terms::ContentDigest;

use crate::Failure;
use crate::output::part::Part;

pub(crate) use digest::{digest_of, digest_of_written, has_open_tokens};
pub(crate) use earlier::{KEPT, Makes};
pub(crate) use file::{Output, unnamed_file};

/// A file that was written, for the run record.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) path: PathBuf,
    /// None if there is no run record to state it.
    pub(crate) digest: Option<ContentDigest>,
    /// Whether the file has tokens that are not sealed, or what a member's own rows say. Its plain digest would tell
    /// whether a guess of them is right.
    pub(crate) has_open_tokens: bool,
}

/// Output that is complete and waits for its name.
pub(crate) struct Pending {
    out: PathBuf,
    part: Part,
    force: bool,
    makes: Makes,
    /// Whether the output is the one file in the staging directory, rather than the directory itself.
    single: bool,
    /// Whether files are digested as they are written.
    digested: bool,
    /// Where the output is now that had the name before.
    replaced: Option<PathBuf>,
    /// Whether the output has its name, which can be taken back.
    named: bool,
    pub(crate) written: Vec<Written>,
}

impl Pending {
    fn new(out: &Path, force: bool, makes: Makes) -> Result<Self, Error> {
        let held = Self::held(out, force, makes)?;
        require_free(out, force, makes)?;
        Ok(held)
    }

    /// Holds the name: nobody else makes or replaces the output meanwhile.
    fn held(out: &Path, force: bool, makes: Makes) -> Result<Self, Error> {
        let begin = || {
            let part = Part::beside(out)?;
            restore(out)?;
            Ok(part)
        };
        let part = begin().map_err(|error: io::Error| Error::from(error).at(out.display().to_string()))?;
        let (out, replaced, written) = (out.to_owned(), None, Vec::new());
        let (single, digested) = (makes.is_file(), true);
        Ok(Self { out, part, force, makes, single, digested, replaced, named: false, written })
    }

    /// Makes one file.
    pub(crate) fn file(
        out: &Path,
        force: bool,
        makes: Makes,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        Self::new(out, force, makes)?.filled(write)
    }

    /// Makes one file, unless `done` says that it is there already. `done` looks at what stands under the name, and
    /// nobody else can change it meanwhile.
    pub(crate) fn file_unless(
        out: &Path,
        force: bool,
        makes: Makes,
        done: impl FnOnce() -> Result<bool, Error>,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<Option<Self>, Error> {
        let held = Self::held(out, force, makes)?;
        if done()? {
            return Ok(None);
        }
        require_free(out, force, makes)?;
        held.filled(write).map(Some)
    }

    fn filled(mut self, write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<Self, Error> {
        let mut output = Output::create(&self.content()?, self.out.clone(), self.digested)?;
        write(&mut output).map_err(|error| output.named(error))?;
        self.complete(output)?;
        Ok(self)
    }

    /// Begins a folder to be filled.
    pub(crate) fn folder(out: &Path, force: bool, makes: Makes) -> Result<Self, Error> {
        Self::new(out, force, makes)
    }

    /// Digests files only if a run record is to state them: SHA-256 of a large set takes as long as sealing it.
    pub(crate) fn digested_if(self, recorded: bool) -> Self {
        Self { digested: recorded, ..self }
    }

    /// Returns the staging directory, for files that are written by other means.
    pub(crate) fn path(&self) -> &Path {
        self.part.path()
    }

    /// Writes one file of the folder.
    pub(crate) fn write(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut output = self.begin(name)?;
        write(&mut output).map_err(|error| output.named(error))?;
        self.complete(output)
    }

    /// Begins one file of the folder; several can be written at a time.
    pub(crate) fn begin(&self, name: &str) -> Result<Output, Error> {
        Output::create(&self.part.path().join(name), self.out.join(name), self.digested)
    }

    /// Begins a folder of sets to keep, marked as one. The mark is not a result, so the run record does not state it.
    pub(crate) fn kept(out: &Path, force: bool) -> Result<Self, Error> {
        let folder = Self::folder(out, force, Makes::Kept)?;
        folder.mark()?;
        Ok(folder)
    }

    fn mark(&self) -> Result<(), Error> {
        let mut output = self.begin(KEPT)?;
        output.write_all(earlier::KEPT_TEXT.as_bytes()).map_err(|error| output.named(error.into()))?;
        output.sync().map(drop)
    }

    /// Syncs a file that was begun.
    pub(crate) fn complete(&mut self, output: Output) -> Result<(), Error> {
        self.written.push(output.sync()?);
        Ok(())
    }

    /// Syncs files that were begun, several at a time: each waits for the disk.
    pub(crate) fn complete_all(&mut self, outputs: Vec<Output>) -> Result<(), Error> {
        let synced: Vec<_> = outputs.into_par_iter().with_max_len(1).map(Output::sync).collect();
        for written in synced {
            self.written.push(written?);
        }
        Ok(())
    }

    /// Returns a place in the folder for what the command needs meanwhile. The caller removes it before the folder gets
    /// its name.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.part.scratch(name)
    }

    /// Gives all outputs their names and does `last`, or changes nothing: where one fails, the names are taken back.
    pub(crate) fn publish(all: Vec<Self>, last: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
        let mut named: Vec<Self> = Vec::with_capacity(all.len());
        for mut pending in all {
            if let Err(error) = pending.name() {
                pending.take_back();
                named.iter_mut().rev().for_each(Self::take_back);
                return Err(pending.at_out(error).into());
            }
            named.push(pending);
        }
        if let Err(failure) = last() {
            named.iter_mut().rev().for_each(Self::take_back);
            return Err(failure);
        }
        // What was replaced goes last of all.
        named.into_iter().try_for_each(|named| match &named.replaced {
            Some(old) => remove(old).map_err(|error| named.at_out(error.into()).into()),
            None => Ok(()),
        })
    }

    fn at_out(&self, error: Error) -> Error {
        error.at(self.out.display().to_string())
    }

    fn name(&mut self) -> Result<(), Error> {
        if self.single {
            self.name_file()?
        } else {
            self.name_folder()?
        }
        Ok(sync_folder(parent(&self.out))?)
    }

    fn name_file(&mut self) -> Result<(), Error> {
        let content = self.content()?;
        if self.force {
            require_free(&self.out, true, self.makes)?; // again: much may have happened since
            // The old output gets a second name; by it, it is put back. File systems without links replace it for good.
            let old = self.part.scratch("old");
            self.replaced = fs::hard_link(&self.out, &old).is_ok().then_some(old);
            let lasting = self.replaced.is_none() && self.out.try_exists()?;
            fs::rename(content, &self.out)?;
            self.named = !lasting;
        } else {
            name_new(&content, &self.out)?;
            self.named = true;
        }
        Ok(())
    }

    fn name_folder(&mut self) -> Result<(), Error> {
        sync_folder(self.part.path())?;
        // A folder cannot be renamed onto another one that has files.
        if self.force && self.out.exists() {
            let old = part::beside(&self.out, "old")?;
            fs::rename(&self.out, &old)?;
            self.replaced = Some(old.clone());
            // It is checked under the name that nobody else uses: what came in meanwhile is not thrown away.
            if !self.makes.made(&old)? {
                return Err(taken(&self.out, MORE_THAN_OUTPUT)); // and is put back
            }
        }
        self.part.rename(&self.out)?;
        self.named = true;
        Ok(())
    }

    /// Restores the state before; what fails here too is beyond help.
    fn take_back(&mut self) {
        let named = std::mem::take(&mut self.named);
        match self.replaced.take() {
            Some(old) if self.single => drop(fs::rename(old, &self.out)),
            None if self.single && named => drop(fs::remove_file(&self.out)),
            None if self.single => {}
            old => {
                self.part.take_back(&self.out);
                let _ = old.map(|old| fs::rename(old, &self.out));
            }
        }
    }

    /// Returns the path of the one file in the staging directory.
    fn content(&self) -> Result<PathBuf, Error> {
        let name = self.out.file_name().ok_or(io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.part.path().join(name))
    }
}

/// Restores old output after a command was killed while it replaced it: it gets its name back, or is removed.
fn restore(out: &Path) -> io::Result<()> {
    let old = part::beside(out, "old")?;
    match (old.try_exists()?, out.try_exists()?) {
        (false, _) => Ok(()),
        (true, _) if !is_output(&old)? => Err(part::strange(&old)),
        (true, false) => fs::rename(&old, out),
        (true, true) => remove(&old),
    }
}

/// Gives a file a second name that is free. What has appeared under that name meanwhile is not replaced.
fn name_new(file: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(file, name) {
        // File systems without links: the moment between question and rename is theirs.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !name.try_exists()? => {
            fs::rename(file, name)
        }
        linked => linked,
    }
}

/// Refuses a name that is taken. `--force` takes it only from earlier output of the same command.
fn require_free(path: &Path, force: bool, makes: Makes) -> Result<(), Error> {
    // First whether it is there, then whether it may be replaced.
    let there =
        || Ok::<_, io::Error>(if path.try_exists()? { Some(force && makes.made(path)?) } else { None });
    let problem = match there() {
        Ok(None | Some(true)) => return Ok(()),
        Ok(Some(false)) if !force => "is there already; --force replaces earlier output",
        Ok(Some(false)) => MORE_THAN_OUTPUT,
        Err(error) => return Err(Error::from(error).at(path.display().to_string())),
    };
    Err(taken(path, problem))
}

const MORE_THAN_OUTPUT: &str = "is there, and more than earlier output of this command; nothing is replaced";

fn taken(path: &Path, problem: &'static str) -> Error {
    let taken = io::Error::new(io::ErrorKind::AlreadyExists, problem);
    Error::from(taken).at(path.display().to_string())
}

/// Whether a folder that a killed command left beside an output holds only output. The output may be of any command.
fn is_output(path: &Path) -> io::Result<bool> {
    use Makes::{
        Cache, CrossChecks, Delta, Handshakes, Kept, Known, Links, Manifest, Notices, OwnRequest, Page,
        Referral, Requests, Result, Set, Sets, Statement, Trails, Unanswered,
    };
    let files = [Manifest, Known, Page, Set, Delta, Statement, Cache, OwnRequest, Unanswered];
    let folders = [Sets, Kept, Handshakes, Result, Notices, CrossChecks, Links, Trails, Referral, Requests];
    #[cfg(feature = "custodian")]
    let files = files.into_iter().chain([Makes::Ceremony, Makes::Custody, Makes::Steps, Makes::Evaluations]);
    for makes in files.into_iter().chain(folders) {
        if makes.made(path)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes a file or folder, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in a folder durable (POSIX asks for it; elsewhere folders cannot be opened).
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
