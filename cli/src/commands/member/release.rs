//! release: a member tells an authority what it has to do with a trail.

use veilmatch::Metadata;
use veilmatch::container::FileType;
use veilmatch::member::linking::Pseudonyms;
use veilmatch::terms::{Pseudonym, SealKey};
use veilmatch::trail::{Answer, Release, Statement};

use super::linked::own_identity;
use crate::files::envelope::{read_sealed_as, sealed};
use crate::keys::guard;
use crate::output::{Makes, Pending};
use crate::session::Session;
use crate::{Failure, arguments};

pub(crate) fn run(session: &mut Session, arguments: &arguments::Release) -> Result<(), Failure> {
    let round = session.round(&arguments.agreed)?;
    round.trail()?;
    let member = round.member(&arguments.member)?.clone();
    let identity = own_identity(session, &round, &member)?;
    let authority = session.public_keys(&arguments.authority)?.seal;
    let release = stated(arguments, authority.clone())?;
    let (answer, digest) = read_sealed_as(session, &arguments.trail, &round, FileType::Trail, |bytes| {
        let answer = Answer::from_file_bytes(bytes)?;
        round.accept_answer(&answer, &member.name)?;
        Ok(answer)
    })?;
    let pseudonyms = Pseudonyms::new(&identity, &round.digest());
    guard::hold_range(&pseudonyms.memory_range());
    let relabel = |pseudonym: &Pseudonym| pseudonyms.for_authority(&authority, &arguments.case, pseudonym);
    let statement = Statement::new(&round, &answer, &arguments.trail_id, release, relabel);
    let statement = Statement {
        // An authority's work does not end with the round.
        metadata: Metadata { not_before: None, not_after: None, ..session.metadata(&round)? },
        answer: digest,
        ..statement.map_err(|error| error.at(arguments.trail.display().to_string()))?
    };
    let recipient = (!round.is_trial()).then_some(&authority);
    let file = Pending::file(&arguments.out, session.force, Makes::Statement, |out| {
        sealed(recipient, out, |out| match recipient {
            Some(_) => statement.sign_to(&*identity, out),
            None => statement.write_to(out),
        })
    })?;
    session.publish(file);
    let subjects = statement.subjects.len();
    session.result(format_args!(
        "trail {} of {} members: a statement for case {}, number of subjects: {subjects}",
        arguments.trail_id, statement.slip.members, arguments.case
    ));
    session.count("subjects", subjects as u64);
    Ok(())
}

/// Returns what the command line says of the release. Everybody who reads the statement sees it.
fn stated(arguments: &arguments::Release, authority: SealKey) -> Result<Release, Failure> {
    let release = Release {
        authority,
        case: arguments.case.clone(),
        contact: arguments.contact.clone(),
        channel: arguments.legal_channel.clone(),
    };
    if release.has_key() {
        let message = "--case, --contact or --legal-channel has a key in it, and the authority would read it";
        return Err(Failure::Refused { code: "secret", message: message.to_owned() });
    }
    match release.fault() {
        None => Ok(release),
        Some(_) => Err(Failure::Usage(
            "expected --case of 1 to 128 printable ASCII characters without a space at either end, and --contact and \
             --legal-channel of 1 to 512 bytes of text on one line",
        )),
    }
}
