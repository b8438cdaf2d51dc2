//! referral: an authority puts the members' statements together.

use veilmatch::container::FileType;
use veilmatch::trail::{Referral, Referred, Statement};

use crate::files::envelope::read_if;
use crate::files::folders::files_of;
use crate::output::{Makes, Pending};
use crate::session::Session;
use crate::{Failure, arguments};

pub(crate) fn run(session: &mut Session, arguments: &arguments::Referral) -> Result<(), Failure> {
    let round = session.round_at_any_time(&arguments.agreed)?;
    round.trail()?;
    let identity = session.identity().ok_or(Failure::Usage(
        "expected --identity, in a trial too: statements are for the authority that has this key file",
    ))?;
    let authority = identity.public_keys().seal;
    let mut folder = Pending::folder(&arguments.out, session.force, Makes::Referral)?;
    let mut statements = Vec::new();
    let now = session.now;
    for path in &files_of(&arguments.files, &["vma"], arguments.skip_others)? {
        let judge = |header: &veilmatch::container::FileHeader| {
            round.admit_header(header)?;
            header.metadata().require_made(now)
        };
        statements.push(read_if(session, path, &round, FileType::Statement, judge, |bytes| {
            let statement = Statement::from_file_bytes(bytes)?;
            round.accept_statement(&statement, &authority)?;
            Ok(statement)
        })?);
    }
    session.count("statements", statements.len() as u64);
    let referral = Referral::new(&round, &authority, statements)?;
    folder.write("referral.json", |out| Ok(referral.write_json(out)?))?;
    folder.write("referral.html", |out| Ok(referral.write_html(out)?))?;
    session.publish(folder);
    referral.trails.iter().for_each(|trail| tell(session, trail));
    session.count("trails", referral.trails.len() as u64);
    Ok(())
}

/// Says whose statements there are about a trail, and how many are not.
fn tell(session: &mut Session, trail: &Referred) {
    let named: Vec<&str> = trail.statements.iter().map(|stated| stated.member.as_str()).collect();
    let missing = match (&trail.missing.names, trail.missing.members) {
        (_, 0) => "nobody is missing".to_owned(),
        (Some(names), _) => {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            format!("without {}", names.join(", "))
        }
        (None, members) => format!("{members} missing, not named"),
    };
    session.result(format_args!(
        "case {}, trail {}: statements of {}; {missing}",
        trail.case,
        trail.trail,
        named.join(", ")
    ));
    session.count("missing", trail.missing.members);
}
