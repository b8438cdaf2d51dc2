"""The input of all contestants: deterministic files under a folder, and what is right about them."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

SEED = 2026
CARDS = 10**11  # numbers under the unassigned prefix 9999, before the check digit
STEP = 61_803_398_873  # coprime to CARDS: different numbers give different cards
MEMBERS = 8
AT_LEAST = 3
MADE_BY = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def card_files(folder: Path, size: int) -> tuple[list[Path], int]:
    """A.txt and B.txt of so many card numbers, half shared, and how many are; .csv is with a header."""
    shared = size // 2
    files = [folder / "A.txt", folder / "B.txt"]
    random = np.random.default_rng(SEED)
    if not _is_there(folder, size):
        for start, path in zip((0, size - shared), files):
            numbers = np.arange(start, start + size, dtype=np.uint64)
            random.shuffle(numbers)  # no export has the order of another
            lines = _card_lines(numbers)
            path.write_bytes(lines)
            path.with_suffix(".csv").write_bytes(b"id\n" + lines)
        _done(folder, size, shared)
    return files, shared


def card_exports(folder: Path, size: int) -> tuple[list[Path], int]:
    """A.csv and B.csv of the same cards, the third of six columns; every other row has a quoted comma in the fourth."""
    cards, shared = card_files(folder.with_name("cards"), size)
    files = [folder / "A.csv", folder / "B.csv"]
    if not _is_there(folder, size):
        for source, path in zip(cards, files):
            lines = np.frombuffer(source.read_bytes(), dtype=np.uint8).reshape(size, 17)[:, :16]
            row = b'K-104711,2026-11-27,0000000000000000,"Doe, Ann",EUR,0012.50\n'
            rows = np.tile(np.frombuffer(row, dtype=np.uint8), (size, 1))
            at = row.index(b"0" * 16)
            rows[:, at : at + 16] = lines
            rows[::2, at + 17 : at + 27] = np.frombuffer(b"Doe--Ann--", dtype=np.uint8)
            path.write_bytes(b"customer,day,card,name,currency,amount\n" + rows.tobytes())
        _done(folder, size, shared)
    return files, shared


def _card_lines(numbers: np.ndarray) -> bytes:
    """Different 16-digit numbers that satisfy Luhn (ISO/IEC 7812-1), one a line."""
    body = numbers * np.uint64(STEP) % np.uint64(CARDS)
    digits = np.full((len(numbers), 17), ord("\n"), dtype=np.uint8)
    digits[:, :4] = 9
    for place in range(14, 3, -1):
        digits[:, place] = body % np.uint64(10)
        body //= np.uint64(10)
    doubled = digits[:, 0:15:2] * 2
    total = (doubled // 10 + doubled % 10).sum(1, dtype=np.uint16) + digits[:, 1:15:2].sum(1, dtype=np.uint16)
    digits[:, 15] = (10 - total % 10) % 10
    digits[:, :16] += ord("0")
    return digits.tobytes()


def two_sets(folder: Path, size: int) -> tuple[list[Path], int]:
    """Two files of so many random tokens, a tenth shared, and how many are."""
    shared = size // 10
    files = [folder / "a.tokens", folder / "b.tokens"]
    if not _is_there(folder, size):
        universe = _tokens(2 * size - shared)
        picks = (np.arange(size), np.arange(size - shared, 2 * size - shared))
        _write_tokens(universe, picks, files)
        _done(folder, size, shared)
    return files, shared


def eight_sets(folder: Path, size: int) -> tuple[list[Path], int]:
    """Eight files of so many different tokens of eight times as many; how many at least three hold."""
    files = [folder / f"m{member}.tokens" for member in range(MEMBERS)]
    universe = size * MEMBERS
    if not _is_there(folder, size):
        random = np.random.default_rng(SEED)
        picks = [random.choice(universe, size, replace=False) for _ in files]
        holders = np.bincount(np.concatenate(picks), minlength=universe)
        _write_tokens(_tokens(universe), picks, files)
        _done(folder, size, int((holders >= AT_LEAST).sum()))
    return files, _known(folder)["expected"]


def _tokens(number: int) -> np.ndarray:
    """Random tokens, in two columns of big-endian 64 bits."""
    return np.random.default_rng(SEED + 1).integers(0, 2**64, (number, 2), dtype=np.uint64).astype(">u8")


def _write_tokens(universe: np.ndarray, picks: Iterable[np.ndarray], files: list[Path]) -> None:
    random = np.random.default_rng(SEED + 2)
    for path, pick in zip(files, picks):
        universe[random.permutation(pick)].tofile(path)


def _is_there(folder: Path, size: int) -> bool:
    """Whether an earlier run has completed these files; where not, they are no longer vouched for."""
    folder.mkdir(parents=True, exist_ok=True)
    known = _known(folder)
    there = (known.get("size"), known.get("made_by")) == (size, MADE_BY)
    if not there:
        (folder / "done.json").unlink(missing_ok=True)
    return there


def _known(folder: Path) -> dict:
    stamp = folder / "done.json"
    return json.loads(stamp.read_text()) if stamp.exists() else {}


def _done(folder: Path, size: int, expected: int) -> None:
    (folder / "done.json").write_text(json.dumps({"size": size, "made_by": MADE_BY, "expected": expected}))
