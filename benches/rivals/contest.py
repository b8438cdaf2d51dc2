"""Contestants take turns on the same files; each run is a process of its own, and each answer is checked."""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from environment import EXAMPLES, HERE

Run = Callable[[], tuple[int, int]]  # the answer, and the nanoseconds
UNAVAILABLE = 3  # exit code of a rival's process that misses a package


class Unavailable(Exception):
    """A contestant cannot take part here, and why."""


class Failed(Exception):
    """A contestant failed or answered wrongly."""


@dataclass
class Contestant:
    """Who takes part: runs once, and tells the answer and the nanoseconds."""

    name: str
    run: Run
    times: list[int] = field(default_factory=list)
    unavailable: str | None = None


@dataclass
class Group:
    """Contestants over the same files; the first is what the others are compared with."""

    name: str
    elements: int
    unit: str
    expected: int
    contestants: list[Contestant]

    def take_turns(self, runs: int) -> None:
        """Every contestant once, then again: drift of the machine hits all alike."""
        for turn in range(runs):
            for contestant in self.contestants:
                if contestant.unavailable is None:
                    self._run(contestant, f"{turn + 1}/{runs}")

    def _run(self, contestant: Contestant, turn: str) -> None:
        print(f"{self.name}: {contestant.name}, {turn}", file=sys.stderr)
        try:
            answer, nanoseconds = contestant.run()
        except Unavailable as reason:
            if contestant is self.contestants[0]:
                raise Failed(f"{self.name}: {contestant.name}: {reason}") from None
            contestant.unavailable = str(reason)
            return
        except Failed as failure:
            raise Failed(f"{self.name}: {contestant.name} failed: {failure}") from None
        if answer != self.expected:
            raise Failed(f"{self.name}: {contestant.name} found {answer}, right is {self.expected}")
        contestant.times.append(nanoseconds)

    def rows(self) -> list[dict[str, object]]:
        """Of each: nanoseconds per element, best and median, and the best as a multiple of the first's."""
        ours = min(self.contestants[0].times)
        rows: list[dict[str, object]] = []
        for contestant in self.contestants:
            row: dict[str, object] = {"name": contestant.name}
            if contestant.unavailable is None:
                best, median = min(contestant.times), statistics.median(contestant.times)
                row |= {"best": best / self.elements, "median": median / self.elements, "ratio": best / ours}
            else:
                row["unavailable"] = contestant.unavailable
            rows.append(row)
        return rows


def rival(group: str, name: str, files: list[Path], threads: int, limit: float) -> Run:
    """A function of this folder, in a process of its own."""

    def run() -> tuple[int, int]:
        command = [sys.executable, str(HERE / "rival.py"), group, name, str(threads), *map(str, files)]
        told = _json(command, {"POLARS_MAX_THREADS": str(threads)}, limit)
        return told["overlaps"], told["nanoseconds"]

    return run


def whole_job(files: list[Path], rows: list[str], threads: int, limit: float) -> Run:
    """The example `intersect`, from the start of its process to the end; `rows` says what the rows are."""

    def run() -> tuple[int, int]:
        command = [str(EXAMPLES / "intersect"), *rows, "--format", "json", *map(str, files)]
        start = time.perf_counter_ns()
        told = _json(command, {"RAYON_NUM_THREADS": str(threads)}, limit)
        return told["kinds"][0]["overlaps"], time.perf_counter_ns() - start

    return run


def match_tokens(
    files: list[Path], options: list[str], threads: int, limit: float, clock: str = "nanoseconds"
) -> Run:
    """The example `match_tokens`, by its own clock."""

    def run() -> tuple[int, int]:
        members = [f"{path.stem}={path}" for path in files]
        command = [str(EXAMPLES / "match_tokens"), *options, *members]
        told = _json(command, {"RAYON_NUM_THREADS": str(threads)}, limit)
        return told["overlaps"], told[clock]

    return run


def _json(command: list[str], environment: dict[str, str], limit: float) -> dict:
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a group, so that all of it can be ended
    )
    try:
        output, log = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"not finished within {limit:.0f} s") from None
    finally:
        if process.poll() is None:  # with those that it started itself
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    last = log.decode(errors="replace").strip().splitlines()[-1:]
    if process.returncode == UNAVAILABLE:
        raise Unavailable(*last)
    if process.returncode != 0:
        raise Failed(f"exit code {process.returncode}: {' '.join(last)}")
    return json.loads(output)
