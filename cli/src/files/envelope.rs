//! Signs, seals and opens the files of a round.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use veilmatch::container::{FileHeader, FileType, HEADER_LEN, open_regular};
use veilmatch::round::identity::Identity;
use veilmatch::round::log::Digesting;
use veilmatch::round::seal;
use veilmatch::round::seal::Sealer;
use veilmatch::terms::{ContentDigest, SealKey};
use veilmatch::trail::Links;
use veilmatch::{Error, Round, TokenSet};

use crate::files::bounded;
use crate::output::{Output, has_open_tokens, unnamed_file};
use crate::session::{Session, now};

/// Writes a file sealed to the recipient's key; in a trial it writes the file as it is.
pub(crate) fn sealed(
    recipient: Option<&SealKey>,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    match recipient {
        None => write(out),
        Some(key) => {
            let mut sealer = seal::seal(key, out)?;
            write(&mut sealer)?;
            sealer.finish()?;
            Ok(())
        }
    }
}

/// A file that is being written to one recipient, sealed, or as it is in a trial. Several can be written at a time.
pub(crate) enum Envelope {
    Open(Box<Output>),
    Sealed(Box<Sealer<Output>>),
}

impl Envelope {
    pub(crate) fn begin(recipient: Option<&SealKey>, out: Output) -> Result<Self, Error> {
        Ok(match recipient {
            None => Self::Open(Box::new(out)),
            Some(key) => Self::Sealed(Box::new(seal::seal(key, out)?)),
        })
    }

    pub(crate) fn finish(self) -> Result<Output, Error> {
        match self {
            Self::Open(out) => Ok(*out),
            Self::Sealed(sealer) => sealer.finish(),
        }
    }
}

impl Write for Envelope {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Open(out) => out.write(bytes),
            Self::Sealed(sealer) => sealer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Open(out) => out.flush(),
            Self::Sealed(sealer) => sealer.flush(),
        }
    }
}

/// Refuses, by its header, a file that the round cannot use, or cannot use now.
pub(crate) fn judge(round: &Round, header: &FileHeader) -> Result<(), Error> {
    round.admit_header(header)?;
    header.metadata().require_current(now())
}

/// Returns the first page of a file, or as much of it as there is.
pub(crate) fn page(file: impl Read) -> Result<Vec<u8>, Error> {
    let mut page = Vec::with_capacity(HEADER_LEN);
    file.take(HEADER_LEN as u64).read_to_end(&mut page)?;
    Ok(page)
}

pub(crate) fn starts_sealed(path: &Path) -> io::Result<bool> {
    Ok(seal::is_sealed(&beginning(path)?))
}

/// Returns the first bytes of a file; they tell its type.
pub(crate) fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    open_regular(path)?.take(BEGINNING).read_to_end(&mut beginning)?;
    Ok(beginning)
}

/// The number of bytes that are read: more than any first line.
const BEGINNING: u64 = 64;

/// Opens the links of a member. They stay on disk: sealed ones are opened into `scratch`, a file of its owner alone that
/// loses its name as soon as it is open.
pub(crate) fn open_links(
    session: &mut Session,
    path: &Path,
    round: &Round,
    scratch: PathBuf,
) -> Result<Links, Error> {
    let named = |error: Error| error.at(path.display().to_string());
    if !path.is_file() {
        let parse = |bytes: &[u8]| Links::from_source(Box::new(bytes.to_vec()), "the links");
        return read_as(session, path, round, FileType::Links, parse); // it can be read only once
    }
    if !starts_sealed(path).map_err(|error| named(error.into()))? && round.is_trial() {
        let page = page(open_regular(path).map_err(|error| named(error.into()))?);
        page.and_then(|page| judge(round, &FileHeader::read(&page, FileType::Links)?)).map_err(named)?;
        session.state_input(path, |out| {
            io::copy(&mut open_regular(path)?, out)?;
            Ok(())
        })?;
        return Links::open(path);
    }
    let (file, stated) = session.opener().unseal(path, round, FileType::Links, scratch).map_err(named)?;
    session.state(path, stated)?;
    Links::from_file(file, path.display().to_string())
}

/// Opens a request of a member, or what a custodian answers, into `scratch`: a file of its owner alone that loses its name as
/// soon as it is open. It must be sealed.
#[cfg(any(feature = "custodian", feature = "member"))]
pub(crate) fn open_sealed(
    session: &mut Session,
    path: &Path,
    round: &Round,
    file_type: FileType,
    scratch: PathBuf,
) -> Result<File, Error> {
    let (file, stated) = session.opener().unseal(path, round, file_type, scratch)?;
    session.state(path, stated)?;
    Ok(file)
}

/// How the run record is to state a file that was read.
pub(crate) enum Stated {
    /// There is no record.
    Not,
    /// By the digest of the file as it lies there.
    Digest(ContentDigest),
    /// By a digest under a nonce: the file has tokens that are not sealed.
    OpenDigest(ContentDigest),
}

/// Opens files on any thread: what this takes of the session.
pub(crate) struct Opener {
    pub(crate) identity: Option<Arc<Identity>>,
    /// Whether files are digested, for the run record.
    pub(crate) digested: bool,
}

impl Opener {
    /// Opens a sealed file into another one.
    pub(crate) fn unseal(
        &self,
        path: &Path,
        round: &Round,
        file_type: FileType,
        scratch: PathBuf,
    ) -> Result<(File, Stated), Error> {
        let mut sealed = AsItLies::new(self.digested, open_regular(path)?);
        let mut opened = seal::open(self.identity()?, &mut sealed)?;
        let page = page(&mut opened)?;
        let header = FileHeader::read(&page, file_type)?;
        judge(round, &header)?;
        let mut scratch = unnamed_file(&scratch)?;
        scratch.write_all(&page)?;
        // One byte more than expected is read, to see whether there is more.
        let rest = header.file_len() - page.len() as u64;
        io::copy(&mut opened.by_ref().take(rest + 1), &mut scratch)?;
        drop(opened);
        Ok((scratch, sealed.finish()?.map_or(Stated::Not, Stated::Digest)))
    }

    fn identity(&self) -> Result<&Identity, Error> {
        let problem = "expected --identity: the file is sealed";
        self.identity.as_deref().ok_or(Error::Identity { problem })
    }
}

/// Reads a file of a round. It must be sealed unless the round is a trial. Its header decides before the rest is read.
pub(crate) fn read_as<T>(
    session: &mut Session,
    path: &Path,
    round: &Round,
    file_type: FileType,
    parse: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    read_if(session, path, round, file_type, |header| judge(round, header), parse)
}

/// Reads a file of a round if `judge` accepts its header.
pub(crate) fn read_if<T>(
    session: &mut Session,
    path: &Path,
    round: &Round,
    file_type: FileType,
    judge: impl FnOnce(&FileHeader) -> Result<(), Error>,
    parse: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut file = Streamed::open(session, path, round)?;
    let parsed = file.parsed(file_type, judge, parse)?;
    file.finish(session)?;
    Ok(parsed)
}

/// Reads a file of a round as [`read_as`] does, and returns the digest of the file as it lies there, if it is sealed.
#[cfg(feature = "member")]
pub(crate) fn read_sealed_as<T>(
    session: &mut Session,
    path: &Path,
    round: &Round,
    file_type: FileType,
    parse: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<(T, Option<ContentDigest>), Error> {
    let opener = Opener { digested: true, ..session.opener() };
    let mut file = Streamed::open_by(&opener, path, |sealed| require_sealed(round, sealed))?;
    let sealed = file.is_sealed();
    let parsed = file.parsed(file_type, |header| judge(round, header), parse)?;
    let digest = file.finish(session)?;
    Ok((parsed, digest.filter(|_| sealed)))
}

/// Reads the header of a file of a round, and nothing that follows.
pub(crate) fn read_header(
    session: &Session,
    path: &Path,
    round: &Round,
    file_type: FileType,
) -> Result<FileHeader, Error> {
    FileHeader::read(&page(Streamed::open(session, path, round)?)?, file_type)
}

/// Refuses a file that is not sealed, unless the round is a trial.
pub(crate) fn require_sealed(round: &Round, sealed: bool) -> Result<(), Error> {
    if sealed || round.is_trial() {
        return Ok(());
    }
    Err(Error::Seal { problem: "expected a sealed file: this round is signed and sealed" })
}

/// A file of a round that is read in one sweep. It is opened if it is sealed, and never held in memory.
pub(crate) struct Streamed {
    path: PathBuf,
    content: Box<dyn Read>,
    raw: Raw,
    sealed: bool,
    /// Whether the file has tokens that are not sealed. If its beginning is too short to tell, the answer is yes.
    has_open_tokens: bool,
    /// Length of the file as it lies on disk; standard input has none.
    len: Option<u64>,
}

/// The file as it lies on disk.
#[derive(Clone)]
struct Raw(Rc<RefCell<AsItLies<Source>>>);

/// A file or standard input.
type Source = io::BufReader<Box<dyn Read>>;

/// A reader that digests its bytes if a run record is kept. Digesting costs a tenth of the time of matching.
enum AsItLies<R> {
    Digested(Box<Digesting<R>>),
    Plain(R),
}

impl<R: Read> AsItLies<R> {
    fn new(digested: bool, reader: R) -> Self {
        match digested {
            true => Self::Digested(Box::new(Digesting::plain(reader))),
            false => Self::Plain(reader),
        }
    }

    /// Reads what is left. Returns the digest of all bytes that were read, if one was made.
    fn finish(self) -> Result<Option<ContentDigest>, Error> {
        match self {
            Self::Digested(reader) => reader.finish().map(Some),
            Self::Plain(mut reader) => {
                io::copy(&mut reader, &mut io::sink())?;
                Ok(None)
            }
        }
    }
}

impl<R: Read> Read for AsItLies<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Digested(reader) => reader.read(buffer),
            Self::Plain(reader) => reader.read(buffer),
        }
    }
}

impl Streamed {
    pub(crate) fn open(session: &Session, path: &Path, round: &Round) -> Result<Self, Error> {
        Self::open_if(session, path, |sealed| require_sealed(round, sealed))
    }

    /// Opens any file; `require` is told whether the file is sealed.
    pub(crate) fn open_if(
        session: &Session,
        path: &Path,
        require: impl FnOnce(bool) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        Self::open_by(&session.opener(), path, require)
    }

    /// Opens any file, on any thread.
    pub(crate) fn open_by(
        opener: &Opener,
        path: &Path,
        require: impl FnOnce(bool) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let open = || {
            let (file, len) = bounded::open(path)?;
            let mut file = io::BufReader::with_capacity(1 << 18, file);
            let beginning = io::BufRead::fill_buf(&mut file)?;
            let sealed = seal::is_sealed(beginning);
            let is_short = beginning.len() < BEGINNING as usize;
            let has_open_tokens = !sealed && (is_short || has_open_tokens(beginning));
            require(sealed)?;
            let raw = Raw(Rc::new(RefCell::new(AsItLies::new(opener.digested, file))));
            let content: Box<dyn Read> = match sealed {
                false => Box::new(raw.clone()),
                true => Box::new(seal::open(opener.identity()?, raw.clone())?),
            };
            Ok(Self { path: path.to_owned(), content, raw, sealed, has_open_tokens, len })
        };
        open().map_err(|error: Error| error.at(path.display().to_string()))
    }

    pub(crate) fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// Reads the whole file, if `judge` accepts its header.
    fn parsed<T>(
        &mut self,
        file_type: FileType,
        judge: impl FnOnce(&FileHeader) -> Result<(), Error>,
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut content = page(&mut *self)?;
        let parsed = || {
            let header = FileHeader::read(&content, file_type)?;
            judge(&header)?;
            self.read_rest(&header, &mut content)?;
            parse(&content)
        };
        parsed().map_err(|error: Error| error.at(self.path.display().to_string()))
    }

    /// Reads the whole file of a set, if `judge` accepts its header.
    pub(crate) fn set(
        &mut self,
        judge: impl FnOnce(&FileHeader) -> Result<(), Error>,
    ) -> Result<TokenSet, Error> {
        let page = page(&mut *self)?;
        let len = self.len.unwrap_or(0);
        let read = || {
            let header = FileHeader::read(&page, FileType::Set)?;
            judge(&header)?;
            self.require_length(&header)?;
            TokenSet::read(page.chain(&mut *self), len)
        };
        read().map_err(|error: Error| error.at(self.path.display().to_string()))
    }

    /// Refuses a file that is not sealed and not as long as its header tells.
    fn require_length(&self, header: &FileHeader) -> Result<(), Error> {
        match self.len.filter(|len| !self.sealed && *len != header.file_len()) {
            None => Ok(()),
            Some(offset) => {
                Err(Error::Format { offset, expected: "exactly the length that the header tells" })
            }
        }
    }

    /// Reads what follows the page with the header; the header tells how long the file is.
    pub(crate) fn read_rest(&mut self, header: &FileHeader, content: &mut Vec<u8>) -> Result<(), Error> {
        self.require_length(header)?;
        let told = header.file_len();
        // Records ascend, so no page of records is zero: a sparse file is refused at its first hole, whatever its
        // header tells. A bitmap may have zero pages.
        let has_holes = |bytes: &[u8]| {
            let mut pages = bytes.chunks_exact(HEADER_LEN);
            header.file_type() != FileType::Prefilter && pages.any(|page| page.iter().all(|byte| *byte == 0))
        };
        // One byte more than expected is read, to see whether there is more.
        let end = told + 1;
        loop {
            let from = content.len();
            if self.take(bounded::PIECE.min(end - from as u64)).read_to_end(content)? == 0 {
                return Ok(());
            }
            if has_holes(&content[from..]) {
                let expected = "tokens in ascending order, each once";
                return Err(Error::Format { offset: from as u64, expected });
            }
            // Room is made only for what the disk shows to be there.
            let room = end.min(self.len.unwrap_or(0)).saturating_sub(content.len() as u64);
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            content.try_reserve_exact(room).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        }
    }

    /// States the file in the run record, once all of it is valid. Returns the digest of the file as it lies there, if one
    /// was made.
    pub(crate) fn finish(self, session: &mut Session) -> Result<Option<ContentDigest>, Error> {
        let path = self.path.clone();
        let (stated, digest) = self.close()?;
        session.state(&path, stated)?;
        Ok(digest)
    }

    /// Reads what is left; returns how the file is to be stated, and its digest if one was made.
    pub(crate) fn close(self) -> Result<(Stated, Option<ContentDigest>), Error> {
        let Self { path, content, raw, has_open_tokens, .. } = self;
        drop(content);
        let raw = Rc::into_inner(raw.0).expect("what held it besides is gone").into_inner();
        let digest = raw.finish().map_err(|error| error.at(path.display().to_string()))?;
        let stated = match digest {
            Some(digest) if has_open_tokens => Stated::OpenDigest(digest),
            Some(digest) => Stated::Digest(digest),
            None => Stated::Not,
        };
        Ok((stated, digest))
    }
}

impl Read for Streamed {
    /// Reads, and names the file in errors: the caller does not know the name.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer).map_err(|error| {
            let (kind, name) = (error.kind(), self.path.display().to_string());
            io::Error::new(kind, Error::from(error).at(name))
        })
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}
