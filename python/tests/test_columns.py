"""Columns of every library, and of none, give the same tokens."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from made import rows

import veilmatch as vm

VALUES = [value.decode() if value and value.isascii() else None for value in rows("bank.iban", 2000, 3)]


@pytest.fixture
def expected(ibans: vm.Tokenizer) -> list[bytes | None]:
    tokens: list[bytes | None] = ibans.tokens(VALUES).to_pylist()
    assert 1000 < sum(token is not None for token in tokens) < 2000
    return tokens


def pyarrow_columns() -> dict[str, Any]:
    pa = pytest.importorskip("pyarrow")
    text = pa.array(VALUES)
    halves = pa.chunked_array([text[:999], text[999:1500], text[1500:]])
    types = [pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]
    columns = {str(kind): text.cast(kind) for kind in types}
    keys = {f"dictionary of {kind}": text.cast(pa.dictionary(kind, pa.string())) for kind in [pa.int16(), pa.uint32()]}
    nested = {"dictionary of views": pa.DictionaryArray.from_arrays(pa.array(range(2000)), text.cast(pa.string_view()))}
    tables = {"table": pa.table({"iban": text}), "batch": pa.record_batch({"iban": text})}
    reader = {"reader": pa.table({"iban": halves}).to_reader()}
    sliced = {"slice": pa.concat_arrays([pa.array(["x"]), text])[1:]}
    return {"string": text, "chunked": halves, **columns, **keys, **nested, **tables, **reader, **sliced}


def test_every_form_that_pyarrow_has(ibans: vm.Tokenizer, expected: list[bytes | None]) -> None:
    for name, column in pyarrow_columns().items():
        assert ibans.tokens(column).to_pylist() == expected, name


def test_results_go_back_to_pyarrow_without_a_copy_of_rows(ibans: vm.Tokenizer, expected: list[bytes | None]) -> None:
    pa = pytest.importorskip("pyarrow")
    tokens = pa.array(ibans.tokens(VALUES))
    assert tokens.type == pa.binary(16) and tokens.to_pylist() == expected
    reasons = pa.array(ibans.reasons(VALUES))
    assert pa.types.is_dictionary(reasons.type)
    assert reasons.null_count == 2000 - tokens.null_count
    tokens.validate(full=True)
    reasons.validate(full=True)
    assert pa.chunked_array(ibans.tokens(VALUES)).to_pylist() == expected
    assert pa.array(ibans.tokens(pa.array([], pa.string()))).type == pa.binary(16)


def test_fixed_width_and_null_columns(ibans: vm.Tokenizer) -> None:
    pa = pytest.importorskip("pyarrow")
    fixed = pa.array([b"DE89370400440532013000", None], pa.binary(22))
    assert ibans.tokens(fixed).to_pylist() == ibans.tokens(["DE89370400440532013000", None]).to_pylist()
    assert ibans.reasons(pa.nulls(3)).to_pylist() == ["empty"] * 3


def test_polars(ibans: vm.Tokenizer, expected: list[bytes | None]) -> None:
    pl = pytest.importorskip("polars")
    series = pl.Series("iban", VALUES)
    assert ibans.tokens(series).to_pylist() == expected
    assert ibans.tokens(series.cast(pl.Categorical)).to_pylist() == expected
    assert ibans.tokens(pl.concat([series[:500], series[500:]], rechunk=False)).to_pylist() == expected
    assert pl.Series(ibans.tokens(series)).to_list() == expected
    assert pl.Series(ibans.reasons(series)).null_count() == 2000 - sum(token is None for token in expected)


def test_pandas(ibans: vm.Tokenizer, expected: list[bytes | None]) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"iban": VALUES})
    assert str(frame["iban"].dtype) == "str"
    assert ibans.tokens(frame["iban"]).to_pylist() == expected
    assert ibans.tokens(frame["iban"].astype(object)).to_pylist() == expected
    assert ibans.tokens(frame["iban"].astype("category")).to_pylist() == expected
    with pytest.raises(TypeError, match="convert it to strings"):
        ibans.tokens(pd.Series(["DE89", 7, object()]))
    with pytest.raises(TypeError, match="numbers have lost leading zeros"):
        ibans.tokens(pd.Series([1, 2]))


def test_duckdb(ibans: vm.Tokenizer, expected: list[bytes | None]) -> None:
    duckdb, pa = pytest.importorskip("duckdb"), pytest.importorskip("pyarrow")
    con = duckdb.connect()
    con.register("t", pa.table({"iban": VALUES, "row": range(2000)}))
    table = con.sql("select iban from t order by row").to_arrow_table()
    assert ibans.tokens(table["iban"]).to_pylist() == expected
    assert ibans.tokens(con.sql("select iban from t order by row")).to_pylist() == expected
    con.register("tokens", pa.table({"token": ibans.tokens(VALUES)}))
    assert [row[0] for row in con.sql("select token from tokens").fetchall()] == expected


def test_a_resolved_share_is_a_table(ibans: vm.Tokenizer) -> None:
    pa = pytest.importorskip("pyarrow")
    sets = [ibans.tokenize(member, VALUES) for member in ("bank-a", "bank-b")]
    overlaps = vm.Intersection(sets).at_least(2).collect()
    for disclosure, columns in [("holders", ["row", "holders", "names"]), ("counts", ["row", "holders"])]:
        resolved = vm.resolve(ibans, "bank-a", overlaps.share("bank-a", disclosure=disclosure), VALUES)
        table = pa.table(resolved)
        table.validate(full=True)
        assert table.column_names == columns and table.num_rows == len(resolved) > 1000
        listed = [(row["row"], row["holders"], row.get("names")) for row in table.to_pylist()]
        assert listed == resolved.to_pylist()
    held = pa.table(overlaps.to_arrow())
    held.validate(full=True)
    assert held.num_rows == len(overlaps) and held["names"][0].as_py() == ["bank-a", "bank-b"]
    assert held["token"].to_pylist() == pa.array(sets[0].to_arrow()).to_pylist()


def test_a_column_that_cannot_hold_identifiers_is_refused_by_its_type(ibans: vm.Tokenizer) -> None:
    pa = pytest.importorskip("pyarrow")
    wrong = {
        "Int64": pa.array([4111111111111111]),
        "Float64": pa.chunked_array([pa.array([1.5])]),
        "List": pa.array([["DE89"]]),
        "table of 2": pa.table({"a": ["x"], "b": ["y"]}),
    }
    for name, column in wrong.items():
        with pytest.raises(TypeError, match=name):
            ibans.tokens(column)
    for thing in ["DE89370400440532013000", 7, {"iban": []}, None]:
        with pytest.raises(TypeError, match="expected a column"):
            ibans.tokens(thing)  # type: ignore[arg-type]


def test_lists_say_which_row_is_wrong(ibans: vm.Tokenizer) -> None:
    with pytest.raises(TypeError, match="row 2: expected str, bytes or None, got int"):
        ibans.tokens(["x", 4111111111111111])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="row 1: expected text") as error:
        ibans.tokens(["MARK\ud800"])
    assert "MARK" not in str(error.value)


def test_a_stream_is_read_as_the_work_goes_on(ibans: vm.Tokenizer) -> None:
    pa = pytest.importorskip("pyarrow")
    alive: list[int] = []

    def batches() -> Any:
        for _ in range(40):
            batch = pa.record_batch({"iban": VALUES * 60})
            alive.append(pa.total_allocated_bytes())
            yield batch

    schema = pa.schema({"iban": pa.string()})
    mine = ibans.tokenize("bank-a", pa.RecordBatchReader.from_batches(schema, batches()))
    assert mine.counters["rows"] == 40 * 60 * 2000
    assert max(alive) < 12 * alive[0] and len(alive) == 40


def test_the_error_of_a_stream_is_told_without_its_text(ibans: vm.Tokenizer) -> None:
    pa = pytest.importorskip("pyarrow")

    def batches() -> Any:
        yield pa.record_batch({"iban": VALUES})
        raise RuntimeError("MARKER-VALUE")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"iban": pa.string()}), batches())
    with pytest.raises(vm.Error, match="could not be read to its end") as error:
        ibans.tokenize("bank-a", reader)
    assert "MARKER" not in str(error.value) and error.value.category == "io"


SCRIPTS = {
    "none": "column = values",
    "polars": "import polars; column = polars.Series(values)",
    "pyarrow": "import pyarrow; column = pyarrow.array(values)",
    "pandas": "import pandas; column = pandas.Series(values)",
    "duckdb": "import duckdb; column = duckdb.sql(\"select unnest(['DE89370400440532013000', 'x', NULL]) as iban\")",
}

NEEDS = {"pandas": ["pandas", "numpy", "dateutil", "six.py", "tzdata"], "polars": ["polars", "_polars_runtime_*"]}


@pytest.mark.parametrize("package", SCRIPTS)
def test_it_works_with_this_package_alone(tmp_path: Path, package: str) -> None:
    """An interpreter that has this package and one other. Nothing else can be imported."""
    (tmp_path / "veilmatch").symlink_to(Path(vm.__file__).parent)
    if package != "none":
        installed = Path(pytest.importorskip(package).__file__).parents[1]
        for name in [*NEEDS.get(package, [package]), f"{package}.libs", "numpy.libs", "_duckdb*", f"{package}-*"]:
            for found in installed.glob(name):
                if package == "pandas" or not found.name.startswith("numpy"):
                    (tmp_path / found.name).symlink_to(found)
    others = {"polars", "pyarrow", "pandas", "duckdb"} - {package}
    script = f"""
from importlib.util import find_spec
import veilmatch as vm
assert not any(find_spec(name) for name in {others})
values = ['DE89370400440532013000', 'x', None]
{SCRIPTS[package]}
tokenizer = vm.Tokenizer(vm.Secret.generate(), coalition='efc', epoch=1, kind='bank.iban')
tokens = tokenizer.tokens(column)
assert len(tokens) == 3 and tokens.null_count == 2 and len(tokens.to_pylist()[0]) == 16
assert tokenizer.reasons(values).to_pylist()[1:] == ['too_short', 'empty']
"""
    subprocess.run([sys.executable, "-S", "-c", script], check=True, env={"PYTHONPATH": str(tmp_path)})
