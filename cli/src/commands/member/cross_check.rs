//! cross-check: two members compare what the hub told each of them about both.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use veilmatch::container::FileType;
use veilmatch::member::cross_check::{CrossCheck, Outcome};
use veilmatch::round::Member;
use veilmatch::round::identity::Identity;
use veilmatch::terms::{KindId, Name, utc};
use veilmatch::{Error, Round, Share};
use zeroize::Zeroizing;

use crate::Failure;
use crate::arguments::{CrossCheckCompare, CrossCheckMake, OwnShares};
use crate::commands::print;
use crate::files::envelope::{Streamed, read_as, sealed};
use crate::output::{Makes, Pending};
use crate::session::Session;

/// A member with what the hub told it.
struct Recipient {
    round: Round,
    member: Member,
    signer: Option<Arc<Identity>>,
    shares: Vec<Share>,
}

impl Recipient {
    fn of(session: &mut Session, told: &OwnShares) -> Result<Self, Error> {
        let round = session.round(&told.agreed)?;
        let member = round.member(&told.member)?.clone();
        let signer = session.signer(member.keys.as_ref(), member.name.as_str())?;
        if round.is_trial() {
            session
                .warn("what members send each other is not sealed either: whoever reads it can try guesses");
        }
        let now = session.now;
        let mut shares = Vec::new();
        for path in &told.shares {
            shares.push(read_as(session, path, &round, FileType::Share, |bytes| {
                let share = Share::from_file_bytes(bytes)?;
                round.accept(&share, &member.name)?;
                share.metadata().require_current(now)?;
                Ok(share)
            })?);
        }
        Ok(Self { round, member, signer, shares })
    }

    /// Says by kind who is missing in the shares: nothing can be compared with these members.
    fn tell_left_out(&self, session: &mut Session) -> Result<(), Error> {
        for share in &self.shares {
            let without = self.round.participation(share)?.without.unwrap_or_default();
            if !without.is_empty() {
                let kind = share.terms().context.kind();
                session.result(format_args!(
                    "our share of {kind} leaves out members that are to bring it: {}",
                    listed(&without)
                ));
            }
        }
        Ok(())
    }
}

pub(crate) fn make(session: &mut Session, arguments: &CrossCheckMake) -> Result<(), Failure> {
    let own = Recipient::of(session, &arguments.told)?;
    let Recipient { round, member, signer, shares } = &own;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::CrossChecks)?;
    let others = CrossCheck::others(&member.name, shares);
    if others.is_empty() {
        // Shares that count holders do not name them; one of the checks below says so.
        CrossCheck::new(round, &member.name, another(round, &member.name)?, shares)?;
    }
    for other in &others {
        let other = round.member(other)?;
        let check = CrossCheck::new(round, &member.name, &other.name, shares)?;
        folder.write(&format!("{}.vmx", other.name), |out| {
            sealed(other.keys.as_ref().map(|keys| &keys.seal), out, |out| match signer.as_deref() {
                Some(signer) => check.sign_to(signer, out),
                None => check.write_to(out),
            })
        })?;
    }
    own.tell_left_out(session)?;
    session.publish(folder);
    session.result(format_args!("cross-checks for {}", listed(&others)));
    Ok(())
}

/// Returns some other member of the round.
fn another<'a>(round: &'a Round, member: &Name) -> Result<&'a Name, Failure> {
    let names = round.manifest().members.iter().map(|listed| &listed.name);
    { names }.find(|name| !name.same(member)).ok_or(Failure::Usage("expected a round of two members"))
}

pub(crate) fn compare(session: &mut Session, arguments: &CrossCheckCompare) -> Result<(), Failure> {
    let own = Recipient::of(session, &arguments.told)?;
    let (mut lines, mut heard, mut wrong) = (Vec::new(), Vec::new(), 0);
    for path in &arguments.files {
        match read(session, path, &own) {
            Ok((from, outcomes)) => {
                wrong += outcomes.iter().filter(|(_, outcome)| !outcome.agrees()).count();
                lines.extend(outcomes.iter().map(|(kind, outcome)| line(&from, kind, *outcome)));
                if heard.contains(&from) {
                    return Err(Error::DuplicateMember { member: from }
                        .at(path.display().to_string())
                        .into());
                }
                heard.push(from);
            }
            Err(error) => {
                wrong += 1;
                session.result(error);
            }
        }
    }
    let others = CrossCheck::others(&own.member.name, &own.shares);
    let silent: Vec<Name> = others.into_iter().filter(|name| !heard.contains(name)).collect();
    if !silent.is_empty() {
        session.result(format_args!("not compared, since nothing of them was given: {}", listed(&silent)));
    }
    own.tell_left_out(session)?;
    for rules in own.round.manifest().kinds.iter().filter(|rules| own.member.brings(&rules.kind)) {
        let kind = &rules.kind;
        if !own.shares.iter().any(|share| share.terms().context.kind() == kind) {
            session.result(format_args!("not compared, since we have given no share of it: {kind}"));
        }
    }
    session.verdict(move |_| print(|out| lines.iter().try_for_each(|line| Ok(writeln!(out, "{line}")?))));
    if wrong > 0 {
        let message =
            format!("expected all to agree, got {wrong} that do not: ask these members, then the hub");
        return Err(Failure::Refused { code: "cross_check_failed", message });
    }
    Ok(())
}

/// Compares one file. It is read whole, because it is small.
fn read(
    session: &mut Session,
    path: &Path,
    own: &Recipient,
) -> Result<(Name, Vec<(KindId, Outcome)>), Error> {
    let named = |error: Error| error.at(path.display().to_string());
    let mut file = Streamed::open(session, path, &own.round)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(CrossCheck::MAX_LEN + 1));
    (&mut file).take(CrossCheck::MAX_LEN as u64 + 1).read_to_end(&mut bytes)?;
    let check = CrossCheck::from_file_bytes(&bytes).map_err(named)?;
    let outcomes = check.compare(&own.round, &own.member.name, &own.shares).map_err(named)?;
    file.finish(session)?;
    Ok((check.from().clone(), outcomes))
}

fn line(from: &Name, kind: &KindId, outcome: Outcome) -> String {
    let date = |seconds| utc::format(seconds).unwrap_or_default();
    let what = match outcome {
        Outcome::Agrees { tokens } => format!("agrees, {tokens} in common"),
        Outcome::MembersDiffer => "differs: not the same members were matched".to_owned(),
        Outcome::TokensDiffer { theirs, ours } if theirs == ours => {
            format!("differs: both say {ours}, and not the same tokens")
        }
        Outcome::TokensDiffer { theirs, ours } => format!("differs: they say {theirs}, we say {ours}"),
        Outcome::HoldersDiffer { tokens } => {
            format!("differs: the same {tokens} in common, and not the same holders")
        }
        Outcome::OtherMatch { theirs, ours } => {
            format!(
                "differs: their share was made at {}, ours at {}; compare those of one match",
                date(theirs),
                date(ours)
            )
        }
        Outcome::OnlyTheirs => {
            "differs: they have a share that names us, we have given none that names them".to_owned()
        }
        Outcome::OnlyOurs => {
            "differs: we have a share that names them, they have given none that names us".to_owned()
        }
        _ => "differs".to_owned(),
    };
    format!("{from} {kind}: {what}")
}

fn listed(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}
