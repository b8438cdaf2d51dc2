//! Where the shared test vectors and lists are, and what a test does without them.

use std::path::{Path, PathBuf};

/// A file or folder of the shared vectors: below `VEILMATCH_SHARED`, or `shared` beside the repository.
///
/// Without that folder, `None` and a message, so that a stranger's run passes; with
/// `VEILMATCH_REQUIRE_SHARED=1`, as in our own checks, a failure.
pub fn shared(path: &str) -> Option<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")); // of the library, or of the program in it
    let beside = || {
        let found = ["../shared", "../../shared"]
            .map(|folder| manifest.join(folder))
            .into_iter()
            .find(|one| one.is_dir());
        found.unwrap_or_else(|| manifest.join("../shared"))
    };
    let folder = std::env::var_os("VEILMATCH_SHARED").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder.join(path));
    }
    let required = std::env::var("VEILMATCH_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!required, "no folder of shared vectors at {}", folder.display());
    eprintln!("skipped: no folder of shared vectors at {} (VEILMATCH_SHARED)", folder.display());
    None
}

/// The lines of a shared file that are neither empty nor comments; `None` without the folder.
///
/// A file that is missing or has no such line fails the test: nothing would be tested.
pub fn shared_lines(file: &str) -> Option<Vec<String>> {
    let path = shared(file)?;
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("# "))
        .map(str::to_owned)
        .collect();
    assert!(!lines.is_empty(), "{} is empty", path.display());
    Some(lines)
}
