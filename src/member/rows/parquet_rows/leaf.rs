//! The column of a Parquet file that is wanted, and whether it holds text.

use parquet::basic::{ConvertedType as Converted, LogicalType, Repetition, Type as Physical};
use parquet::schema::types::{ColumnDescriptor, Type};

use crate::container::parquet::ParquetFile;
use crate::error::Error;
use crate::member::identifier::Kind;
use crate::member::rows::Column;

/// A column of a file that may be read.
#[derive(Clone)]
pub(super) struct Leaf {
    /// Its place among all leaves of the schema.
    pub(super) index: usize,
    /// Its name as it is shown, or its number from 1.
    pub(super) name: String,
    /// Whether its integers have no sign.
    pub(super) is_unsigned: bool,
}

impl Leaf {
    /// Finds a column, and refuses one of another type than text or bytes, or `integers` where those are wanted. `kind_of`
    /// says of which kind a row with such a value would be: no name of a column is that, unless the table was made from
    /// an export without a header.
    pub(super) fn find(
        file: &ParquetFile,
        column: &Column,
        integers: bool,
        kind_of: &mut impl FnMut(&[u8]) -> Option<Kind>,
    ) -> Result<Self, Error> {
        let schema = file.metadata().file_metadata().schema_descr();
        let fields = schema.root_schema().get_fields();
        let missing = Error::MissingColumn { columns: fields.len() };
        let field = match column {
            Column::First => 0,
            Column::Number(number) => number.wrapping_sub(1),
            Column::Named(wanted) => {
                let mut named = (0..fields.len()).filter(|at| fields[*at].name().trim() == wanted.trim());
                let found = named.next().unwrap_or(usize::MAX);
                if named.next().is_some() {
                    return Err(Error::RepeatedColumn);
                }
                found
            }
        };
        let Some(described) = fields.get(field) else { return Err(missing) };
        let of_field = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == field);
        // Only a name that the caller knows is shown: any other may be what a row has.
        let name = match column {
            Column::Named(name) => name.trim().to_owned(),
            Column::First | Column::Number(_) => {
                if let Some(kind) = kind_of(described.name().as_bytes()) {
                    return Err(Error::HeaderIsRow { kind: kind.kind_id() });
                }
                (field + 1).to_string()
            }
        };
        match of_field {
            Some(index) if is_readable(&schema.column(index), described, integers) => {
                let is_unsigned = UNSIGNED.contains(&schema.column(index).converted_type());
                Ok(Self { index, name, is_unsigned })
            }
            _ => Err(Error::ColumnType { found: type_name(described), column: name }),
        }
    }
}

/// Whether each row of the column has text, bytes or a null, or an integer where those are wanted.
fn is_readable(leaf: &ColumnDescriptor, field: &Type, integers: bool) -> bool {
    let single = field.is_primitive() && leaf.max_rep_level() == 0;
    single
        && match (leaf.physical_type(), leaf.logical_type_ref()) {
            (Physical::BYTE_ARRAY, logical) => {
                matches!(
                    logical,
                    None | Some(
                        LogicalType::String | LogicalType::Enum | LogicalType::Json | LogicalType::Bson
                    )
                ) && leaf.converted_type() != Converted::DECIMAL
            }
            (Physical::INT32 | Physical::INT64, logical) => integers && is_integer(leaf, logical),
            _ => false,
        }
}

const UNSIGNED: [Converted; 4] =
    [Converted::UINT_8, Converted::UINT_16, Converted::UINT_32, Converted::UINT_64];
const SIGNED: [Converted; 5] =
    [Converted::NONE, Converted::INT_8, Converted::INT_16, Converted::INT_32, Converted::INT_64];

fn is_integer(leaf: &ColumnDescriptor, logical: Option<&LogicalType>) -> bool {
    let of = leaf.converted_type();
    (SIGNED.contains(&of) || UNSIGNED.contains(&of))
        && matches!(logical, None | Some(LogicalType::Integer { .. }))
}

/// Returns the type as Parquet names it. It has nothing of a value.
fn type_name(field: &Type) -> String {
    if field.is_group() {
        return "a list or struct".to_owned();
    }
    let info = field.get_basic_info();
    let repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
    let physical = field.get_physical_type();
    match info.logical_type_ref() {
        _ if repeated => format!("repeated {physical}"),
        Some(logical) => format!("{physical} ({logical:?})"),
        None if info.converted_type() == Converted::NONE => physical.to_string(),
        None => format!("{physical} ({})", info.converted_type()),
    }
}
