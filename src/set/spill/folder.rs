//! The temporary folder: its files belong to their owner alone, and go away with it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::container::ReadAt;
use crate::container::read_at::OnDisk;
use crate::error::Error;

/// A place where runs are kept.
pub(crate) trait Store: Send + Sync {
    /// Creates a new file.
    fn create(&self, name: &str) -> io::Result<Box<dyn Write + Send>>;

    /// Opens a file that was written.
    fn open(&self, name: &str) -> io::Result<Box<dyn ReadAt>>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Returns the name of a file in errors.
    fn name_of(&self, name: &str) -> String;
}

/// A folder of this process.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder; one that an earlier process left is emptied first.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let create = || {
            match fs::symlink_metadata(path) {
                Ok(metadata) if metadata.is_dir() => remove_left(path)?,
                Ok(_) => return Err(ErrorKind::NotADirectory.into()),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(path)
        };
        create().map_err(|error| Error::from(error).at(path.display().to_string()))?;
        Ok(Self(path.to_owned()))
    }
}

/// Removes a folder of runs, and refuses one with anything else in it.
fn remove_left(path: &Path) -> io::Result<()> {
    let mut runs = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let is_run = entry.file_name().to_str().is_some_and(is_name_of_run);
        if !is_run || !entry.file_type()?.is_file() {
            let problem = "is there, and more than an earlier run left; nothing is removed";
            return Err(io::Error::new(ErrorKind::AlreadyExists, problem));
        }
        runs.push(entry.path());
    }
    runs.into_iter().try_for_each(fs::remove_file)?;
    fs::remove_dir(path)
}

/// Whether a name is `run-` and a number.
fn is_name_of_run(name: &str) -> bool {
    name.strip_prefix("run-").is_some_and(|number| number.parse::<u64>().is_ok())
}

impl Store for Folder {
    fn create(&self, name: &str) -> io::Result<Box<dyn Write + Send>> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Box::new(options.open(self.0.join(name))?))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn ReadAt>> {
        Ok(Box::new(OnDisk::new(File::open(self.0.join(name))?)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn name_of(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = remove_left(&self.0);
    }
}
