//! What the maker of a file states about it besides its content.

use crate::error::Error;
use crate::terms::{ContentDigest, MAX_INTEGER};

/// Metadata: what the maker of a file states about it besides its content. Dates are seconds since 1970, UTC.
///
/// The library never looks at a clock: equal calls write equal bytes. Whoever uses a file calls
/// [`Metadata::require_current`] with the present time.
///
/// ```
/// use veilmatch::Metadata;
///
/// let made = 1_795_506_099;
/// let metadata = Metadata { created: made, not_after: Some(made + 86_400), ..Metadata::default() };
/// metadata.require_current(made + 60)?;
/// assert_eq!(metadata.require_current(made + 86_401).unwrap_err().code(), "file_dates");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// When the file was made.
    pub created: u64,
    /// First moment at which the file may be used.
    pub not_before: Option<u64>,
    /// Last moment at which the file may be used.
    pub not_after: Option<u64>,
    /// Purpose for which the file may be used: printable ASCII, at most 256 characters.
    pub purpose: String,
    /// Head of its maker's run record before the file was made, if a record is kept.
    pub log: Option<ContentDigest>,
}

impl Metadata {
    /// Longest purpose, in bytes.
    pub const MAX_PURPOSE: usize = 256;

    /// Seconds by which the clocks of a file's maker and of its user may differ: one day.
    pub const CLOCK_TOLERANCE: u64 = 86_400;

    /// Refuses a moment outside the dates, or before the file was made. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::FileDates`], and those of [`Metadata::require_made`].
    pub fn require_current(&self, now: u64) -> Result<(), Error> {
        self.require_made(now)?;
        match (self.not_before, self.not_after) {
            (Some(bound), _) if now < bound => Err(Error::FileDates { bound, over: false }),
            (_, Some(bound)) if now > bound => Err(Error::FileDates { bound, over: true }),
            _ => Ok(()),
        }
    }

    /// Refuses a file that says it was made later than `now` by more than [`Metadata::CLOCK_TOLERANCE`]. `now` is in
    /// seconds since 1970. A date that far ahead would make all later files look old.
    ///
    /// # Errors
    ///
    /// [`Error::FromFuture`].
    pub fn require_made(&self, now: u64) -> Result<(), Error> {
        if self.created <= now.saturating_add(Self::CLOCK_TOLERANCE) {
            return Ok(());
        }
        Err(Error::FromFuture { created: self.created, now })
    }

    /// Whether every field has a form that a header can hold.
    pub(crate) fn is_valid(&self) -> bool {
        let dates = [Some(self.created), self.not_before, self.not_after];
        dates.into_iter().flatten().all(|date| date <= MAX_INTEGER)
            && self.purpose.len() <= Self::MAX_PURPOSE
            && self.purpose.bytes().all(|byte| (0x20..0x7f).contains(&byte))
    }
}
