//! Where a Parquet file is at fault.

/// Where a fault of a Parquet file shows.
///
/// ```
/// use veilmatch::Error;
/// use veilmatch::error::ParquetPlace;
///
/// let place = ParquetPlace { row_group: 2, first_row: 122_881, column: "iban".to_owned() };
/// let error = Error::Parquet { place: Some(place), problem: "it ends too early" };
/// assert_eq!(error.to_string(), "Parquet: row group 2, from row 122881 on, column \"iban\": it ends too early");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParquetPlace {
    /// Number of the row group, counted from 1.
    pub row_group: usize,
    /// Number of its first row in the file, counted from 1.
    pub first_row: u64,
    /// Name of the column.
    pub column: String,
}
