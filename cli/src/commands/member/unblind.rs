//! unblind: what custodians have evaluated goes into the member's cache.

use std::collections::BTreeMap;
use std::fs::remove_file;
use std::io;
use std::path::PathBuf;

use veilmatch::container::FileType;
use veilmatch::custody::{EvaluationFile, RequestFile};
use veilmatch::member::oprf;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::{KeyContext, KindId};
use veilmatch::{Error, Metadata, Round};

use super::custodied::Custodied;
use crate::Failure;
use crate::arguments::Unblind;
use crate::files::envelope::{open_sealed, sealed};
use crate::files::folders;
use crate::output::part::Part;
use crate::output::{Makes, Pending, unnamed_file};
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Unblind) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    let member = round.member(&arguments.member)?.clone();
    let own = Custodied::new(session, &round, &member, &arguments.custody, &arguments.cache)?;
    let paths = folders::files_of(&arguments.evaluations, &["vme"], arguments.skip_others)?;
    let part = Part::beside(&arguments.cache).map_err(|error| at(&arguments.cache, error.into()))?;
    let mut all = BTreeMap::<KindId, Vec<EvaluationFile>>::new();
    for (number, path) in paths.iter().enumerate() {
        let scratch = part.scratch(&format!("evaluation-{number}"));
        let file = open_sealed(session, path, &round, FileType::Evaluation, scratch);
        let file = file.map_err(|error| at(path, error))?;
        let evaluation = EvaluationFile::from_file(file, path.display().to_string())?;
        round.accept_evaluation(&evaluation, &member.name, &own.custody).map_err(|error| at(path, error))?;
        all.entry(evaluation.terms().context.kind().clone()).or_default().push(evaluation);
    }
    let metadata = session.metadata(&round)?;
    let mut erased = Vec::new();
    for (kind, evaluations) in &all {
        let cache = unblinded(session, &round, &own, &part, (kind, evaluations), &metadata)?;
        session.publish(cache);
        erased.extend([own.file(kind, "vmw"), own.file(kind, "vmb")]);
    }
    session.at_last(move |session| {
        erase(session, &erased);
        Ok(())
    });
    Ok(())
}

/// Writes the cache of a kind with the answers.
fn unblinded(
    session: &mut Session,
    round: &Round,
    own: &Custodied,
    part: &Part,
    (kind, evaluations): (&KindId, &[EvaluationFile]),
    metadata: &Metadata,
) -> Result<Pending, Failure> {
    let manifest = round.manifest();
    let context = KeyContext::new(manifest.coalition.clone(), manifest.epoch, kind.clone())?;
    let tags = Tokenizer::of_tags(&own.identity, context, own.key(kind)?.key())?;
    let path = own.file(kind, "vmb");
    if !path.try_exists().map_err(|error| at(&path, error.into()))? {
        let expected = "a request of this kind that is pending: these answers were unblinded before, or it is another cache";
        return Err(at(&path, Error::Cache { expected }).into());
    }
    let mut scratch = unnamed_file(&part.scratch("request"))?;
    let copied = own.unseal(&path).and_then(|mut from| Ok(io::copy(&mut from, &mut scratch)?));
    copied.map_err(|error| at(&path, error))?;
    let request = RequestFile::from_file(scratch, path.display().to_string())?;
    let of = own.of_tags(&tags)?;
    let twice = || Ok((own.pending(&tags)?, own.opened(&tags)?));
    let mut number = 0;
    let cache = Pending::file(&own.file(kind, "vmc"), true, Makes::Cache, |out| {
        sealed(Some(&own.identity.public_keys().seal), out, |out| {
            let all = (&request, evaluations);
            number = oprf::unblind(&of, own.key(kind)?, twice, all, (metadata, &*own.identity), out)?;
            Ok(())
        })
    })?;
    session.result(format_args!(
        "{kind}: {} identifiers of {} custodians unblinded; the cache has {number}",
        request.len(),
        evaluations.len()
    ));
    session.count(format_args!("{kind}/unblinded"), request.len());
    Ok(cache)
}

/// Removes what was pending. The caches have their names by now: a failure here must not take them back, since the blinds of
/// another kind may be gone already.
fn erase(session: &Session, paths: &[PathBuf]) {
    for path in paths {
        if let Err(error) = remove_file(path) {
            let error = at(path, error.into());
            session.warn(format_args!(
                "{error}: it is not needed any more and is as sensitive as the rows: remove it"
            ));
        }
    }
}

fn at(path: &std::path::Path, error: Error) -> Error {
    error.at(path.display().to_string())
}
