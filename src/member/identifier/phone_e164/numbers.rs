//! The national numbers of each calling code: their lengths by first digit.
//!
//! The table is frozen with `phone.e164/1`, so that two builds never differ. It is coarse on purpose: it tells a number
//! from one with a digit too many, but not a number that is assigned from one that is free.

/// The calling codes of ITU-T E.164 and the lengths of the national plans; SPEC.md 3.11 says how to read the table and
/// where it is from.
const TABLE: &str = include_str!("../../../../spec/phone-plans-1.tsv");

/// The national numbers under one calling code: for each first digit the lengths, bit n for n digits.
#[derive(Clone, Copy)]
pub(super) struct NationalNumbers(&'static [u16; 10]);

impl NationalNumbers {
    /// Returns the national numbers of an assigned calling code.
    #[inline]
    pub(super) fn under(code: &[u8]) -> Option<Self> {
        let code = code.iter().fold(0, |code, digit| 10 * code + usize::from(digit - b'0'));
        match *PLANS.places.get(code)? {
            0 => None,
            place => Some(Self(&PLANS.lengths[usize::from(place)])),
        }
    }

    /// Whether numbers with this first digit have this length.
    #[inline]
    pub(super) fn contain(self, national: &[u8]) -> bool {
        let lengths = national.first().map_or(0, |first| self.0[usize::from(first - b'0')]);
        u32::from(lengths) >> national.len() & 1 == 1 // no more than the 19 digits of `MAX_DIALLED`
    }

    /// Whether some numbers begin with a zero, which is then dialled from abroad too.
    pub(super) fn begin_with_zero(self) -> bool {
        self.0[0] != 0
    }
}

/// The table, as it is looked up.
struct Plans {
    /// Place of the lengths of each calling code; 0 if nobody has the code.
    places: [u8; 1000],
    lengths: [[u16; 10]; ROWS + 1],
}

const ROWS: usize = rows(TABLE.as_bytes());

static PLANS: Plans = parse(TABLE.as_bytes());

/// Counts the lines after the first, which is a comment.
const fn rows(table: &[u8]) -> usize {
    let (mut rows, mut at) = (0, 0);
    while at < table.len() {
        rows += (table[at] == b'\n') as usize;
        at += 1;
    }
    rows - 1
}

/// Reads the table when this is compiled; a fault in it is a fault of the build.
const fn parse(table: &[u8]) -> Plans {
    let mut plans = Plans { places: [0; 1000], lengths: [[0; 10]; ROWS + 1] };
    let mut at = 0;
    while table[at] != b'\n' {
        at += 1;
    }
    at += 1;
    let mut place = 1;
    while at < table.len() {
        let (code, tab) = number(table, at);
        assert!(table[tab] == b'\t' && plans.places[code] == 0);
        plans.places[code] = place as u8; // fewer than 256, as there are codes
        at = tab;
        while table[at] != b'\n' {
            let (lengths, end) = group(table, at + 1);
            let mut digit = at + 1;
            while table[digit] != b':' {
                plans.lengths[place][(table[digit] - b'0') as usize] = lengths;
                digit += 1;
            }
            at = end;
        }
        at += 1;
        place += 1;
    }
    plans
}

/// Reads the lengths of a group `first digits:lengths`; returns also where the group ends.
const fn group(table: &[u8], mut at: usize) -> (u16, usize) {
    while table[at] != b':' {
        at += 1;
    }
    let mut lengths = 0;
    loop {
        let (first, mut end) = number(table, at + 1);
        let mut last = first;
        if table[end] == b'-' {
            (last, end) = number(table, end + 1);
        }
        assert!(0 < first && first <= last && last < 15);
        lengths |= (2 << last) - (1 << first);
        at = end;
        if table[at] != b',' {
            return (lengths, at);
        }
    }
}

/// Reads a decimal; returns also where it ends.
const fn number(table: &[u8], mut at: usize) -> (usize, usize) {
    let (start, mut number) = (at, 0);
    while table[at].is_ascii_digit() {
        number = 10 * number + (table[at] - b'0') as usize;
        at += 1;
    }
    assert!(at > start);
    (number, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::identifier::phone_e164::calling_code_len;

    /// Reads the table a second way.
    #[test]
    fn the_table_is_what_is_looked_up() {
        let mut codes = Vec::new();
        for line in TABLE.lines().skip(1) {
            let (code, groups) = line.split_once('\t').unwrap();
            assert_eq!(calling_code_len(code.as_bytes()), code.len(), "{code}");
            let numbers = NationalNumbers::under(code.as_bytes()).unwrap();
            let has = |first: char, length: usize| {
                groups.split(' ').any(|group| {
                    let (firsts, lengths) = group.split_once(':').unwrap();
                    let within = |run: &str| {
                        let (least, most) = run.split_once('-').unwrap_or((run, run));
                        (least.parse().unwrap()..=most.parse().unwrap()).contains(&length)
                    };
                    firsts.contains(first) && lengths.split(',').any(within)
                })
            };
            for first in '0'..='9' {
                for length in 1..=15 {
                    let national = first.to_string().repeat(length);
                    assert_eq!(numbers.contain(national.as_bytes()), has(first, length), "{code} {national}");
                }
            }
            assert!(!numbers.contain(b""));
            codes.push(code.parse::<usize>().unwrap());
        }
        assert!(codes.len() == 215 && codes.is_sorted());
        for code in 0..1000 {
            let found = NationalNumbers::under(code.to_string().as_bytes()).is_some();
            assert_eq!(found, codes.contains(&code), "{code}");
        }
    }

    /// A change of the table is a change of the rule, and few rows of the self-test would show it.
    #[test]
    fn the_table_is_frozen() {
        use ring::digest::{SHA256, digest};
        let found: String =
            digest(&SHA256, TABLE.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, "ff54f85400b6b4c2c39c96ed21f1aa5b4ddc1160f8c9a85127b234a9de627f08");
        assert!(include_str!("../../../../SPEC.md").contains(&format!("`{found}`")));
    }
}
