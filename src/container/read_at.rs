//! Reads the bytes of a file at their positions, by several threads at once, never mapped.

use std::fs::File;
use std::io;
use std::path::Path;
#[cfg(not(unix))]
use std::sync::Mutex;

/// Something of a known size whose bytes can be read at any position: a file, or bytes in memory.
///
/// Implement it for bytes that lie elsewhere; everything read through it is verified.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use std::io;
/// use veilmatch::SetFile;
/// use veilmatch::container::ReadAt;
///
/// /// An object in a store. The store gives any range of its bytes.
/// struct Object(Vec<u8>);
///
/// impl ReadAt for Object {
///     fn size(&self) -> io::Result<u64> {
///         Ok(self.0.len() as u64)
///     }
///     fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
///         self.0.read_exact_at(buffer, offset)
///     }
/// }
///
/// # let mut bytes = Vec::new();
/// # set("bank-a", &[1, 2, 3])?.write_to(&mut bytes)?;
/// let file = SetFile::from_source(Box::new(Object(bytes)), "bank-a.vms")?;
/// assert_eq!(file.len(), 3);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub trait ReadAt: Send + Sync {
    /// Returns the present size in bytes.
    ///
    /// # Errors
    ///
    /// Whatever keeps the size from being known.
    fn size(&self) -> io::Result<u64>;

    /// Fills the buffer with the bytes from `offset` on.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::UnexpectedEof`] where there are fewer bytes; whatever else makes reading fail.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl ReadAt for &[u8] {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let from = usize::try_from(offset).ok().and_then(|offset| self.get(offset..));
        let there = from.and_then(|from| from.get(..buffer.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(there);
        Ok(())
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.as_slice().read_exact_at(buffer, offset)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for std::sync::Arc<T> {
    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        (**self).read_exact_at(buffer, offset)
    }
}

/// A file on disk. If another file is renamed onto its name later, this one stays open.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("example");
/// # std::fs::write(&path, "0123456789")?;
/// use veilmatch::container::{OnDisk, ReadAt};
///
/// let file = OnDisk::new(std::fs::File::open(&path)?);
/// let mut bytes = [0; 3];
/// file.read_exact_at(&mut bytes, 4)?;
/// assert_eq!((file.size()?, &bytes), (10, b"456"));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Debug)]
pub struct OnDisk {
    file: File,
    /// On systems other than Unix, reading at a position moves the one position that a file has.
    #[cfg(not(unix))]
    position: Mutex<()>,
}

impl OnDisk {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(crate::container::opening::open_regular(path)?))
    }

    /// Takes an open file. Nobody else should read it by its own position.
    pub fn new(file: File) -> Self {
        Self {
            file,
            #[cfg(not(unix))]
            position: Mutex::new(()),
        }
    }
}

impl ReadAt for OnDisk {
    fn size(&self) -> io::Result<u64> {
        let metadata = self.file.metadata()?;
        // A pipe has no positions, and a folder has no bytes.
        if metadata.is_file() {
            Ok(metadata.len())
        } else {
            Err(io::Error::other(crate::container::opening::NOT_REGULAR))
        }
    }

    #[cfg(unix)]
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        use std::io::{Read as _, Seek as _};
        let _held = self.position.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut file = &self.file;
        file.seek(io::SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}
