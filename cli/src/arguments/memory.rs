//! An amount of memory, as people write it.

use std::str::FromStr;

/// An amount in bytes: a number, followed by KiB, MiB, GiB or TiB, or by nothing for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(u64);

impl Memory {
    pub(crate) fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Memory {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let shift = match &text[digits..] {
            "" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            "TiB" => 40,
            _ => return Err("expected a size such as 512MiB or 4GiB"),
        };
        let number: Option<u64> = text[..digits].parse().ok();
        let bytes = number.and_then(|number| number.checked_mul(1 << shift)).filter(|bytes| *bytes > 0);
        bytes.map(Self).ok_or("expected a size above 0, such as 512MiB or 4GiB")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in
            [("1", 1), ("4096", 4096), ("3KiB", 3 << 10), ("512MiB", 512 << 20), ("2GiB", 2 << 30)]
        {
            assert_eq!(text.parse(), Ok(Memory(bytes)), "{text}");
        }
        for text in
            ["", "0", "GiB", "-1", "1.5GiB", "1 GiB", "1GB", "1gib", "99999999999999999999", "99999999TiB"]
        {
            assert!(text.parse::<Memory>().is_err(), "{text}");
        }
    }
}
