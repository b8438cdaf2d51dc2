//! The page around the parts: head, policy, style.

use std::fmt::{self, Write as _};
use std::io;

use super::pairs;
use super::text::Escaped;

/// Nothing is fetched and nothing runs; the style stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const PAGE_STYLE: &str = include_str!("page.css");

const STYLE: &str = include_str!("parts.css");

/// Fills of areas that colour alone would not tell apart.
const PATTERNS: &str = "<svg class=patterns width=0 height=0 aria-hidden=true><defs>\
    <pattern id=vm-lines width=6 height=6 patternUnits=userSpaceOnUse patternTransform=rotate(45)>\
    <path d=\"M1.5 0v6\" stroke-width=3 /></pattern>\
    <pattern id=vm-dots width=6 height=6 patternUnits=userSpaceOnUse><circle cx=2 cy=2 r=1.5 /></pattern>\
    </defs></svg>\n";

/// Writes a page of one heading and what is below it.
pub(crate) fn write_page(
    out: &mut dyn io::Write,
    heading: &str,
    subject: &str,
    parts: impl FnOnce(&mut String) -> fmt::Result,
) -> io::Result<()> {
    let (heading, subject, style) = (Escaped(heading), Escaped(subject), style().map_err(io::Error::other)?);
    let mut page = format!(
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n\
         <meta http-equiv=Content-Security-Policy content=\"{POLICY}\">\n\
         <meta name=generator content=veilmatch>\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
         <title>{heading}: {subject}</title>\n<style>{PAGE_STYLE}{style}</style>\n</head>\n<body>\n\
         <main class=vm>\n<header><h1>{heading}</h1><p class=subject>{subject}</p></header>\n{PATTERNS}"
    );
    parts(&mut page)
        .and_then(|()| page.write_str("</main>\n</body>\n</html>\n"))
        .map_err(io::Error::other)?;
    out.write_all(page.as_bytes())
}

/// Writes the parts without a page around them.
pub(crate) fn write_fragment(
    out: &mut dyn io::Write,
    parts: impl FnOnce(&mut String) -> fmt::Result,
) -> io::Result<()> {
    let mut fragment =
        format!("<style>{}</style>\n<div class=vm>\n{PATTERNS}", style().map_err(io::Error::other)?);
    parts(&mut fragment).and_then(|()| fragment.write_str("</div>\n")).map_err(io::Error::other)?;
    out.write_all(fragment.as_bytes())
}

fn style() -> Result<String, fmt::Error> {
    let mut style = STYLE.to_owned();
    pairs::write_shades(&mut style)?;
    Ok(style)
}
