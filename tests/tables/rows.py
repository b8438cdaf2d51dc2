"""An invented table: good identifiers in several spellings, and every sort of bad cell that CSV and Parquet can hold."""

import csv
import hashlib
import random

TEXTS = ["card", "iban", "mail", "phone", "note", "kind", "value"]
KINDS = {"card": "card.pan", "iban": "bank.iban", "mail": "email.mailbox", "phone": "phone.e164", "note": "opaque.note"}

# Cells that no kind but an opaque one takes, or none at all. Nothing and "" are what CSV cannot tell apart.
BAD = [
    None, "", " ", " \t ", "no value", "0", "-", "null", "NaN", "ä ö ü", "\N{ZERO WIDTH SPACE}", "日本", "a" * 300,
    'said "so"', "one, two", "first line\nsecond line", "windows\r\nline", "\ttab", "=1+1", "\x00", "\N{PILE OF POO}",
    hashlib.sha256(b"anyone").hexdigest(), "9999100000001563", "DE89370400440532013001", "a@@example.org", "+49", "+1 212",
]


def check_digit(digits):
    """The check digit after these digits (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def good(number):
    """A good identifier of each kind, the same ones for the same number."""
    account = f"{37040044:08}{number:010}"
    card = f"9999{number:011}"
    return {
        "card": card + check_digit(card),
        "iban": f"DE{98 - int(account + '131400') % 97:02}{account}",
        "mail": f"person.{number}@example.org",
        "phone": f"+4915{number:09}",
        "note": f"case {number}, of “many”",
    }


def spelt(source, column, value):
    """The value as some people write it."""
    groups = " ".join(value[at : at + 4] for at in range(0, len(value), 4))
    return source.choice([value, f" {value} ", value.lower(), groups if column in ("card", "iban") else value])


def table(count, seed, bytes_too=False):
    """Rows of a customer's number and of `TEXTS`. With `bytes_too` some cells are not UTF-8, as surrogates."""
    source, rows = random.Random(seed), []
    bad = BAD + ["M\udcfcller", "\udcff"] if bytes_too else BAD
    for _ in range(count):
        identifiers = good(source.randrange(count))
        cells = {
            column: spelt(source, column, value) if source.random() < 0.8 else source.choice(bad)
            for column, value in identifiers.items()
        }
        column = source.choice(list(KINDS))
        kind = source.choice([KINDS[column], KINDS[column] + "/1", f" {KINDS[column]}", source.choice(bad)])
        customer = source.choice([None, -1, 0, -(2**63), 2**63 - 1, *source.sample(range(10**9), 9)])
        rows.append((customer, *cells.values(), kind, cells[column]))
    return rows


def write_csv(rows, path):
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        csv.writer(file).writerows([["customer", *TEXTS], *rows])
