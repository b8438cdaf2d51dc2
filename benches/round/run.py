#!/usr/bin/env python3
"""Time and peak memory of a whole round, step by step, sealed and signed and as a trial.

    python3 benches/round/run.py [--rows 2000000] [--members 5] [--runs 3]
    python3 benches/round/run.py --before PROGRAM [--pairs 9]

Each step runs in a process of its own, as in a real round. The difference between both rounds is what signing and
sealing cost. With --before, an earlier build of the program and this one run sealed rounds in turn; a step fails if
the 95 % interval of the median ratio lies wholly above 1.03. Needs the Rust tool chain; writes to target/round only.
"""

import argparse
import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "target" / "round"
PROGRAM = ROOT / "target" / "release" / "veilmatch"
KIND = "card.pan"
ALLOWED = 1.03
HANDSHAKES = 10  # a handshake takes milliseconds, and most of them are the disk's


def luhn(payload: str) -> str:
    """The payload and its check digit (ISO/IEC 7812-1)."""
    total = 0
    for at, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return payload + str(-total % 10)


def write_rows(path: Path, member: int, rows: int) -> None:
    """Half of each member's cards are drawn from what all may have, half are its own."""
    if path.exists():
        return
    draw = random.Random(member)
    shared = draw.sample(range(2 * rows), rows // 2)
    own = range((member + 1) * 10**8, (member + 1) * 10**8 + rows - len(shared))
    with path.open("w") as out:
        out.writelines(luhn(f"4{number:014d}") + "\n" for number in [*shared, *own])


def step(program: Path, arguments: list[str]) -> tuple[float, int]:
    """Runs the program; seconds and peak bytes."""
    start = time.perf_counter()
    process = subprocess.Popen([str(program), *arguments], cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"veilmatch {' '.join(arguments)}: {errors.decode()}")
    return seconds, usage.ru_maxrss * 1024


def prepare(program: Path, members: list[str], sealed: bool) -> None:
    """Keys, secret and manifest."""
    for member in [*members, "hub"]:
        step(program, ["keygen", "--identity", "--out", f"{member}.key"])
    step(program, ["keygen", "--out", "secret"])
    listed = [f"--member={name}={name}.key.pub" if sealed else f"--member={name}" for name in members]
    hub = ["--hub", "hub.key.pub"] if sealed else []
    step(program, ["round", "new", "--coalition", "bench", "--epoch", "1", "--at-least", "3", "--kind", KIND, *listed, *hub, "--out", "round.json"])


def round_of(program: Path, members: list[str], rows: int, sealed: bool) -> dict[str, tuple[float, int]]:
    """One round, its handshake repeated; for each step the sum of its seconds over the members, and the highest peak."""
    for path in FOLDER.iterdir():
        if path.suffix != ".txt" and path.name != "programs":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    prepare(program, members, sealed)

    def key(name: str) -> list[str]:
        return ["--identity", f"{name}.key"] if sealed else []

    def part(name: str) -> list[str]:
        return ["--round", "round.json", "--secret-file", "secret", "--member", name, *key(name)]

    steps: dict[str, list[tuple[float, int]]] = {"handshake": [], "tokenize": [], "intersect": [], "resolve": []}
    for number in range(HANDSHAKES):
        for name in members:
            out = ["--handshake", "--out", f"hands-{number}-{name}"]
            steps["handshake"].append(step(program, ["tokenize", *part(name), *out]))
        hands = [f"hands-{number}-{name}/{KIND}-1.vmh" for name in members]
        steps["handshake"].append(step(program, ["intersect", "--round", "round.json", *key("hub"), "--handshake", *hands]))
    for name in members:
        source = ["--kind", KIND, "--input", f"{name}-{rows}.txt"]
        steps["tokenize"].append(step(program, ["tokenize", *part(name), *source, "--out", f"sets-{name}"]))
    sets = [f"sets-{name}/{KIND}-1.vms" for name in members]
    steps["intersect"].append(step(program, ["intersect", "--round", "round.json", *key("hub"), "--out", "result", *sets]))
    for name in members:
        source = ["--kind", KIND, "--input", f"{name}-{rows}.txt", "--share", f"result/{name}.{KIND}-1.vsh"]
        steps["resolve"].append(step(program, ["resolve", *part(name), *source]))
    times = {"handshake": HANDSHAKES}
    return {
        what: (sum(s for s, _ in runs) / times.get(what, 1), max(peak for _, peak in runs)) for what, runs in steps.items()
    }


def interval(ratios: list[float]) -> tuple[float, float]:
    """The narrowest pair of order statistics that holds the median with 95 % (sign test)."""
    ordered, chance, rank, outside = sorted(ratios), 0.5 ** len(ratios), 0, 0.0
    term = chance
    while outside + 2 * term <= 0.05:
        outside += 2 * term
        rank += 1
        term = term * (len(ratios) - rank + 1) / rank
    if rank == 0:
        sys.exit("expected six pairs or more: fewer give no interval of 95 %")
    return ordered[rank - 1], ordered[-rank]


def compare(before: Path, members: list[str], rows: int, pairs: int) -> None:
    """Rounds by both programs in turn; which of the two begins changes from pair to pair.

    Both are copied first: a file that a linker wrote starts slower than a copy of it, by a tenth of a handshake.
    """
    copies = FOLDER / "programs"
    copies.mkdir(exist_ok=True)
    before, after = (Path(shutil.copy(program, copies / name)) for program, name in [(before, "before"), (PROGRAM, "after")])
    ratios: dict[str, list[float]] = {}
    for pair in range(pairs):
        order = (before, after) if pair % 2 == 0 else (after, before)
        found = {program: round_of(program, members, rows, sealed=True) for program in order}
        old, new = ({what: seconds for what, (seconds, _) in found[program].items()} for program in (before, after))
        for what in old:
            ratios.setdefault(what, []).append(new[what] / old[what])
        ratios.setdefault("all", []).append(sum(new.values()) / sum(old.values()))
    print(f"{len(members)} members of {rows:,} rows, sealed; seconds after / before in {pairs} pairs")
    print(f"{'step':12}{'median':>10}{'95 % interval':>18}")
    slower = []
    for what, of in ratios.items():
        low, high = interval(of)
        print(f"{what:12}{statistics.median(of):10.3f}{low:10.3f} to {high:.3f}")
        slower += [what] if low > ALLOWED else []
    if slower:
        sys.exit(f"slower: {', '.join(slower)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--before", type=Path, help="an earlier build of the program, to compare with")
    parser.add_argument("--pairs", type=int, default=9)
    options = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--package", "veilmatch-cli"], cwd=ROOT, check=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    members = [f"member-{number}" for number in range(options.members)]
    for number, name in enumerate(members):
        # In a process of its own: a child's peak counts from what its parent held.
        rows = multiprocessing.Process(target=write_rows, args=(FOLDER / f"{name}-{options.rows}.txt", number, options.rows))
        rows.start()
        rows.join()
    if options.before:
        return compare(options.before.resolve(), members, options.rows, options.pairs)

    best: dict[bool, dict[str, tuple[float, int]]] = {}
    for _ in range(options.runs):  # in turn, so that drift hits both
        for sealed in (True, False):
            found = round_of(PROGRAM, members, options.rows, sealed)
            before = best.get(sealed, found)
            best[sealed] = {what: min(found[what], before[what]) for what in found}
    total = {sealed: sum(seconds for seconds, _ in steps.values()) for sealed, steps in best.items()}
    print(f"{options.members} members of {options.rows:,} rows; seconds over all members, best of {options.runs}")
    print(f"{'step':12}{'sealed, s':>12}{'trial, s':>12}{'signing and sealing':>22}{'peak, MB':>12}")
    for what in best[True]:
        (sealed, peak), (trial, _) = best[True][what], best[False][what]
        print(f"{what:12}{sealed:12.2f}{trial:12.2f}{100 * (sealed - trial) / sealed:20.0f} %{peak / 1e6:12.0f}")
    share = 100 * (total[True] - total[False]) / total[True]
    print(f"{'all':12}{total[True]:12.2f}{total[False]:12.2f}{share:20.0f} %")


if __name__ == "__main__":
    main()
