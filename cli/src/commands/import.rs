//! import: a set of a table in Parquet.

use std::fs::File;
use std::io::{self, Write};

use veilmatch::container::{OnDisk, open_regular};
use veilmatch::{Error, TokenSet};

use crate::Failure;
use crate::arguments::Import;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Import) -> Result<(), Failure> {
    let path = &arguments.file;
    let named = |error: Error| error.at(path.display().to_string());
    let read = || -> Result<(TokenSet, File), Error> {
        let file = open_regular(path)?;
        Ok((TokenSet::from_parquet(OnDisk::new(file.try_clone()?))?, file))
    };
    let (set, mut file) = read().map_err(named)?;
    // The root showed that these are the tokens, whatever the file becomes.
    session
        .state_input(path, |out: &mut dyn Write| {
            io::Seek::rewind(&mut file)?;
            io::copy(&mut file, out)?;
            Ok(())
        })
        .map_err(named)?;
    let file = Pending::file(&arguments.out, session.force, Makes::Set, |out| set.write_to(out))?;
    let (kind, member) = (set.terms().context.kind(), set.member());
    session.result(format_args!("{kind}: {} tokens of {member}, not signed", set.len()));
    session.count(format_args!("{kind}/tokens"), set.len() as u64);
    session.publish(file);
    Ok(())
}
