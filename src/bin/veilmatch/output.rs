//! Output appears under its name when it is complete, or not at all.
//!
//! A file or folder is made under a name beside its own, `.NAME.part`, synced and renamed. What a killed command
//! left under that name is removed by the next one. Old output survives until the new one is complete. The run
//! record is written before the rename: no output has its name without a line.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use veilmatch::domain::ContentDigest;
use veilmatch::{Error, Round};

/// A file that was written, for the run record.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) path: PathBuf,
    pub(crate) digest: ContentDigest,
}

/// Output that is complete and waits for its name.
pub(crate) struct Pending {
    out: PathBuf,
    part: PathBuf,
    force: bool,
    pub(crate) written: Vec<Written>,
}

impl Pending {
    fn new(out: &Path, force: bool) -> Result<Self, Error> {
        require_free(out, force)?;
        let begin = || {
            let (part, old) = (beside(out, "part")?, beside(out, "old")?);
            if old.exists() && !out.exists() {
                fs::rename(&old, out)?; // a kill between the two renames of `publish`
            }
            remove(&part)?;
            remove(&old)?;
            Ok(part)
        };
        let part = begin().map_err(|error: io::Error| Error::from(error).at(out.display().to_string()))?;
        Ok(Self { out: out.to_owned(), part, force, written: Vec::new() })
    }

    /// One file.
    pub(crate) fn file(
        out: &Path,
        force: bool,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let mut file = Self::new(out, force)?;
        let digest = create(&file.part, write).map_err(|error| error.at(out.display().to_string()))?;
        file.written.push(Written { path: out.to_owned(), digest });
        Ok(file)
    }

    /// A folder to be filled.
    pub(crate) fn folder(out: &Path, force: bool) -> Result<Self, Error> {
        let folder = Self::new(out, force)?;
        let made = fs::create_dir(&folder.part).and_then(|()| private(&folder.part));
        made.map_err(|error| Error::from(error).at(out.display().to_string()))?;
        Ok(folder)
    }

    /// Writes one file of the folder.
    pub(crate) fn write(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let path = self.out.join(name);
        let digest = create(&self.part.join(name), write).map_err(|e| e.at(path.display().to_string()))?;
        self.written.push(Written { path, digest });
        Ok(())
    }

    /// Gives it its name.
    pub(crate) fn publish(self) -> Result<(), Error> {
        let publish = || {
            let old = beside(&self.out, "old")?;
            if self.part.is_dir() {
                sync_folder(&self.part)?;
                // A folder cannot be renamed onto another one.
                if self.force && self.out.exists() {
                    fs::rename(&self.out, &old)?;
                }
            }
            fs::rename(&self.part, &self.out)?;
            sync_folder(parent(&self.out))?;
            remove(&old)
        };
        publish().map_err(|error| Error::from(error).at(self.out.display().to_string()))
    }
}

impl Drop for Pending {
    /// What was not published goes away; of what was, nothing is left under this name.
    fn drop(&mut self) {
        let _ = remove(&self.part);
    }
}

/// Refuses a name that is taken; `--force` takes it from earlier output alone.
fn require_free(path: &Path, force: bool) -> Result<(), Error> {
    let problem = match path.try_exists() {
        Ok(false) => return Ok(()),
        Ok(true) if !force => "is there already; --force replaces earlier output",
        Ok(true) if is_output(path).unwrap_or(false) => return Ok(()),
        Ok(true) => "is there, and more than earlier output of this program; nothing is replaced",
        Err(error) => return Err(Error::from(error).at(path.display().to_string())),
    };
    let taken = io::Error::new(io::ErrorKind::AlreadyExists, problem);
    Err(Error::from(taken).at(path.display().to_string()))
}

/// Whether it is a manifest, or a folder of sets, handshakes, shares and a report.
fn is_output(path: &Path) -> io::Result<bool> {
    if !path.is_dir() {
        return Ok(Round::from_bytes(&fs::read(path)?).is_ok());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        let ours = name == Path::new("report.json")
            || name.extension().is_some_and(|found| ["vms", "vmh", "vsh"].iter().any(|of| found == *of));
        if !ours || !entry.file_type()?.is_file() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A new file of its owner alone, synced, with the digest of what was written.
fn create(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<ContentDigest, Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let mut out = Digesting { out: BufWriter::with_capacity(1 << 18, file), context: Context::new(&SHA256) };
    write(&mut out)?;
    let file = out.out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let mut digest = ContentDigest([0; 32]);
    digest.0.copy_from_slice(out.context.finish().as_ref());
    Ok(digest)
}

/// SHA-256 of a whole file.
pub(crate) fn digest_of(bytes: &[u8]) -> ContentDigest {
    let mut digest = ContentDigest([0; 32]);
    digest.0.copy_from_slice(ring::digest::digest(&SHA256, bytes).as_ref());
    digest
}

/// Digests what passes through.
struct Digesting<W> {
    out: W,
    context: Context,
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.context.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `.NAME.WORD` beside a path.
fn beside(path: &Path, word: &str) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::Error::new(io::ErrorKind::InvalidInput, "expected a name"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(".");
    hidden.push(word);
    Ok(path.with_file_name(hidden))
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

#[cfg(unix)]
fn private(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> io::Result<()> {
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes names in a folder last (POSIX asks for it; elsewhere folders cannot be opened).
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
