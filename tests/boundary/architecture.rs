//! ARCHITECTURE.md is true: imports point to rooms above, and each file that it names is there.

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../ARCHITECTURE.md");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rooms in their order: the first words of the lines in the block below `## Rooms`.
fn rooms() -> Vec<&'static str> {
    let (_, below) = PAGE.split_once("## Rooms").unwrap();
    let block = below.split("```").nth(1).unwrap();
    block.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files
}

/// The rooms that a text names as `crate::room` or within `crate::{…}`, without comments and unit tests.
fn named(text: &str) -> Vec<String> {
    // A module of unit tests that stands in the file is its end.
    let text = text.split("\nmod tests {").next().unwrap();
    let code: String = text.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect();
    let mut named = Vec::new();
    for after in code.split("crate::").skip(1) {
        let within = after.strip_prefix('{').map(|list| list.split("};").next().unwrap());
        for item in within.unwrap_or(after).split(',').take(if within.is_some() { usize::MAX } else { 1 }) {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            named.push(item.trim().chars().take_while(|c| word(*c)).collect());
        }
    }
    named
}

/// How many modules up the longest path of a text goes: `super::` once or more, whatever follows.
fn steps_up(text: &str) -> usize {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect();
    let mut most = 0;
    for path in code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')) {
        most = most.max(path.matches("super::").count());
    }
    most
}

/// Those of the named rooms that do not stand above this one.
fn pointing_down(room: &str, text: &str) -> Vec<String> {
    let rooms = rooms();
    let place = |name: &str| rooms.iter().position(|room| *room == name);
    let own = place(room).unwrap_or_else(|| panic!("{room} stands in no list of rooms"));
    let is_down = |name: &String| match place(name) {
        Some(other) => other > own && (room, name.as_str()) != ("terms", "error"),
        None => true, // the roof: what lib.rs hands on
    };
    named(text).into_iter().filter(is_down).collect()
}

#[test]
fn a_room_imports_only_from_rooms_above_it() {
    let src = root().join("src");
    let mut looked_at = 0;
    for path in files_below(&src) {
        let below = path.strip_prefix(&src).unwrap().with_extension("");
        let room = below.iter().next().unwrap().to_str().unwrap();
        if ["lib", "boundary"].contains(&room) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        // A path that leaves its room by `super::` would not be seen. Unit tests are a module deeper.
        let own = text.split("#[cfg(test)]").next().unwrap();
        assert!(steps_up(own) < below.iter().count(), "{}: super:: leads out of its room", below.display());
        let down = pointing_down(room, &text);
        assert!(down.is_empty(), "{} imports from {down:?}, which stand below `{room}`", below.display());
        looked_at += 1;
    }
    assert!(looked_at > 150, "{looked_at}");
}

#[test]
fn an_import_that_points_down_is_found_however_it_is_written() {
    for (room, text) in [
        ("engine", "use crate::set::TokenSet;"),
        ("engine", "use crate::{error::Error, set::TokenSet};"),
        ("container", "fn f(set: &crate::set::TokenSet) {}"),
        ("round", "use crate::member::key;"),
        ("set", "use crate::Round;"),
        ("engine", "#[cfg(test)]\nmod tests;\nuse crate::set::TokenSet;"),
    ] {
        assert_eq!(pointing_down(room, text).len(), 1, "{text}");
    }
    assert!(pointing_down("set", "use crate::engine::kernel; // crate::round\n/// crate::member").is_empty());
    assert!(pointing_down("terms", "use crate::error::Error;").is_empty());
    assert_eq!(
        steps_up("use super::kernel;\nfn f(set: &super::super::set::TokenSet) {} // super::super::super::x"),
        2
    );
}

#[test]
fn every_file_and_folder_that_the_page_names_is_there() {
    let prose: String = PAGE.split("```").step_by(2).collect();
    let quoted: Vec<&str> = prose.split('`').skip(1).step_by(2).collect();
    let paths = quoted.iter().filter(|name| name.contains('/') && !name.contains([' ', '\n']));
    let (mut found, src) = (0, root().join("src"));
    // The packaged library has no program beside it.
    let has_program = root().join("cli").exists();
    for path in paths.filter(|path| has_program || !path.starts_with("cli/")) {
        assert!(root().join(path).exists() || src.join(path).exists(), "{path}");
        found += 1;
    }
    assert!(found > 25, "{found}");
}

#[test]
fn every_room_stands_in_the_list() {
    let entries = fs::read_dir(root().join("src")).unwrap().map(|entry| entry.unwrap().path());
    let mut here: Vec<String> =
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    here.retain(|name| !["lib", "boundary"].contains(&name.as_str()));
    here.sort();
    here.dedup();
    let mut listed = rooms();
    listed.sort_unstable();
    assert_eq!(here, listed);
}
