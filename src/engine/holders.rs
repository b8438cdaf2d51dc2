//! The holders of a token: one bit for each member, members in order of name.

use std::fmt;

use crate::container::sizes::holders_len;

/// The members that hold one token, as positions in the list of members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct HolderRow<'a> {
    bits: &'a [u8],
}

impl<'a> HolderRow<'a> {
    /// Positions of the holders, ascending.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> + 'a {
        self.bits.iter().enumerate().flat_map(|(index, byte)| {
            let mut left = *byte;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.checked_sub(1)?;
                Some(8 * index + bit as usize)
            })
        })
    }

    /// Returns one bit for each member, as the files write them.
    pub(crate) fn as_bytes(self) -> &'a [u8] {
        self.bits
    }

    /// How many there are.
    pub(crate) fn count(self) -> usize {
        self.bits.iter().map(|byte| byte.count_ones() as usize).sum()
    }

    /// Whether the member at this position is one of them.
    pub(crate) fn contains(self, member: usize) -> bool {
        self.bits.get(member / 8).is_some_and(|byte| byte >> (member % 8) & 1 == 1)
    }
}

impl fmt::Debug for HolderRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The holders of many tokens: a row of bits for each, as the files write them.
///
/// Member `i` is bit `i % 8` of byte `i / 8`; unused bits are 0.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HolderTable {
    members: usize,
    bytes: Vec<u8>,
}

impl HolderTable {
    pub(crate) fn new(members: usize) -> Self {
        Self { members, bytes: Vec::new() }
    }

    /// Returns the bytes of a row for this number of members.
    pub(crate) const fn row_len(members: usize) -> usize {
        holders_len(members)
    }

    pub(crate) fn push(&mut self, holders: impl IntoIterator<Item = usize>) {
        let start = self.bytes.len();
        self.bytes.resize(start + Self::row_len(self.members), 0);
        for member in holders {
            self.bytes[start + member / 8] |= 1 << (member % 8);
        }
    }

    /// Adds a row as a file has it. Returns false if the row sets a bit that stands for no member.
    pub(crate) fn push_row(&mut self, row: &[u8]) -> bool {
        debug_assert_eq!(row.len(), Self::row_len(self.members));
        self.bytes.extend_from_slice(row);
        let unused = row.len() * 8 - self.members;
        row.last().is_none_or(|last| usize::try_from(last.leading_zeros()).is_ok_and(|zeros| zeros >= unused))
    }

    pub(crate) fn append(&mut self, later: &HolderTable) {
        self.bytes.extend_from_slice(&later.bytes);
    }

    pub(crate) fn row(&self, index: usize) -> HolderRow<'_> {
        let len = Self::row_len(self.members);
        HolderRow { bits: &self.bytes[index * len..(index + 1) * len] }
    }

    pub(crate) fn row_bytes(&self, index: usize) -> &[u8] {
        self.row(index).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_return_the_members_that_were_put_in() {
        for members in [1, 2, 7, 8, 9, 300] {
            let mut table = HolderTable::new(members);
            let rows: [Vec<usize>; 3] = [vec![], vec![members - 1], (0..members).collect()];
            for row in &rows {
                table.push(row.iter().copied());
            }
            for (index, row) in rows.iter().enumerate() {
                assert_eq!(table.row(index).iter().collect::<Vec<_>>(), *row);
                assert_eq!(table.row(index).count(), row.len());
                assert!(row.iter().all(|member| table.row(index).contains(*member)));
            }
            assert!(!table.row(2).contains(members));
        }
    }

    #[test]
    fn bits_beyond_the_members_are_noticed() {
        assert!(HolderTable::new(9).push_row(&[0xff, 0x01]));
        assert!(!HolderTable::new(9).push_row(&[0x00, 0x02]));
        assert!(HolderTable::new(8).push_row(&[0xff]));
    }
}
