//! blind: identifiers become requests for custodians.

use std::fs::File;
use std::io;

use veilmatch::custody::RequestWriter;
use veilmatch::member::oprf::{self, Seed, Tagged};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::KindId;
use veilmatch::{Error, Metadata, Round};

use super::custodied::{Custodied, copy, named};
use super::{summary, tokenize};
use crate::Failure;
use crate::arguments::Blind;
use crate::commands::file_name;
use crate::files::envelope::sealed;
use crate::keys::guard;
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
    // A list that grew would leave copies of keyed states behind.
    let mut all = Vec::with_capacity(input.wanted.len());
    for wanted in &input.wanted {
        let kind = wanted.kind.kind_id();
        let tags = round.tags(&own.identity, &own.custody, &kind, &member.name, suppression.clone())?;
        all.push((wanted, input.planned(tags)));
    }
    guard::hold(&all[..]);
    make_folder(&arguments.cache)?;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Requests)?;
    let metadata = session.metadata(&round)?;
    let (mut kept, mut asked) = (Vec::new(), false);
    for (wanted, tags) in &all {
        let tagged = tagged(session, &input, wanted, tags, arguments.min_accepted)?;
        let kind = tags.terms().context.kind();
        let is_awaited = is_awaited(session, &own, tags)?;
        let (tagged, heads) = match own.opened(tags)? {
            None => (tagged, Vec::new()),
            Some(cache) => {
                let heads = cache.heads();
                (tagged.without(cache)?, heads)
            }
        };
        if is_awaited {
            let number = ask_again(session, &round, &own, tags, &mut folder)?;
            let later = tagged.without_pending(own.pending(tags)?)?.identifiers().len();
            session.count(format_args!("{kind}/asked_again"), number);
            session.result(format_args!(
                "{kind}: answers for {number} identifiers are awaited: the same request is written again, which no custodian \
                 charges twice{}",
                left(later as u64)
            ));
            asked = true;
            continue;
        }
        let new = tagged.identifiers().len() as u64;
        let tagged = tagged.at_most(arguments.at_most.unwrap_or(new));
        let number = tagged.identifiers().len() as u64;
        session.count(format_args!("{kind}/blinded"), number);
        if number == 0 {
            session.result(format_args!("{kind}: the cache has all identifiers; nothing is asked"));
            continue;
        }
        require_part(&round, &own, kind, number)?;
        session.result(format_args!("{kind}: {number} identifiers to be evaluated{}", left(new - number)));
        kept.extend(ask(&round, &own, tags, (&tagged, heads), &metadata, &mut folder)?);
        asked = true;
    }
    // What unblinding needs has its name before any custodian can have a request.
    kept.into_iter().for_each(|kept| session.publish(kept));
    if asked {
        session.publish(folder);
    }
    Ok(())
}

fn left(later: u64) -> String {
    match later {
        0 => String::new(),
        later => format!("; {later} are left for a next request"),
    }
}

/// Whether answers to a request are awaited. Then there is no second one of the kind: the blinds of the first would be lost, and
/// what custodians have charged for it.
///
/// A killed `unblind` may have left what was pending though the cache has it: that is erased here.
fn is_awaited(session: &Session, own: &Custodied, tags: &Tokenizer) -> Result<bool, Failure> {
    let kind = tags.terms().context.kind();
    let path = own.file(kind, "vmw");
    let is_there = || path.try_exists().map_err(|error| named(&path, error.into()));
    if !is_there()? {
        return Ok(false);
    }
    let held = own.hold_pending(kind)?;
    if !is_there()? {
        return Ok(false);
    }
    let left = own.pending(tags)?.new_to(own.opened(tags)?)?;
    if left == 0 {
        own.erase_pending(session, kind);
    }
    drop(held);
    Ok(left > 0)
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
    send(own, kind, &mut scratch, folder)?;
    let own_key = own.identity.public_keys().seal;
    let pending = Pending::file(&own.file(kind, "vmw"), false, Makes::Unanswered, |out| {
        sealed(Some(&own_key), out, |out| {
            oprf::Pending::write(&of, (root, seed), tagged.identifiers(), metadata, &*own.identity, out)
        })
    })?;
    // One that stands there without anything pending is a leftover.
    let request = Pending::file(&own.file(kind, "vmb"), true, Makes::OwnRequest, |out| {
        sealed(Some(&own_key), out, |out| copy(&scratch, out))
    })?;
    // What is pending counts once it has its name, and then its request is there.
    Ok([request, pending])
}

/// Writes the request whose answers are awaited once more. Returns the number of its elements.
fn ask_again(
    session: &Session,
    round: &Round,
    own: &Custodied,
    tags: &Tokenizer,
    folder: &mut Pending,
) -> Result<u64, Failure> {
    let kind = tags.terms().context.kind();
    let (mut scratch, request) = own.request(kind, &folder.scratch("request"))?;
    own.require_asked_in(round, &request, session.now)?;
    if own.pending(tags)?.request() != request.root() {
        let expected = "the request whose answers are awaited";
        return Err(named(&own.file(kind, "vmb"), Error::Cache { expected }).into());
    }
    send(own, kind, &mut scratch, folder)?;
    Ok(request.len())
}

/// Seals a request to each custodian.
fn send(own: &Custodied, kind: &KindId, request: &mut File, folder: &mut Pending) -> Result<(), Error> {
    for custodian in own.custody.custodians() {
        let name = format!("{}.{}.{}.vmb", file_name(kind), own.name(), custodian.name);
        folder.write(&name, |out| sealed(Some(&custodian.keys.seal), out, |out| copy(request, out)))?;
    }
    Ok(())
}
