//! unblind: what custodians have evaluated goes into the member's cache.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use veilmatch::container::{FileType, Signer};
use veilmatch::custody::EvaluationFile;
use veilmatch::member::oprf;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::{KeyContext, KindId};
use veilmatch::{Error, Metadata, Round};

use super::custodied::{Custodied, named};
use super::evidence::Evidence;
use crate::Failure;
use crate::arguments::Unblind;
use crate::commands::file_name;
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
    let mut work = Unblinding { round: &round, own: &own, part: &part, left_out: Vec::new() };
    let all = work.read(session, &paths);
    let done = work.kinds(session, &all);
    // Whether it goes on without them is known by now.
    work.left_out.iter().for_each(|left_out| session.warn(left_out.told(done.is_ok())));
    let done = done?;
    // By then all caches, and what is evidence, have their names.
    session.at_last(move |session| {
        done.iter().for_each(|(kind, _)| own.erase_pending(session, kind));
        Ok(())
    });
    Ok(())
}

/// An answer that is not taken.
struct LeftOut {
    error: Error,
    /// What its request and it are called in the cache, if they show what the custodian did.
    evidence: Option<[PathBuf; 2]>,
}

impl LeftOut {
    fn told(&self, goes_on: bool) -> String {
        let (error, left_out) = (&self.error, if goes_on { ": this answer is left out" } else { "" });
        let evidence = match &self.evidence {
            None => String::new(),
            Some([request, answer]) if goes_on => {
                let (request, answer) = (request.display(), answer.display());
                format!(". A wrong answer of it and its request are kept as {answer} and {request}: they show everybody what it did")
            }
            Some(_) => ". It shows everybody what the custodian did: give it to the next unblind too, which keeps it and the request; \
                        if none can succeed, copy it and the request in the cache"
                .to_owned(),
        };
        format!("{error}{left_out}{evidence}")
    }
}

/// The answers of a kind, and the files that they are in.
#[derive(Default)]
struct Answers {
    paths: Vec<PathBuf>,
    /// The files, opened.
    files: Vec<File>,
    evaluations: Vec<EvaluationFile>,
}

/// A kind that was unblinded, and what keeps other commands from it.
type Done = (KindId, [Part; 2]);

/// What all kinds share.
struct Unblinding<'a> {
    round: &'a Round,
    own: &'a Custodied,
    /// A place for what is needed meanwhile.
    part: &'a Part,
    left_out: Vec<LeftOut>,
}

impl Unblinding<'_> {
    /// Opens the answers of each kind. Files that are no answers for this member are left out.
    fn read(&mut self, session: &mut Session, paths: &[PathBuf]) -> BTreeMap<KindId, Answers> {
        let mut all = BTreeMap::<KindId, Answers>::new();
        for (number, path) in paths.iter().enumerate() {
            let mut read = || {
                let scratch = self.part.scratch(&format!("evaluation-{number}"));
                let file = open_sealed(session, path, self.round, FileType::Evaluation, scratch)?;
                let evaluation = EvaluationFile::from_file(file.try_clone()?, path.display().to_string())?;
                self.round.accept_evaluation(&evaluation, self.own.name(), &self.own.custody)?;
                Ok((file, evaluation))
            };
            match read() {
                Ok((file, evaluation)) => {
                    let answers = all.entry(evaluation.terms().context.kind().clone()).or_default();
                    answers.paths.push(path.clone());
                    answers.files.push(file);
                    answers.evaluations.push(evaluation);
                }
                Err(error) => {
                    self.left_out.push(LeftOut { error: named(path, error), evidence: None });
                }
            }
        }
        session.count("unread_answers", self.left_out.len() as u64);
        all
    }

    /// Writes the caches of all kinds.
    fn kinds(
        &mut self,
        session: &mut Session,
        all: &BTreeMap<KindId, Answers>,
    ) -> Result<Vec<Done>, Failure> {
        if !self.left_out.is_empty() && self.may_lack(session, all)? {
            return Err(self.left_out.pop().expect("one at least").error.into());
        }
        let metadata = session.metadata(self.round)?;
        let mut done = Vec::new();
        for (kind, answers) in all {
            let held = self.own.hold_pending(kind)?;
            let made = self.kind(session, (kind, answers), &metadata)?;
            made.into_iter().for_each(|made| session.publish(made));
            done.push((kind.clone(), held));
        }
        Ok(done)
    }

    /// Whether a file that is left out may be the answer of a kind that has none.
    fn may_lack(&self, session: &Session, all: &BTreeMap<KindId, Answers>) -> Result<bool, Failure> {
        let mut may_lack = all.is_empty();
        for kind in self.round.manifest().kinds.iter().map(|rules| &rules.kind) {
            let path = self.own.file(kind, "vmw");
            if !all.contains_key(kind) && path.try_exists().map_err(|error| named(&path, error.into()))? {
                let (_, request) = self.own.request(kind, &self.scratch(kind))?;
                self.own.require_asked_in(self.round, &request, session.now)?;
                may_lack = true;
            }
        }
        Ok(may_lack)
    }

    /// Returns a place for the request of a kind.
    fn scratch(&self, kind: &KindId) -> PathBuf {
        self.part.scratch(&format!("request-{}", file_name(kind)))
    }

    /// Writes what is evidence against custodians, and the cache of a kind with the answers.
    fn kind(
        &mut self,
        session: &mut Session,
        (kind, answers): (&KindId, &Answers),
        metadata: &Metadata,
    ) -> Result<Vec<Pending>, Failure> {
        let (own, manifest) = (self.own, self.round.manifest());
        let context = KeyContext::new(manifest.coalition.clone(), manifest.epoch, kind.clone())?;
        let tags = Tokenizer::of_tags(&own.identity, context, own.key(kind)?.key())?;
        let path = own.file(kind, "vmw");
        if !path.try_exists().map_err(|error| named(&path, error.into()))? {
            let expected = "a request of this kind that is pending: these answers were unblinded before, or it is another cache";
            return Err(named(&path, Error::Cache { expected }).into());
        }
        own.pending(&tags)?; // another member's, or of another epoch, it is no request of another round
        let (asked, request) = own.request(kind, &self.scratch(kind))?;
        own.require_asked_in(self.round, &request, session.now)?;
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
        session.count(format_args!("{kind}/wrong_answers"), wrong.len() as u64);
        let (mut evidence, taken) =
            (Evidence::of(own, kind, &request), answers.evaluations.len() - wrong.len());
        let mut to_keep = Vec::new();
        for (place, error) in wrong {
            let is_evidence = error.code() == "oprf";
            let names = is_evidence.then(|| evidence.paths(&answers.evaluations[place].by().head.custodian));
            to_keep.extend(names.clone().map(|names| (place, names)));
            let error = error.at(answers.paths[place].display().to_string());
            self.left_out.push(LeftOut { error, evidence: names });
        }
        let cache = cache?;
        // All of them are named by now, whatever fails here.
        for (place, names) in to_keep {
            evidence.keep(&names, [&asked, &answers.files[place]])?;
        }
        session.result(format_args!(
            "{kind}: {} identifiers of {taken} answers unblinded; the cache has {number}",
            request.len()
        ));
        session.count(format_args!("{kind}/unblinded"), request.len());
        evidence.kept.push(cache);
        Ok(evidence.kept)
    }
}
