"""Columns that are no text and compressions that the program does not read: refused by name, without any cell."""

import datetime
import decimal

import duckdb
import polars
import pyarrow
import pyarrow.parquet

from trial import OWN

CELL = 9999000000011001
OTHER = 1234567890123456

# The type of a column, its cells, and what the message calls it.
TYPES = [
    (pyarrow.int64(), [CELL, None], "INT64"),
    (pyarrow.uint64(), [CELL, None], "INT64"),
    (pyarrow.int32(), [CELL % 2**31], "INT32"),
    (pyarrow.float64(), [float(CELL)], "DOUBLE"),
    (pyarrow.bool_(), [True], "BOOLEAN"),
    (pyarrow.decimal128(20, 0), [decimal.Decimal(CELL)], "Decimal"),
    (pyarrow.timestamp("us"), [datetime.datetime(1999, 9, 9)], "Timestamp"),
    (pyarrow.date32(), [datetime.date(1999, 9, 9)], "Date"),
    (pyarrow.binary(16), [str(CELL).encode()], "FIXED_LEN_BYTE_ARRAY"),
    (pyarrow.list_(pyarrow.string()), [[str(CELL)]], "a list or struct"),
    (pyarrow.struct([("number", pyarrow.string())]), [{"number": str(CELL)}], "a list or struct"),
    (pyarrow.map_(pyarrow.string(), pyarrow.string()), [[(str(CELL), str(OTHER))]], "a list or struct"),
    (pyarrow.null(), [None], "Unknown"),
]


def refused(trial, path, expected):
    """The file is refused with these words, and with no cell in them; nothing is made."""
    tokenize = ["tokenize", *OWN, "--column=card=card.pan", "--input", path, "--out", "refused"]
    status, output, said = trial.run(*tokenize)
    shown = output.read_text() + said
    assert status == 1 and not (trial.folder / "refused").exists(), f"{expected}: not refused: {said}"
    assert all(word in said for word in [path.name, '"card"', *expected]), f"expected {expected}: {said}"
    assert not any(str(cell) in shown for cell in [CELL, OTHER, CELL % 2**31, "1999"]), f"a cell is shown: {said}"


def types(trial):
    path = trial.folder / "typed.parquet"
    for of, cells, name in TYPES:
        pyarrow.parquet.write_table(pyarrow.table({"card": pyarrow.array(cells, of)}), path)
        refused(trial, path, [name])
    duckdb.sql(f"COPY (SELECT {CELL}::HUGEINT AS card) TO '{path}' (FORMAT parquet)")
    refused(trial, path, ["DOUBLE"])
    duckdb.sql(f"COPY (SELECT uuid() AS card) TO '{path}' (FORMAT parquet)")
    refused(trial, path, ["FIXED_LEN_BYTE_ARRAY"])
    polars.DataFrame({"card": [[str(CELL)], []]}).write_parquet(path)
    refused(trial, path, ["a list or struct"])
    return f"{len(TYPES) + 3} columns of other types: refused by name"


def compressions(trial):
    path, cells = trial.folder / "compressed.parquet", {"card": [str(CELL), str(OTHER)]}
    texts, frame = pyarrow.table(cells), polars.DataFrame(cells)  # DuckDB finds `texts` by its name
    for compression, name in [("gzip", "gzip"), ("brotli", "Brotli"), ("lz4", "LZ4")]:
        pyarrow.parquet.write_table(texts, path, compression=compression)
        refused(trial, path, [name, "row group 1"])
        duckdb.sql(f"COPY (FROM texts) TO '{path}' (FORMAT parquet, COMPRESSION {compression})")
        refused(trial, path, [name, "row group 1"])
        frame.write_parquet(path, compression=compression)
        refused(trial, path, [name, "row group 1"])
    return "gzip, Brotli and LZ4 of all three: refused by name"
