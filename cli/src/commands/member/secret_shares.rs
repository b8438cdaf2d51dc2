//! split and combine: a secret in shares of keepers.

use std::path::PathBuf;

use veilmatch::member::key::{CoalitionSecret, SecretShare};

use crate::Failure;
use crate::arguments::{Combine, Split};
use crate::keys::guard;
use crate::keys::vault;
use crate::keys::vault::Wrapping;
use crate::output::{Makes, Pending};
use crate::session::Session;

pub(crate) fn split(session: &mut Session, arguments: &Split) -> Result<(), Failure> {
    let secret = vault::secret(&session.passphrases, &arguments.secret)?;
    let folder = Pending::folder(&arguments.out, false, Makes::SecretShares)?; // never replaces secrets
    for share in secret.split(arguments.threshold, arguments.keepers)? {
        guard::hold_range(&share.memory_range());
        let name = format!("share-{}", share.index());
        let wrapping = Wrapping::of(&session.passphrases, &arguments.protection, &name)?;
        // A share is not written as other files are, because their digests go into the run record.
        share.write_new_wrapped_file(&folder.path().join(name), |line| wrapping.wrap(line))?;
    }
    session.publish(folder);
    session.result(format_args!(
        "split secret id {} into {} shares, of which {} restore it",
        secret.id(),
        arguments.keepers,
        arguments.threshold
    ));
    Ok(())
}

pub(crate) fn combine(session: &mut Session, arguments: &Combine) -> Result<(), Failure> {
    let share = |path: &PathBuf| vault::share(&session.passphrases, path);
    let shares: Vec<SecretShare> = arguments.shares.iter().map(share).collect::<Result<_, _>>()?;
    let secret = CoalitionSecret::combine(&shares)?;
    guard::hold_range(&secret.memory_range());
    let out = arguments.out.clone();
    let wrapping = Wrapping::of(&session.passphrases, &arguments.protection, &out.display().to_string())?;
    session.at_last(move |session| {
        secret.write_new_wrapped_file(&out, |line| wrapping.wrap(line))?;
        session.say(format_args!("restored secret id {}", secret.id()));
        Ok(())
    });
    Ok(())
}
