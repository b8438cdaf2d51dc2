//! What people see on a terminal.

use std::io::IsTerminal as _;

pub(crate) mod bar;
pub(crate) mod printable;

/// Whether standard output is a terminal that shows colours. `NO_COLOR` turns them off (no-color.org), and so does a
/// terminal that says it is dumb.
pub(crate) fn colours() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    std::io::stdout().is_terminal()
        && set("NO_COLOR").is_none()
        && set("TERM").is_none_or(|term| term != "dumb")
}
