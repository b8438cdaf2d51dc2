"""The page on Spark: its commands run, and without its settings what it says lies on disks."""

import os
import re
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from made import iban

import veilmatch as vm

pytest.importorskip("pyspark", reason="needs pyspark: pip install 'veilmatch[spark]'")
pytest.importorskip("pyarrow")

from cluster import LEGIBLE, PLAIN, QUIET, needs_java, seen, session, slowly  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402

import veilmatch.spark as vs  # noqa: E402

needs_java()

PAGE = Path(__file__).parents[2] / "docs" / "spark.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("plain")
    (made / "conf").mkdir()
    (made / "events").mkdir()
    return made


@pytest.fixture(scope="module")
def spark(folder: Path) -> Iterator[SparkSession]:
    """A session on this machine alone that encrypts nothing, and sorts little in memory."""
    more = {**PLAIN, **LEGIBLE, **QUIET, "spark.local.dir": str(folder / "local")}
    more |= {"spark.eventLog.dir": f"file://{folder}/events", "spark.shuffle.spill.numElementsForceSpillThreshold": "200"}
    more |= {"spark.sql.execution.arrow.maxRecordsPerBatch": "500"}
    with session("local[2]", folder / "conf", **more) as made:
        yield made


def test_without_encryption_only_what_is_shuffled_before_tokenising_is_legible(
    folder: Path, spark: SparkSession, secret: vm.Secret, tmp_path: Path
) -> None:
    recipe = vs.Recipe(kind="bank.iban", member="bank-a", coalition="efc", epoch=7, secret_file=str(tmp_path / "secret"))
    key = (tmp_path / "secret").read_bytes().strip()[9:41]
    marked = recipe.tokenizer().tokens([iban(770_001)]).to_pylist()[0]
    words = {"identifier": iban(770_001).encode(), "key": key, "token": marked}
    spark.createDataFrame([(row, iban(770_001 + row % 3)) for row in range(4000)], "row int, value string").write.parquet(
        str(tmp_path / "rows")
    )
    frame = spark.read.parquet(str(tmp_path / "rows"))
    with pytest.warns(UserWarning) as warned:
        vs.outcomes(frame, "value", recipe).drop("value").repartition(3).groupBy("token").count().collect()
        assert {name for name, _ in seen(folder, words)} == {"token"}
        assert vs.outcomes(frame.repartition(3), "value", recipe).count() == 4000
    assert ("identifier", "shuffle") in seen(folder, words)
    said = [str(each.message) for each in warned if each.category is UserWarning]
    assert [text.split(" ")[0] for text in said] == ["spark.io.encryption.enabled", "spark.network.crypto.enabled"] * 2

    # Files of a sort that had too little memory are there while it runs.
    spilt: set[tuple[str, str]] = set()
    ordered = frame.repartition(1).sortWithinPartitions("value", "row").mapInArrow(slowly, frame.schema)
    running = threading.Thread(target=ordered.count)
    running.start()
    while running.is_alive():
        spilt |= seen(folder, words)
        running.join(0.1)
    assert ("identifier", "spill") in spilt

    assert "identifier" not in {name for name, sort in seen(folder, words) if sort == "event log"}
    frame.where(F.col("value") == iban(770_001)).count()
    spark.sparkContext.stop()  # it writes its event log to the end
    legible = seen(folder, words)
    assert ("identifier", "event log") in legible and "key" not in {name for name, _ in legible}


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    blocks = re.findall(r"^```(sh|python)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    for language, text in blocks:
        if language == "python":
            name = text.removeprefix("# ").split(":")[0]
            (tmp_path / name).write_text(text)
    commands = "".join(text for language, text in blocks if language == "sh").replace(":7077", f":{port}")
    commands = commands.replace("--port 7077", f"--port {port}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK", "PYSPARK"))}
    environment["PATH"] = f"{sysconfig.get_path('scripts')}:{environment['PATH']}"
    environment["PYSPARK_PYTHON"] = sys.executable
    script = f"set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{commands}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '{"customer":"4711","holders":2,"names":["bank-a","bank-b"]}\n' in done.stdout
    assert "1 tokens are held by at least 2 members" in done.stdout
    assert "0 tokens of the share are of no row" in done.stdout
    assert (tmp_path / "bank-a.vms").exists()
    assert not [line for line in done.stderr.splitlines() if "is not true" in line], "the page's settings are on"
