//! `net.ip/1`: an IP address as 4 or 16 bytes; an IPv6 address that stands for an IPv4 host is the IPv4 address.
//!
//! The text is a dotted quad, or RFC 4291 section 2.2 text, whose zone (RFC 4007) is dropped: a zone means something on
//! one host only. Octets with leading zeros are octal to some parsers and decimal to others; hence they are rejected.

use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::outcome::Reason;

use super::words::{bits, nibbles, within, word};
use super::{Canonical, Note};

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    let address = parse(value)?;
    let mut spelling = Spelling(value.as_bytes());
    let written = match address {
        IpAddr::V4(v4) => {
            out.extend(&v4.octets())?;
            write!(spelling, "{v4}")
        }
        IpAddr::V6(v6) => {
            out.extend(&v6.octets())?;
            write!(spelling, "{v6}") // RFC 5952
        }
    };
    Ok(Note { changed: written.is_err() || !spelling.0.is_empty(), warning: false })
}

/// Decides a dotted quad, except for the shortest.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    if !matches!(value.len(), 8..=15) {
        return None;
    }
    let text = [word(value, 0)?, word(value, 1)?];
    let places = |[first, second]: [u64; 2]| bits(first) | bits(second) << 8;
    let digits = places(text.map(|word| within(word, b'0', b'9')));
    let mut dots = places(text.map(|word| within(word, b'.', b'.')));
    let past_the_end = 1 << value.len();
    if digits | dots != past_the_end - 1 {
        return None;
    }
    dots |= past_the_end;
    // A decimal for each character, the last the lowest; a dot has a value too.
    let [first, second] = text.map(nibbles);
    let decimals = (first << 32 | second) >> (4 * (16 - value.len()));
    let (mut address, mut start) = (0, 0);
    for octet in 0..4 {
        let end = dots.trailing_zeros() as usize; // 64 after the last one
        dots &= dots.wrapping_sub(1);
        let least = match end - start {
            1 => 0,
            2 => 10, // without leading zeros
            3 => 100,
            _ => return None,
        };
        let three = decimals >> (4 * (value.len() - end)) & ((1 << (4 * (end - start))) - 1);
        let value = (three & 0xf) + 10 * (three >> 4 & 0xf) + 100 * (three >> 8);
        if !(least..=255).contains(&value) {
            return None;
        }
        address |= value << (8 * octet);
        start = end + 1;
    }
    if dots != 0 {
        return None;
    }
    out.set([address], 4);
    Some(Ok(Note { changed: false, warning: false }))
}

fn parse(value: &str) -> Result<IpAddr, Reason> {
    if value.contains(['/', '[', ']']) {
        return Err(Reason::PortOrPrefix);
    }
    if !value.contains(':') {
        return value.parse::<Ipv4Addr>().map(IpAddr::V4).map_err(|_| fault(value));
    }
    let address = match value.split_once('%') {
        Some((address, zone)) => {
            if zone.is_empty() || !zone.bytes().all(|b| b.is_ascii_graphic() && b != b'%') {
                return Err(Reason::BadCharacter);
            }
            address
        }
        None => value,
    };
    match address.parse::<Ipv6Addr>() {
        Ok(v6) => Ok(host(v6).map_or(IpAddr::V6(v6), IpAddr::V4)),
        Err(_) => Err(fault(address)),
    }
}

/// Returns the IPv4 host that an IPv6 address is another name of: an IPv4-mapped address (RFC 4291 section 2.5.5.2), or
/// one under the translators' well-known prefix, 64:ff9b::/96 (RFC 6052 section 2.1).
fn host(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let well_known = v6.to_bits() >> 32 == 0x0064_ff9b << 64;
    v6.to_ipv4_mapped().or(well_known.then(|| Ipv4Addr::from_bits(v6.to_bits() as u32)))
}

/// Returns the IPv4 address that a canonical IPv6 address is made of, in any way in which the address itself says so:
/// with another IPv4 address it would be another address. What an operator's own prefix or an interface identifier
/// holds is not looked for.
pub(super) fn embedded(v6: u128) -> Option<u32> {
    let last = v6 as u32;
    match v6 >> 96 {
        0 if v6 >> 32 == 0 || v6 >> 32 == 0xffff_0000 => Some(last), // compatible, RFC 4291; translated, RFC 2765
        0x0064_ff9b if v6 >> 80 == 0x0064_ff9b_0001 && last != 0 => Some(last), // local translators, RFC 8215
        0x2001_0000 => Some(!last), // Teredo, RFC 4380: the client's, all bits inverted
        first if first >> 16 == 0x2002 => Some((v6 >> 80) as u32), // 6to4, RFC 3056
        _ => None,
    }
}

/// Returns the reason why text is not an address.
fn fault(text: &str) -> Reason {
    if let Some((address, port)) = text.split_once(':')
        && address.contains('.')
        && !port.contains(':')
    {
        return Reason::PortOrPrefix;
    }
    if !text.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':')) {
        return Reason::BadCharacter;
    }
    let quad = text.rsplit(':').next().unwrap_or(text);
    let octet_with_zero = |octet: &str| octet.len() > 1 && octet.starts_with('0');
    if quad.contains('.') && quad.split('.').any(octet_with_zero) {
        return Reason::LeadingZero;
    }
    Reason::IpSyntax
}

/// Compares what is written with a text, so that the normal spelling needs no buffer.
struct Spelling<'a>(&'a [u8]);

impl Write for Spelling<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part.as_bytes()).ok_or(fmt::Error)?;
        Ok(())
    }
}
