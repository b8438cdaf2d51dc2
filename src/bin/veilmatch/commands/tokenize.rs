//! tokenize: raw identifiers, or public test identifiers, become files for the hub.

use std::sync::Arc;

use veilmatch::identifier::{Kind, SuppressionList};
use veilmatch::key::CoalitionSecret;
use veilmatch::profile::Hint;
use veilmatch::round::Member;
use veilmatch::tokenize::{Backend, Tokenizer};
use veilmatch::{Error, Handshake, Round, TokenSet};

use super::{file_name, summary};
use crate::Failure;
use crate::arguments::{Part, Tokenize};
use crate::envelope::sealed;
use crate::output::Pending;
use crate::session::{self, Session};
use crate::source::Input;

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
        let rows = input.rows(wanted)?;
        let tokenized = tokenizer.tokenize(&own.member.name, rows, &());
        let set = tokenized.map_err(|error| error.at(input.name()))?.set;
        tell(session, &own.round, &set)?;
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

fn tell(session: &mut Session, round: &Round, set: &TokenSet) -> Result<(), Error> {
    let kind = set.terms().domain.kind().clone();
    session.say(summary::line(&kind, set.counters(), set.len() as u64));
    for hint in Hint::of(set.counters()) {
        session.say(format_args!("{kind}: {hint}"));
    }
    if !round.takes_part(set) {
        session.warn(format_args!("{kind}: the set is under the round's smallest and will take no part"));
    }
    session.count(format_args!("{kind}/rows"), set.counters().rows);
    session.count(format_args!("{kind}/tokens"), set.len() as u64);
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
