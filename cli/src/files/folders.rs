//! Folders in the place of files: a folder stands for the files in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use veilmatch::Error;

use crate::Failure;
use crate::session::warn;

/// Returns the files that these paths name, in their order. A folder stands for its files with one of these `endings`,
/// such as `vms`, sorted by name; folders in it are not searched.
///
/// Anything else in a folder is refused by name. With `skip_others` it is named in a warning and left out. What has the
/// right name is never left out: a link that leads nowhere is for the reader to refuse.
pub(crate) fn files_of(
    paths: &[PathBuf],
    endings: &[&str],
    skip_others: bool,
) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() && path != Path::new("-") {
            true => files.extend(files_in(path, endings, skip_others)?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

fn files_in(folder: &Path, endings: &[&str], skip_others: bool) -> Result<Vec<PathBuf>, Failure> {
    let named = |error: io::Error| Error::from(error).at(folder.display().to_string());
    let entries = fs::read_dir(folder).map_err(named)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<Result<Vec<PathBuf>, io::Error>>().map_err(named)?;
    paths.sort();
    let has_ending = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| endings.contains(&ending)) && !path.is_dir()
    };
    // A run record leaves a nonce beside each raw file that it states.
    let is_nonce = |path: &PathBuf| {
        let of = path.to_str().and_then(|path| path.strip_suffix(".nonce"));
        of.is_some_and(|of| has_ending(&PathBuf::from(of)) && Path::new(of).is_file())
    };
    paths.retain(|path| !is_nonce(path));
    let (files, others): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(has_ending);
    let expected = listed(endings);
    for other in others {
        let what = if other.is_dir() { "a folder" } else { "another file" };
        let problem = format!(
            "{}: expected files {expected} alone in this folder, got {what}, {}",
            folder.display(),
            name(&other)
        );
        if !skip_others {
            let message = format!("{problem}; name the files one by one, or skip others by --skip-others");
            return Err(Failure::Refused { code: "strange_file", message });
        }
        warn(format_args!("{problem}; it is skipped"));
    }
    if files.is_empty() {
        let message =
            format!("{}: expected a folder with files {expected}, got none in it", folder.display());
        return Err(Failure::Refused { code: "empty_folder", message });
    }
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().display().to_string()
}

/// Lists endings: `*.vms or *.vmh`.
fn listed(endings: &[&str]) -> String {
    endings.iter().map(|ending| format!("*.{ending}")).collect::<Vec<_>>().join(" or ")
}
