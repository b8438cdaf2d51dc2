//! Refuses a folder where an option takes a file, in the words of that option's help.

use std::path::Path;

use clap::{Arg, ArgMatches, CommandFactory as _};

use crate::Failure;
use crate::arguments::Arguments;

use super::apart::paths_of;

/// Refuses a folder under any option that takes a file. An option takes a folder if its value is named `DIR`.
pub(crate) fn require_files(matches: &ArgMatches) -> Result<(), Failure> {
    let arguments = Arguments::command();
    let (mut command, mut matches) = (&arguments, matches);
    loop {
        command.get_arguments().try_for_each(|argument| require_file(argument, matches))?;
        let Some((name, below)) = matches.subcommand() else { return Ok(()) };
        let Some(found) = command.find_subcommand(name) else { return Ok(()) };
        (command, matches) = (found, below);
    }
}

fn require_file(argument: &Arg, matches: &ArgMatches) -> Result<(), Failure> {
    let names = argument.get_value_names().unwrap_or_default();
    if names.iter().any(|name| name.contains("DIR")) {
        return Ok(());
    }
    let found = paths_of(matches, argument.get_id().as_str());
    let Some(folder) = found.iter().find(|path| *path != Path::new("-") && path.is_dir()) else {
        return Ok(());
    };
    let option = match argument.get_long() {
        Some(option) => format!("--{option}"),
        None => names.first().map_or("FILE", |name| name.as_str()).to_owned(),
    };
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let message = format!(
        "{}: expected a regular file, got a folder; {option}: {}",
        folder.display(),
        help.split(". ").next().unwrap_or_default()
    );
    Err(Failure::Refused { code: "folder", message })
}
