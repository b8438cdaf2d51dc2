"""k of N and a member's set: the program on one machine against Apache Spark on a cluster of two workers there.

    python python/benches/spark.py --rows 10000000 --folder /var/tmp/spark-bench

Four members have `--rows` rows each, of which half are shared. The set files must be the same. The memory of
Spark is that of all its processes together, driver included. Install the package in its release profile first.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from cluster import Cluster, session  # noqa: E402
from pyspark import StorageLevel  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

import veilmatch.spark as vs  # noqa: E402

PROGRAM = Path(sysconfig.get_path("scripts")) / "veilmatch"
MEMBERS = ["m0", "m1", "m2", "m3"]
KIND = "crypto.evm"


def show(what: str, wall: float, cpu: float, memory: float) -> None:
    print(f"{what:<45} {wall:8.1f} s {cpu:8.1f} s of CPU {memory:8.0f} MB", flush=True)


def program(what: str, folder: Path, *words: str) -> None:
    """Runs the program, and shows what it took."""
    begun = time.monotonic()
    process = subprocess.Popen([PROGRAM, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, words
    if what:
        show(f"program: {what}", time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3)


class Watched:
    """Time and memory of all processes of Spark that this one started, looked at twice a second."""

    def __init__(self) -> None:
        self.cpu = self.peak = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            listed = subprocess.run(["ps", "-eo", "cputimes,rss,args"], capture_output=True, text=True).stdout
            lines = [line.split(None, 2) for line in listed.splitlines()[1:]]
            names = ("CoarseGrained", "pyspark.daemon", "SparkSubmit", "benches/spark.py")
            mine = [line for line in lines if any(name in line[2] for name in names)]
            self.cpu = sum(float(line[0]) for line in mine)
            self.peak = max(self.peak, sum(float(line[1]) for line in mine) / 1e3)
            time.sleep(0.5)

    def run(self, what: str, work: Callable[[], Any]) -> Any:
        time.sleep(1)
        self.peak, cpu, begun = 0.0, self.cpu, time.monotonic()
        result = work()
        wall = time.monotonic() - begun
        time.sleep(1)
        show(f"Spark: {what}", wall, self.cpu - cpu, self.peak)
        return result


def make(spark: SparkSession, folder: Path, rows: int) -> None:
    for number, member in enumerate(MEMBERS):
        own = f"hash(id, {number}) % 2 = 0"
        value = f"concat('0x', lpad(lower(hex(if({own}, id * 4 + {number} + 100000000000, id + 1000))), 40, '0'))"
        table = spark.range(rows).selectExpr("id as row", f"{value} as value")
        table.coalesce(4).write.parquet(f"file://{folder}/{member}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, required=True, help="a new folder, with room for 300 bytes a row")
    options = parser.parse_args()
    folder = options.folder.absolute()
    folder.mkdir()
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"  # equal sets have equal bytes
    program("", folder, "keygen", "--out", "secret")
    terms = ["--coalition", "bench", "--epoch", "1", "--at-least", "2", "--kind", KIND, "--out", "round.json"]
    program("", folder, "round", "new", *terms, *[word for member in MEMBERS for word in ("--member", member)])
    cluster = Cluster(folder / "cluster")
    more = {"spark.executor.memory": "2g", "spark.shuffle.compress": "true", "spark.eventLog.enabled": "false"}
    try:
        cluster.add_worker("4g")
        cluster.add_worker("4g")
        with session(cluster.url, cluster.conf, **more, **{"spark.sql.shuffle.partitions": "32"}) as spark:
            compare(spark, folder, options.rows)
    finally:
        cluster.stop()


def compare(spark: SparkSession, folder: Path, rows: int) -> None:
    make(spark, folder, rows)
    part = ["--round", "round.json", "--secret-file", "secret", "--column", f"value={KIND}", "--skip-others"]
    for member in MEMBERS:
        what = "set of a member" if member == "m0" else ""
        program(what, folder, "tokenize", *part, "--member", member, "--input", member, "--out", f"{member}-sets")
        program("", folder, "export", f"{member}-sets/{KIND}-1.vms", "--out", f"{member}.parquet")
    sets = [f"{member}-sets/{KIND}-1.vms" for member in MEMBERS]
    program("overlaps of 4 members, shares", folder, "intersect", "--round", "round.json", "--out", "result", *sets)

    watched = Watched()
    place = [str(folder / name) for name in ("round.json", "secret")]
    recipe = vs.Recipe(kind=KIND, member="m0", round_file=place[0], secret_file=place[1])
    table = spark.read.parquet(f"file://{folder}/m0")
    mine = vs.outcomes(table, "value", recipe).drop("value").persist(StorageLevel.DISK_ONLY)
    watched.run("set of a member, its rows persisted", lambda: vs.write_set(mine, folder / "m0.vms", recipe))
    assert (folder / "m0.vms").read_bytes() == (folder / sets[0]).read_bytes(), "the set files differ"
    tables = {member: spark.read.parquet(f"file://{folder}/{member}.parquet") for member in MEMBERS}
    found = f"file://{folder}/found"
    watched.run("overlaps of 4 members, written", lambda: vs.overlaps(tables, 2).write.parquet(found))
    shared = vs.share(spark.read.parquet(found), "m0")
    resolved = f"file://{folder}/resolved"
    watched.run("rows of a member resolved, written", lambda: vs.resolve(mine, shared).write.parquet(resolved))
    print(f"{spark.read.parquet(found).count():,} overlaps, {spark.read.parquet(resolved).count():,} rows of m0 resolved")


if __name__ == "__main__":
    main()
