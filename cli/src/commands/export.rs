//! export: a set, overlaps or a share as a table in Parquet.

use std::io::{Read as _, Write};
use std::path::Path;

use veilmatch::container::{FileHeader, FileType, HEADER_LEN};
use veilmatch::{Error, Overlaps, SetFile, Share, TokenSet};

use crate::Failure;
use crate::arguments::Export;
use crate::files::envelope::{Streamed, beginning};
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Export) -> Result<(), Failure> {
    let path = &arguments.file;
    let named = |error: Error| error.at(path.display().to_string());
    let exported = Exported::read(session, path).map_err(named)?;
    session.read_log_nonce()?; // the tokens in the output are open, those in the input may have been sealed
    let file = Pending::file(&arguments.out, session.force, Makes::Table, |out| exported.write(out))?;
    session.result(format_args!("{}: {} tokens", arguments.out.display(), exported.tokens()));
    session.publish(file);
    Ok(())
}

/// What is written as a table.
enum Exported {
    SetFile(SetFile),
    Set(TokenSet),
    Overlaps(Overlaps),
    Share(Share),
}

impl Exported {
    /// Reads a file. The tokens of a set that is not sealed stay on disk.
    fn read(session: &mut Session, path: &Path) -> Result<Self, Error> {
        if path != Path::new("-") && FileType::from_beginning(&beginning(path)?) == Some(FileType::Set) {
            let file = SetFile::open(path)?;
            session.state_input(path, |out| file.copy_to(out))?;
            return Ok(Self::SetFile(file));
        }
        let mut file = Streamed::open_if(session, path, |_| Ok(()))?;
        let mut content = Vec::with_capacity(HEADER_LEN);
        (&mut file).take(HEADER_LEN as u64).read_to_end(&mut content)?;
        let file_type = FileType::from_beginning(&content);
        let wrong = Error::Format { offset: 0, expected: "a set, overlaps or a share" };
        let Some(file_type) = file_type else { return Err(wrong) };
        file.read_rest(&FileHeader::read(&content, file_type)?, &mut content)?;
        let exported = match file_type {
            FileType::Set => Self::Set(TokenSet::from_file_bytes(&content)?),
            FileType::Overlaps => Self::Overlaps(Overlaps::from_file_bytes(&content)?),
            FileType::Share => Self::Share(Share::from_file_bytes(&content)?),
            _ => return Err(wrong),
        };
        file.finish(session)?;
        Ok(exported)
    }

    fn tokens(&self) -> u64 {
        match self {
            Self::SetFile(file) => file.len(),
            Self::Set(set) => set.len() as u64,
            Self::Overlaps(overlaps) => overlaps.len() as u64,
            Self::Share(share) => share.len() as u64,
        }
    }

    fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        match self {
            Self::SetFile(file) => file.write_parquet(out),
            Self::Set(set) => set.write_parquet(out),
            Self::Overlaps(overlaps) => overlaps.write_parquet(out),
            Self::Share(share) => share.write_parquet(out),
        }
    }
}
