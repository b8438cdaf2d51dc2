//! What came of a process.

use std::process::Output;

/// What one run came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// The text without its digests (64 hexadecimal digits and more), which hold any four digits one time in a thousand.
pub fn without_digests(text: &str) -> String {
    let words = text.split_inclusive(|character: char| !character.is_ascii_hexdigit());
    words.filter(|word| word.len() < 64).collect()
}
