//! New files: output, and files that a command needs meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use veilmatch::Error;
use veilmatch::terms::ContentDigest;

use super::{Written, has_open_tokens};

/// A new file that only its owner can read. It is digested as it is written, if a run record is to state it.
pub(crate) struct Output {
    /// The name that the file will have.
    path: PathBuf,
    out: BufWriter<File>,
    context: Option<Context>,
    /// The first bytes, which tell the type of the file.
    beginning: Vec<u8>,
}

/// The number of bytes that are kept: more than any first line.
const BEGINNING: usize = 64;

impl Output {
    pub(super) fn create(part: &Path, path: PathBuf, digested: bool) -> Result<Self, Error> {
        match new_file(part) {
            Ok(file) => {
                let out = BufWriter::with_capacity(1 << 17, file);
                let context = digested.then(|| Context::new(&SHA256));
                Ok(Self { path, out, context, beginning: Vec::new() })
            }
            Err(error) => Err(Error::from(error).at(path.display().to_string())),
        }
    }

    /// Adds to an error the name of the file.
    pub(crate) fn named(&self, error: Error) -> Error {
        error.at(self.path.display().to_string())
    }

    pub(super) fn sync(self) -> Result<Written, Error> {
        let Self { path, out, context, beginning } = self;
        let synced =
            out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all());
        synced.map_err(|error| Error::from(error).at(path.display().to_string()))?;
        let digest = context.map(|context| {
            let mut digest = ContentDigest([0; 32]);
            digest.0.copy_from_slice(context.finish().as_ref());
            digest
        });
        Ok(Written { path, digest, has_open_tokens: has_open_tokens(&beginning) })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.context.iter_mut().for_each(|context| context.update(&bytes[..written]));
        let left = BEGINNING - self.beginning.len();
        self.beginning.extend_from_slice(&bytes[..written.min(left)]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a file, for its owner alone, that a command needs meanwhile. It has no name, so it goes away with the process,
/// however that ends. On systems other than Unix it keeps its name, and is removed with the folder in which it lies.
pub(crate) fn unnamed_file(path: &Path) -> Result<File, Error> {
    let unnamed = || {
        let file = new_file(path)?;
        if cfg!(unix) {
            fs::remove_file(path)?;
        }
        Ok(file)
    };
    unnamed().map_err(|error: io::Error| Error::from(error).at(path.display().to_string()))
}
