"""Compares this crate with other programs on the same files; see README.md beside it."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from contest import Contestant, Failed, Group, match_tokens, rival, whole_job
from environment import WORK, build, enter, versions

RIVALS = ["duckdb", "polars", "python", "secretflow"]


def arguments() -> argparse.Namespace:
    """Reads the command line; exits with 2 where it makes no sense."""

    def positive(text: str) -> int:
        if (number := int(text)) < 1:
            raise ValueError
        return number

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=positive, default=5_000_000, help="card numbers in each of two files")
    help_tokens = "tokens in each of the two sets; of the eight a quarter"
    parser.add_argument("--tokens", type=positive, default=10_000_000, help=help_tokens)
    parser.add_argument("--threads", type=positive, default=2, help="of each contestant, if it can be told")
    parser.add_argument("--runs", type=positive, default=3, help="of each contestant, in turn")
    parser.add_argument("--limit", type=positive, default=900, help="seconds after which a run is given up")
    parser.add_argument("--only", choices=["whole-job", "tokens"], help="one half of the comparison")
    parser.add_argument("--without", choices=RIVALS, action="append", default=[], help="leave a rival out")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    chosen = parser.parse_args()
    if chosen.size < 2 or chosen.tokens < 40:
        parser.error("expected at least 2 card numbers and 40 tokens")
    if max(chosen.size, chosen.tokens) > 100_000_000:
        parser.error("expected at most 100 million")
    return chosen


def groups(chosen: argparse.Namespace) -> list[Group]:
    """What is compared; makes the files."""
    import inputs  # needs a package of the virtual environment

    limit = (chosen.threads, chosen.limit)

    def rivals(group: str, files: list[Path], names: dict[str, str]) -> list[Contestant]:
        return [
            Contestant(title, rival(group, name, files, *limit))
            for name, title in names.items()
            if name.partition("-")[0] not in chosen.without
        ]

    def ours(files: list[Path], options: list[str]) -> list[Contestant]:
        matching = match_tokens(files, [*options, "--runs", "3"], *limit)
        building = match_tokens(files, options, *limit, clock="nanoseconds_with_sets")
        return [Contestant("veilmatch", matching), Contestant("veilmatch, building the sets too", building)]

    found = []
    if chosen.only != "tokens":
        files, expected = inputs.card_files(WORK / "cards", chosen.size)
        names = {
            "duckdb": "DuckDB, SHA-256 behind a key, join",
            "python": "Python, HMAC and sets, one thread",
            "secretflow": "SecretFlow, PSI by RR22",
        }
        contestants = [Contestant("veilmatch", whole_job(files, ["--kind", "card.pan"], *limit))]
        contestants += rivals("whole-job", files, names)
        name = f"whole job, two files of {chosen.size:,} card numbers, half shared"
        found.append(Group(name, 2 * chosen.size, "row", expected, contestants))

        files, expected = inputs.card_exports(WORK / "exports", chosen.size)
        contestants = [Contestant("veilmatch", whole_job(files, ["--column", "card=card.pan"], *limit))]
        contestants += rivals("exports", files, {"duckdb": "DuckDB, SHA-256 behind a key, join"})
        name = "the same from CSV of six columns, the card the third, some fields quoted"
        found.append(Group(name, 2 * chosen.size, "row", expected, contestants))
    if chosen.only != "whole-job":
        files, expected = inputs.two_sets(WORK / "two", chosen.tokens)
        names = {
            "duckdb-join": "DuckDB, join",
            "duckdb-intersect": "DuckDB, INTERSECT",
            "polars": "Polars, semi-join",
            "polars-halves": "Polars, semi-join on two columns",
        }
        contestants = ours(files, ["--count"]) + rivals("two", files, names)
        name = f"two sets of {chosen.tokens:,}, a tenth shared, counted"
        found.append(Group(name, 2 * chosen.tokens, "token", expected, contestants))

        each = chosen.tokens // 4
        files, expected = inputs.eight_sets(WORK / "eight", each)
        names = {"duckdb": "DuckDB, GROUP BY and bit_or", "polars": "Polars, group_by and bitwise_or"}
        contestants = ours(files, ["--at-least", str(inputs.AT_LEAST)]) + rivals("eight", files, names)
        name = f"eight sets of {each:,}, at least {inputs.AT_LEAST}, with holders"
        found.append(Group(name, inputs.MEMBERS * each, "token", expected, contestants))
    return found


def table(found: list[Group], told: dict[str, str], chosen: argparse.Namespace) -> str:
    """The result for people."""
    lines = []
    for group in found:
        lines += [group.name, f"  {f'ns a {group.unit}':36}{'best':>9}{'median':>9}{'times ours':>12}"]
        for row in group.rows():
            if "unavailable" in row:
                lines.append(f"  {row['name']:36}not available: {row['unavailable']}")
            else:
                lines.append(f"  {row['name']:36}{row['best']:9.1f}{row['median']:9.1f}{row['ratio']:12.1f}")
        lines.append("")
    lines.append(f"threads {chosen.threads}, runs {chosen.runs}, in turn")
    lines += [f"{what} {version}" for what, version in told.items()]
    return "\n".join(lines)


def main() -> int:
    """0 where all ran and agreed, 1 for an error or a disagreement."""
    chosen = arguments()
    try:
        enter()
        build()
        found = groups(chosen)
        for group in found:
            group.take_turns(chosen.runs)
    except (Failed, ImportError, OSError, subprocess.CalledProcessError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    told = versions()
    if chosen.format == "json":
        of_group = [
            {"name": group.name, "unit": group.unit, "elements": group.elements, "overlaps": group.expected}
            | {"contestants": group.rows()}
            for group in found
        ]
        result = {"versions": told, "threads": chosen.threads, "runs": chosen.runs, "groups": of_group}
        print(json.dumps(result, indent=1))
    else:
        print(table(found, told, chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
