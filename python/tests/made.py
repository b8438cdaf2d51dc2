"""Rows that are made: identifiers of five kinds, in several spellings, among every sort of bad row."""

import csv
import io
import random
from functools import cache
from pathlib import Path

KINDS = ["bank.iban", "card.pan", "crypto.evm", "email.mailbox", "phone.e164"]

TABLE = Path(__file__).parents[2] / "spec" / "selftest-1.tsv"


@cache
def of_table(kind: str) -> list[bytes]:
    """The inputs of a kind's public table: all that is accepted in some odd way, and all that is rejected for some
    reason. Those for other national plans are among them: here they are rejected, or mean something else."""
    lines = [line.split("\t") for line in TABLE.read_text().splitlines()[1:]]
    return [bytes.fromhex(line[2]) for line in lines if line[0] == f"{kind}/1"]


def luhn(digits: str) -> str:
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits + "0"))]
    return digits + str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def iban(account: int) -> str:
    bban = f"{37040044:08}{account:010}"
    return f"DE{98 - int(bban + '131400') % 97:02}{bban}"


def identifier(kind: str, person: int) -> str:
    match kind:
        case "bank.iban":
            return iban(person)
        case "card.pan":
            return luhn(f"999912{person:09}")
        case "crypto.evm":
            return f"0x{(person << 64) + 0xABCDEF:040x}"
        case "email.mailbox":
            return f"person_{person}@example.org"
        case _:
            return f"+4989{10_000_000 + person}"


def spelt(value: str, how: int) -> str:
    match how:
        case 0:
            return f"  {value}"
        case 1:
            return value.upper()
        case _:
            return value


def rows(kind: str, number: int, seed: int) -> list[bytes | None]:
    """Rows of one member. Members with other seeds share about half of their identifiers; every fourth row is of the
    table, empty, null, or not text at all."""
    chosen = random.Random(f"{kind} {seed}")
    odd: list[bytes | None] = [*of_table(kind), b"", None, b"\xff\xfe", b"x" * 70_000]
    made: list[bytes | None] = []
    for row in range(number):
        if row % 4 == 3:
            # The long one is rare: it would be most of the bytes.
            made.append(odd[chosen.randrange(len(odd) - (row % 1000 != 3))])
        else:
            person = chosen.randrange(number * 2)
            made.append(spelt(identifier(kind, person), chosen.randrange(4)).encode())
    return made


def csv_of(values: list[bytes | None]) -> bytes:
    """A CSV export with the column `value`. It has no nulls: they are empty cells."""
    lines = [b"id,value\n"]
    lines += [b'%d,"%s"\n' % (at, (value or b"").replace(b'"', b'""')) for at, value in enumerate(values)]
    return b"".join(lines)


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
