"""A cluster of Apache Spark on loopback: a master and workers as processes, and sessions on it."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyspark
import pytest
from pyspark.sql import SparkSession

HOME = Path(pyspark.__file__).parent

# Nothing leaves a process in clear text. Shuffle files are not compressed, so that a search in them would find its words.
ENCRYPTED = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
}
PLAIN = {name: "false" for name in ENCRYPTED}
LEGIBLE = {
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.shuffle.compress": "false",
    "spark.shuffle.spill.compress": "false",
}
QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def needs_java() -> None:
    """Skips the tests of a module without Java, unless `VEILMATCH_REQUIRE_JAVA` is set."""
    if shutil.which("java") is None and not os.environ.get("VEILMATCH_REQUIRE_JAVA"):
        pytest.skip("needs Java 17 or later, for Apache Spark", allow_module_level=True)


class Cluster:
    """The processes of a cluster. All that they write lies under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.conf = folder / "conf"
        self.conf.mkdir(parents=True)
        (folder / "events").mkdir()
        # On one machine, the file of properties is that of every daemon and of the driver.
        properties = {**ENCRYPTED, **LEGIBLE, **QUIET, "spark.local.dir": str(folder / "local")}
        self.password = secrets.token_hex(16)
        properties |= {"spark.authenticate.secret": self.password, "spark.eventLog.dir": f"file://{folder}/events"}
        lines = "".join(f"{name} {value}\n" for name, value in properties.items())
        (self.conf / "spark-defaults.conf").write_text(lines)
        self.master = self._start("master", "master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        try:
            self.url = self._said("master", r"Starting Spark master at (spark://[\d.:]+)")
        except BaseException:
            self.stop()
            raise

    def _start(self, name: str, daemon: str, *words: str) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "SPARK_CONF_DIR": str(self.conf), "SPARK_LOCAL_DIRS": str(self.folder / "local")}
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [HOME / "bin" / "spark-class", f"org.apache.spark.deploy.{daemon}", *words],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _said(self, name: str, pattern: str) -> str:
        """Waits for a line of a daemon's log."""
        for _ in range(1800):  # three minutes: on a busy machine one was not enough
            text = (self.folder / f"{name}.log").read_text(errors="replace")
            if found := re.search(pattern, text):
                return found[1]
            time.sleep(0.1)
        raise AssertionError(f"{name}: {text[-2000:]}")

    def add_worker(self, memory: str = "1g") -> None:
        name = f"worker-{len(self.workers)}"
        work = ["--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", memory]
        self.workers.append(
            self._start(name, "worker.Worker", *work, "--work-dir", str(self.folder / "work"), self.url)
        )
        self._said(name, r"(Successfully registered with master)")

    def kill_worker(self) -> None:
        """Kills the first worker, and with it its executor, as a machine that fails."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)
        self.workers[0].wait()

    def stop(self) -> None:
        for process in [*self.workers, self.master]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in [*self.workers, self.master]:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def session(master: str, conf: Path, **more: Any) -> Iterator[SparkSession]:
    """A session whose workers import what the tests do. `conf` is the folder of its properties."""
    kept = {name: os.environ.get(name) for name in ["SPARK_CONF_DIR", "PYSPARK_PYTHON"]}
    os.environ |= {"SPARK_CONF_DIR": str(conf), "PYSPARK_PYTHON": sys.executable}
    builder = SparkSession.builder.master(master).config("spark.executorEnv.PYTHONPATH", str(Path(__file__).parent))
    builder = builder.config("spark.executor.memory", "512m")
    for name, value in more.items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
        try:
            yield spark
        finally:
            spark.stop()
    finally:
        for name, was in kept.items():
            if was is None:
                del os.environ[name]
            else:
                os.environ[name] = was


def seen(folder: Path, words: dict[str, bytes]) -> set[tuple[str, str]]:
    """Looks for words in all files below a folder: pairs of a word's name and the sort of file that has it."""
    found = set()
    for path in folder.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() and path.parent.name != "conf" else b""
        except FileNotFoundError:
            continue  # Spark has removed it meanwhile
        found |= {(name, sort_of(path)) for name, word in words.items() if word in content}
    return found


def sort_of(path: Path) -> str:
    """The sort of a file that Spark writes."""
    sorts = {"shuffle_": "shuffle", "temp_shuffle_": "shuffle", "temp_local_": "spill", "rdd_": "block"}
    named = [sort for beginning, sort in sorts.items() if path.name.startswith(beginning)]
    return named[0] if named else "event log" if "events" in path.parts else "other"


def slowly(batches: Iterator[Any]) -> Iterator[Any]:
    """Passes batches on, each after a rest: so a worker can be killed in the middle."""
    for batch in batches:
        time.sleep(0.3)
        yield batch
