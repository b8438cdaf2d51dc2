"""Sets, k of N and resolving: the program on one machine against Apache Spark on a cluster of two workers there.

    pip install --requirement python/tests/requirements.txt ./python
    python python/benches/spark.py --rows 10000000 --folder /var/tmp/spark-bench

Each member has `--rows` rows, of which half are shared. At the end DuckDB compares: the set file of the first member must
have equal bytes, and the shares of all members and the resolved rows of the first must be equal row for row. The memory of
Spark is that of all its processes together, driver included.
"""

import argparse
import filecmp
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

import duckdb  # noqa: E402
from cluster import Cluster, session  # noqa: E402
from pyspark import StorageLevel  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

import veilmatch.spark as vs  # noqa: E402

PROGRAM = Path(sysconfig.get_path("scripts")) / "veilmatch"
KIND = "crypto.evm"


def show(what: str, wall: float, cpu: float, memory: float) -> None:
    print(f"{what:<45} {wall:8.1f} s {cpu:8.1f} s of CPU {memory:8.0f} MB", flush=True)


# A small process starts the program: the memory of the one that starts it counts as the program's until it runs.
STARTER = """
import os, sys
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(status != 0)
"""


def program(what: str, folder: Path, *words: str, output: str = os.devnull) -> None:
    """Runs the program, and shows what it took. Its standard output goes to the file `output` of the folder."""
    begun = time.monotonic()
    with (folder / output).open("wb") as out:
        started = [sys.executable, "-ISc", STARTER, str(PROGRAM), *words]
        done = subprocess.run(started, cwd=folder, stdout=out, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    cpu, memory = map(float, done.stderr.splitlines()[-1].split())
    if what:
        show(f"program: {what}", time.monotonic() - begun, cpu, memory / 1e3)


class Watched:
    """Time and memory of this process and all that descend from it, looked at twice a second."""

    def __init__(self) -> None:
        self.used: dict[int, float] = {}  # of each process, those that have ended too
        self.peak = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            listed = subprocess.run(["ps", "-eo", "pid=,ppid=,cputimes=,rss="], capture_output=True, text=True).stdout
            every = {int(pid): rest for pid, *rest in map(str.split, listed.splitlines())}
            mine = [pid for pid in every if self._is_mine(pid, every)]
            self.used |= {pid: float(every[pid][1]) for pid in mine}
            self.peak = max(self.peak, sum(float(every[pid][2]) for pid in mine) / 1e3)
            time.sleep(0.5)

    @staticmethod
    def _is_mine(pid: int, every: dict[int, list[str]]) -> bool:
        while pid in every and pid != os.getpid():
            pid = int(every[pid][0])
        return pid == os.getpid()

    def run(self, what: str, work: Callable[[], Any]) -> None:
        time.sleep(1)
        self.peak, before, begun = 0.0, sum(self.used.values()), time.monotonic()
        work()
        wall = time.monotonic() - begun
        time.sleep(1)
        show(f"Spark: {what}", wall, sum(self.used.values()) - before, self.peak)


def make(spark: SparkSession, folder: Path, rows: int, members: list[str]) -> None:
    for number, member in enumerate(members):
        own = f"hash(id, {number}) % 2 = 0"
        value = f"concat('0x', lpad(lower(hex(if({own}, id * {len(members)} + {number} + 100000000000, id + 1000))), 40, '0'))"
        table = spark.range(rows).selectExpr("id as row", f"{value} as value")
        table.coalesce(4).write.parquet(f"file://{folder}/{member}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--folder", type=Path, required=True, help="a new folder, with room for 100 bytes a row")
    options = parser.parse_args()
    folder, members = options.folder.absolute(), [f"m{number}" for number in range(options.members)]
    folder.mkdir()
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"  # equal sets have equal bytes
    program("", folder, "keygen", "--out", "secret")
    terms = ["--coalition", "bench", "--epoch", "1", "--at-least", "2", "--kind", KIND, "--out", "round.json"]
    program("", folder, "round", "new", *terms, *[word for member in members for word in ("--member", member)])
    cluster = Cluster(folder / "cluster")
    more = {"spark.executor.memory": "2g", "spark.shuffle.compress": "true", "spark.eventLog.enabled": "false"}
    more |= {"spark.shuffle.spill.compress": "true", "spark.sql.shuffle.partitions": "32"}
    try:
        cluster.add_worker("4g")
        cluster.add_worker("4g")
        with session(cluster.url, cluster.conf, **more) as spark:
            make(spark, folder, options.rows, members)
            by_program(folder, members)
            by_spark(spark, folder, members)
    finally:
        cluster.stop()
    compare(folder, members)


def by_program(folder: Path, members: list[str]) -> None:
    part = ["--round", "round.json", "--secret-file", "secret", "--column", f"value={KIND}", "--skip-others"]
    for member in members:
        what = "set of a member" if member == "m0" else ""
        program(what, folder, "tokenize", *part, "--member", member, "--input", member, "--out", f"{member}-sets")
        program("", folder, "export", f"{member}-sets/{KIND}-1.vms", "--out", f"{member}.parquet")
    sets = [f"{member}-sets/{KIND}-1.vms" for member in members]
    what = f"overlaps of {len(members)} members, shares"
    program(what, folder, "intersect", "--round", "round.json", "--out", "result", *sets)
    shares = {member: f"result/{member}.{KIND}-1.vsh" for member in members}
    for member, share in shares.items():
        program("", folder, "export", share, "--out", f"{member}-share.parquet")
    mine = ["--member", "m0", "--input", "m0", "--share", shares["m0"], "--subject-column", "row"]
    out = "m0-resolved.parquet"
    program("rows of a member resolved", folder, "resolve", *part, *mine, "--list-format", "parquet", output=out)


def by_spark(spark: SparkSession, folder: Path, members: list[str]) -> None:
    watched = Watched()
    place = [str(folder / name) for name in ("round.json", "secret")]
    recipe = vs.Recipe(kind=KIND, member="m0", round_file=place[0], secret_file=place[1])
    table = spark.read.parquet(f"file://{folder}/m0")
    mine = vs.outcomes(table, "value", recipe).drop("value").persist(StorageLevel.DISK_ONLY)
    watched.run("set of a member, its rows persisted", lambda: vs.write_set(mine, folder / "m0.vms", recipe))
    tables = {member: spark.read.parquet(f"file://{folder}/{member}.parquet") for member in members}
    found = f"file://{folder}/found"
    what = f"overlaps of {len(members)} members, written"
    watched.run(what, lambda: vs.overlaps(tables, 2).write.parquet(found))
    shared = vs.share(spark.read.parquet(found), "m0")
    resolved = f"file://{folder}/resolved"
    watched.run("rows of a member resolved, written", lambda: vs.resolve(mine, shared).write.parquet(resolved))


def compare(folder: Path, members: list[str]) -> None:
    """Fails if Spark's set file, shares or resolved rows are not those of the program."""
    assert filecmp.cmp(folder / "m0.vms", folder / f"m0-sets/{KIND}-1.vms", shallow=False), "the set files differ"
    print("set of m0: equal bytes")
    found = f"SELECT token, holders, names FROM '{folder}/found/*.parquet' WHERE list_contains(names, '{{}}')"
    share = f"SELECT token, holders, names FROM '{folder}/{{}}-share.parquet'"
    pairs = {f"share of {member}": (share.format(member), found.format(member)) for member in members}
    rows = "SELECT {}::BIGINT, holders, names FROM '{}'"
    pairs["resolved rows of m0"] = (
        rows.format("subject", folder / "m0-resolved.parquet"),
        rows.format("row", folder / "resolved/*.parquet"),
    )
    engine = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(folder / "spilt")})
    for what, (ours, theirs) in pairs.items():
        counts = [one_number(engine, f"SELECT count(*) FROM ({query})") for query in (ours, theirs)]
        differing = one_number(engine, f"SELECT count(*) FROM ({ours} EXCEPT ALL {theirs})")
        assert counts[0] == counts[1] > 0 and differing == 0, f"{what}: {counts} rows, {differing} differ"
        print(f"{what}: {counts[0]:,} rows, all equal", flush=True)


def one_number(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(engine.execute(query).fetchall()[0][0])


if __name__ == "__main__":
    main()
