//! `net.domain/1`: a domain name, written as the domain of an e-mail address is; two labels or more, not an IP address.
//!
//! The name is not folded to the registrable domain: the public suffix list changes from month to month. A name whose
//! last label is a number is refused. Resolvers, and the WHATWG URL standard, read `1.2.3.4`, `127.1` and `0x7f000001`
//! as addresses; no top-level domain is a number (RFC 3696 section 2).

use std::net::Ipv6Addr;

use crate::outcome::Reason;

use super::domain_name::write_domain;
use super::words::{bits, within, word};
use super::{Canonical, Note};

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    write_domain(value, out).map_err(|reason| if is_ipv6(value) { Reason::IpAddress } else { reason })?;
    let domain = out.as_bytes();
    let dot = domain.iter().rposition(|byte| *byte == b'.');
    if is_number(&domain[dot.map_or(0, |dot| dot + 1)..]) {
        return Err(Reason::IpAddress);
    }
    if dot.is_none() {
        return Err(Reason::SingleLabel);
    }
    Ok(Note { changed: domain != value.as_bytes(), warning: false })
}

/// Decides letters, digits and single hyphens between single dots, if the last label does not begin with a digit; at
/// most 62 bytes, so that no label is too long.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    const LONGEST: usize = 62;
    if !(8..=LONGEST).contains(&value.len()) {
        return None;
    }
    // The places of each, a bit each.
    let (mut dots, mut hyphens, mut digits, mut sound, mut capitals) = (0, 0, 0, 0, 0);
    for place in 0..value.len().div_ceil(8) {
        let word = word(value, place)?;
        let capital = within(word, b'A', b'Z');
        let [dot, hyphen, digit] =
            [(b'.', b'.'), (b'-', b'-'), (b'0', b'9')].map(|(a, b)| within(word, a, b));
        let letter = capital | within(word, b'a', b'z');
        out.set_word(place, word | capital >> 2); // lower case has the bit 0x20
        capitals |= capital;
        dots |= bits(dot) << (8 * place);
        hyphens |= bits(hyphen) << (8 * place);
        digits |= bits(digit) << (8 * place);
        sound |= bits(letter | dot | hyphen | digit) << (8 * place);
    }
    let past_the_end = 1u64 << value.len();
    // Before the first label, between labels, after the last.
    let bounds = 1 | (dots | past_the_end) << 1;
    let last_label = dots.checked_ilog2().map_or(0, |dot| dot + 1);
    let usual = sound == past_the_end - 1
        && dots != 0
        && bounds & bounds << 1 == 0
        && hyphens & hyphens << 1 == 0 // `--` may be Punycode
        && digits >> last_label & 1 == 0;
    if !usual {
        out.clear_first_block();
        return None;
    }
    out.set_len(value.len());
    Some(Ok(Note { changed: capitals != 0, warning: false }))
}

/// Whether a label is a number as in an IPv4 address: digits, or `0x` and hex digits or none.
fn is_number(label: &[u8]) -> bool {
    match label.strip_prefix(b"0x") {
        Some(digits) => digits.iter().all(u8::is_ascii_hexdigit),
        None => label.iter().all(u8::is_ascii_digit),
    }
}

/// Whether the text is an IPv6 address, in brackets or not. This only chooses the reason that a person reads.
fn is_ipv6(value: &str) -> bool {
    let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(value).parse::<Ipv6Addr>().is_ok()
}
