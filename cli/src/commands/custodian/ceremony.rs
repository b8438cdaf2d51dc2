//! custodian ceremony and publish: what custodians agree to, and what is public of the keys that they made.

use std::path::Path;

use veilmatch::Error;
use veilmatch::custody::{Ceremony, Custodian, KindQuota, SignedCustody};
use veilmatch::terms::{KindId, Name};

use crate::Failure;
use crate::arguments::{CustodianCeremony, CustodianPublish};
use crate::files::{bounded, folders};
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn new(session: &mut Session, arguments: &CustodianCeremony) -> Result<(), Failure> {
    let mut custodians = Vec::new();
    for text in &arguments.custodians {
        let Some((name, path)) = text.split_once('=') else {
            return Err(Failure::Usage("expected --custodian NAME=PUBFILE"));
        };
        custodians.push(Custodian { name: Name::new(name)?, keys: session.public_keys(Path::new(path))? });
    }
    let kind = |text: &String| Ok(KindQuota { kind: kind(text)?, quota: arguments.quota });
    let kinds = arguments.kinds.iter().map(kind).collect::<Result<_, Failure>>()?;
    let (coalition, epoch, threshold) = (arguments.coalition.clone(), arguments.epoch, arguments.threshold);
    let ceremony = Ceremony::new(coalition, epoch, threshold, kinds, custodians)?;
    let file = Pending::file(&arguments.out, session.force, Makes::Ceremony, |out| {
        Ok(out.write_all(&ceremony.to_bytes())?)
    })?;
    session.publish(file);
    session.result(format_args!(
        "ceremony {} of {} custodians, of whom {threshold} are needed",
        ceremony.digest(),
        ceremony.custodians().len()
    ));
    Ok(())
}

/// Reads the id of a kind; in a member's build the kind has to exist.
fn kind(text: &str) -> Result<KindId, Failure> {
    #[cfg(feature = "member")]
    return Ok(crate::arguments::mistyped::kind(text)?.kind_id());
    #[cfg(not(feature = "member"))]
    Ok(KindId::new(text)?)
}

pub(super) fn read(session: &mut Session, path: &Path) -> Result<Ceremony, Error> {
    session.read_as(path, bounded::CEREMONY, Ceremony::from_bytes)
}

pub(crate) fn publish(session: &mut Session, arguments: &CustodianPublish) -> Result<(), Failure> {
    let ceremony = read(session, &arguments.ceremony)?;
    let mut all: Option<SignedCustody> = None;
    for path in folders::files_of(&arguments.files, &["custody"], false)? {
        let at = |error: Error| error.at(path.display().to_string());
        let signed = session.read_as(&path, bounded::CUSTODY, SignedCustody::read)?;
        if *signed.ceremony() != ceremony {
            return Err(at(Error::Custody {
                expected: "keys of the ceremony that was given, got those of another",
            })
            .into());
        }
        match &mut all {
            Some(all) => all.join(&signed).map_err(at)?,
            None => all = Some(signed),
        }
    }
    let all = all.ok_or(Failure::Usage("expected the files NAME.custody of all custodians"))?;
    let missing: Vec<&str> = all.missing().map(Name::as_str).collect();
    if !missing.is_empty() {
        let message = format!(
            "the custody counts only when all custodians have signed it; expected also the files of {}",
            missing.join(", ")
        );
        return Err(Failure::Refused { code: "unsigned", message });
    }
    let file = Pending::file(&arguments.out, session.force, Makes::Custody, |out| {
        Ok(out.write_all(&all.to_bytes())?)
    })?;
    session.publish(file);
    session.result(format_args!("custody {} of {} custodians", all.digest(), ceremony.custodians().len()));
    Ok(())
}
