//! Makes room for what a file tells: it returns an error rather than aborts, and takes no more than the file has shown
//! to be there.

use std::io;

use crate::error::Error;

/// Returns zeros for bytes that the length of a file has shown to be there. The file may be sparse and have any length.
pub(crate) fn zeros(len: u64) -> Result<Vec<u8>, Error> {
    let len = usize::try_from(len).map_err(|_| out_of_memory())?;
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(len).map_err(|_| out_of_memory())?;
    zeros.resize(len, 0);
    Ok(zeros)
}

/// Makes room for `more` of the items that a file tells, `all` in the end, and for as many again as there are.
///
/// Room grows in steps: what is there was found valid, and so pays for the next step; what the file only tells does
/// not.
pub(crate) fn grow<T>(items: &mut Vec<T>, more: usize, all: usize) -> Result<(), Error> {
    if items.capacity() - items.len() >= more {
        return Ok(());
    }
    let wanted = items.len().min(all.saturating_sub(items.len())).max(more);
    items.try_reserve_exact(wanted).map_err(|_| out_of_memory())
}

fn out_of_memory() -> Error {
    Error::Io(io::ErrorKind::OutOfMemory.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room for twice what is there, and in the end no more than all.
    #[test]
    fn room_grows_with_what_is_there() {
        let mut items: Vec<u8> = Vec::new();
        for all in [0, 1, 10, 1000, 1024, 1025] {
            items.clear();
            items.shrink_to_fit();
            while items.len() < all {
                let more = 10.min(all - items.len());
                grow(&mut items, more, all).unwrap();
                items.resize(items.len() + more, 0);
                assert!(items.capacity() <= all.min(2 * items.len()), "{} of {all}", items.len());
            }
            assert_eq!(items.capacity(), all);
        }
        assert_eq!(grow(&mut items, usize::MAX, usize::MAX).unwrap_err().code(), "io");
        assert_eq!(zeros(u64::MAX).unwrap_err().code(), "io");
    }
}
