//! Elements of a file, read in batches of any number of records.

use crate::container::chunked::Chunked;
use crate::container::digest::TOGETHER;
use crate::container::sizes::{BATCH, ELEMENT_LEN};
use crate::error::Error;
use crate::oprf::{Element, MAX_BATCH};

const _: () = assert!(BATCH == MAX_BATCH as u64 && ELEMENT_LEN == size_of::<Element>());

/// What is left of a file's records, each verified before it is given out. Memory: what is asked for, and a MiB.
pub(super) struct Rest<'a> {
    records: &'a Chunked,
    chunk: usize,
    read: Vec<u8>,
    /// How much of it was given out.
    given: usize,
    buffer: Vec<u8>,
}

impl<'a> Rest<'a> {
    pub(super) fn of(records: &'a Chunked) -> Self {
        Self { records, chunk: 0, read: Vec::new(), given: 0, buffer: Vec::new() }
    }

    /// Returns the next records, which must be there.
    pub(super) fn take(&mut self, records: usize) -> Result<Vec<Element>, Error> {
        let wanted = records * ELEMENT_LEN;
        self.read.drain(..self.given);
        self.given = 0;
        while self.read.len() < wanted {
            let to = self.records.index().chunks().min(self.chunk + TOGETHER);
            let read = &mut self.read;
            self.records.read(self.chunk..to, &mut self.buffer, |bytes| read.extend_from_slice(bytes))?;
            self.chunk = to;
        }
        self.given = wanted;
        let (elements, _) = self.read[..wanted].as_chunks();
        Ok(elements.iter().copied().map(Element).collect())
    }
}

/// Returns the bytes of elements.
pub(super) fn bytes(elements: &[Element]) -> Vec<u8> {
    elements.iter().flat_map(|element| element.0).collect()
}
