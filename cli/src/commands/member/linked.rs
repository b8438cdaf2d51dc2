//! What `link`, `resolve --trail` and `release` have in common: the names under which identifiers and subjects are known to the hub.

use std::sync::Arc;

use veilmatch::Round;
use veilmatch::member::linking::{LinkKeys, Pseudonyms};
use veilmatch::round::Member;
use veilmatch::round::identity::Identity;

use super::tokenize::{Participant, Tokenizers};
use crate::Failure;
use crate::arguments::Part;
use crate::keys::guard;
use crate::session::Session;

/// The keys of a member's links, and who signs them.
pub(super) struct Linker {
    pub(super) keys: LinkKeys,
    pub(super) pseudonyms: Pseudonyms,
    /// Nobody in a trial.
    pub(super) signer: Option<Arc<Identity>>,
}

impl Linker {
    pub(super) fn of(
        session: &mut Session,
        round: Round,
        part: &Part,
    ) -> Result<(Participant, Tokenizers, Self), Failure> {
        let mut identity = None;
        let require = |session: &Session, round: &Round, member: &Member| {
            round.trail()?;
            identity = Some(own_identity(session, round, member)?);
            Ok(())
        };
        let (own, tokenizers, keys) = Participant::deriving(session, round, part, require, Round::link_keys)?;
        guard::hold_range(&keys.memory_range());
        let identity = identity.expect("required before");
        let pseudonyms = Pseudonyms::new(&identity, &own.round.digest());
        guard::hold_range(&pseudonyms.memory_range());
        let signer = (!own.round.is_trial()).then_some(identity);
        Ok((own, tokenizers, Self { keys, pseudonyms, signer }))
    }
}

/// A trial needs an identity too: pseudonyms are made with it.
pub(super) fn own_identity(
    session: &Session,
    round: &Round,
    member: &Member,
) -> Result<Arc<Identity>, Failure> {
    let identity = match round.is_trial() {
        true => session.identity(),
        false => session.signer(member.keys.as_ref(), member.name.as_str())?,
    };
    identity.ok_or(Failure::Usage(
        "expected --identity, in a trial too: the pseudonyms of subjects are made with the member's key file",
    ))
}
