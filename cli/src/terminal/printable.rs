//! What the program says: on one line, without keys, and without characters that control a terminal.

use std::io::Write as _;
use std::panic::PanicHookInfo;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use veilmatch::error::masked;

/// The longest word of a wrong command line that is repeated, and the most digits in a row of it.
const LONGEST: usize = 40;
const MOST_DIGITS: usize = 4;

/// Masks keys in a message and escapes everything that is not printable, line ends too. Names of files that others sent
/// end up in messages, and on terminals.
pub(crate) fn printable(message: &str) -> String {
    let message = masked(message);
    let mut text = String::with_capacity(message.len());
    for character in message.chars() {
        match character {
            '\'' | '"' | '\\' => text.push(character), // printable, whatever strings in Rust ask for
            _ => text.extend(character.escape_debug()),
        }
    }
    text
}

/// Says what is wrong with the command line, or gives the help that was asked for. The text repeats arguments, so each
/// of its lines is made printable.
pub(crate) fn print_usage(error: &clap::Error) -> u8 {
    let text = printable_lines(&without_values(error));
    let _ = match error.use_stderr() {
        true => std::io::stderr().write_all(text.as_bytes()),
        false => std::io::stdout().write_all(text.as_bytes()),
    };
    error.exit_code() as u8 // 0 or 2
}

/// Returns the text of an error without the words of the command line that may be values in the wrong place.
fn without_values(error: &clap::Error) -> String {
    let words = [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand];
    let is_word =
        |kind: ContextKind| kind != ContextKind::InvalidArg || error.kind() == ErrorKind::UnknownArgument;
    let mut text = error.to_string();
    for kind in words.into_iter().filter(|kind| is_word(*kind)) {
        if let Some(ContextValue::String(word)) = error.get(kind)
            && may_be_value(word)
        {
            text = text.replace(word, "***");
        }
    }
    text
}

/// Whether a word may be an identifier, rather than a mistyped option, command or name. Keys have a mask of their own.
fn may_be_value(word: &str) -> bool {
    let word = &masked(word).replace("***", "");
    let digits = word.split(|character: char| !character.is_ascii_digit()).map(str::len).max();
    let of_name = |byte: u8| byte.is_ascii_alphabetic() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    word.len() > LONGEST || digits > Some(MOST_DIGITS) || !word.bytes().all(of_name)
}

fn printable_lines(message: &str) -> String {
    message.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// Lets a panic say only where it happened: its message may contain values.
pub(crate) fn print_no_panic_message() {
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(std::io::stderr(), "{}", panicked(panic));
    }));
}

fn panicked(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or(String::new(), |place| {
        let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
        format!(" at {file}:{}:{}", place.line(), place.column())
    });
    format!(
        "veilmatch: a fault of the program itself{place}; please report it (what it was about is not printed)"
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_or_hide_is_escaped_and_keys_are_masked() {
        for (said, shown) in [
            ("Kärnten 100%.csv: \"a\\b\" isn't there", "Kärnten 100%.csv: \"a\\b\" isn't there"),
            ("a\u{202e}smv.b", "a\\u{202e}smv.b"),
            ("a\u{2066}\u{200b}\u{ad}\u{feff}", "a\\u{2066}\\u{200b}\\u{ad}\\u{feff}"),
            ("a\u{1b}[31m\r\n\u{9b}", "a\\u{1b}[31m\\r\\n\\u{9b}"),
            ("\u{e000}\u{2028}", "\\u{e000}\\u{2028}"),
            ("x/VMSECRET1QPZ: absent", "x/VMSECRET1***: absent"),
        ] {
            assert_eq!(printable(said), shown);
        }
        assert_eq!(printable_lines("a\t\nvmsign1q\n"), "a\\t\nvmsign1***\n");
    }

    #[test]
    fn a_panic_says_where_it_came_about_and_not_what() {
        let said = Arc::new(Mutex::new(String::new()));
        let (hears, before) = (Arc::clone(&said), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| *hears.lock().unwrap() = panicked(panic)));
        let _ = std::panic::catch_unwind(|| panic!("4111111111111111 of {}", "vmsecret1qpz"));
        std::panic::set_hook(before);
        let said = said.lock().unwrap();
        assert!(said.contains(" at printable.rs:"), "{said}");
        assert!(!said.contains("4111") && !said.contains("qpz") && !said.contains('/'), "{said}");
    }
}
