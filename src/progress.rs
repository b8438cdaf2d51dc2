//! Watching and stopping a long call.

/// Watches a long call, and can stop it. Several threads call it, often.
///
/// Rows, queries and builders of sets take one by `with_progress`; without it nothing is watched and nothing stops.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use veilmatch::Progress;
///
/// /// Counts, and gives up after a million.
/// struct AtMost(AtomicU64);
///
/// impl Progress for AtMost {
///     fn advance(&self, items: u64) {
///         self.0.fetch_add(items, Ordering::Relaxed);
///     }
///     fn is_cancelled(&self) -> bool {
///         self.0.load(Ordering::Relaxed) > 1_000_000
///     }
/// }
/// ```
pub trait Progress: Sync {
    /// Adds items that are done: rows where rows are read, tokens where sets are matched.
    fn advance(&self, _items: u64) {}

    /// Whether to stop; the call then returns [`Error::Cancelled`](crate::Error::Cancelled) soon.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Watches nothing and never stops.
impl Progress for () {}

/// Reports `items` done; returns an error if the caller wants to stop.
pub(crate) fn advance(progress: &dyn Progress, items: u64) -> Result<(), crate::error::Error> {
    if progress.is_cancelled() {
        return Err(crate::error::Error::Cancelled);
    }
    progress.advance(items);
    Ok(())
}
