//! The line of the run record for a command that was used wrongly. Its arguments were not understood, so the few words
//! that matter are looked for among them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use crate::Failure;
use crate::arguments::{Arguments, Common, IdentityFrom};
use crate::files::envelope::starts_sealed;
use crate::session::Session;

/// The name in the run record if no word is a command.
const UNKNOWN: &str = "unknown";

/// Leaves a line with the outcome `usage`, if the arguments name a run record to write to.
pub(crate) fn record(arguments: &[OsString]) -> Result<(), Failure> {
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let arguments = arguments[..end].get(1..).unwrap_or_default();
    let (command, Some(record)) = (command(arguments), value_of(arguments, "--log")) else { return Ok(()) };
    // `verify` reads the record that it is given, and help is not a command.
    if command == "verify" || command == "help" {
        return Ok(());
    }
    let common = Common {
        threads: None,
        force: false,
        log: None,
        log_after: None,
        operator: None,
        passphrase_fd: None,
    };
    let mut session = Session::start(&common, &command, Some(record))?;
    // A line that cannot be signed is better than no line. Nobody is asked for a passphrase only to hear of wrong use.
    let plain = |path: &PathBuf| starts_sealed(path).is_ok_and(|sealed| !sealed);
    let identity = value_of(arguments, "--identity").filter(plain);
    let from = IdentityFrom { identity, identity_command: None };
    let _ = session.identify(Some(&from));
    session.finish("usage")
}

/// Returns the first word that is a command.
fn command(arguments: &[OsString]) -> String {
    let all = Arguments::command();
    let words = || arguments.iter().filter_map(|argument| argument.to_str());
    let Some((at, command)) =
        words().enumerate().find_map(|(at, word)| Some((at, all.find_subcommand(word)?)))
    else {
        return UNKNOWN.to_owned();
    };
    let below = words().nth(at + 1).and_then(|word| command.find_subcommand(word));
    let below = below.map_or(String::new(), |below| format!(" {}", below.get_name()));
    format!("{}{below}", command.get_name())
}

/// Returns the value of an option, as a word of its own or after `=`.
fn value_of(arguments: &[OsString], option: &str) -> Option<PathBuf> {
    let is_value = |text: &OsStr| !text.to_str().is_some_and(|text| text.starts_with("--"));
    let follows =
        |pair: &[OsString]| (pair[0] == option && is_value(&pair[1])).then(|| PathBuf::from(&pair[1]));
    let joined = |argument: &OsString| {
        let text = argument.to_str()?.strip_prefix(option)?.strip_prefix('=')?;
        Some(Path::new(OsStr::new(text)).to_owned())
    };
    arguments.windows(2).find_map(follows).or_else(|| arguments.iter().find_map(joined))
}
