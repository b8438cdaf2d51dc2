//! secret-id: what members read to each other to see that they have one secret.

use crate::Failure;
use crate::arguments::{SecretFrom, SecretId};
use crate::commands::print;
use crate::keys::vault;
use crate::session::Session;

/// Secret ids are mistaken for the key ids of files. The two are never equal.
const KEY_IDS: &str = "equal secret ids mean equal secrets; the key ids that files show are others, which differ for every \
                       coalition, epoch and kind";

pub(crate) fn run(session: &mut Session, arguments: &SecretId) -> Result<(), Failure> {
    let SecretId { secret_file, secret_command } = arguments;
    let from = SecretFrom { secret_file: secret_file.clone(), secret_command: secret_command.clone() };
    let id = vault::secret(&session.passphrases, &from)?.id();
    session.at_last(move |session| {
        print(|out| Ok(writeln!(out, "secret id {id}")?))?;
        session.say(KEY_IDS);
        Ok(())
    });
    Ok(())
}
