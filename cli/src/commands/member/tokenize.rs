//! tokenize: raw identifiers, or public test identifiers, become files for the hub.

use std::io::Write;
use std::sync::Arc;

use veilmatch::container::Revision;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::oprf::Translated;
use veilmatch::member::profile::Hint;
use veilmatch::member::tokenize::{Backend, Tokenized, Tokenizer};
use veilmatch::round::Member;
use veilmatch::set::SetHeader;
use veilmatch::terms::{ContentDigest, KindId, Terms, utc};
use veilmatch::{Counters, Error, Handshake, Metadata, Reason, Round, SetBuilder, SetFile, Token};

use super::custodied::{self, Custodied};
use super::summary;
use crate::arguments::{Part, Tokenize};
use crate::commands::file_name;
use crate::files::disk;
use crate::files::envelope::{Streamed, sealed};
use crate::keys::guard;
use crate::keys::vault;
use crate::output::{Makes, Pending, unnamed_file};
use crate::rows::remembered::{self, Remembered};
use crate::rows::source::Input;
use crate::rows::wanted::Wanted;
use crate::session::Session;
use crate::{Failure, session};

/// A member in its round. It has shown its keys, unless the round is a trial.
pub(crate) struct Participant {
    pub(crate) round: Round,
    pub(crate) member: Member,
    /// The cache, in a round with custodians. All tokenisers make tags then.
    pub(crate) custodied: Option<Custodied>,
}

/// The tokenisers of all kinds of a round. The secret behind them is wiped before anything else is read.
pub(crate) struct Tokenizers(Vec<(KindId, Option<Result<Tokenizer, Error>>)>);

impl Participant {
    pub(crate) fn of(session: &mut Session, part: &Part) -> Result<(Self, Tokenizers), Failure> {
        let require = |session: &Session, _: &Round, member: &Member| {
            Ok(session.signer(member.keys.as_ref(), member.name.as_str()).map(drop)?)
        };
        let round = session.round(&part.agreed)?;
        let (own, tokenizers, ()) = Self::deriving(session, round, part, require, |_, _| Ok(()))?;
        Ok((own, tokenizers))
    }

    /// Takes a round that was read, and derives something else of the secret too. `require` looks at the keys before the secret is read.
    pub(crate) fn deriving<T>(
        session: &mut Session,
        round: Round,
        part: &Part,
        require: impl FnOnce(&Session, &Round, &Member) -> Result<(), Failure>,
        derive: impl FnOnce(&Round, &CoalitionSecret) -> Result<T, Error>,
    ) -> Result<(Self, Tokenizers, T), Failure> {
        let member = round.member(&part.member)?.clone();
        require(session, &round, &member)?;
        let mut custodied = Custodied::of(session, &round, &member, &part.custody)?;
        let secret = vault::secret(&session.passphrases, &part.secret)?;
        let suppression = session.suppression(part.suppression.as_deref())?;
        let mut tokenizer = |kind: &KindId| match &mut custodied {
            None => round.tokenizer_with_suppression(&secret, kind, &member.name, Arc::clone(&suppression)),
            Some(own) => {
                let list = Arc::clone(&suppression);
                let tags = round.tags(&own.identity, &own.custody, kind, &member.name, list)?;
                own.translate(&secret, &tags)?;
                Ok(tags)
            }
        };
        // A kind that this build does not know matters only if it is asked for.
        let all =
            round.manifest().kinds.iter().map(|rules| (rules.kind.clone(), Some(tokenizer(&rules.kind))));
        let all = Tokenizers(all.collect());
        guard::hold(&all.0[..]);
        let derived = derive(&round, &secret)?;
        Ok((Self { round, member, custodied }, all, derived))
    }
}

impl Tokenizers {
    /// Keeps the tokenisers of these kinds, which differ, in this order, and wipes the others.
    pub(crate) fn keep(mut self, own: &Participant, kinds: &[KindId]) -> Result<Vec<Tokenizer>, Error> {
        kinds.iter().map(|kind| self.take(own, kind)).collect()
    }

    fn take(&mut self, own: &Participant, kind: &KindId) -> Result<Tokenizer, Error> {
        own.round.kind(kind)?;
        // Each tokeniser stays in its place: moving a keyed state would leave copies.
        let found = self.0.iter_mut().find(|(of, _)| of == kind).and_then(|(_, made)| made.take());
        let tokenizer = found.expect("one for each kind of the round, kept once")?;
        if let Some(best) = Backend::available().next().filter(|best| *best != tokenizer.backend()) {
            let used = tokenizer.backend();
            session::warn(format_args!(
                "this machine does not compute HMACs correctly by {best}; {used} is used instead"
            ));
        }
        Ok(tokenizer)
    }
}

pub(crate) fn run(session: &mut Session, arguments: &Tokenize) -> Result<(), Failure> {
    let (own, tokenizers) = Participant::of(session, &arguments.part)?;
    session.result(format_args!("round {}", own.round.digest()));
    if arguments.handshake {
        return shake(session, arguments, &own, tokenizers);
    }
    let source = arguments.source.as_ref().ok_or(Failure::Usage("expected --input, or --handshake"))?;
    let input = Input::open(session, source, 1)?;
    // A kind that is not in the round is found here, before hours of reading.
    let kinds: Vec<KindId> = input.wanted.iter().map(|wanted| wanted.kind.kind_id()).collect();
    say_unbrought(session, &own, &kinds);
    let tokenizers = tokenizers.keep(&own, &kinds)?;
    let tokenizers: Vec<Tokenizer> = tokenizers.into_iter().map(|one| input.planned(one)).collect();
    guard::hold(&tokenizers[..]);
    let mut sets = Sets::begin(session, arguments, &own.round)?;
    let options = remembered::options(source, arguments.part.suppression.as_deref());
    let remembered =
        session.config.clone().map(|config| Ok::<_, Error>((Remembered::beside(&config)?, config)));
    let remembered = remembered.transpose()?;
    for (wanted, tokenizer) in input.wanted.iter().zip(&tokenizers) {
        sets.after = after(session, arguments, &own, tokenizer.terms().context.kind())?;
        if sets.budget.is_some() {
            spill(session, &own, &input, wanted, tokenizer, &mut sets)?;
            continue;
        }
        let rows = input.rows(wanted)?;
        let tokenized = tokenizer.tokenize(&own.member.name, rows);
        let Tokenized { set, inputs, oddities, .. } = tokenized.map_err(|error| input.blame(error))?;
        let set = match &own.custodied {
            None => set,
            Some(custodied) => {
                let Translated { set, not_evaluated } = custodied.set(tokenizer, &set)?;
                let kind = set.terms().context.kind();
                custodied::require_evaluated(session, kind, not_evaluated, arguments.allow_unevaluated)?;
                set
            }
        };
        let layout = summary::oddities(input.of_files_alone(wanted, oddities));
        tell(session, &own.round, set.header(), layout)?;
        require_accepted(&input, wanted, &inputs, sets.min_accepted)?;
        own.round.require_size(&set)?;
        let set = set.with_metadata(sets.metadata.clone());
        let set = match &sets.after {
            Some(base) => set.following(base)?,
            None => set,
        };
        let signer = session.signer(own.member.keys.as_ref(), own.member.name.as_str())?;
        sets.write(&own, set.terms().context.kind(), |out| match &signer {
            Some(signer) => set.sign_to(&**signer, out),
            None => set.write_to(out),
        })?;
        // Only now: tokens are digested while they are written.
        sets.made.push((set.content_digest(), wanted.kind.kind_id()));
    }
    if let Some((mut remembered, config)) = remembered {
        sets.made.into_iter().for_each(|(set, kind)| remembered.add(set, kind, session.now, &options));
        match remembered.write(&config) {
            Ok(file) => session.publish(file),
            Err(error) => session.warn(format_args!("the options of these sets are not remembered: {error}")),
        }
    }
    session.publish(sets.to_hub);
    sets.kept.into_iter().for_each(|kept| session.publish(kept));
    Ok(())
}

/// Names the kinds that the round expects of this member and that no column has: the hub would find out days later.
fn say_unbrought(session: &Session, own: &Participant, kinds: &[KindId]) {
    let expected = own.round.manifest().kinds.iter().map(|rules| &rules.kind);
    for kind in expected.filter(|kind| own.member.brings(kind) && !kinds.contains(kind)) {
        session.warn(format_args!(
            "{kind}: the round expects a set of {} too, and no column has it",
            own.member.name
        ));
    }
}

/// What the command writes: the sets for the hub, and a copy to keep if that is asked for.
struct Sets {
    to_hub: Pending,
    kept: Option<Pending>,
    metadata: Metadata,
    /// The revision that the next set of its kind follows.
    after: Option<Revision>,
    /// Bytes of memory within which each is built, if they are bounded.
    budget: Option<u64>,
    /// Least share of a column's values that are accepted or suppressed, in percent.
    min_accepted: u8,
    /// Whether identifiers may be left out that no custodians have evaluated.
    allow_unevaluated: bool,
    /// What was made, to be remembered.
    made: Vec<(ContentDigest, KindId)>,
}

impl Sets {
    fn begin(session: &Session, arguments: &Tokenize, round: &Round) -> Result<Self, Failure> {
        let metadata = metadata(session, arguments, round)?;
        let recorded = session.keeps_record();
        let to_hub = Pending::folder(&arguments.out, session.force, Makes::Sets)?.digested_if(recorded);
        let kept = arguments.keep.as_ref().map(|keep| Pending::kept(keep, session.force)).transpose()?;
        let kept = kept.map(|kept| kept.digested_if(recorded));
        let budget = arguments.memory.map(|memory| memory.bytes());
        let (min_accepted, allow_unevaluated) = (arguments.min_accepted, arguments.allow_unevaluated);
        let (after, made) = (None, Vec::new());
        Ok(Self { to_hub, kept, metadata, after, budget, min_accepted, allow_unevaluated, made })
    }

    /// Writes one set, sealed to the hub, and the copy to keep, sealed to the member itself.
    fn write(
        &mut self,
        own: &Participant,
        kind: &KindId,
        write: impl Fn(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let name = set_name(kind);
        self.to_hub.write(&name, |out| sealed(own.round.hub_seal(), out, &write))?;
        let own_key = own.member.keys.as_ref().map(|keys| &keys.seal);
        match &mut self.kept {
            Some(kept) => kept.write(&name, |out| sealed(own_key, out, &write)),
            None => Ok(()),
        }
    }
}

fn set_name(kind: &KindId) -> String {
    format!("{}.vms", file_name(kind))
}

/// Returns the round's metadata, with a sooner end if that is asked for.
fn metadata(session: &Session, arguments: &Tokenize, round: &Round) -> Result<Metadata, Failure> {
    let metadata = session.metadata(round)?;
    let Some(text) = &arguments.not_after else { return Ok(metadata) };
    let asked = utc::parse(text).ok_or(Failure::Usage("expected a time such as 2026-12-01T00:00:00Z"))?;
    let metadata =
        Metadata { not_after: Some(metadata.not_after.map_or(asked, |last| last.min(asked))), ..metadata };
    metadata.require_current(session.now)?;
    Ok(metadata)
}

/// Reads the revision of the set that was kept last time, if there is one. The next set of its kind follows it.
fn after(
    session: &mut Session,
    arguments: &Tokenize,
    own: &Participant,
    kind: &KindId,
) -> Result<Option<Revision>, Error> {
    let Some(path) = arguments.follow.as_ref().map(|folder| folder.join(set_name(kind))) else {
        return Ok(None);
    };
    let named = |error: Error| error.at(path.display().to_string());
    if let Some(folder) = arguments.follow.as_ref().filter(|folder| !folder.is_dir()) {
        let absent =
            std::io::Error::new(std::io::ErrorKind::NotFound, "expected the folder of a --keep before");
        return Err(Error::from(absent).at(folder.display().to_string()));
    }
    if !path.try_exists().map_err(|error| named(error.into()))? {
        session.warn(format_args!("{} is not there: the set is the first of its kind", path.display()));
        return Ok(None);
    }
    let mut base = Streamed::open(session, &path, &own.round)?;
    let place = Revision::read(&mut base).map_err(named)?;
    base.finish(session)?;
    Ok(Some(place))
}

/// Tokenises within a budget of memory. The file is made beside the output and then copied there. It is sealed, unless
/// the round is a trial.
fn spill(
    session: &mut Session,
    own: &Participant,
    input: &Input<'_>,
    wanted: &Wanted,
    tokenizer: &Tokenizer,
    sets: &mut Sets,
) -> Result<(), Failure> {
    let folder = &sets.to_hub;
    let kind = tokenizer.terms().context.kind();
    if let Some(rows) = input.estimated_rows(wanted)? {
        // One more copy for the sealed file, once the runs are gone; so it is never more than while they were there.
        let kept = if sets.kept.is_some() { rows * Token::LEN as u64 } else { 0 };
        // Tags are sorted before tokens are.
        let tags = if own.custodied.is_some() { SetBuilder::disk_need(rows) } else { 0 };
        disk::require(session, kind, SetBuilder::disk_need(rows) + kept + tags, folder)?;
    }
    let terms = match &own.custodied {
        None => tokenizer.terms(),
        Some(custodied) => custodied.translator(kind)?.terms(),
    };
    let budget = sets.budget.unwrap_or(SetBuilder::LEAST_MEMORY);
    let new_builder = |terms: &Terms, scratch: &str| {
        SetBuilder::new(terms.clone(), own.member.name.clone(), budget, &folder.scratch(scratch))
    };
    let builder = new_builder(terms, "spill")?;
    let builder = match &sets.after {
        Some(base) => builder.following(base)?,
        None => builder,
    };
    let builder = builder.with_metadata(sets.metadata.clone());
    let into = |builder: &SetBuilder<'_>| {
        let spilled = tokenizer.tokenize_into(builder, input.rows(wanted)?);
        spilled.map_err(|error| input.blame(error))
    };
    let spilled = match &own.custodied {
        None => into(&builder)?,
        Some(custodied) => {
            let tags = new_builder(tokenizer.terms(), "tags")?;
            let spilled = into(&tags)?;
            let path = folder.scratch("sorted-tags");
            let mut sorted = unnamed_file(&path)?;
            tags.write_to(&mut sorted).map_err(|error| error.at(path.display().to_string()))?;
            let file = SetFile::from_file(sorted, path.display().to_string())?;
            let not_evaluated = custodied.set_into(tokenizer, &file, &builder)?;
            custodied::require_evaluated(session, kind, not_evaluated, sets.allow_unevaluated)?;
            spilled
        }
    };
    let signer = session.signer(own.member.keys.as_ref(), own.member.name.as_str())?;
    let mut scratch = unnamed_file(&folder.scratch("set"))?;
    let named = |error: Error| error.at(folder.scratch("set").display().to_string());
    let set = match signer.as_deref() {
        Some(signer) => builder.sign_to(signer, &mut scratch),
        None => builder.write_to(&mut scratch),
    };
    let set = set.map_err(named)?;
    let layout = summary::oddities(input.of_files_alone(wanted, spilled.oddities));
    tell(session, &own.round, &set, layout)?;
    require_accepted(input, wanted, &spilled.inputs, sets.min_accepted)?;
    own.round.require_size(&set)?;
    let file = SetFile::from_file(scratch, folder.scratch("set").display().to_string())?;
    sets.made.push((file.content_digest(), kind.clone()));
    Ok(sets.write(own, kind, |out| file.copy_to(out))?)
}

/// The least number of values of one file by which its column is judged apart from the other files.
const TELLING: u64 = 20;

/// Refuses what is most likely the wrong column: its values would match nothing, and nobody would know why. Empty cells say
/// nothing about it.
pub(super) fn require_accepted(
    input: &Input<'_>,
    wanted: &Wanted,
    inputs: &[Counters],
    percent: u8,
) -> Result<(), Failure> {
    let refuse = |file: String, column: Option<String>, problem: String| {
        let column = column.map(|column| format!("column {column:?}, ")).unwrap_or_default();
        let message = format!(
            "{file}: {column}{}: {problem}; if it is the right column, dry-run says why rows are rejected, and --min-accepted 0 \
             takes them as they are",
            wanted.kind
        );
        Err(Failure::Refused { code: "few_accepted", message })
    };
    let sum = |of: fn(&Counters) -> u64| inputs.iter().map(of).sum::<u64>();
    if percent > 0
        && sum(|of| of.rows) > 0
        && sum(|of| of.accepted + of.suppressed + of.rejected.total())
            == sum(|of| of.rejected.of(Reason::Empty))
    {
        return refuse(input.name(), None, format!("expected values, got {} empty ones", sum(|of| of.rows)));
    }
    let by_column = input.by_column(wanted, inputs).into_iter().map(|(column, of)| (None, column, of, 0));
    let by_input = inputs.iter().enumerate().map(|(at, of)| {
        let (file, column) = input.named(wanted, at);
        (file, column, of.clone(), TELLING)
    });
    for (file, column, counters, least) in by_column.chain(by_input) {
        let understood = counters.accepted + counters.suppressed;
        let without = [Reason::Empty, Reason::UnknownKind].map(|reason| counters.rejected.of(reason));
        let values = counters.rows - without.iter().sum::<u64>();
        if values >= least && u128::from(understood) * 100 < u128::from(values) * u128::from(percent) {
            let problem = format!(
                "expected at least {percent} % of {values} values to be of this kind, got {understood}"
            );
            return refuse(file.unwrap_or_else(|| input.name()), column, problem);
        }
    }
    Ok(())
}

fn tell(
    session: &mut Session,
    round: &Round,
    set: &SetHeader,
    layout: impl Iterator<Item = String>,
) -> Result<(), Error> {
    let kind = set.terms().context.kind().clone();
    session.result(summary::line(&kind, set.counters(), set.tokens()));
    for line in layout {
        session.result(format_args!("{kind}: {line}"));
    }
    for hint in Hint::from_counters(kind.as_str().parse()?, set.counters()) {
        session.result(format_args!("{kind}: {hint}"));
    }
    if set.tokens() == 0 {
        session.warn(format_args!("{kind}: the set is empty: no row gave a token"));
    } else if !round.takes_part(set) {
        session.warn(format_args!("{kind}: the set is under the round's smallest and will take no part"));
    }
    session.count(format_args!("{kind}/rows"), set.counters().rows);
    session.count(format_args!("{kind}/tokens"), set.tokens());
    Ok(())
}

fn shake(
    session: &mut Session,
    arguments: &Tokenize,
    own: &Participant,
    all: Tokenizers,
) -> Result<(), Failure> {
    let metadata = metadata(session, arguments, &own.round)?;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Handshakes)?;
    let kinds = own.round.manifest().kinds.iter().map(|rules| &rules.kind);
    let kinds: Vec<KindId> = kinds.filter(|kind| own.member.brings(kind)).cloned().collect();
    for tokenizer in all.keep(own, &kinds)? {
        let kind = tokenizer.terms().context.kind().clone();
        let name = own.member.name.clone();
        let handshake = match &own.custodied {
            None => Handshake::new(&tokenizer, name),
            Some(custodied) => custodied.handshake(&tokenizer, name)?,
        };
        let handshake = handshake.with_metadata(metadata.clone());
        let signer = session.signer(own.member.keys.as_ref(), own.member.name.as_str())?;
        folder.write(&format!("{}.vmh", file_name(&kind)), |out| {
            sealed(own.round.hub_seal(), out, |out| match signer.as_deref() {
                Some(signer) => handshake.sign_to(signer, out),
                None => handshake.write_to(out),
            })
        })?;
    }
    session.publish(folder);
    Ok(())
}
