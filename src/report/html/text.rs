//! Text and numbers as HTML shows them.

use std::fmt::{self, Write as _};

use crate::terms::Name;

/// Text that HTML and SVG show as it is, as content or within quotes: nothing in it is markup.
///
/// ```
/// use veilmatch::report::Escaped;
///
/// assert_eq!(Escaped("<i title='a & b'>").to_string(), "&lt;i title=&#39;a &amp; b&#39;>");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive(['&', '<', '"', '\'']) {
            let (text, last) = part.split_at(part.len() - usize::from(part.ends_with(['&', '<', '"', '\''])));
            f.write_str(text)?;
            f.write_str(match last {
                "&" => "&amp;",
                "<" => "&lt;",
                "\"" => "&#34;",
                "'" => "&#39;",
                _ => "",
            })?;
        }
        Ok(())
    }
}

/// A number; of five digits or more in groups of three, with narrow spaces that do not break.
#[derive(Clone, Copy)]
pub(crate) struct Number(pub(crate) u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && digits.len() > 4 && (digits.len() - at).is_multiple_of(3) {
                f.write_char('\u{202f}')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

/// A count, or the word in its place.
#[derive(Clone, Copy)]
pub(crate) struct Cell(pub(crate) Option<u64>);

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(count) => Number(count).fmt(f),
            None => f.write_str("withheld"),
        }
    }
}

/// A number with its noun.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", Number(number), if number == 1 { "" } else { "s" })
}

/// Names in one line, separated by commas.
pub(crate) struct List<'a>(pub(crate) &'a [Name]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            f.write_str(if at > 0 { ", " } else { "" })?;
            Escaped(name.as_str()).fmt(f)?;
        }
        Ok(())
    }
}
