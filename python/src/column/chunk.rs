//! A piece of a column in memory: an Arrow array of strings or bytes.

use arrow_array::cast::AsArray as _;
use arrow_array::types::ArrowDictionaryKeyType;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, DictionaryArray, FixedSizeBinaryArray, LargeBinaryArray,
    downcast_dictionary_array,
};
use arrow_buffer::ArrowNativeType as _;
use arrow_schema::DataType;
use veilmatch::member::rows::ColumnChunk;

/// An array whose values are read in place. Strings are taken as the bytes that they are.
pub(crate) enum Chunk {
    Binary(BinaryArray),
    LargeBinary(LargeBinaryArray),
    View(BinaryViewArray),
    FixedSize(FixedSizeBinaryArray),
    Null(usize),
    Dictionary { rows: usize, keys: Keys, values: Box<Chunk> },
}

/// Finds the place of a row's value among the values of a dictionary.
type Keys = Box<dyn Fn(usize) -> Option<usize> + Send + Sync>;

impl Chunk {
    /// Takes an array without copying it, or says why it cannot be a column of identifiers.
    pub(crate) fn new(array: ArrayRef) -> Result<Self, String> {
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Binary(array.as_string::<i32>().clone().into()),
            DataType::LargeUtf8 => Self::LargeBinary(array.as_string::<i64>().clone().into()),
            DataType::Utf8View => Self::View(array.as_string_view().clone().to_binary_view()),
            DataType::Binary => Self::Binary(array.as_binary::<i32>().clone()),
            DataType::LargeBinary => Self::LargeBinary(array.as_binary::<i64>().clone()),
            DataType::BinaryView => Self::View(array.as_binary_view().clone()),
            DataType::FixedSizeBinary(_) => Self::FixedSize(array.as_fixed_size_binary().clone()),
            DataType::Null => Self::Null(array.len()),
            DataType::Dictionary(..) => {
                let array = array.as_ref();
                downcast_dictionary_array!(
                    array => Self::of_dictionary(array)?,
                    other => return Err(refusal(other))
                )
            }
            other => return Err(refusal(other)),
        })
    }

    fn of_dictionary<K: ArrowDictionaryKeyType>(array: &DictionaryArray<K>) -> Result<Self, String> {
        let values = Box::new(Self::new(array.values().clone())?);
        let (rows, keys) = (array.len(), array.keys().clone());
        let key = move |row: usize| keys.is_valid(row).then(|| keys.value(row).as_usize());
        Ok(Self::Dictionary { rows, keys: Box::new(key), values })
    }
}

impl ColumnChunk for Chunk {
    fn rows(&self) -> usize {
        match self {
            Self::Binary(array) => array.len(),
            Self::LargeBinary(array) => array.len(),
            Self::View(array) => array.len(),
            Self::FixedSize(array) => array.len(),
            Self::Null(rows) | Self::Dictionary { rows, .. } => *rows,
        }
    }

    #[inline]
    fn value(&self, row: usize) -> Option<&[u8]> {
        match self {
            Self::Binary(array) => array.is_valid(row).then(|| array.value(row)),
            Self::LargeBinary(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
            Self::FixedSize(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Null(_) => None,
            Self::Dictionary { keys, values, .. } => values.value(keys(row)?),
        }
    }
}

/// Whether arrays of a type are taken; dictionaries are, if their values are.
pub(super) fn is_taken(found: &DataType) -> bool {
    matches!(
        found,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_)
            | DataType::Null
    )
}

pub(super) fn refusal(found: &DataType) -> String {
    let lost = if found.is_numeric() {
        "; numbers have lost leading zeros, so take the column as it was exported"
    } else {
        ""
    };
    format!("expected a column of strings or bytes, got {found}{lost}")
}
