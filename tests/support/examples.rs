//! The example programs as processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::SystemTime;

use super::run::Run;

static INTERSECT: LazyLock<PathBuf> = LazyLock::new(|| built("intersect"));
static THROUGHPUT: LazyLock<PathBuf> = LazyLock::new(|| built("throughput"));
static LARGE: LazyLock<PathBuf> = LazyLock::new(|| built("large"));

/// The built example, beside the test that runs; built anew if it is absent or older than its sources.
fn built(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap(); // target/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (main, modules) = (format!("examples/{example}.rs"), format!("examples/{example}"));
    let sources = ["src", &main, &modules, "benches/support", "Cargo.toml"];
    let sources = sources.map(|source| root.join(source));
    let latest = sources.iter().filter(|source| source.exists()).map(|source| newest(source)).max();
    let built = fs::metadata(&program).and_then(|metadata| metadata.modified());
    if built.ok() < latest {
        let name = match profile.file_name().and_then(|name| name.to_str()).unwrap() {
            "debug" => "dev",
            other => other,
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--offline", "--package", "veilmatch", "--example", example, "--profile", name]);
        cargo.arg("--target-dir").arg(profile.parent().unwrap()).current_dir(root);
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    program
}

fn newest(path: &Path) -> SystemTime {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    match fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| newest(&entry.unwrap().path())).fold(modified, SystemTime::max),
        Err(_) => modified,
    }
}

/// The example `throughput`, with nothing on its standard input.
pub fn throughput() -> Command {
    let mut command = Command::new(&*THROUGHPUT);
    command.stdin(Stdio::null());
    command
}

/// The example `large` in a folder, with nothing on its standard input.
pub fn large(folder: &Path) -> Command {
    let mut command = Command::new(&*LARGE);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// The example `intersect` in a folder, with nothing on its standard input.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(&*INTERSECT);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the program in a folder with arguments that are parted by spaces.
pub fn run(folder: &Path, arguments: &str) -> Run {
    program(folder).args(arguments.split_whitespace()).output().unwrap().into()
}
