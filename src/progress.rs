//! How a caller watches a long call, and stops it.

/// Told how far a call has come, and asked whether to go on; called from several threads, often.
///
/// `()` watches nothing and never stops: pass `&()`.
pub trait Progress: Sync {
    /// So many more items are done: rows where rows are read, tokens where sets are matched.
    fn advance(&self, _items: u64) {}

    /// Whether to give up; the call then returns [`Error::Cancelled`](crate::Error::Cancelled) soon.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl Progress for () {}

/// Reports `items` done, or an error if the caller wants to stop.
pub(crate) fn advance(progress: &dyn Progress, items: u64) -> Result<(), crate::error::Error> {
    if progress.is_cancelled() {
        return Err(crate::error::Error::Cancelled);
    }
    progress.advance(items);
    Ok(())
}
