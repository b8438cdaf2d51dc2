//! The program `veilmatch`: a round, from keys to resolved rows.
//!
//! [`main`] is the whole program, for a package that brings it along under another name. Build with
//! `--no-default-features` for a hub: no command that needs the coalition's secret is compiled.

#![cfg_attr(not(feature = "member"), expect(dead_code, reason = "parts that only members' commands use"))]

mod arguments;
mod commands;
mod files;
mod keys;
mod misuse;
mod output;
#[cfg(feature = "member")]
mod rows;
mod session;
mod terminal;

use std::ffi::OsString;
use std::path::Path;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use veilmatch::Error;

use arguments::{Arguments, Command};
use files::apart::Paths;
use files::misplaced::require_files;
use session::Session;
use terminal::printable::print_usage;

/// Why a command did not do its work.
pub(crate) enum Failure {
    /// The command was used wrongly: exit status 2.
    Usage(&'static str),
    /// The command failed or refused: exit status 1.
    Error(Error),
    /// The command failed or refused, in words of the program: exit status 1.
    Refused { code: &'static str, message: String },
}

impl Failure {
    /// Returns the code of the failure for the run record.
    fn code(&self) -> &'static str {
        match self {
            Failure::Usage(_) => "usage",
            Failure::Error(error) => error.code(),
            Failure::Refused { code, .. } => code,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}

/// Runs the command that these arguments ask for; the first argument is the program's name. Returns the exit status: 0
/// done, 1 an error or a refusal, 2 wrong use.
///
/// The function owns its process: it reads standard input, writes to standard output and standard error, forbids dumps
/// of memory, replaces the panic hook, and uses rayon's global pool.
pub fn main(arguments: Vec<OsString>) -> u8 {
    terminal::printable::print_no_panic_message();
    keys::guard::forbid_dumps();
    #[cfg(feature = "member")]
    let (arguments, config) = match arguments::config::complete(&arguments) {
        Ok(completed) => completed,
        Err(failure) => {
            if let Err(failure) = misuse::record(&arguments) {
                tell(&failure);
            }
            tell(&failure);
            return 1;
        }
    };
    let (parsed, matches) = match read_arguments(&arguments) {
        Ok(read) => read,
        Err(error) => {
            if error.use_stderr()
                && let Err(failure) = misuse::record(&arguments)
            {
                tell(&failure);
            }
            return print_usage(&error);
        }
    };
    #[cfg(feature = "member")]
    let run = |parsed, matches| run(parsed, matches, config.as_ref());
    match run(&parsed, &matches) {
        Ok(()) => 0,
        Err(Failure::Usage(problem)) => {
            let kind = clap::error::ErrorKind::ValueValidation;
            print_usage(&Arguments::command().error(kind, problem))
        }
        Err(failure) => {
            tell(&failure);
            1
        }
    }
}

/// Returns what a command prints, such as the client of a key service or vault, for a package that reads secrets so too.
///
/// There is no shell, and the command has a minute.
///
/// # Errors
///
/// A sentence for a person, after `option`, which names where the command was given. It never repeats the command line or
/// what was printed.
pub fn printed_by(line: &str, option: &'static str) -> Result<zeroize::Zeroizing<Vec<u8>>, String> {
    keys::key_command::output(line, option).map_err(|failure| match failure {
        Failure::Usage(message) => message.to_owned(),
        Failure::Error(error) => error.to_string(),
        Failure::Refused { message, .. } => message,
    })
}

/// Returns what each member was given, as a hub's `hub-only.json` says, for a package that follows trails too.
///
/// # Errors
///
/// [`Error::At`] this file: [`Error::Format`] for anything else, [`Error::RoundDiffers`] for a file of another round,
/// [`Error::Io`].
pub fn given_to_members(
    hub_only: &Path,
    round: &veilmatch::Round,
) -> Result<Vec<veilmatch::trail::Shared>, Error> {
    commands::hub_only::given_to_members(hub_only, round)
}

fn tell(failure: &Failure) {
    match failure {
        Failure::Usage(problem) => session::say(problem),
        Failure::Error(error) => session::say(error),
        Failure::Refused { message, .. } => session::say(message),
    }
}

fn read_arguments(arguments: &[OsString]) -> Result<(Arguments, ArgMatches), clap::Error> {
    let matches = Arguments::command().try_get_matches_from(arguments)?;
    Ok((Arguments::from_arg_matches(&matches)?, matches))
}

fn run(
    arguments: &Arguments,
    matches: &ArgMatches,
    #[cfg(feature = "member")] config: Option<&arguments::config::Config>,
) -> Result<(), Failure> {
    if let Some(threads) = arguments.common.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into());
        pool.build_global().map_err(|error| Error::from(std::io::Error::other(error)))?;
    }
    files::disk::allow_open_files();
    let name = commands::name(&arguments.command);
    // `verify` does not write to the run record that it is given; it reads it.
    let reads_record = matches!(arguments.command, Command::Verify(_));
    let record = arguments.common.log.clone().filter(|_| !reads_record);
    let only_files = require_files(matches);
    if record.as_deref().is_some_and(Path::is_dir) {
        return only_files; // a folder takes no line
    }
    let mut session = Session::start(&arguments.common, name, record)?;
    // The new set may take the place of its base.
    let in_place = matches!(arguments.command, Command::Apply(_)).then_some("base");
    #[cfg(feature = "member")]
    config.into_iter().for_each(|config| session.heed(config));
    let done = match session.identify(commands::identity(&arguments.command)) {
        Ok(()) => {
            session.prepare()?;
            let apart = only_files.and_then(|()| Paths::of(matches).require_apart(in_place));
            apart.and_then(|()| commands::run(&mut session, arguments))
        }
        Err(failure) => only_files.and(Err(failure)), // the key file may be a folder
    };
    let outcome = done.as_ref().err().map_or("done", Failure::code);
    // Why a command failed is a result too: the message comes after the line of the run record.
    session.finish(outcome).and(done)
}
