//! What all drawings have: their opening with title and description, lengths, and labels that fit.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::text::Escaped;

/// The widest label, in pixels.
pub(crate) const LABEL: usize = 190;

/// The height that a row of bars takes, in pixels.
pub(crate) const ROW: usize = 22;

/// The length of the longest bar, in pixels.
pub(crate) const BAR: u64 = 300;

/// A drawing: how large it is, and what it is for whoever does not see it.
pub(crate) struct Drawing<'a> {
    pub(crate) id: &'a str,
    pub(crate) class: &'a str,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

impl Drawing<'_> {
    /// Writes the drawing, which scrolls where it does not fit. Its unit is a pixel; it grows with the page's letters.
    pub(crate) fn write(
        &self,
        out: &mut String,
        content: impl FnOnce(&mut String) -> fmt::Result,
    ) -> fmt::Result {
        let Self { id, class, width, height, title, description } = self;
        let (title, description) = (Escaped(title), Escaped(description));
        let rem = *width as f64 / 16.0;
        write!(out, "<div class=scroll tabindex=0 role=region aria-labelledby={id}-t>")?;
        write!(out, "<svg class={class} role=img aria-labelledby=\"{id}-t {id}-d\" style=--w:{rem}rem ")?;
        write!(out, "viewBox=\"0 0 {width} {height}\"><title id={id}-t>{title}</title>")?;
        write!(out, "<desc id={id}-d>{description}</desc>")?;
        content(out)?;
        writeln!(out, "</svg></div>")
    }
}

/// Returns the length of a mark for a number, of `longest` for the largest; in tenths, so that small ones differ.
pub(crate) fn length(number: u64, largest: u64, longest: u64) -> f64 {
    let tenths = u128::from(number) * u128::from(longest * 10) / u128::from(largest.max(1));
    u32::try_from(tenths).map_or(0.0, f64::from) / 10.0
}

/// Returns about how wide text is in letters of 12 pixels, whatever the font.
pub(crate) fn width(text: &str) -> usize {
    let tenths = |letter: char| match letter {
        'i' | 'j' | 'l' | '.' | '/' | ' ' | '\u{202f}' => 40,
        'f' | 'r' | 't' | 'I' | '-' => 54,
        'm' | 'w' | 'M' | 'W' | '…' => 122,
        'A'..='Z' => 92,
        _ => 77,
    };
    text.chars().map(tenths).sum::<usize>().div_ceil(10)
}

/// Returns the name, or its beginning and end where it is wider than a label.
pub(crate) fn label(name: &str) -> Cow<'_, str> {
    if width(name) <= LABEL {
        return Cow::Borrowed(name);
    }
    let letters: Vec<char> = name.chars().collect();
    let mut kept = letters.len() - 1;
    loop {
        let (head, tail) = (&letters[..kept.div_ceil(2)], &letters[letters.len() - kept / 2..]);
        let cut: String = head.iter().chain(&['…']).chain(tail).collect();
        if width(&cut) <= LABEL || kept <= 2 {
            return Cow::Owned(cut);
        }
        kept -= 1;
    }
}

/// Returns the widest of labels.
pub(crate) fn widest<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| width(&label(name))).max().unwrap_or(0)
}

/// Writes text in a drawing; a name that is cut has its whole in a title.
pub(crate) fn write_label(out: &mut String, attributes: fmt::Arguments<'_>, name: &str) -> fmt::Result {
    let shown = label(name);
    write!(out, "<text {attributes}>{}", Escaped(&shown))?;
    if shown != name {
        write!(out, "<title>{}</title>", Escaped(name))?;
    }
    write!(out, "</text>")
}
