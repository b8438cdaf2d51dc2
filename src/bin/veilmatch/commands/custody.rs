//! split and combine: a secret in shares of custodians.

use veilmatch::key::{CoalitionSecret, SecretShare};

use crate::Failure;
use crate::arguments::{Combine, Split};
use crate::guard;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn split(session: &mut Session, arguments: &Split) -> Result<(), Failure> {
    let secret = CoalitionSecret::read_file(&arguments.secret_file)?;
    guard::hold_range(&secret.place());
    let folder = Pending::folder(&arguments.out, false, Makes::SecretShares)?; // never replaces secrets
    for share in secret.split(arguments.threshold, arguments.custodians)? {
        guard::hold_range(&share.place());
        // Not as other files: their digests go into the run record.
        share.write_new_file(&folder.path().join(format!("share-{}", share.index())))?;
    }
    session.publish(folder);
    session.result(format_args!(
        "split secret id {} into {} shares, of which {} restore it",
        secret.id(),
        arguments.custodians,
        arguments.threshold
    ));
    Ok(())
}

pub(crate) fn combine(session: &mut Session, arguments: &Combine) -> Result<(), Failure> {
    let shares: Vec<SecretShare> =
        arguments.shares.iter().map(|path| SecretShare::read_file(path)).collect::<Result<_, _>>()?;
    shares.iter().for_each(|share| guard::hold_range(&share.place()));
    let secret = CoalitionSecret::combine(&shares)?;
    guard::hold_range(&secret.place());
    let out = arguments.out.clone();
    session.at_last(move |session| {
        secret.write_new_file(&out)?;
        session.say(format_args!("restored secret id {}", secret.id()));
        Ok(())
    });
    Ok(())
}
