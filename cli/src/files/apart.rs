//! Keeps outputs apart from inputs: no command replaces what it reads.
//!
//! Every option that takes a path is an input, except those named in [`OUTPUTS`]. So an option that is added later is
//! guarded unless somebody says otherwise.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::Failure;
use crate::output::part;

/// The options under which a command writes.
const OUTPUTS: [&str; 3] = ["out", "keep", "html"];

/// The paths of a command line.
#[derive(Default)]
pub(crate) struct Paths {
    outputs: Vec<(String, PathBuf)>,
    inputs: Vec<(String, PathBuf)>,
}

impl Paths {
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let mut paths = Self::default();
        let mut level = Some(matches);
        while let Some(matches) = level {
            for id in matches.ids() {
                paths.add(matches, id.as_str());
            }
            level = matches.subcommand().map(|(_, matches)| matches);
        }
        paths
    }

    fn add(&mut self, matches: &ArgMatches, id: &str) {
        let all = if OUTPUTS.contains(&id) { &mut self.outputs } else { &mut self.inputs };
        let found = paths_of(matches, id).into_iter().filter(|path| path != Path::new("-"));
        all.extend(found.map(|path| (id.to_owned(), path)));
    }

    /// Refuses an output that is an input, holds an input or lies in one, with `--force` too. `in_place` is the option
    /// of the one input that the output may be: the command makes the next state of that input.
    pub(crate) fn require_apart(&self, in_place: Option<&str>) -> Result<(), Failure> {
        let mut known = Known::default();
        for (at, (option, output)) in self.outputs.iter().enumerate() {
            for (of, input) in &self.inputs {
                let how = match known.between(output, input) {
                    Some(How::Is) if in_place == Some(of) => continue,
                    found => found,
                };
                refuse(how, option, output, input)?;
            }
            if self.outputs[..at].iter().any(|(_, other)| known.between(output, other).is_some()) {
                return Err(Failure::Usage(
                    "expected --out and --keep to be different folders, neither in the other",
                ));
            }
        }
        Ok(())
    }
}

/// Returns the paths that were given under an option.
pub(super) fn paths_of(matches: &ArgMatches, id: &str) -> Vec<PathBuf> {
    if let Ok(Some(found)) = matches.try_get_many::<PathBuf>(id) {
        return found.cloned().collect();
    }
    // The PUBFILE in `--member NAME=PUBFILE` of `round new`, and of `--custodian`.
    match (id, matches.try_get_many::<String>(id)) {
        ("members" | "custodians", Ok(Some(found))) => {
            found.filter_map(|text| text.split_once('=')).map(|(_, path)| PathBuf::from(path)).collect()
        }
        _ => Vec::new(),
    }
}

fn refuse(how: Option<How>, option: &str, output: &Path, other: &Path) -> Result<(), Failure> {
    let verb = match how {
        None => return Ok(()),
        Some(How::Is) => "is",
        Some(How::Holds) => "holds",
        Some(How::LiesIn) => "lies in",
    };
    let (output, other) = (output.display(), other.display());
    let message = format!(
        "{output}: --{option} {verb} {other}, which this command reads; nothing is replaced, expected another place"
    );
    Err(Failure::Refused { code: "output_is_input", message })
}

/// How an output relates to another path.
enum How {
    Is,
    Holds,
    LiesIn,
}

/// What identifies a file or folder under any name: device and number.
#[cfg(unix)]
#[derive(Clone, PartialEq)]
struct Id(u64, u64);

/// On other systems the resolved name identifies it.
#[cfg(not(unix))]
#[derive(Clone, PartialEq)]
struct Id(PathBuf);

/// What stands under each name; each is asked for once.
#[derive(Default)]
struct Known(HashMap<PathBuf, Option<Id>>);

impl Known {
    fn between(&mut self, output: &Path, other: &Path) -> Option<How> {
        let others = resolved(other);
        // What a killed command left is restored or removed with the output.
        let left = ["part", "old"].map(|word| part::beside(output, word).ok());
        for path in [output].into_iter().chain(left.iter().flatten().map(PathBuf::as_path)) {
            for output in resolved(path) {
                for other in &others {
                    let how = self.between_resolved(&output, other);
                    if how.is_some() {
                        return how;
                    }
                }
            }
        }
        None
    }

    fn between_resolved(&mut self, output: &Path, other: &Path) -> Option<How> {
        let (of_output, of_other) = (self.id(output), self.id(other));
        if output == other || of_output.is_some() && of_output == of_other {
            return Some(How::Is);
        }
        if other.starts_with(output) || of_output.is_some() && self.is_above(&of_output, other) {
            return Some(How::Holds);
        }
        let lies_in = output.starts_with(other) || of_other.is_some() && self.is_above(&of_other, output);
        lies_in.then_some(How::LiesIn)
    }

    fn is_above(&mut self, id: &Option<Id>, path: &Path) -> bool {
        path.ancestors().skip(1).any(|folder| self.id(folder) == *id)
    }

    fn id(&mut self, path: &Path) -> Option<Id> {
        if let Some(id) = self.0.get(path) {
            return id.clone();
        }
        let id = id(path);
        self.0.insert(path.to_owned(), id.clone());
        id
    }
}

/// Hard links, and names in another case, are one file.
#[cfg(unix)]
fn id(path: &Path) -> Option<Id> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::symlink_metadata(path).ok()?;
    Some(Id(metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn id(path: &Path) -> Option<Id> {
    fs::symlink_metadata(path).ok().map(|_| Id(path.to_owned()))
}

/// Returns the path without `..` and links: the path itself, and what its last component leads to.
fn resolved(path: &Path) -> Vec<PathBuf> {
    let target = fs::canonicalize(path).ok();
    resolved_name(path).into_iter().chain(target).collect()
}

/// Returns the path itself; its folders may not exist yet.
fn resolved_name(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).ok().or_else(|| resolved_name(folder))?;
    Some(folder.join(name))
}
