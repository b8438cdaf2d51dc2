//! blind: identifiers become requests for custodians.

use std::io::{self, Seek as _};

use veilmatch::custody::RequestWriter;
use veilmatch::member::oprf::{self, Seed, Tagged};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::KindId;
use veilmatch::{Error, Metadata, Round};

use super::custodied::Custodied;
use super::{summary, tokenize};
use crate::Failure;
use crate::arguments::Blind;
use crate::commands::file_name;
use crate::files::envelope::sealed;
use crate::output::{Makes, Pending, unnamed_file};
use crate::rows::source::Input;
use crate::rows::wanted::Wanted;
use crate::session::Session;

pub(crate) fn run(session: &mut Session, arguments: &Blind) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    session.result(format_args!("round {}", round.digest()));
    let member = round.member(&arguments.member)?.clone();
    let own = Custodied::new(session, &round, &member, &arguments.custody, &arguments.cache)?;
    let suppression = session.suppression(arguments.suppression.as_deref())?;
    let input = Input::open(session, &arguments.source, 1)?;
    let mut all = Vec::new();
    for wanted in &input.wanted {
        let kind = wanted.kind.kind_id();
        let tags = round.tags(&own.identity, &own.custody, &kind, &member.name, suppression.clone())?;
        require_nothing_pending(&own, &kind)?;
        all.push((wanted, input.planned(tags)));
    }
    make_folder(&arguments.cache)?;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Requests)?;
    let metadata = session.metadata(&round)?;
    let mut kept = Vec::new();
    for (wanted, tags) in &all {
        let tagged = tagged(session, &input, wanted, tags, arguments.min_accepted)?;
        let kind = tags.terms().context.kind();
        let (tagged, heads) = match own.opened(tags)? {
            None => (tagged, Vec::new()),
            Some(cache) => {
                let heads = cache.heads().to_vec();
                (tagged.without(cache)?, heads)
            }
        };
        let new = tagged.identifiers().len() as u64;
        let tagged = tagged.at_most(arguments.at_most.unwrap_or(new));
        let number = tagged.identifiers().len() as u64;
        session.count(format_args!("{kind}/blinded"), number);
        if number == 0 {
            session.result(format_args!("{kind}: the cache has all identifiers; nothing is asked"));
            continue;
        }
        require_part(&round, &own, kind, number)?;
        let later = match new - number {
            0 => String::new(),
            later => format!("; {later} are left for a next request"),
        };
        session.result(format_args!("{kind}: {number} identifiers to be evaluated{later}"));
        kept.extend(ask(&round, &own, tags, (&tagged, heads), &metadata, &mut folder)?);
    }
    // What unblinding needs has its name before any custodian can have a request.
    let asked = !kept.is_empty();
    kept.into_iter().for_each(|kept| session.publish(kept));
    if asked {
        session.publish(folder);
    }
    Ok(())
}

/// Refuses a second request of a kind: the blinds of the first would be lost, and what custodians have charged for it.
fn require_nothing_pending(own: &Custodied, kind: &KindId) -> Result<(), Failure> {
    let path = own.file(kind, "vmw");
    if !path.try_exists().map_err(|error| Error::from(error).at(path.display().to_string()))? {
        return Ok(());
    }
    let message = format!(
        "{}: answers to a request of {kind} are awaited: expected unblind first. Custodians evaluate that request again without \
         charging it; only if no custodian has it, remove this file and {}",
        path.display(),
        own.file(kind, "vmb").display()
    );
    Err(Failure::Refused { code: "pending", message })
}

/// Refuses a request that every custodian will refuse.
fn require_part(round: &Round, own: &Custodied, kind: &KindId, number: u64) -> Result<(), Failure> {
    let part = round.custodian_part(kind, &own.custody)?;
    if number <= part {
        return Ok(());
    }
    let message = format!(
        "{kind}: a request of {number} identifiers, and a custodian evaluates at most {part} for a member in the epoch: expected \
         --at-most {part}, and several requests to other custodians each time"
    );
    Err(Failure::Refused { code: "quota", message })
}

fn make_folder(path: &std::path::Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(Error::from(error).at(path.display().to_string())),
        Ok(()) => Ok(()),
    }
}

/// Tags the rows, and says what became of them.
fn tagged(
    session: &mut Session,
    input: &Input<'_>,
    wanted: &Wanted,
    tags: &Tokenizer,
    min_accepted: u8,
) -> Result<Tagged, Failure> {
    let tagged = Tagged::of(tags, input.rows(wanted)?).map_err(|error| input.blame(error))?;
    let kind = tags.terms().context.kind();
    let number = tagged.identifiers().len();
    let more = format!("{number} different ones with the public test identifiers");
    session.result(summary::of(kind, &tagged.counters, &more));
    for line in summary::oddities(input.of_files_alone(wanted, tagged.oddities)) {
        session.result(format_args!("{kind}: {line}"));
    }
    session.count(format_args!("{kind}/rows"), tagged.counters.rows);
    tokenize::require_accepted(input, wanted, &tagged.inputs, min_accepted)?;
    Ok(tagged)
}

/// Writes the request of a kind, sealed to each custodian, and what unblinding needs, sealed to the member.
fn ask(
    round: &Round,
    own: &Custodied,
    tags: &Tokenizer,
    (tagged, heads): (&Tagged, Vec<veilmatch::custody::SignedHead>),
    metadata: &Metadata,
    folder: &mut Pending,
) -> Result<[Pending; 2], Failure> {
    let kind = tags.terms().context.kind();
    let (of, seed) = (own.of_tags(tags)?, Seed::generate()?);
    let (terms, custody) = (round.custody_terms(kind, &own.custody)?, own.custody.digest());
    let scratch_path = folder.scratch("request");
    let mut scratch = unnamed_file(&scratch_path)?;
    let write = || {
        let mut request = RequestWriter::begin(terms, own.name().clone(), custody, heads, &mut scratch)?;
        oprf::blind(&tags.terms().context, tagged.identifiers(), &seed, &mut request)?;
        request.finish(metadata, Some(&*own.identity))
    };
    let root = write().map_err(|error: Error| error.at(scratch_path.display().to_string()))?;
    let mut copy = |out: &mut dyn io::Write| {
        scratch.rewind()?;
        io::copy(&mut scratch, out)?;
        Ok(())
    };
    for custodian in own.custody.custodians() {
        let name = format!("{}.{}.{}.vmb", file_name(kind), own.name(), custodian.name);
        folder.write(&name, |out| sealed(Some(&custodian.keys.seal), out, &mut copy))?;
    }
    let own_key = own.identity.public_keys().seal;
    // One that stands there without anything pending is a leftover.
    let request = Pending::file(&own.file(kind, "vmb"), true, Makes::OwnRequest, |out| {
        sealed(Some(&own_key), out, &mut copy)
    })?;
    let pending = Pending::file(&own.file(kind, "vmw"), false, Makes::Unanswered, |out| {
        sealed(Some(&own_key), out, |out| {
            oprf::Pending::write(&of, (root, seed), tagged.identifiers(), metadata, &*own.identity, out)
        })
    })?;
    Ok([pending, request])
}
