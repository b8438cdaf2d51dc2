//! A library that is loaded before the program: calls fail by it, or it kills the program at a place that is known.
//!
//! For Linux with glibc alone.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

static TOOLS: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// The shim, compiled once.
pub static SHIM: LazyLock<PathBuf> = LazyLock::new(|| {
    let library = TOOLS.path().join("fault.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/fault.c");
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or("cc".into()));
    let built = cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(built.expect("a C compiler, which the package ring needs too").success());
    library
});

/// Where a program is killed: before or after a name is given or taken away.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Before(&'static str),
    After(&'static str),
}

/// Runs a command, which must come to this place. There it is killed.
pub fn kill_at(place: Place, mut command: Command) {
    let (variable, name) = match place {
        Place::Before(name) => ("VM_KILL_BEFORE", name),
        Place::After(name) => ("VM_KILL_AFTER", name),
    };
    command.env("LD_PRELOAD", &*SHIM).env(variable, name);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.signal(), Some(9), "{place:?}: {status}");
}
