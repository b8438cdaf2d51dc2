"""The program `veilmatch`, as the console script and as `python -m veilmatch`."""

import signal
import sys

from veilmatch import _veilmatch


def main() -> None:
    """Runs the program with the arguments of this process, and exits with its status."""
    # Python would only note the signal, and the program never asks for notes.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_veilmatch.main(["veilmatch", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
