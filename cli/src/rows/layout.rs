//! How an input is laid out: as it was said, or as its files begin and end.

use veilmatch::Error;

use crate::Failure;
use crate::arguments::{InputFormat, Source};
use crate::rows::one_file::OneFile;

/// Returns the layout of all files, and refuses options that do not go with it.
pub(super) fn layout(source: &Source, files: &[OneFile]) -> Result<InputFormat, Failure> {
    let layout = match source.format {
        Some(stated) => stated,
        None => found(source, files)?,
    };
    let of_csv = source.delimiter.is_some() || source.quoted_lines.is_some();
    let of_csv = of_csv || source.no_header || source.no_quotes;
    let of_columns = source.kind_column.is_some() || !source.columns.is_empty();
    match layout {
        InputFormat::Lines | InputFormat::Parquet if of_csv => Err(Failure::Usage(
            "--delimiter, --no-header, --no-quotes and --quoted-lines need a CSV export (--format csv)",
        )),
        InputFormat::Lines if of_columns => {
            Err(Failure::Usage("--column and --kind-column need a CSV export or a Parquet file"))
        }
        InputFormat::Parquet if source.encoding.is_some() => {
            Err(Failure::Usage("--encoding needs text: a Parquet file has UTF-8"))
        }
        layout => Ok(layout),
    }
}

fn found(source: &Source, files: &[OneFile]) -> Result<InputFormat, Failure> {
    let parquet = files.iter().map(OneFile::is_parquet).collect::<Result<Vec<_>, Error>>()?;
    if parquet.contains(&true) {
        let Some(other) = parquet.iter().position(|parquet| !parquet) else {
            return Ok(InputFormat::Parquet);
        };
        let message = format!(
            "{}: expected Parquet, as the other files are: read the two sorts by two commands, or say --format",
            files[other].name()
        );
        return Err(Failure::Refused { code: "layouts_differ", message });
    }
    if let Some(other) = files.iter().find(|file| file.is_named("parquet")) {
        return Err(Failure::Refused {
            code: "parquet",
            message: format!(
                "{}: expected Parquet, as its name says, got another beginning; --format says what it is",
                other.name()
            ),
        });
    }
    let exports = files.iter().filter(|file| file.is_named("csv")).count();
    if !source.columns.is_empty() || source.kind_column.is_some() || (exports > 0 && exports == files.len()) {
        Ok(InputFormat::Csv)
    } else if exports == 0 {
        Ok(InputFormat::Lines)
    } else {
        Err(Failure::Usage("some inputs end in .csv and some do not: --format says how all are read"))
    }
}
