"""One run of one rival, in a process of its own: `rival.py GROUP NAME THREADS FILE...` prints JSON."""

import json
import sys
from pathlib import Path

import token_sets
import whole_job
from contest import UNAVAILABLE

GROUPS = {"whole-job": whole_job.RIVALS, "exports": whole_job.OF_EXPORTS, "two": token_sets.TWO, "eight": token_sets.EIGHT}


def main(group: str, name: str, threads: str, *files: str) -> int:
    """Tells the answer and the nanoseconds; exit code 3 where a package is missing."""
    try:
        overlaps, nanoseconds = GROUPS[group][name]([Path(file) for file in files], int(threads))
    except ImportError as error:
        print(error, file=sys.stderr)
        return UNAVAILABLE
    print(json.dumps({"overlaps": overlaps, "nanoseconds": nanoseconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
