"""Holds Parquet files of pyarrow, DuckDB and Polars against the CSV of the same rows: the sets are the same bytes.

    pip install --requirement tests/tables/requirements.txt
    cargo build --package veilmatch-cli
    python3 tests/tables/engines.py --rows 5000

Lists of resolved rows, exported sets and shares are read back by all three, and a set that pyarrow wrote is imported.
Columns and compressions that are not read are refused by name, and no message shows a cell. At last it compares time
and peak memory of one column of --large rows; a release build is fast enough for millions.
"""

import argparse
import itertools
import json
import tempfile
from pathlib import Path

import duckdb
import polars
import pyarrow
import pyarrow.parquet

import large
import outputs
import refusals
import writers
from rows import KINDS, good, table, write_csv
from trial import COLUMNS, Trial

BY_KIND = ["--kind-column", "kind", "--value-column", "value"]
ROWS = 5000  # DuckDB's smallest row group has 2,048
LARGE = 300_000  # more than the 262,144 rows of a row group that are read as one piece


def same_sets(trial, rows, raw):
    """Every file gives the sets, the counters and the rejected rows of its CSV. Some rows of `raw` are not UTF-8."""
    files, folder = 0, trial.folder
    for of, written in [
        (rows, lambda rows: writers.pyarrow_files(rows, folder, writers.ARROW_TEXTS)),
        (raw, lambda rows: writers.pyarrow_files(rows, folder, writers.ARROW_BYTES)),
        (rows, lambda rows: writers.duckdb_files(rows, folder)),
        (raw, lambda rows: writers.duckdb_files(rows, folder, pyarrow.binary())),
        (rows, lambda rows: writers.polars_files(rows, folder)),
    ]:
        write_csv(of, folder / "rows.csv")
        whole = [*COLUMNS, "--expect-rows", len(of)]
        expected = [trial.sets("rows.csv", *whole), trial.sets("rows.csv", *BY_KIND), dry_run(trial, "rows.csv")]
        assert len(expected[0][0]) == len(KINDS) and "empty" in expected[0][1][0]
        for name, path in written(of):
            got = [trial.sets(path, *whole), trial.sets(path, *BY_KIND), dry_run(trial, path)]
            assert got == expected, f"{name}: other sets, counters or rejected rows than from CSV"
            assert trial.run("dry-run", *COLUMNS, "--expect-rows", len(of) - 1, "--input", path)[0] == 1, name
            files += 1
    return f"{files} files of {len(rows)} rows: sets, counters and rejected rows as from CSV, by column and by kind"


def dry_run(trial, source):
    """What a dry run says for programs, without lines, which a table does not have, and what is odd about CSV alone."""
    said = trial.done("dry-run", *COLUMNS, "--input", source, "--summary", "json")[0].read_text()
    of_text = {"line", "multiline_fields"}
    return json.loads(said, object_pairs_hook=lambda pairs: {name: value for name, value in pairs if name not in of_text})


def no_rows(trial):
    """A table without rows is one from everybody."""
    write_csv([], trial.folder / "rows.csv")
    expected = trial.sets("rows.csv", *COLUMNS, "--expect-rows", 0)
    files = itertools.chain(
        writers.pyarrow_files([], trial.folder, writers.ARROW_TEXTS | writers.ARROW_BYTES),
        writers.duckdb_files([], trial.folder),
        writers.polars_files([], trial.folder))
    for name, path in files:
        assert trial.sets(path, *COLUMNS, "--expect-rows", 0) == expected, f"{name}: without rows other sets than from CSV"
    return "tables without rows: sets as from CSV"


def nulls(trial):
    """A null is a row. In a CSV of one column it is an empty line, which is none."""
    path, text = trial.folder / "one.parquet", trial.folder / "one.csv"
    card = good(1)["card"]
    pyarrow.parquet.write_table(pyarrow.table({"card": [card, None, "", card]}), path)
    text.write_text(f"card\n{card}\n\n\"\"\n{card}\n")
    column = "--column=card=card.pan"
    (_, counted), (_, counted_text) = trial.sets(path, column), trial.sets(text, column)
    assert "4 rows, 2 accepted, 1 distinct, 2 rejected: empty 2" in counted[0], counted
    assert "3 rows, 2 accepted, 1 distinct, 1 rejected: empty 1" in counted_text[0], counted_text
    return "nulls and empty texts: rejected as empty"


def layouts(trial):
    """A column is found behind others that cannot be read, without nulls, and as an enumeration or JSON."""
    path, text, column = trial.folder / "one.parquet", trial.folder / "one.csv", "--column=card=card.pan"
    cards = [good(number % 700)["card"] for number in range(3000)]
    text.write_text("\n".join(["card", *cards]))
    expected = trial.sets(text, column)
    others = pyarrow.table({"list": [["a", "b"], None, []] * 1000, "struct": [{"card": 1, "other": "x"}] * 3000})
    required = pyarrow.field("card", pyarrow.string(), nullable=False)
    table = others.append_column(required, [cards]).append_column("number", [range(3000)])
    pyarrow.parquet.write_table(table, path, compression={"list.list.element": "gzip", "card": "snappy"}, row_group_size=700)
    assert trial.sets(path, column) == expected, "behind lists and structs"
    texts = pyarrow.table({"card": cards})  # DuckDB finds it by its name
    duckdb.sql(f"CREATE TYPE enumeration AS ENUM {tuple(sorted(set(cards)))}")
    for of in ["enumeration", "JSON", "BLOB"]:
        duckdb.sql(f"COPY (SELECT [1, 2] AS list, card::{of} AS card FROM texts) TO '{path}' (FORMAT parquet)")
        assert trial.sets(path, column) == expected, f"DuckDB, {of}"
    frame = polars.DataFrame({"list": [[1, 2]] * 3000, "card": cards})
    for of in [polars.Enum(sorted(set(cards))), polars.Binary]:
        frame.with_columns(polars.col("card").cast(of)).write_parquet(path)
        assert trial.sets(path, column) == expected, f"Polars, {of}"
    return "columns behind lists and structs, without nulls, as enumerations, JSON and bytes: sets as from CSV"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", default="target/debug/veilmatch")
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--large", type=int, default=LARGE)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(given.program, Path(folder))
        rows, raw = table(given.rows, given.seed), table(given.rows, given.seed + 1, bytes_too=True)
        print(same_sets(trial, rows, raw))
        print(no_rows(trial))
        print(nulls(trial))
        print(layouts(trial))
        print(outputs.same_lists(trial, rows, table(given.rows, given.seed + 2)))
        print(outputs.same_exports(trial))
        print(refusals.types(trial))
        print(refusals.compressions(trial))
        large.same_within_memory(trial, given.large)


if __name__ == "__main__":
    main()
