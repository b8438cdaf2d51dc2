"""A trial round of two members, whose files are not signed: the program in a folder."""

import os
import subprocess
import sys
from pathlib import Path

from rows import KINDS

COLUMNS = [f"--column={column}={kind}" for column, kind in KINDS.items()]
OWN = ["--round", "round.json", "--secret-file", "secret", "--member", "own"]


class Trial:
    def __init__(self, program, folder):
        self.program, self.folder = Path(program).resolve(), folder
        self.done("keygen", "--out", "secret")
        kinds = [f"--kind={kind}" for kind in KINDS.values()]
        members = ["--member", "own", "--member", "other"]
        terms = ["--coalition", "tables", "--epoch", "1", "--at-least", "2", *kinds, *members]
        self.done("round", "new", *terms, "--out", "round.json")

    def run(self, *arguments, through=()):
        """Exit status, the file with what it printed, and what it said. Files have a fixed date."""
        output = self.folder / "output"
        with output.open("wb") as out:
            run = subprocess.run(
                [*through, self.program, *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.PIPE, encoding="utf-8", env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"})
        return run.returncode, output, run.stderr

    def done(self, *arguments, through=()):
        """A run that must succeed: what it printed, and what it said."""
        status, output, said = self.run(*arguments, through=through)
        if status != 0:
            sys.exit(f"veilmatch {' '.join(map(str, arguments))}: {said}")
        return output, said

    def sets(self, source, *options, member="own"):
        """Contents of the sets that tokenize makes, by name; and what it says of each kind, without hints on the file."""
        part = [*OWN[:-1], member]
        said = self.done("tokenize", *part, "--input", source, "--out", "sets", "--force", *options)[1]
        made = {path.name: path.read_bytes() for path in (self.folder / "sets").iterdir()}
        counted = [line for line in said.splitlines() if "/1: " in line and " rows, " in line]
        assert len(made) == len(counted) > 0, said
        return made, counted
