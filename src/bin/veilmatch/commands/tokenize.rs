//! tokenize: raw identifiers, or public test identifiers, become files for the hub.

use std::sync::Arc;

use veilmatch::identifier::{Kind, SuppressionList};
use veilmatch::key::CoalitionSecret;
use veilmatch::profile::Hint;
use veilmatch::round::Member;
use veilmatch::set::SetHeader;
use veilmatch::tokenize::{Backend, Tokenizer};
use veilmatch::{Error, Handshake, Round, SetBuilder, SetFile};

use super::{file_name, summary};
use crate::Failure;
use crate::arguments::{Memory, Part, Tokenize};
use crate::disk;
use crate::envelope::sealed;
use crate::output::{Pending, Scratch};
use crate::session::{self, Session};
use crate::source::{Input, Wanted};

/// A member who has shown its secret and, but in a trial, its keys.
pub(crate) struct Own {
    pub(crate) round: Round,
    pub(crate) member: Member,
    secret: CoalitionSecret,
    suppression: Arc<SuppressionList>,
}

impl Own {
    pub(crate) fn of(session: &mut Session, part: &Part) -> Result<Self, Error> {
        let round = session.round(&part.agreed)?;
        let member = round.member(&part.member)?.clone();
        session.identify(part.identity.as_deref())?;
        session.signer(member.keys.as_ref(), member.name.as_str())?;
        let secret = CoalitionSecret::read_file(&part.secret_file)?;
        let suppression = session.suppression(part.suppression.as_deref())?;
        Ok(Self { round, member, secret, suppression })
    }

    pub(crate) fn tokenizer(&self, kind: Kind) -> Result<Tokenizer, Error> {
        let (kind, list) = (kind.kind_id(), Arc::clone(&self.suppression));
        let of_round = self.round.tokenizer_with_suppression(&self.secret, &kind, &self.member.name, list);
        let tokenizer = of_round?;
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
    let own = Own::of(session, &arguments.part)?;
    if arguments.handshake {
        return shake(session, arguments, &own);
    }
    let source = arguments.source.as_ref().ok_or(Failure::Usage("expected --input, or --handshake"))?;
    let input = Input::open(source, 1)?;
    // A kind that is not in the round shows before hours of reading.
    let tokenizers = input.wanted.iter().map(|wanted| Ok(input.planned(own.tokenizer(wanted.kind)?)));
    let tokenizers: Vec<Tokenizer> = tokenizers.collect::<Result<_, Error>>()?;
    if let Some(path) = input.path() {
        session.state_raw_input(path)?;
    }
    let mut folder = Pending::folder(&arguments.out, session.force)?;
    for (wanted, tokenizer) in input.wanted.iter().zip(&tokenizers) {
        if let Some(memory) = arguments.memory {
            spill(session, &own, &input, wanted, tokenizer, memory, &mut folder)?;
            continue;
        }
        let rows = input.rows(wanted)?;
        let tokenized = tokenizer.tokenize(&own.member.name, rows, &());
        let set = tokenized.map_err(|error| error.at(input.name()))?.set;
        tell(session, &own.round, set.header())?;
        own.round.require_size(&set)?;
        let set = set.with_stamp(session.stamp(&own.round));
        let signer = session.signer(own.member.keys.as_ref(), own.member.name.as_str())?;
        folder.write(&format!("{}.vms", file_name(tokenizer.terms().domain.kind())), |out| {
            sealed(own.round.hub_seal(), out, |out| match &signer {
                Some(signer) => set.write_signed_to(&**signer, out),
                None => set.write_to(out),
            })
        })?;
    }
    session.publish(folder);
    Ok(())
}

/// The same within a budget of memory: the file is made beside the output, then goes there, sealed but in a trial.
fn spill(
    session: &mut Session,
    own: &Own,
    input: &Input<'_>,
    wanted: &Wanted,
    tokenizer: &Tokenizer,
    memory: Memory,
    folder: &mut Pending,
) -> Result<(), Error> {
    let kind = tokenizer.terms().domain.kind();
    if let Some(rows) = input.estimated_rows(wanted)? {
        // Once more for the sealed file, when the runs are gone: never more than while they were there.
        disk::require(session, kind, SetBuilder::disk_need(rows), folder)?;
    }
    let (terms, name) = (tokenizer.terms().clone(), own.member.name.clone());
    let builder = SetBuilder::new(terms, name, memory.bytes(), &folder.scratch("spill"))?;
    let spilled = tokenizer.tokenize_into(&builder, input.rows(wanted)?, &());
    let spilled = spilled.map_err(|error| error.at(input.name()))?;
    let signer = session.signer(own.member.keys.as_ref(), own.member.name.as_str())?;
    let mut scratch = Scratch::create(folder.scratch("set"))?;
    let stamp = session.stamp(&own.round);
    let by = signer.as_deref().map(|signer| signer as _);
    let named = |error: Error| error.at(folder.scratch("set").display().to_string());
    let set = builder.finish(spilled.counters, stamp, by, &mut scratch.file, &()).map_err(named)?;
    tell(session, &own.round, &set)?;
    own.round.require_size(&set)?;
    let file = SetFile::open(scratch.path())?;
    scratch.unlink()?;
    folder.write(&format!("{}.vms", file_name(kind)), |out| {
        sealed(own.round.hub_seal(), out, |out| file.copy_to(out))
    })
}

fn tell(session: &mut Session, round: &Round, set: &SetHeader) -> Result<(), Error> {
    let kind = set.terms().domain.kind().clone();
    session.say(summary::line(&kind, set.counters(), set.tokens()));
    for hint in Hint::of(set.counters()) {
        session.say(format_args!("{kind}: {hint}"));
    }
    if !round.takes_part(set) {
        session.warn(format_args!("{kind}: the set is under the round's smallest and will take no part"));
    }
    session.count(format_args!("{kind}/rows"), set.counters().rows);
    session.count(format_args!("{kind}/tokens"), set.tokens());
    Ok(())
}

fn shake(session: &mut Session, arguments: &Tokenize, own: &Own) -> Result<(), Failure> {
    let mut folder = Pending::folder(&arguments.out, session.force)?;
    for rules in &own.round.manifest().kinds {
        let tokenizer = own.tokenizer(rules.kind.as_str().parse()?)?;
        let handshake = Handshake::new(&tokenizer, own.member.name.clone());
        let handshake = handshake.with_stamp(session.stamp(&own.round));
        let signer = session.signer(own.member.keys.as_ref(), own.member.name.as_str())?;
        folder.write(&format!("{}.vmh", file_name(&rules.kind)), |out| {
            sealed(own.round.hub_seal(), out, |out| {
                handshake.write_to(signer.as_deref().map(|s| s as _), out)
            })
        })?;
    }
    session.publish(folder);
    Ok(())
}
