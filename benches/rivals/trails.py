"""Follows the trails of one large world by this crate and by others; see README.md beside it.

The world is made by the example `trails`. Whoever takes part reads its own files, joins them, and says how many trails
there are, with how many subjects, and how many are too large. All must say the same.
"""

import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from environment import EXAMPLES, WORK, build, enter, versions

MEMBERS, HOPS, MOST = 64, 2, 1000  # as the example `trails` has them
ANSWER = re.compile(r"^\d+ trails with \d+ subjects, \d+ too large$", re.MULTILINE)


def edges(folder: Path):
    """Subjects and tokens of all links, and the seeds. Tokens that are too common are not among them."""
    import numpy as np

    pairs = np.fromfile(folder / "edges.bin", dtype="<u4").reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy(), np.fromfile(folder / "seeds.bin", dtype="<u4")


def duckdb(folder: Path) -> list[tuple[int, int]]:
    """A recursive query: for each seed the subjects near it, and their members."""
    import duckdb as package

    database = package.connect()
    database.execute("SET threads = 2; SET preserve_insertion_order = false")
    subject, token, seed = edges(folder)
    database.register("edges", {"subject": subject, "token": token})
    database.register("seeds", {"seed": seed})
    of_several = f"GROUP BY token HAVING min(subject % {MEMBERS}) <> max(subject % {MEMBERS})"
    database.execute(
        f"CREATE TABLE leads AS SELECT * FROM edges SEMI JOIN (SELECT token FROM edges {of_several}) USING (token)"
    )
    return database.execute(
        f"""
        WITH RECURSIVE near(seed, subject, step) AS (
            SELECT seed, seed, 0 FROM seeds
            UNION
            SELECT near.seed, other.subject, step + 1
            FROM near JOIN leads own USING (subject) JOIN leads other ON other.token = own.token
            WHERE step < {HOPS}
        )
        SELECT count(DISTINCT subject), count(DISTINCT subject % {MEMBERS}) FROM near GROUP BY seed
        """
    ).fetchall()


def networkx(folder: Path) -> list[tuple[int, int]]:
    """A search from each seed; subjects and tokens are nodes, so a step is two edges."""
    import networkx as package

    subject, token, seeds = edges(folder)
    first = int(subject.max()) + 1
    graph = package.Graph()
    graph.add_edges_from(zip(subject.tolist(), (token + first).tolist()))
    of_one = [
        node
        for node, near in graph.adjacency()
        if node >= first and len({subject % MEMBERS for subject in near}) == 1
    ]
    graph.remove_nodes_from(of_one)
    found = []
    for seed in seeds.tolist():
        near = package.single_source_shortest_path_length(graph, seed, cutoff=2 * HOPS) if seed in graph else [seed]
        subjects = [node for node in near if node < first]
        found.append((len(subjects), len({subject % MEMBERS for subject in subjects})))
    return found


RIVALS = {"duckdb": duckdb, "networkx": networkx}


def say(found: list[tuple[int, int]]) -> None:
    """Says what was found as the example does."""
    trails = [subjects for subjects, members in found if members > 1 and subjects <= MOST]
    too_large = sum(subjects > MOST for subjects, _ in found)
    print(f"{len(trails)} trails with {sum(trails)} subjects, {too_large} too large")


def run(command: list[str], limit: int, memory: int) -> tuple[str, float, int]:
    """The answer, the seconds of the whole process, and its peak of memory in MB."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory << 20, memory << 20))

    start = time.perf_counter()
    environment = os.environ | {"RAYON_NUM_THREADS": "2"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=bound
    )
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(limit)
    output, log = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    signal.alarm(0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    answer = ANSWER.search(output)
    if process.returncode == -signal.SIGKILL:
        return f"not finished within {limit} s or the machine's memory", seconds, used.ru_maxrss >> 10
    if process.returncode != 0 or answer is None:
        last = (log.strip().splitlines() or ["no message"])[-1]
        return f"failed with {memory} MB of addresses: {last}", seconds, used.ru_maxrss >> 10
    return answer.group(), seconds, used.ru_maxrss >> 10


def main() -> int:
    """0 where all that finished agree, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=1, help="of each, in turn")
    parser.add_argument("--limit", type=int, default=900, help="seconds after which a run is given up")
    parser.add_argument("--memory", type=int, default=16_000, help="most MB of addresses of a run")
    parser.add_argument("--without", choices=RIVALS, action="append", default=[], help="leave a rival out")
    parser.add_argument("--rival", choices=RIVALS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    folder = WORK / f"trails-{chosen.subjects}"
    enter()
    if chosen.rival:
        say(RIVALS[chosen.rival](folder))
        return 0
    build()
    trails = [str(EXAMPLES / "trails")]
    if not (folder / "seeds.bin").exists():
        subprocess.run([*trails, "make", "--subjects", str(chosen.subjects), "--folder", str(folder)], check=True)
    contestants = {
        "veilmatch": [*trails, "follow", "--folder", str(folder)],
        "petgraph": [*trails, "petgraph", "--folder", str(folder)],
    }
    for name in sorted(RIVALS.keys() - set(chosen.without)):
        contestants[name] = [sys.executable, __file__, "--subjects", str(chosen.subjects), "--rival", name]
    answers, finished = set(), set()
    for _ in range(chosen.runs):
        for name, command in sorted(contestants.items(), key=lambda one: one[0] != "veilmatch"):
            answer, seconds, peak = run(command, chosen.limit, chosen.memory)
            print(f"{name:10} {seconds:7.1f} s {peak:7} MB  {answer}", flush=True)
            if ANSWER.fullmatch(answer):
                answers.add(answer)
                finished.add(name)
    print(*(f"{what} {version}" for what, version in versions().items()), sep="\n")
    return 0 if len(answers) == 1 and len(finished) > 1 else 1


if __name__ == "__main__":
    sys.exit(main())
