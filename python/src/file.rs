//! Files: written whole or not at all, signed and sealed as the round asks.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::NamedTempFile;
use veilmatch::container::{FileHeader, FileType, HEADER_LEN, open_regular};
use veilmatch::round::identity::Identity;
use veilmatch::round::log::Digesting;
use veilmatch::round::seal;
use veilmatch::round::seal::passphrase::{Passphrase, unprotect};
use veilmatch::terms::{ContentDigest, PublicKeys, SealKey};
use veilmatch::{Error, Metadata, Round};
use zeroize::Zeroizing;

/// Writes a file under its name once it is complete, for its owner alone (mode 0600 on Unix), sealed if there is a key.
pub(crate) fn write(
    path: &Path,
    overwrite: bool,
    recipient: Option<&SealKey>,
    content: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let written = || {
        let folder = folder_of(path);
        if !overwrite && path.symlink_metadata().is_ok() {
            return Err(taken());
        }
        let mut part = NamedTempFile::new_in(folder)?;
        let mut out = BufWriter::with_capacity(1 << 18, &mut part);
        match recipient {
            None => content(&mut out)?,
            Some(key) => {
                let mut sealer = seal::seal(key, &mut out)?;
                content(&mut sealer)?;
                sealer.finish()?;
            }
        }
        out.flush()?;
        drop(out);
        part.as_file().sync_all()?;
        let named = if overwrite { part.persist(path) } else { part.persist_noclobber(path) };
        named.map_err(|failed| match failed.error.kind() {
            io::ErrorKind::AlreadyExists => taken(),
            _ => failed.error.into(),
        })?;
        if cfg!(unix) { Ok(File::open(folder)?.sync_all()?) } else { Ok(()) }
    };
    written().map_err(|error: Error| error.at(path.display().to_string()))
}

/// Returns the folder in which a file lies, or is to lie.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn taken() -> Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "is there already; overwrite=True replaces it").into()
}

/// Reads a file of a round, or of no round, and turns its bytes into `T`. Its header decides before the rest is read.
pub(crate) fn read<T>(
    path: &Path,
    file_type: FileType,
    round: Option<&Round>,
    identity: Option<&Identity>,
    parse: impl FnOnce(Vec<u8>) -> Result<T, Error>,
) -> Result<T, Error> {
    let read = begin(path).and_then(|(sealed, file)| opened(file, sealed, file_type, round, identity));
    read.and_then(parse).map_err(|error| error.at(path.display().to_string()))
}

/// Reads a file of a round as [`read`] does, and returns the digest of the file as it lies there, if it is sealed.
pub(crate) fn read_sealed<T>(
    path: &Path,
    file_type: FileType,
    round: &Round,
    identity: Option<&Identity>,
    parse: impl FnOnce(Vec<u8>) -> Result<T, Error>,
) -> Result<(T, Option<ContentDigest>), Error> {
    let read = || {
        let (sealed, file) = begin(path)?;
        let mut file = Digesting::plain(file);
        let parsed = parse(opened(&mut file, sealed, file_type, Some(round), identity)?)?;
        Ok((parsed, sealed.then(|| file.finish()).transpose()?))
    };
    read().map_err(|error: Error| error.at(path.display().to_string()))
}

/// Opens a file, and tells whether it is sealed.
fn begin(path: &Path) -> Result<(bool, impl Read), Error> {
    let mut file = open_regular(path)?;
    let mut beginning = Vec::new();
    Read::by_ref(&mut file).take(seal::MAGIC.len() as u64).read_to_end(&mut beginning)?;
    Ok((seal::is_sealed(&beginning), io::Cursor::new(beginning).chain(file)))
}

fn opened(
    file: impl Read,
    sealed: bool,
    file_type: FileType,
    round: Option<&Round>,
    identity: Option<&Identity>,
) -> Result<Vec<u8>, Error> {
    if !sealed && round.is_some_and(|round| !round.is_trial()) {
        return Err(Error::Seal { problem: "expected a sealed file: this round is signed and sealed" });
    }
    if !sealed {
        return content(file, file_type, round);
    }
    let identity = identity.ok_or(Error::Identity { problem: "expected identity=: the file is sealed" })?;
    content(seal::open(identity, file)?, file_type, round)
}

fn content(mut file: impl Read, file_type: FileType, round: Option<&Round>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(HEADER_LEN);
    Read::by_ref(&mut file).take(HEADER_LEN as u64).read_to_end(&mut bytes)?;
    let header = FileHeader::read(&bytes, file_type)?;
    if let Some(round) = round {
        round.admit_header(&header)?;
        match file_type {
            FileType::Statement => header.metadata().require_made(now())?, // an authority's work goes on after the round
            _ => header.metadata().require_current(now())?,
        }
    }
    // One byte more than expected, so that the reader of the file sees that there is more.
    let rest = (header.file_len() + 1).saturating_sub(bytes.len() as u64);
    file.take(rest).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Who signs a file of a round: nobody in a trial, else whoever the round lists for its maker.
pub(crate) fn signer<'a>(
    listed: Option<&PublicKeys>,
    identity: Option<&'a Identity>,
    whose: &str,
) -> Result<Option<&'a Identity>, Error> {
    let problem = match (listed, identity) {
        (None, None) => return Ok(None),
        (Some(keys), Some(identity)) if identity.public_keys() == *keys => return Ok(Some(identity)),
        (None, Some(_)) => {
            "the round is a trial, in which nothing is signed or sealed; without identity= it goes on"
        }
        (Some(_), None) => "expected identity=: this round is signed and sealed",
        (Some(_), Some(_)) => {
            "these are not the keys that the round lists: is identity= of this name, and round= the manifest that was agreed?"
        }
    };
    Err(Error::Identity { problem }.at(whose))
}

/// The longest file of public keys that is read, as in the program.
const PUBLIC_KEYS: u64 = 512;

/// Reads a file of public keys.
pub(crate) fn public_keys(path: &Path) -> Result<PublicKeys, Error> {
    let read = || {
        let mut bytes = Vec::new();
        open_regular(path)?.take(PUBLIC_KEYS).read_to_end(&mut bytes)?;
        std::str::from_utf8(&bytes).unwrap_or_default().parse()
    };
    read().map_err(|error: Error| error.at(path.display().to_string()))
}

/// Returns the metadata of a file of this round, made now.
pub(crate) fn metadata(round: &Round) -> Result<Metadata, Error> {
    let manifest = round.manifest();
    Ok(Metadata {
        created: created()?,
        not_before: manifest.not_before,
        not_after: manifest.not_after,
        purpose: manifest.purpose.clone(),
        log: None,
    })
}

/// Returns the present time, or the date in the past that `SOURCE_DATE_EPOCH` has, as the program does.
fn created() -> Result<u64, Error> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(now()) };
    let fixed: Option<u64> = text.to_str().and_then(|text| text.parse().ok());
    fixed.filter(|fixed| *fixed <= now()).ok_or_else(|| {
        let problem = "expected seconds since 1970 up to now; without the variable files are dated now";
        Error::from(io::Error::new(io::ErrorKind::InvalidInput, problem)).at("SOURCE_DATE_EPOCH")
    })
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns the text of a key file, which a passphrase may protect.
pub(crate) fn unwrapped(
    bytes: Zeroizing<Vec<u8>>,
    passphrase: Option<&str>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    match (seal::is_sealed(&bytes), passphrase) {
        (false, _) => Ok(bytes),
        (true, None) => {
            Err(Error::Passphrase { problem: "expected passphrase=: the file is protected by one" })
        }
        (true, Some(text)) => unprotect(&bytes, &Passphrase::new(text)?),
    }
}
