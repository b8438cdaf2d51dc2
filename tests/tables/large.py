"""Time and peak memory of one column of many rows, from Parquet and from CSV."""

import os
import sys
import time

import duckdb
import polars
import pyarrow
import pyarrow.parquet

from trial import OWN

# Some cells are bad. The other columns are what an export has besides, and are not read.
TABLE = """
    SELECT i AS customer,
        CASE WHEN i % 1000 = 0 THEN NULL WHEN i % 1000 = 1 THEN 'no address' ELSE 'person.' || i || '@example.org' END AS mail,
        md5(i::VARCHAR) AS other, 'branch ' || i % 100 AS branch
    FROM range({count}) AS numbers(i)"""
COLUMN = "--column=mail=email.mailbox"
MEBIBYTE = 2**20
THREADS = 2

# A process begins with the peak of the one that started it, which here has whole tables: so a small one starts it.
MEASURE = """
import os, resource, sys
status = os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:])
with open("peak", "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024))
sys.exit(status)
"""


def files(folder, count):
    """The table as CSV, and as Parquet by DuckDB and by pyarrow: a small and a large row group."""
    duckdb.sql("SET memory_limit = '2GB'")
    written = {
        "CSV": "rows.csv",
        "DuckDB, Snappy": "duckdb.parquet",
        "DuckDB, Zstandard, V2": "v2.parquet",
        "pyarrow, Zstandard": "pyarrow.parquet",
        "pyarrow, one row group": "group.parquet",
    }
    paths = {name: folder / file for name, file in written.items()}
    parquet = paths["DuckDB, Snappy"]
    duckdb.sql(f"COPY ({TABLE.format(count=count)}) TO '{parquet}' (FORMAT parquet)")
    duckdb.sql(f"COPY (FROM '{parquet}') TO '{paths['CSV']}' (HEADER)")
    v2 = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2, ROW_GROUP_SIZE 1000000"
    duckdb.sql(f"COPY (FROM '{parquet}') TO '{paths['DuckDB, Zstandard, V2']}' ({v2})")
    table = pyarrow.parquet.read_table(parquet)
    pyarrow.parquet.write_table(table, paths["pyarrow, Zstandard"], compression="zstd")
    pyarrow.parquet.write_table(
        table, paths["pyarrow, one row group"], row_group_size=count, use_dictionary=False,
        column_encoding={"mail": "DELTA_BYTE_ARRAY"})
    return paths


def page(path):
    """Most bytes of a page and of a dictionary: of a writer's usual ones, or of the single one that DuckDB makes of the
    column of a row group."""
    if path.suffix != ".parquet":
        return 0
    file = pyarrow.parquet.read_metadata(path)
    groups = [file.row_group(group) for group in range(file.num_row_groups)]
    if not file.created_by.startswith("DuckDB"):
        return 2 * MEBIBYTE
    return max(group.column(1).total_uncompressed_size for group in groups)


def same_within_memory(trial, count):
    """The set of the CSV, with no more memory than CSV takes but for the pages that the threads decode."""
    os.environ["RAYON_NUM_THREADS"] = str(THREADS)
    paths = files(trial.folder, count)
    for budget in [[], ["--memory", "32MiB"]]:
        print(f"{count} rows, {' '.join(budget) or 'all tokens in memory'}, {THREADS} threads")
        expected = None
        for name, path in paths.items():
            begun = time.monotonic()
            _, said = trial.done(
                "tokenize", *OWN, COLUMN, "--input", path, "--expect-rows", count, "--out", "sets", "--force", *budget,
                through=[sys.executable, "-ISc", MEASURE])
            seconds, peak = time.monotonic() - begun, int((trial.folder / "peak").read_text())
            print(f"  {name:24}{path.stat().st_size / MEBIBYTE:6.0f} MiB{seconds:8.2f} s{peak / MEBIBYTE:6.0f} MiB at most")
            counted = [line for line in said.splitlines() if " rows, " in line]
            made = (trial.folder / "sets" / "email.mailbox-1.vms").read_bytes(), counted
            if expected is None:
                expected, of_csv = made, peak
            assert made == expected and f"{count} rows, " in counted[0], f"{name}: another set than from CSV"
            # A page is there compressed and not.
            allowed = of_csv + THREADS * 2 * page(path) + 16 * MEBIBYTE
            assert peak <= allowed, f"{name}: {peak} bytes of memory, expected {allowed} at most"
    same_export(trial, count)


def same_export(trial, count):
    """The set as a table of many row groups has its tokens for every engine, and comes back. Follows a `tokenize`."""
    table, of_set = trial.folder / "large-set.parquet", trial.folder / "sets" / "email.mailbox-1.vms"
    trial.done("export", of_set, "--out", table)
    tokens = [
        pyarrow.parquet.read_table(table)["token"],
        duckdb.sql(f"FROM '{table}'").to_arrow_table()["token"],
        polars.read_parquet(table).to_arrow()["token"],
    ]
    # The pages after the header hold nothing but tokens.
    raw = pyarrow.py_buffer(of_set.read_bytes()[4096 : 4096 + 16 * len(tokens[0])])
    expected = pyarrow.Array.from_buffers(pyarrow.binary(16), len(tokens[0]), [None, raw])
    assert 0.9 * count < len(expected)
    for by, column in zip(["pyarrow", "DuckDB", "Polars"], tokens):
        assert column.cast(pyarrow.binary(16)).combine_chunks().equals(expected), f"{by} reads other tokens than the set's"
    trial.done("import", table, "--out", "again.vms")
    assert (trial.folder / "again.vms").read_bytes() == of_set.read_bytes(), "another set than the one that was exported"
    groups = pyarrow.parquet.read_metadata(table).num_row_groups
    print(f"a set of {len(expected)} tokens: exported in {groups} row groups, read by all, and imported")
