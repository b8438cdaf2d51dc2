"""The examples work, and so does the notebook."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from conftest import PROGRAM, Program
from made import rows

import veilmatch as vm

HERE = Path(__file__).parents[1]
VALUES = [value.decode() if value and value.isascii() else None for value in rows("bank.iban", 3000, 4)]


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / "examples" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_duckdb_function_makes_tokens(ibans: vm.Tokenizer, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb, pa = pytest.importorskip("duckdb"), pytest.importorskip("pyarrow")
    shown = example("duckdb_function")
    shown.main()
    assert "true" in capsys.readouterr().out
    con = duckdb.connect()
    shown.register(con, "token", ibans)
    con.register("accounts", pa.table({"row": range(3000), "iban": VALUES}))
    found = [token for (token,) in con.sql("select token(iban) from accounts order by row").fetchall()]
    assert found == ibans.tokens(VALUES).to_pylist()


def test_a_polars_expression_makes_tokens(ibans: vm.Tokenizer, capsys: pytest.CaptureFixture[str]) -> None:
    pl = pytest.importorskip("polars")
    shown = example("polars_expression")
    shown.main()
    assert "empty" in capsys.readouterr().out
    frame = pl.LazyFrame({"iban": VALUES})
    iban = pl.col("iban")
    found = frame.select(token=shown.token(iban, ibans), reason=shown.reason(iban, ibans)).collect()
    assert found["token"].to_list() == ibans.tokens(VALUES).to_pylist()
    assert found["reason"].to_list() == ibans.reasons(VALUES).to_pylist()


def binaries() -> Path | None:
    """The folder of the server's programs, which Debian keeps out of the PATH."""
    found = shutil.which("initdb") or next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))[::-1]), None)
    return Path(found).parent if found else None


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own with a table of accounts, on a socket in a folder. It refuses to run as root, so it runs as
    the user `postgres` then."""
    programs = binaries()
    if programs is None:
        if os.environ.get("VEILMATCH_REQUIRE_POSTGRESQL"):
            pytest.fail("the package postgresql is not installed")
        pytest.skip("the package postgresql is not installed")
    folder = Path(subprocess.run(["mktemp", "-d"], check=True, capture_output=True, text=True).stdout.strip())
    as_user: list[str] = []
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    folder.chmod(0o755)

    def run(*words: object) -> None:
        subprocess.run([*as_user, *map(str, words)], check=True, cwd="/", stdout=subprocess.DEVNULL)

    run(programs / "initdb", "--pgdata", folder / "data", "--username", "postgres", "--auth", "trust")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    control = [programs / "pg_ctl", "--pgdata", folder / "data", "--log", folder / "log", "-w"]
    run(*control, "--options", options, "start")
    try:
        uri = f"postgresql:///postgres?host={folder}&user=postgres"
        psql = ["psql", "--quiet", "--no-psqlrc", uri]
        lines = "".join(f"{row}\t{value if value is not None else chr(92) + 'N'}\n" for row, value in kept())
        script = f"create table accounts (row int, iban text);\ncopy accounts from stdin;\n{lines}\\.\n"
        subprocess.run([*psql, "--set", "ON_ERROR_STOP=1"], check=True, input=script, text=True)
        yield uri
    finally:
        run(*control, "--mode", "immediate", "stop")
        shutil.rmtree(folder)


def kept() -> list[tuple[int, str | None]]:
    """The values that a line of COPY holds as they are."""
    plain = [value for value in VALUES if value is None or (value.isprintable() and "\\" not in value and value)]
    return list(enumerate(plain))


def test_postgresql_gives_its_rows_to_the_program_and_to_the_package(
    tmp_path: Path, program: Program, secret: vm.Secret, server: str
) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    pytest.importorskip("pyarrow")
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--kind", "bank.iban", "--out", "round.json"]
    program("round", "new", *terms, "--member", "bank-a", "--member", "bank-b")
    agreed = vm.Round.read(tmp_path / "round.json")
    copy = "copy (select iban from accounts order by row) to stdout (format csv, header)"
    psql = subprocess.Popen(["psql", "--no-psqlrc", server, "--command", copy], stdout=subprocess.PIPE)
    part = "--round round.json --secret-file secret --member bank-a --column iban=bank.iban --input - --out sets"
    done = subprocess.run([PROGRAM, "tokenize", *part.split()], cwd=tmp_path, stdin=psql.stdout, capture_output=True)
    assert psql.wait() == 0 and done.returncode == 0, done.stderr.decode()

    tokenizer = agreed.tokenizer(secret, "bank.iban", "bank-a")
    mine = example("postgresql").tokenize(server, "select iban from accounts order by row", tokenizer, "bank-a")
    assert mine.counters == tokenizer.tokenize("bank-a", [value for _, value in kept()]).counters
    mine.write(tmp_path / "bank-a.vms", round=agreed)
    by_program = vm.TokenSet.read(tmp_path / "sets" / "bank.iban-1.vms", round=agreed)
    assert by_program.to_arrow().to_pylist() == mine.to_arrow().to_pylist()
    # A single column as CSV has no line for a null: the program does not see those rows.
    assert {**by_program.counters, "rows": 0, "rejected": 0} == {**mine.counters, "rows": 0, "rejected": 0}


def test_the_notebook_runs_from_its_first_cell_to_its_last(tmp_path: Path) -> None:
    for package in ("polars", "pyarrow", "ipykernel"):
        pytest.importorskip(package)
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    notebook = nbformat.read(HERE / "notebooks" / "round.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "it is kept without outputs"
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = str([cell.get("outputs") for cell in notebook.cells])
    assert "<svg" in shown and "text/html" in shown
