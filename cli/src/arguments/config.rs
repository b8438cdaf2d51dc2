//! A member's configuration: a TOML file whose keys are the names of options. An option that is given on the command line
//! counts in the place of its key.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory as _};
use toml::{Table, Value};
use veilmatch::Error;
use veilmatch::terms::ContentDigest;

use super::Arguments;
use crate::Failure;
use crate::files::bounded;
use crate::output;

/// The file that is read if the option `--config` names no other, from the folder where the command runs.
pub(crate) const CONFIG: &str = "veilmatch.toml";

/// Longest configuration, in bytes.
const LONGEST: u64 = 1 << 20;

/// The commands that heed a configuration; a table of their name holds for them alone.
const COMMANDS: [&str; 8] = ["blind", "unblind", "tokenize", "dry-run", "resolve", "link", "screen", "delta"];

/// The options that say which columns are read: one on the command line counts in the place of all.
const COLUMNS: [&str; 4] = ["kind", "column", "kind-column", "value-column"];

/// The options that say how files are written. A stream is another thing: of `screen` they stand in its own table.
const OF_FILES: [&str; 5] = ["format", "column", "subject-column", "delimiter", "encoding"];

/// Options of every command that may stand in a configuration.
const COMMON: [&str; 3] = ["threads", "log", "operator"];

/// The configuration that a command heeds.
pub(crate) struct Config {
    pub(crate) path: PathBuf,
    pub(crate) digest: ContentDigest,
    /// The options that it gave.
    pub(crate) gave: Vec<String>,
}

/// Adds what the configuration says to the arguments of a command that heeds one.
pub(crate) fn complete(arguments: &[OsString]) -> Result<(Vec<OsString>, Option<Config>), Failure> {
    // What is missing may stand in the configuration, so errors of the arguments wait.
    let Ok(given) = Arguments::command().ignore_errors(true).try_get_matches_from(arguments) else {
        return Ok((arguments.to_vec(), None)); // help
    };
    let Some((name, of_command)) = given.subcommand().filter(|(name, _)| COMMANDS.contains(name)) else {
        return Ok((arguments.to_vec(), None));
    };
    let is_left_out = matches!(of_command.try_get_one::<bool>("no_config"), Ok(Some(true)));
    let named_by_user = of_command.try_get_one::<PathBuf>("config").ok().flatten();
    let path = match named_by_user {
        _ if is_left_out => return Ok((arguments.to_vec(), None)),
        Some(path) => path.clone(),
        None if Path::new(CONFIG).symlink_metadata().is_ok() => PathBuf::from(CONFIG),
        None => return Ok((arguments.to_vec(), None)),
    };
    let named = |error: Error| error.at(path.display().to_string());
    let bytes = bounded::read_own(&path, LONGEST).map_err(named)?;
    let refuse = |problem: String| Failure::Refused {
        code: "config",
        message: format!("{}: {problem}", path.display()),
    };
    let table = parsed(&bytes).map_err(refuse)?;
    let command = Arguments::command();
    let found = command.find_subcommand(name).expect("clap found it too");
    let settings = settings(&command, name, table).map_err(refuse)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let (mut more, mut gave) = (Vec::new(), Vec::new());
    for (key, value) in settings {
        let Some(argument) = option(&command, found, &key) else { continue }; // of another command
        if key.ends_with("-command") && named_by_user.is_none() {
            // The file may be there by chance, or by somebody's design.
            return Err(refuse(format!("{key}: runs a command, so expected --config to name this file")));
        }
        if is_given(of_command, argument) || has_rival(found, of_command, argument) {
            continue;
        }
        more.extend(spelt(argument, &key, value, folder).map_err(refuse)?);
        gave.push(key);
    }
    let digest = output::digest_of(&bytes);
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let mut arguments = arguments.to_vec();
    arguments.splice(end..end, more);
    Ok((arguments, Some(Config { path, digest, gave })))
}

/// Reads the text. No message of this shows what stands there.
fn parsed(bytes: &[u8]) -> Result<Table, String> {
    let line = |at: usize| 1 + bytes[..at.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count();
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("line {}: expected UTF-8 text", line(error.valid_up_to())))?;
    text.parse::<Table>().map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("line {}: expected TOML: lines such as member = \"bank-a\"", line(at))
    })
}

/// Returns what holds for a command: the keys of its table, then those for all commands that it does not have.
fn settings(command: &Command, name: &str, mut table: Table) -> Result<Vec<(String, Value)>, String> {
    let mut own = Table::new();
    let tables: Vec<String> =
        table.iter().filter(|(_, value)| value.is_table()).map(|(key, _)| key.clone()).collect();
    for key in tables {
        let Some(Value::Table(of_command)) = table.remove(&key) else { continue };
        let shown = if is_plain(&key) { format!("[{key}]") } else { "a table".to_owned() };
        let expected = format!("{shown}: expected a table of a command: {}", COMMANDS.join(", "));
        let of = COMMANDS.iter().find(|command| **command == key).ok_or(expected)?;
        let found = command.find_subcommand(of).expect("a command");
        for option_name in of_command.keys() {
            if option(command, found, option_name).is_none() {
                return Err(unknown(command, &[of], option_name));
            }
        }
        if key == name {
            own = of_command;
        }
    }
    for key in table.keys() {
        let is_known = |name: &&str| {
            command.find_subcommand(name).is_some_and(|found| option(command, found, key).is_some())
        };
        if !COMMANDS.iter().any(is_known) {
            return Err(unknown(command, &COMMANDS, key));
        }
    }
    let mut all: Vec<(String, Value)> = own.clone().into_iter().collect();
    let is_of_files = |key: &String| name == "screen" && OF_FILES.contains(&key.as_str());
    all.extend(table.into_iter().filter(|(key, _)| !own.contains_key(key) && !is_of_files(key)));
    Ok(all)
}

/// Returns the option of that name, if a configuration may have it.
fn option<'a>(command: &'a Command, found: &'a Command, name: &str) -> Option<&'a Arg> {
    let own = found
        .get_arguments()
        .filter(|argument| argument.get_id() != "config" && argument.get_id() != "no_config");
    let common = command
        .get_arguments()
        .filter(|argument| argument.get_long().is_some_and(|long| COMMON.contains(&long)));
    own.chain(common).find(|argument| argument.get_long() == Some(name))
}

fn unknown(command: &Command, commands: &[&str], name: &str) -> String {
    let all = commands.iter().filter_map(|of| command.find_subcommand(of));
    let names = all.flat_map(Command::get_arguments).filter_map(Arg::get_long);
    let alike = |of: &&str| strsim::jaro_winkler(of, name);
    let nearest = names.filter(|of| alike(of) > 0.8).max_by(|one, other| alike(one).total_cmp(&alike(other)));
    let hint = nearest.map(|of| format!(": did you mean {of}?")).unwrap_or_default();
    let what = if is_plain(name) { format!("key {name}") } else { "a key".to_owned() };
    format!(
        "{what}: expected the name of an option of {} without its hyphens in front{hint}",
        commands.join(", ")
    )
}

/// Whether a key may be shown: it is no identifier that stands in the wrong place.
fn is_plain(name: &str) -> bool {
    name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_')
}

fn is_given(matches: &ArgMatches, argument: &Arg) -> bool {
    let id = argument.get_id().as_str();
    matches.ids().any(|of| of == id) && matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// Whether the command line has an option that excludes this one.
fn has_rival(command: &Command, matches: &ArgMatches, argument: &Arg) -> bool {
    command.get_arguments().filter(|other| is_given(matches, other)).any(|given| {
        let excludes = |one: &Arg, other: &Arg| {
            command.get_arg_conflicts_with(one).iter().any(|of| of.get_id() == other.get_id())
        };
        let is_of_columns = |one: &Arg| one.get_long().is_some_and(|long| COLUMNS.contains(&long));
        excludes(given, argument)
            || excludes(argument, given)
            || is_of_columns(given) && is_of_columns(argument)
    })
}

/// The arguments that say what a key says.
fn spelt(argument: &Arg, key: &str, value: Value, folder: &Path) -> Result<Vec<OsString>, String> {
    let takes_values = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let takes_many = matches!(argument.get_action(), ArgAction::Append);
    let is_path = argument.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    let one = |value: Value| -> Result<OsString, String> {
        let text = match value {
            Value::String(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Boolean(_) if !takes_values => return Err(format!("{key}: expected true or false once")),
            _ => return Err(format!("{key}: expected a text in quotes, a number, or a list of them")),
        };
        let mut written = OsString::from(format!("--{key}="));
        match is_path && text != "-" {
            true => written.push(folder.join(text)),
            false => written.push(text),
        }
        Ok(written)
    };
    match value {
        Value::Boolean(is_set) if !takes_values => {
            Ok(is_set.then(|| format!("--{key}").into()).into_iter().collect())
        }
        _ if !takes_values => Err(format!("{key}: expected true or false")),
        Value::Array(values) if takes_many => values.into_iter().map(one).collect(),
        Value::Array(_) => Err(format!("{key}: expected one value, got a list")),
        value => Ok(vec![one(value)?]),
    }
}
