"""SecretFlow's private set intersection by ECDH, each party on a core of its own: identifiers a second.

Each party multiplies twice for each identifier: its own, and the other's once more. Needs `spu` of requirements.txt:
`python3 ecdh.py [IDENTIFIERS]`.
"""

import os
import random
import sys
import tempfile
from pathlib import Path

import psi


def main() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("each party needs a core of its own")
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for start in (0, number // 2):
            values = list(range(start, start + number))
            random.Random(start).shuffle(values)
            files.append(Path(folder) / f"{start}.csv")
            files[-1].write_text("id\n" + "".join(f"{9999 * 10**12 + value}\n" for value in values))
        shared, nanoseconds = psi.intersect(files, protocol="ECDH", cores=True)
    if shared != number - number // 2:
        sys.exit(f"{shared} of {number - number // 2} shared values")
    print(f"{number} identifiers each: {nanoseconds / 1e9:.2f} s, {number / nanoseconds * 1e9:,.0f} identifiers a second")


if __name__ == "__main__":
    main()
