"""Progress for notebooks and terminals."""

import sys
import time


class progress:
    """Shows on standard error how many rows are done, and how many a second.

    Give it to a long call: `tokenizer.tokens(column, progress=veilmatch.progress())`. Any callable will do in its
    place. It is called with the number of rows that are done, about twenty times a second, and once more at the end.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._shown = 0.0
        self._text = ""

    def __call__(self, done: int) -> None:
        """Notes the number of rows that are done, and shows it ten times a second at most."""
        now = time.monotonic()
        seconds = now - self._begun
        self._text = f"{done:,} rows, {seconds:.1f} s, {done / max(seconds, 1e-3):,.0f} rows/s"
        if now - self._shown >= 0.1:
            self._shown = now
            self._show("")

    def close(self) -> None:
        """Ends the line. The call that it was given to does this."""
        self._show("\n")

    def _show(self, end: str) -> None:
        print(f"\r{self._text:<60}", end=end, file=sys.stderr, flush=True)
