//! unblind: what custodians have evaluated goes into the member's cache.

use std::collections::BTreeMap;
use std::path::PathBuf;

use veilmatch::container::{FileType, Signer};
use veilmatch::custody::EvaluationFile;
use veilmatch::member::oprf;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::{KeyContext, KindId};
use veilmatch::{Error, Metadata, Round};

use super::custodied::{Custodied, named};
use crate::Failure;
use crate::arguments::Unblind;
use crate::files::envelope::{open_sealed, sealed};
use crate::files::folders;
use crate::output::part::Part;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Unblind) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    let member = round.member(&arguments.member)?.clone();
    let own = Custodied::new(session, &round, &member, &arguments.custody, &arguments.cache)?;
    let paths = folders::files_of(&arguments.evaluations, &["vme"], arguments.skip_others)?;
    let part = Part::beside(&arguments.cache).map_err(|error| named(&arguments.cache, error.into()))?;
    let (mut all, mut unread) = (BTreeMap::<KindId, Answers>::new(), Vec::new());
    for (number, path) in paths.iter().enumerate() {
        let mut read = || {
            let scratch = part.scratch(&format!("evaluation-{number}"));
            let file = open_sealed(session, path, &round, FileType::Evaluation, scratch)?;
            let evaluation = EvaluationFile::from_file(file, path.display().to_string())?;
            round.accept_evaluation(&evaluation, &member.name, &own.custody)?;
            Ok(evaluation)
        };
        match read() {
            Ok(evaluation) => {
                let answers = all.entry(evaluation.terms().context.kind().clone()).or_default();
                answers.paths.push(path.clone());
                answers.evaluations.push(evaluation);
            }
            Err(error) => unread.push(named(path, error)),
        }
    }
    let has_no_answer =
        |kind: &KindId| Ok::<_, Error>(!all.contains_key(kind) && own.file(kind, "vmw").try_exists()?);
    if let Some(last) = unread.pop() {
        unread.iter().for_each(|error| session.warn(format_args!("{error}: {LEFT_OUT}")));
        let kinds = round.manifest().kinds.iter().map(|rules| has_no_answer(&rules.kind));
        // It may be the answer of that kind.
        if all.is_empty() || kinds.collect::<Result<Vec<_>, _>>()?.contains(&true) {
            return Err(last.into());
        }
        session.warn(format_args!("{last}: {LEFT_OUT}"));
    }
    let metadata = session.metadata(&round)?;
    let mut done = Vec::new();
    for (kind, answers) in &all {
        let held = own.hold_pending(kind)?;
        let (cache, is_evidence) = unblinded(session, &round, &own, &part, (kind, answers), &metadata)?;
        session.publish(cache);
        done.push((kind.clone(), is_evidence, held));
    }
    // By then all caches have their names.
    session.at_last(move |session| {
        done.iter().for_each(|(kind, is_evidence, _)| own.erase_pending(session, kind, *is_evidence));
        Ok(())
    });
    Ok(())
}

const LEFT_OUT: &str = "this answer is left out";

/// The answers of a kind, and the files that they are in.
#[derive(Default)]
struct Answers {
    paths: Vec<PathBuf>,
    evaluations: Vec<EvaluationFile>,
}

/// Writes the cache of a kind with the answers. Says whether the request is evidence against a custodian.
fn unblinded(
    session: &mut Session,
    round: &Round,
    own: &Custodied,
    part: &Part,
    (kind, answers): (&KindId, &Answers),
    metadata: &Metadata,
) -> Result<(Pending, bool), Failure> {
    let manifest = round.manifest();
    let context = KeyContext::new(manifest.coalition.clone(), manifest.epoch, kind.clone())?;
    let tags = Tokenizer::of_tags(&own.identity, context, own.key(kind)?.key())?;
    let path = own.file(kind, "vmw");
    if !path.try_exists().map_err(|error| named(&path, error.into()))? {
        let expected = "a request of this kind that is pending: these answers were unblinded before, or it is another cache";
        return Err(named(&path, Error::Cache { expected }).into());
    }
    let (_, request) = own.request(kind, &part.scratch("request"))?;
    let of = own.of_tags(&tags)?;
    let twice = || Ok((own.pending(&tags)?, own.opened(&tags)?));
    let (mut number, mut wrong) = (0, Vec::new());
    let cache = Pending::file(&own.file(kind, "vmc"), true, Makes::Cache, |out| {
        sealed(Some(&own.identity.public_keys().seal), out, |out| {
            let all = (&request, &answers.evaluations[..]);
            let mut is_wrong = |place: usize, error: Error| wrong.push((place, error));
            let signed = (metadata, &*own.identity as &dyn Signer);
            number = oprf::unblind((&of, own.key(kind)?), twice, all, &mut is_wrong, signed, out)?;
            Ok(())
        })
    });
    let mut is_evidence = false;
    for (place, error) in &wrong {
        let file = answers.paths[*place].display();
        let is_unproven = error.code() == "oprf";
        is_evidence |= is_unproven;
        let keep = match is_unproven {
            true => format!(
                ". It and {} show everybody what the custodian did: copy both now, since a later unblind or blind removes the latter",
                own.file(kind, "vmb").display()
            ),
            false => String::new(),
        };
        session.warn(format_args!("{file}: {error}: {LEFT_OUT}{keep}"));
    }
    let cache = cache?;
    session.result(format_args!(
        "{kind}: {} identifiers of {} answers unblinded; the cache has {number}",
        request.len(),
        answers.evaluations.len() - wrong.len()
    ));
    session.count(format_args!("{kind}/unblinded"), request.len());
    session.count(format_args!("{kind}/wrong_answers"), wrong.len() as u64);
    Ok((cache, is_evidence))
}
