"""Reads what the program writes as Parquet with every engine, and gives it a set that pyarrow wrote."""

import csv

import duckdb
import polars
import pyarrow
import pyarrow.parquet

import writers
from rows import KINDS, write_csv
from trial import COLUMNS, OWN


def read_by_all(path):
    """Names of the columns, and the rows, once every engine has read the same."""
    arrow = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    names, rows = arrow.column_names, [tuple(row.values()) for row in arrow.to_pylist()]
    by_duckdb, by_polars = duckdb.sql(f"FROM '{path}'"), polars.read_parquet(path)
    assert by_duckdb.columns == names and by_duckdb.fetchall() == rows, f"{path}: DuckDB reads other rows than pyarrow"
    assert by_polars.columns == names, f"{path}: Polars reads other columns than pyarrow"
    polars_rows = by_polars.rows()
    assert polars_rows == rows, f"{path}: Polars reads other rows than pyarrow"
    return names, rows


def as_csv(cell):
    """A cell as the list in CSV has it."""
    return " ".join(cell) if isinstance(cell, list) else str(cell)


def shares(trial, others):
    """The hub's shares for the member itself, of its rows and those of another member."""
    write_csv(others, trial.folder / "others.csv")
    part = [*OWN[:-1], "other"]
    trial.done("tokenize", *part, *COLUMNS, "--input", "others.csv", "--out", "others")
    trial.done("tokenize", *OWN, *COLUMNS, "--input", "rows.csv", "--out", "own", "--force")
    trial.done("intersect", "--round", "round.json", "--out", "result", "own", "others")
    return sorted((trial.folder / "result").glob("own.*.vsh"))


def same_lists(trial, rows, others):
    """Resolved rows with subjects and values: the same from CSV and Parquet, as CSV and as Parquet."""
    write_csv(rows, trial.folder / "rows.csv")
    told = [argument for share in shares(trial, others) for argument in ("--share", share)]
    assert len(told) == 2 * len(KINDS)
    by_engine = [
        writers.pyarrow_files(rows, trial.folder, writers.ARROW_TEXTS),
        writers.duckdb_files(rows, trial.folder),
        writers.polars_files(rows, trial.folder),
    ]
    listed = {}
    for source in ["rows.csv", *(next(files)[1] for files in by_engine)]:
        resolve = ["resolve", *OWN, *COLUMNS, *told, "--input", source, "--subject-column", "customer", "--with-values"]
        with trial.done(*resolve)[0].open(newline="", encoding="utf-8") as file:
            header, *lines = csv.reader(file)
        table = trial.done(*resolve, "--list-format", "parquet")[0].rename(trial.folder / "list.parquet")
        names, cells = read_by_all(table)
        types = {str(field.type) for field in pyarrow.parquet.read_schema(table)}
        assert types == {"int64", "string", "list<element: string not null>"}, types
        assert names == header and [list(map(as_csv, row)) for row in cells] == lines, f"{source}: the lists differ"
        # A line is a line of text, of which only CSV has any.
        listed[source] = [row[:1] + row[2:] for row in lines]
    expected = listed.pop("rows.csv")
    assert len(expected) > len(rows) and all(lines == expected for lines in listed.values())
    of_row = [(str(customer or ("" if customer is None else 0)), cells) for customer, *cells in rows]
    for row in expected:
        customer, cells = of_row[int(row[0]) - 1]
        assert row[-2] == customer and row[-1] in cells
    return f"{len(expected)} resolved rows: alike from CSV and Parquet, as CSV and as Parquet"


def same_exports(trial):
    """Sets and shares as tables: tokens of 16 bytes in order, and names as lists. Follows `same_lists`."""
    tokens = {}
    for path in sorted((trial.folder / "own").iterdir()):
        trial.done("export", path, "--out", "set.parquet", "--force")
        names, rows = read_by_all(trial.folder / "set.parquet")
        tokens[path.stem] = {token for token, in rows}
        assert names == ["token"] and rows == sorted(rows) and len(tokens[path.stem]) == len(rows) > 0
        schema = pyarrow.parquet.read_schema(trial.folder / "set.parquet")
        assert schema.field("token").type == pyarrow.binary(16)
        assert path.read_bytes()[4096:].startswith(b"".join(token for token, in rows)), "other tokens than the set's"
        same_import(trial, path, [token for token, in rows], schema.metadata)
    for path in sorted((trial.folder / "result").glob("own.*.vsh")):
        trial.done("export", path, "--out", "share.parquet", "--force")
        names, rows = read_by_all(trial.folder / "share.parquet")
        assert names == ["token", "holders", "names"] and rows == sorted(rows) and rows
        assert {token for token, _, _ in rows} <= tokens[path.stem.removeprefix("own.")]
        assert all(holders == 2 and named == ["other", "own"] for _, holders, named in rows)
    return f"{len(tokens)} sets and {len(tokens)} shares: exported, read by all, and sets of pyarrow imported"


def same_import(trial, path, tokens, metadata):
    """A set that pyarrow wrote with the metadata of an exported one becomes the set that was exported."""
    def imported(tokens, metadata):
        schema = pyarrow.schema([("token", pyarrow.binary(16))], metadata)
        table = pyarrow.table([pyarrow.array(tokens, pyarrow.binary(16))], schema=schema)
        pyarrow.parquet.write_table(table, trial.folder / "tokens.parquet", row_group_size=700, compression="zstd")
        return trial.run("import", "tokens.parquet", "--out", "imported.vms", "--force")

    header = {key: metadata[key] for key in (b"veilmatch.header", b"veilmatch.root")}
    status, _, said = imported(tokens, header)
    assert status == 0, said
    made = trial.folder / "imported.vms"
    assert made.read_bytes() == path.read_bytes(), f"{path}: another set than the one that was exported"
    made.unlink()
    for wrong, of, stated in [
        ("out of order", [*tokens[1:], tokens[0]], header),
        ("twice", [*tokens[:-1], tokens[-2]], header),
        ("fewer", tokens[1:], header),
        ("null", [*tokens[:-1], None], header),
        ("no header", tokens, {}),
        ("no root", tokens, {b"veilmatch.header": metadata[b"veilmatch.header"]}),
    ]:
        status, _, said = imported(of, stated)
        assert status == 1 and not made.exists() and "tokens.parquet: " in said, f"a set with tokens {wrong} is imported"
