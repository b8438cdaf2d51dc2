//! A set's file of tokens that come in order, as an engine sorts them.

use std::path::Path;

use arrow_array::{Array as _, FixedSizeBinaryArray};
use veilmatch::set::SetWriter;
use veilmatch::terms::{Name, Terms};
use veilmatch::{Counters, Error, Metadata, Progress as _, Token};

use crate::column::{Chunk, Column};
use crate::error::invalid;
use crate::file;
use crate::identity::Identity;
use crate::round::{self, Round};
use crate::watch::Watch;

/// The set that is to be written.
pub(super) struct Wanted<'a> {
    pub(super) terms: &'a Terms,
    pub(super) member: &'a str,
    pub(super) counters: Counters,
    pub(super) round: Option<&'a Round>,
    pub(super) identity: Option<&'a Identity>,
    pub(super) overwrite: bool,
}

/// Writes the file of a set, and returns its counters. Tokens are never in memory as a whole: they go to an unnamed file
/// beside it first, since the header, which comes first, counts them.
pub(super) fn write(
    path: &Path,
    wanted: Wanted<'_>,
    tokens: Column,
    watch: &Watch,
) -> Result<Counters, Error> {
    let Wanted { terms, counters, .. } = wanted;
    let name = Name::new(wanted.member)?;
    let round = round::of_file(terms, wanted.round.map(|round| &round.0))?;
    let (mut metadata, mut signer, mut recipient) = (Metadata::default(), None, None);
    if let Some(round) = round {
        let member = round.member(&name)?;
        let identity = wanted.identity.map(|identity| &identity.0);
        signer = file::signer(member.keys.as_ref(), identity, name.as_str())?;
        round.require_terms(terms, &name)?;
        (metadata, recipient) = (file::metadata(round)?, round.hub_seal());
    }
    let named = |error: Error| error.at(path.display().to_string());
    let mut scratch = tempfile::tempfile_in(file::folder_of(path)).map_err(|error| named(error.into()))?;
    let writer = SetWriter::begin(terms.clone(), name, &mut scratch).map_err(named)?;
    let mut writer = writer.with_metadata(metadata).with_counters(counters.clone());
    push_all(&mut writer, tokens, watch)?;
    require_sums(&counters, writer.tokens())?;
    let header = match signer {
        Some(signer) => writer.sign(signer),
        None => writer.finish(),
    };
    let header = header.map_err(named)?;
    if let Some(round) = round {
        round.require_size(&header)?;
    }
    let set = veilmatch::SetFile::from_file(scratch, path.display().to_string())?;
    file::write(path, wanted.overwrite, recipient, |out| set.copy_to(out))?;
    Ok(header.counters().clone())
}

fn push_all(writer: &mut SetWriter<'_>, tokens: Column, watch: &Watch) -> Result<(), Error> {
    let mut last = None;
    for chunk in tokens {
        if watch.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let tokens = taken(&chunk?)?;
        let first = tokens.first().copied();
        if (first.is_some() && last >= first) || !tokens.is_sorted_by(|a, b| a < b) {
            return Err(refused(
                "expected them in ascending order of bytes, each once: sort them and leave out duplicates",
            ));
        }
        last = tokens.last().copied().or(last);
        writer.push(&tokens)?;
        watch.advance(tokens.len() as u64);
    }
    Ok(())
}

fn taken(chunk: &Chunk) -> Result<Vec<Token>, Error> {
    let refusal = || refused("expected a column of fixed_size_binary(16) without nulls");
    let tokens: &FixedSizeBinaryArray = match chunk {
        Chunk::FixedSize(tokens) if tokens.null_count() == 0 => tokens,
        _ => return Err(refusal()),
    };
    let token = |bytes: Option<&[u8]>| Some(Token::from_bytes(bytes?.try_into().ok()?));
    tokens.iter().map(token).collect::<Option<_>>().ok_or_else(refusal)
}

/// Refuses counters that are not those of the tokens, such as from another reading of rows that have changed since.
fn require_sums(counters: &Counters, tokens: u64) -> Result<(), Error> {
    let Counters { rows, accepted, changed, warnings, suppressed, duplicates: _, rejected } = counters;
    let parts = [*accepted, *suppressed].into_iter().chain(rejected.iter().map(|(_, count)| count));
    let sums = parts.map(Some).reduce(|sum, part| sum?.checked_add(part?)).flatten() == Some(*rows);
    match sums && tokens <= *accepted && changed <= accepted && warnings <= accepted {
        true => Ok(()),
        false => Err(refused(
            "they are not those that the counters speak of: count and write the same rows, which must not change meanwhile",
        )),
    }
}

fn refused(problem: &str) -> Error {
    invalid(problem).at("tokens")
}
