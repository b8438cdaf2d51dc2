//! `net.url/1`: an absolute URL of http or https, as the WHATWG URL standard serialises it.
//!
//! Fragment, user name and password are dropped: they do not say what is fetched. The standard itself drops the default
//! port. Nothing else is decoded, sorted or folded. The scheme is looked at first. So text that is not an absolute URL,
//! or that has another scheme, is told apart whatever the package would say of the rest.

use url::Url;
use zeroize::Zeroize;

use crate::outcome::Reason;

use super::{Canonical, Note};

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    check_scheme(value)?;
    let mut url = Url::parse(value).map_err(|_| Reason::UrlSyntax)?;
    url.set_fragment(None);
    // These calls fail only for URLs without a host, which http and https never are.
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| Reason::UrlSyntax)?;
    let mut serialised = String::from(url);
    let written = write(&serialised, out);
    serialised.zeroize();
    written?;
    Ok(Note { changed: out.as_bytes() != value.as_bytes(), warning: false })
}

/// Writes a serialised URL, with `^` in its path percent-encoded. The standard has done that since 2025, and `url`
/// 2.5.8 does not yet. Before the query `^` occurs in no other part.
fn write(serialised: &str, out: &mut Canonical) -> Result<(), Reason> {
    let (before_query, query) = serialised.split_at(serialised.find('?').unwrap_or(serialised.len()));
    for (place, part) in before_query.split('^').enumerate() {
        if place > 0 {
            out.extend(b"%5E")?;
        }
        out.extend(part.as_bytes())?;
    }
    out.extend(query.as_bytes())
}

/// Checks the scheme by the standard's scheme states. C0 controls and spaces in front are skipped, and tabs and
/// newlines anywhere. A letter must follow, then letters, digits, `+`, `-` and `.` up to a colon.
fn check_scheme(value: &str) -> Result<(), Reason> {
    const LONGEST: usize = 5; // of those that are accepted
    let mut scheme = [0; LONGEST];
    let text = value.trim_start_matches(|c| c <= ' ').bytes();
    for (len, byte) in text.filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r')).enumerate() {
        match byte {
            b':' if len > 0 => {
                let accepted = matches!(scheme.get(..len), Some(b"http" | b"https"));
                return if accepted { Ok(()) } else { Err(Reason::UrlScheme) };
            }
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if len > 0 => {}
            _ => break,
        }
        if let Some(slot) = scheme.get_mut(len) {
            *slot = byte.to_ascii_lowercase();
        }
    }
    Err(Reason::NoScheme)
}
