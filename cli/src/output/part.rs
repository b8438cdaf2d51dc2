//! The staging directory, in which output is made: `.NAME.part` beside the output's name. One command at a time holds
//! it.
//!
//! If two commands made the same output at once, each could give the other's files a name. A command that is killed
//! leaves the directory, but not its hold: the next command removes what was left. A directory that is not a leftover
//! of this program is never removed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::output::KEPT;

/// A staging directory that this command has made and holds. It is removed with this value, unless it was given a name.
pub(crate) struct Part {
    path: PathBuf,
    /// Keeps other commands out until it is closed.
    _held: Option<File>,
    named: bool,
}

impl Part {
    /// Makes the staging directory beside `out`, for its owner alone.
    pub(crate) fn beside(out: &Path) -> io::Result<Self> {
        let path = beside(out, "part")?;
        remove_leftover(&path, out)?;
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        let held = hold(&path).inspect_err(|error| {
            // The directory is still empty, and nobody else's.
            if error.kind() != io::ErrorKind::WouldBlock {
                let _ = fs::remove_dir(&path);
            }
        })?;
        Ok(Self { path, _held: held, named: false })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a place in the directory for what the command needs meanwhile.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.path.join(format!("{SCRATCH}{name}"))
    }

    /// Gives the directory its final name. Nothing is left to remove then, and another command may use the old name by
    /// now.
    pub(crate) fn rename(&mut self, out: &Path) -> io::Result<()> {
        fs::rename(&self.path, out)?;
        self.named = true;
        Ok(())
    }

    /// Takes the final name away again.
    pub(crate) fn take_back(&mut self, out: &Path) {
        self.named = self.named && fs::rename(out, &self.path).is_err();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes what a killed command left, and refuses anything else with that name.
fn remove_leftover(path: &Path, out: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.is_dir() => return Err(strange(path)),
        Ok(_) => {}
    }
    let _held = hold(path)?;
    if !has_only_ours(path, out.file_name())? {
        return Err(strange(path));
    }
    fs::remove_dir_all(path)
}

/// Whether this is a staging directory in a folder of sets that a killed screening has left and nobody holds.
pub(crate) fn is_leftover(path: &Path) -> io::Result<bool> {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let Some(name) = name.strip_prefix('.').and_then(|name| name.strip_suffix(".part")) else {
        return Ok(false);
    };
    if !fs::symlink_metadata(path)?.is_dir() {
        return Ok(false);
    }
    let _held = hold(path)?;
    has_only_ours(path, Some(OsStr::new(name)))
}

fn has_only_ours(part: &Path, out: Option<&OsStr>) -> io::Result<bool> {
    for entry in fs::read_dir(part)? {
        let entry = entry?;
        let name = entry.file_name();
        let ours = is_name_of_output(&name) || name == KEPT || is_name_of_share(&name) || Some(&*name) == out;
        let ours = ours || is_half_written(&name);
        let ours = match entry.file_type()? {
            found if found.is_file() => ours || is_scratch(&name),
            found => found.is_dir() && is_scratch(&name) && has_only_runs(&entry.path())?,
        };
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The endings of files in folders that commands make: of rounds, of what custodians answer, and of their ceremony.
const ENDINGS: [&str; 12] =
    ["vms", "vmh", "vsh", "vmn", "vmx", "vmb", "vme", "vmk", "ledger", "custody", "step-1", "step-2"];

/// Whether files in a folder of sets, handshakes, shares and a report may have this name.
fn is_name_of_output(name: &OsStr) -> bool {
    let ending = Path::new(name).extension().and_then(OsStr::to_str);
    ["report.json", "report.html"].iter().any(|report| name == *report)
        || name == "hub-only.json"
        || ending.is_some_and(|found| ENDINGS.contains(&found))
}

/// The first characters of names of what a command needs meanwhile.
const SCRATCH: &str = ".scratch-";

fn is_scratch(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(SCRATCH))
}

/// Whether a set is built in this folder.
fn has_only_runs(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_run = entry.file_name().to_str().is_some_and(|name| {
            name.strip_prefix("run-").is_some_and(|number| number.parse::<u64>().is_ok())
        });
        if !is_run || !entry.file_type()?.is_file() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a keeper's share may have this name, also while it is written.
fn is_name_of_share(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("share-") || name.starts_with(".share-"))
}

/// Whether this is what a custodian keeps, while it is written.
fn is_half_written(name: &OsStr) -> bool {
    let name = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(".part"));
    name.is_some_and(|name| name.ends_with(".vmk") || name.ends_with(".ledger"))
}

/// Keeps other commands out of a folder.
#[cfg(unix)]
fn hold(path: &Path) -> io::Result<Option<File>> {
    use std::fs::TryLockError;
    use std::os::unix::fs::MetadataExt as _;

    let folder = File::open(path)?;
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(busy()),
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Another command may have taken the directory for a leftover before it was held. Then it no longer has the name.
    let of = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    if of(folder.metadata()?) != of(fs::symlink_metadata(path)?) {
        return Err(busy());
    }
    Ok(Some(folder))
}

/// On other systems folders cannot be opened.
#[cfg(not(unix))]
fn hold(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

fn busy() -> io::Error {
    io::Error::new(io::ErrorKind::WouldBlock, "another command is making this output")
}

/// Makes the error of a refusal to remove something.
pub(crate) fn strange(path: &Path) -> io::Error {
    let problem =
        format!("{} is in the way, and no leftover of this program; nothing is removed", path.display());
    io::Error::new(io::ErrorKind::AlreadyExists, problem)
}

/// Returns `.NAME.WORD` beside a path.
pub(crate) fn beside(path: &Path, word: &str) -> io::Result<PathBuf> {
    let name = path.file_name().filter(|_| path != Path::new("-"));
    let name = name.ok_or(io::Error::new(io::ErrorKind::InvalidInput, "expected a name for the output"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(".");
    hidden.push(word);
    Ok(path.with_file_name(hidden))
}
