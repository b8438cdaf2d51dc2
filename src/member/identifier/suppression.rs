//! The suppression list: values that are left out, and counted, because they would match for no reason: test cards,
//! burn addresses, private networks.
//!
//! The list ships with the crate and can be replaced. Its digest stands in every set's header, and sets made under
//! different lists refuse each other.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ring::digest::{Context, SHA256};

use crate::error::Error;
use crate::terms::SuppressionDigest;

use super::words::words;
use super::{Canonical, Canonicalizer, Kind, Short, net_ip};

/// Values and networks that are never matched; a look-up of anything else costs a few nanoseconds.
///
/// ```
/// use veilmatch::member::identifier::{Kind, SuppressionList};
///
/// let ours = SuppressionList::parse("net.ip/1 198.51.100.0/24\n")?;
/// assert!(ours.contains(Kind::NetIp, &[198, 51, 100, 7]));
/// assert_ne!(ours.digest(), SuppressionList::standard().digest());
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct SuppressionList {
    /// One table for each kind that has entries. They are few, so they are looked through one by one. Networks stand in
    /// the next field.
    values: Vec<(Kind, Table)>,
    networks: Networks,
    len: usize,
    digest: SuppressionDigest,
}

/// One line of a list: order, equality and digest are over these three.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Kinds are ordered as their ids.
    kind: Kind,
    canonical: Vec<u8>,
    /// Number of bits of the canonical bytes that count: all bits, except for networks.
    bits: u16,
}

impl SuppressionList {
    /// The text of the list that ships with this crate; your own list may begin with it.
    pub const STANDARD: &'static str = include_str!("suppression.txt");

    /// Returns the list that ships with this crate; it is shared.
    pub fn standard() -> Arc<Self> {
        static STANDARD: OnceLock<Arc<SuppressionList>> = OnceLock::new();
        let parse = || Self::parse(Self::STANDARD).expect("the list that ships is valid, a test parses it");
        Arc::clone(STANDARD.get_or_init(|| Arc::new(parse())))
    }

    /// Returns a list that suppresses nothing; it is shared.
    pub fn none() -> Arc<Self> {
        static NONE: OnceLock<Arc<SuppressionList>> = OnceLock::new();
        Arc::clone(NONE.get_or_init(|| Arc::new(Self::from_entries(Vec::new()))))
    }

    /// Reads a list. Each line is `kind-id value`; `#` begins a comment at the start of a line or after a space;
    /// networks of `net.ip/1` are written `address/bits`.
    ///
    /// Each value goes through the rule of its kind, so any spelling will do; national phone numbers are not
    /// understood. Order, comments and repetitions do not change the digest.
    ///
    /// ```
    /// use veilmatch::member::identifier::SuppressionList;
    ///
    /// let ours = SuppressionList::parse("# office\nnet.ip/1 198.51.100.0/24\n")?;
    /// assert_eq!(ours.len(), 1);
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::SuppressionList`] with the number of the first line that is not valid, never its value.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split_once(" #").map_or(line, |(before, _)| before).trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = parse_entry(line);
            entries.push(entry.map_err(|expected| Error::SuppressionList { line: index + 1, expected })?);
        }
        Ok(Self::from_entries(entries))
    }

    fn from_entries(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let digest = digest(&entries);
        let len = entries.len();
        let mut networks = Networks::default();
        let mut values: Vec<(Kind, Vec<Box<[u8]>>)> = Vec::new();
        for entry in entries {
            match (entry.kind, values.last_mut()) {
                (Kind::NetIp, _) => networks.add(&entry.canonical, entry.bits),
                (kind, Some((last, values))) if kind == *last => values.push(entry.canonical.into()),
                (kind, _) => values.push((kind, vec![entry.canonical.into()])),
            }
        }
        let values = values.into_iter().map(|(kind, values)| (kind, Table::new(values))).collect();
        Self { values, networks, len, digest }
    }

    /// Returns the digest of the list: equal for every order and spelling of the same entries.
    pub fn digest(&self) -> SuppressionDigest {
        self.digest
    }

    /// Returns the number of distinct entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it suppresses nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the canonical form stands on the list or lies within one of its networks. An IPv6 address that is made
    /// of an IPv4 address is found by that address too.
    #[inline]
    pub fn contains(&self, kind: Kind, canonical: &[u8]) -> bool {
        match kind {
            Kind::NetIp => self.networks.contains(canonical),
            _ => self.table(&kind).is_some_and(|table| table.contains(canonical, &hashed(canonical))),
        }
    }

    /// Looks up a form in its buffer, which needs no copy of it.
    #[inline]
    pub(super) fn contains_form(&self, kind: &Kind, form: &Canonical) -> bool {
        match (kind, form.first_block().first_chunk()) {
            (Kind::NetIp, _) => self.networks.contains(form.as_bytes()),
            (_, Some(hashed)) => {
                self.table(kind).is_some_and(|table| table.contains(form.as_bytes(), hashed))
            }
            (_, None) => self.contains(*kind, form.as_bytes()),
        }
    }

    /// Whether a form may be on the list; `false` is certain. It does not know networks.
    #[inline]
    pub(super) fn may_contain(&self, kind: &Kind, form: &Short) -> bool {
        self.table(kind).is_some_and(|table| table.may_contain(form.words()))
    }

    #[inline]
    fn table(&self, kind: &Kind) -> Option<&Table> {
        self.values.iter().find(|(of, _)| of == kind).map(|(_, table)| table)
    }
}

/// Says how many entries there are, never which: your own list may hold personal data.
impl fmt::Debug for SuppressionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SuppressionList({} entries, {})", self.len, self.digest)
    }
}

fn parse_entry(line: &str) -> Result<Entry, &'static str> {
    let (id, value) = line.split_once(char::is_whitespace).ok_or("a kind id, a space and a value")?;
    let kind = id.parse().ok().filter(|kind: &Kind| kind.id() == id);
    let kind = kind.ok_or("the id of a kind of this build, with its version")?;
    let (value, bits) = match value.split_once('/') {
        Some((address, bits)) if kind == Kind::NetIp => {
            (address, Some(bits.parse::<u16>().map_err(|_| "a number of bits after the slash")?))
        }
        _ => (value, None),
    };
    let mut out = Canonical::new();
    let rule = Canonicalizer { kind, national: None, suppression: SuppressionList::none() };
    rule.apply_grammar(value.as_bytes(), &mut out)
        .map_err(|_| "a value that the rule of the kind accepts")?;
    let canonical = out.as_bytes().to_vec();
    let all_bits = canonical.len() as u16 * 8; // at most 255 bytes
    let bits = bits.unwrap_or(all_bits);
    if bits > all_bits || any_bit_from(&canonical, bits) {
        return Err("a network within its address's length, all bits after the prefix zero");
    }
    Ok(Entry { kind, canonical, bits })
}

/// Whether any bit from number `bits` on is set.
fn any_bit_from(bytes: &[u8], bits: u16) -> bool {
    let (whole, rest) = (usize::from(bits / 8), bits % 8);
    bytes
        .iter()
        .skip(whole)
        .enumerate()
        .any(|(place, byte)| byte & if place == 0 { 0xff >> rest } else { 0xff } != 0)
}

/// SHA-256("veilmatch/1 suppression" ‖ per entry lp(kind id) ‖ lp(canonical) ‖ bits as two bytes).
fn digest(entries: &[Entry]) -> SuppressionDigest {
    let mut context = Context::new(&SHA256);
    context.update(b"veilmatch/1 suppression");
    for entry in entries {
        for part in [entry.kind.id().as_bytes(), &entry.canonical] {
            context.update(&(part.len() as u16).to_be_bytes()); // both at most 255
            context.update(part);
        }
        context.update(&entry.bits.to_be_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    SuppressionDigest(bytes)
}

/// A sorted array behind a bit table; the bit table answers for nearly every value after one multiplication.
struct Table {
    /// One bit for each possible hash, set if an entry has that hash; empty without entries.
    hashes: Box<[u64]>,
    values: Vec<Box<[u8]>>,
}

impl Table {
    /// Takes values in order.
    fn new(values: Vec<Box<[u8]>>) -> Self {
        // There are 64 bits for an entry: one value in 64 goes on to the search.
        let len = if values.is_empty() { 0 } else { values.len().next_power_of_two() };
        let mut table = Self { hashes: vec![0; len].into(), values };
        for value in &table.values {
            let hash = hash(words(&hashed(value)));
            table.hashes[(hash >> 6) as usize & (len - 1)] |= 1 << (hash & 63);
        }
        table
    }

    #[inline]
    fn contains(&self, value: &[u8], hashed: &[u8; HASHED]) -> bool {
        self.may_contain(words(hashed)) && self.values.binary_search_by(|entry| (**entry).cmp(value)).is_ok()
    }

    #[inline]
    fn may_contain(&self, hashed: [u64; HASHED / 8]) -> bool {
        if self.hashes.is_empty() {
            return false;
        }
        let hash = hash(hashed);
        let word = self.hashes[(hash >> 6) as usize & (self.hashes.len() - 1)]; // a power of two
        word >> (hash & 63) & 1 == 1
    }
}

/// The number of bytes of a form that go into its hash; zeros stand for those beyond its end.
const HASHED: usize = 24;

fn hashed(value: &[u8]) -> [u8; HASHED] {
    let mut bytes = [0; HASHED];
    let len = value.len().min(HASHED);
    bytes[..len].copy_from_slice(&value[..len]);
    bytes
}

/// Mixes the first bytes; only speed depends on its quality.
#[inline]
fn hash([a, b, c]: [u64; HASHED / 8]) -> u32 {
    let mixed = a.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ b.wrapping_mul(0xbf58_476d_1ce4_e5b9)
        ^ c.wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 32) as u32
}

/// Ranges of addresses, sorted and merged, by family.
#[derive(Default)]
struct Networks {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

impl Networks {
    /// Adds the network of these leading `bits`; networks come in order of their first address.
    fn add(&mut self, canonical: &[u8], bits: u16) {
        if let Ok(bytes) = canonical.try_into() {
            let first = u32::from_be_bytes(bytes);
            merge(&mut self.v4, (first, first | u32::MAX.checked_shr(bits.into()).unwrap_or(0)));
        } else if let Ok(bytes) = canonical.try_into() {
            let first = u128::from_be_bytes(bytes);
            merge(&mut self.v6, (first, first | u128::MAX.checked_shr(bits.into()).unwrap_or(0)));
        }
    }

    #[inline]
    fn contains(&self, canonical: &[u8]) -> bool {
        if let Ok(bytes) = canonical.try_into() {
            within(&self.v4, u32::from_be_bytes(bytes))
        } else if let Ok(bytes) = canonical.try_into() {
            let address = u128::from_be_bytes(bytes);
            within(&self.v6, address) || net_ip::embedded(address).is_some_and(|v4| within(&self.v4, v4))
        } else {
            false
        }
    }
}

/// Adds a range that begins no earlier than the last one.
fn merge<A: Ord + Copy>(ranges: &mut Vec<(A, A)>, (first, last): (A, A)) {
    match ranges.last_mut() {
        Some(before) if first <= before.1 => before.1 = before.1.max(last),
        _ => ranges.push((first, last)),
    }
}

#[inline]
fn within<A: Ord + Copy>(ranges: &[(A, A)], address: A) -> bool {
    let beyond = ranges.partition_point(|(first, _)| *first <= address);
    beyond > 0 && address <= ranges[beyond - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_ships_is_frozen() {
        let list = SuppressionList::standard();
        assert_eq!(
            (list.len(), list.digest().to_string().as_str()),
            (114, "f5d4752d3b8ff5999aee3c66a4cf335ce8f62284530d0570ab966950b0abc01e")
        );
    }

    #[test]
    fn the_digest_is_over_what_stands_there() {
        let digest = |text: &str| SuppressionList::parse(text).unwrap().digest();
        let one = "card.pan/1 4242424242424242\nnet.ip/1 10.0.0.0/8\n";
        let other =
            "# x\r\n\n  net.ip/1  10.0.0.0/8 # y\ncard.pan/1 4242-4242 4242 4242\nnet.ip/1 10.0.0.0/8";
        assert_eq!(digest(one), digest(other));
        assert_ne!(digest(one), digest("card.pan/1 4242424242424242"));
        assert_ne!(digest("net.ip/1 10.0.0.0/8"), digest("net.ip/1 10.0.0.0/9"));
        assert_eq!(digest("net.ip/1 10.0.0.0"), digest("net.ip/1 10.0.0.0/32"));
        assert_eq!(digest(""), SuppressionList::none().digest());
        let mut context = Context::new(&SHA256);
        context.update(b"veilmatch/1 suppression\0\x0acard.pan/1\0\x104242424242424242\0\x80");
        context.update(b"\0\x08net.ip/1\0\x04\x0a\0\0\0\0\x08");
        assert_eq!(digest(one).0, context.finish().as_ref());
    }

    #[test]
    fn invalid_lines_are_named_by_number_and_never_shown() {
        for bad in [
            "card.pan/1",
            "card.pan 4242424242424242",
            "card.pan/2 4242424242424242",
            "card.pan/1 4242424242424241",
            "phone.e164/1 020 7946 0958",
            "net.ip/1 10.0.0.1/8",
            "net.ip/1 10.0.0.0/33",
            "net.ip/1 2001:db8::/129",
            "net.ip/1 10.0.0.0/",
            "net.ip/1 10.0.0.0/-1",
            "net.ip/1 2001:db8:8000::/32",
            "net.ip/1 ::ffff:10.0.0.0/104",
        ] {
            let error = SuppressionList::parse(&format!("# first\n{bad}\n")).unwrap_err();
            assert!(matches!(error, Error::SuppressionList { line: 2, .. }), "{bad}");
            assert!(!error.to_string().contains("424242") && !error.to_string().contains("10.0"), "{bad}");
        }
    }

    #[test]
    fn a_look_up_is_membership() {
        let values: Vec<String> = (0..500u32).map(|n| format!("0x{:040x}", n * 7)).collect();
        let text: String = values.iter().rev().map(|value| format!("crypto.evm/1 {value}\n")).collect();
        let list = SuppressionList::parse(&text).unwrap();
        for n in 0..3500u32 {
            let mut address = [0; 20];
            address[16..].copy_from_slice(&n.to_be_bytes());
            assert_eq!(list.contains(Kind::CryptoEvm, &address), n % 7 == 0, "{n}");
            assert!(!list.contains(Kind::CardPan, &address));
        }
        assert!(!list.contains(Kind::CryptoEvm, b"") && !list.contains(Kind::NetIp, b""));
    }

    #[test]
    fn each_kind_has_entries_of_its_own() {
        let list = "opaque.b/1 x y\nopaque.a/1 z\ncrypto.evm/1 0x52908400098527886e0f7030069857d2e4169ee7\nopaque.a/1 x y\n";
        let list = SuppressionList::parse(list).unwrap();
        let kind = |id: &str| id.parse::<Kind>().unwrap();
        assert!(list.contains(kind("opaque.a/1"), b"x y") && list.contains(kind("opaque.a/1"), b"z"));
        assert!(list.contains(kind("opaque.b/1"), b"x y") && !list.contains(kind("opaque.b/1"), b"z"));
        assert!(!list.contains(kind("opaque.c/1"), b"x y") && !list.contains(Kind::PaypalId, b"x y"));
        assert_eq!(list.len(), 4);
    }

    /// The list finds an IPv6 address by its IPv4 address, in each of the ways of SPEC.md 3.4.
    #[test]
    fn the_standard_list_reaches_into_addresses_that_embed_ipv4() {
        let list = SuppressionList::standard();
        let within = |text: &str| {
            let mut out = Canonical::new();
            Canonicalizer::new(Kind::NetIp).apply_grammar(text.as_bytes(), &mut out).unwrap();
            list.contains(Kind::NetIp, out.as_bytes())
        };
        for (private, public) in [
            ("::ffff:10.0.0.1", "::ffff:8.8.8.8"),
            ("64:ff9b::192.168.1.1", "64:ff9b::8.8.8.8"),
            ("64:ff9b:1::127.0.0.1", "64:ff9b:1::8.8.8.8"),
            ("64:ff9b:1:fffe::10.1.2.3", "64:ff9b:1:808:8:800::"),
            ("::10.0.0.1", "::8.8.8.8"),
            ("::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8"),
            ("2002:a00:1::1", "2002:808:808::1"),
            ("2002:7f00:1:2:3:4:5:6", "2003:7f00:1:2:3:4:5:6"),
            ("2001:0:808:808:0:ffff:f5ff:fffe", "2001:0:a00:1:0:ffff:f7f7:f7f7"), // the client's counts
        ] {
            assert!(within(private), "{private}");
            assert!(!within(public), "{public}");
        }
        // The prefix in front is a site's own, so the address is the only one in the world.
        for apart in ["2a01::200:5efe:10.0.0.1", "2a01::10.0.0.1", "64:ff9b:2::10.0.0.1", "2001:1::f5ff:fffe"]
        {
            assert!(!within(apart), "{apart}");
        }
        assert!(!SuppressionList::none().contains(Kind::NetIp, &[0; 16]));
    }

    #[test]
    fn a_network_is_every_address_in_it_and_no_other() {
        let list = SuppressionList::parse(
            "net.ip/1 10.0.0.0/8\nnet.ip/1 10.1.0.0/16\nnet.ip/1 11.0.0.0/31\nnet.ip/1 192.0.2.7\nnet.ip/1 2001:db8::/33\n",
        )
        .unwrap();
        let within = |text: &str| match text.parse::<std::net::IpAddr>().unwrap() {
            std::net::IpAddr::V4(v4) => list.contains(Kind::NetIp, &v4.octets()),
            std::net::IpAddr::V6(v6) => list.contains(Kind::NetIp, &v6.octets()),
        };
        for inside in [
            "10.0.0.0",
            "10.1.2.3",
            "10.200.0.1",
            "10.255.255.255",
            "11.0.0.1",
            "192.0.2.7",
            "2001:db8:7fff::1",
        ] {
            assert!(within(inside), "{inside}");
        }
        for outside in [
            "9.255.255.255",
            "11.0.0.2",
            "192.0.2.6",
            "192.0.2.8",
            "0.0.0.0",
            "255.255.255.255",
            "2001:db8:8000::",
            "::",
        ] {
            assert!(!within(outside), "{outside}");
        }
        let all = SuppressionList::parse("net.ip/1 0.0.0.0/0\n").unwrap();
        assert!(all.contains(Kind::NetIp, &[255; 4]) && !all.contains(Kind::NetIp, &[255; 16]));
        let all = SuppressionList::parse("net.ip/1 ::/0\n").unwrap();
        assert!(all.contains(Kind::NetIp, &[255; 16]) && !all.contains(Kind::NetIp, &[255; 4]));
    }
}
