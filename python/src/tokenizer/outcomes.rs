//! What becomes of each row, all in one: its token, or why it has none, and what is odd about it.

use std::sync::{Arc, LazyLock};

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, FixedSizeBinaryArray, Int8Array, StringArray, StructArray,
};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_schema::{DataType, Field, Fields};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use veilmatch::member::identifier::Outcome;
use veilmatch::member::rows::ColumnChunk as _;
use veilmatch::{Error, Progress as _, Reason, Token};

use super::{Part, SUPPRESSED, parts};
use crate::column::Chunk;
use crate::watch::Watch;

/// The type of a reason: the place of its name in [`NAMES`].
pub(super) fn reason_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8))
}

/// The fields of a row's outcome.
pub(super) fn fields() -> Fields {
    let field = |name, data_type| Field::new(name, data_type, true);
    Fields::from(vec![
        field("token", DataType::FixedSizeBinary(Token::LEN as i32)),
        field("reason", reason_type()),
        field("changed", DataType::Boolean),
        field("warning", DataType::Boolean),
    ])
}

/// What became of one row. It is small, since there is one for each row of a group.
#[derive(Clone, Copy, Default)]
struct Row {
    token: Option<Token>,
    reason: Option<i8>,
    changed: bool,
    warning: bool,
}

pub(super) fn outcomes(
    tokenizer: &veilmatch::member::Tokenizer,
    group: &[Chunk],
    watch: &Watch,
) -> Result<ArrayRef, Error> {
    let mut rows = vec![Row::default(); group.iter().map(|chunk| chunk.rows()).sum()];
    parts(group, &mut rows).into_par_iter().try_for_each(|part| {
        if watch.is_cancelled() {
            return Err(Error::Cancelled);
        }
        work(tokenizer, part, watch);
        Ok(())
    })?;
    let held: NullBuffer = rows.iter().map(|row| row.token.is_some()).collect();
    let mut bytes = Vec::with_capacity(rows.len() * Token::LEN);
    for row in &rows {
        bytes.extend_from_slice(row.token.as_ref().map_or(&[0; Token::LEN], |token| token.as_bytes()));
    }
    let tokens = FixedSizeBinaryArray::new(Token::LEN as i32, Buffer::from_vec(bytes), Some(held));
    let reasons = reason_array(rows.iter().map(|row| row.reason));
    let flags =
        |of: fn(&Row) -> bool| Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(of(row)))));
    let columns: Vec<ArrayRef> =
        vec![Arc::new(tokens), reasons, flags(|row| row.changed), flags(|row| row.warning)];
    Ok(Arc::new(StructArray::new(fields(), columns, None)))
}

fn work(tokenizer: &veilmatch::member::Tokenizer, part: Part<'_, Row>, watch: &Watch) {
    let found: Vec<_> = tokenizer.tokens(part.values()).collect();
    for (at, found) in found.into_iter().enumerate() {
        let value = part.chunk.value(part.first + at).unwrap_or_default();
        part.out[at] = match found {
            Ok(Some(token)) => match tokenizer.outcome(value) {
                Ok(Outcome::Accepted { changed, warning }) => {
                    Row { token: Some(token), reason: None, changed, warning }
                }
                Ok(Outcome::Suppressed) | Err(_) => unreachable!("a value with a token is accepted"),
            },
            other => Row { reason: reason(&other), ..Row::default() },
        };
    }
    watch.advance(part.out.len() as u64);
}

/// Returns the place of the word that says why a row has no token; nothing if it has one.
pub(super) fn reason(outcome: &Result<Option<Token>, Reason>) -> Option<i8> {
    let place = match outcome {
        Ok(Some(_)) => return None,
        Ok(None) => Reason::ALL.len(),
        Err(reason) => Reason::ALL.iter().position(|of| of == reason)?,
    };
    Some(place as i8) // far below 127
}

/// The words of all columns: where columns are joined, they stay one dictionary of distinct words.
static NAMES: LazyLock<ArrayRef> = LazyLock::new(|| {
    let names = Reason::ALL.iter().map(|reason| reason.name()).chain([SUPPRESSED]).map(Some);
    Arc::new(names.collect::<StringArray>())
});

/// Turns places of words into a column.
pub(super) fn reason_array(places: impl Iterator<Item = Option<i8>>) -> ArrayRef {
    let keys: Int8Array = places.collect();
    Arc::new(DictionaryArray::<Int8Type>::new(keys, NAMES.clone()))
}
