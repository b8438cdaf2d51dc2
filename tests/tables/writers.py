"""Writes a table as Parquet in the ways that pyarrow, DuckDB and Polars have. Each gives pairs of a name and a file."""

import itertools

import duckdb
import polars
import pyarrow
import pyarrow.parquet

from rows import TEXTS

COMPRESSIONS = ["none", "snappy", "zstd"]
ENCODINGS = ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "dictionary", "dictionary, then plain"]
ARROW_TEXTS = {
    "string": pyarrow.string(),
    "large_string": pyarrow.large_string(),
    "string_view": pyarrow.string_view(),
    "dictionary": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
}
ARROW_BYTES = {
    "binary": pyarrow.binary(),
    "large_binary": pyarrow.large_binary(),
    "binary_view": pyarrow.binary_view(),
}


def arrow(rows, of_texts=pyarrow.string()):
    """The table in memory; cells that are not UTF-8 need a type of bytes."""
    customers, *columns = zip(*rows) if rows else [()] * (1 + len(TEXTS))
    if of_texts in ARROW_BYTES.values():
        columns = [[cell if cell is None else cell.encode(errors="surrogateescape") for cell in of] for of in columns]
    arrays = [pyarrow.array(customers, pyarrow.int64()), *(pyarrow.array(of, of_texts) for of in columns)]
    return pyarrow.table(arrays, names=["customer", *TEXTS])


def pyarrow_files(rows, folder, types):
    """Every type with every encoding in both versions of data pages; the rest takes turns."""
    in_turn = itertools.cycle(itertools.product(COMPRESSIONS, [False, True], [97, 1000, 10**6]))
    for name, of_texts in types.items():
        table = arrow(rows, of_texts)
        for encoding, version in itertools.product(ENCODINGS, ["1.0", "2.0"]):
            compression, more, group = next(in_turn)
            encoded = {"use_dictionary": True, "dictionary_pagesize_limit": 512 if "then" in encoding else 2**20}
            if encoding in ENCODINGS[:3]:
                encoded = {"use_dictionary": False, "column_encoding": dict.fromkeys(TEXTS, encoding)}
            path = folder / "pyarrow.parquet"
            pyarrow.parquet.write_table(
                table, path, compression=compression, data_page_version=version, row_group_size=group,
                data_page_size=2**11, write_page_index=more, write_page_checksum=more, **encoded)
            pages = f"pages {version}, groups of {group}" + (", page index and checksums" if more else "")
            yield f"pyarrow, {name}, {encoding}, {compression}, {pages}", path


def duckdb_files(rows, folder, of_texts=pyarrow.string()):
    rows = arrow(rows, of_texts)  # DuckDB finds it by its name
    path = folder / "duckdb.parquet"
    for compression, group, version in itertools.product(
            ["uncompressed", "snappy", "zstd"], [2048, 4096, 10**6], ["V1", "V2"]):
        options = f"FORMAT parquet, COMPRESSION {compression}, ROW_GROUP_SIZE {group}, PARQUET_VERSION {version}"
        duckdb.sql(f"COPY (FROM rows) TO '{path}' ({options})")
        yield f"DuckDB, {options}", path


def polars_files(rows, folder):
    texts = polars.from_arrow(arrow(rows))
    categories = texts.with_columns(polars.col(TEXTS).cast(polars.Categorical))
    path = folder / "polars.parquet"
    for (name, frame), compression, group in itertools.product(
            {"string": texts, "categorical": categories}.items(), ["uncompressed", "snappy", "zstd"], [97, 1000, None]):
        frame.write_parquet(path, compression=compression, row_group_size=group, data_page_size=2**11)
        yield f"Polars, {name}, {compression}, groups of {group}", path
