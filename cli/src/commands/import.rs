//! import: a set of a table in Parquet.

use std::io::Read as _;

use veilmatch::{Error, TokenSet};

use crate::Failure;
use crate::arguments::Import;
use crate::files::envelope::Streamed;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Import) -> Result<(), Failure> {
    let path = &arguments.file;
    let mut file = Streamed::open_if(session, path, |_| Ok(()))?;
    let mut bytes = Vec::new();
    let read = file.read_to_end(&mut bytes).map_err(Error::from);
    let set = read
        .and_then(|_| TokenSet::from_parquet(bytes))
        .map_err(|error| error.at(path.display().to_string()))?;
    file.finish(session)?;
    let file = Pending::file(&arguments.out, session.force, Makes::Set, |out| set.write_to(out))?;
    let (kind, member) = (set.terms().context.kind(), set.member());
    session.result(format_args!("{kind}: {} tokens of {member}, not signed", set.len()));
    session.count(format_args!("{kind}/tokens"), set.len() as u64);
    session.publish(file);
    Ok(())
}
