"""Exact k-of-N matching of keyed-hashed payment identifiers.

Each member of a coalition turns its own payment identifiers into tokens under a secret that the members share. A hub
without the secret finds the tokens that at least k of N members hold. Each member learns about its own rows only.

    import veilmatch as vm

    tokenizer = vm.Tokenizer(vm.Secret.read("efc-7.secret"), coalition="efc", epoch=7, kind="bank.iban")
    mine = tokenizer.tokenize("bank-a", table["iban"])

Columns are any with the Arrow interface (pyarrow, polars, pandas, DuckDB), or lists of str, bytes and None. Errors of
the library are `Error`, with a `code` and a `category`; a column of a type that cannot hold identifiers is a TypeError.
"""

from veilmatch._progress import progress
from veilmatch._veilmatch import (
    Answer,
    Array,
    Error,
    Identity,
    Intersection,
    Linker,
    Overlaps,
    OwnTrails,
    Profile,
    Query,
    Referral,
    Report,
    Resolved,
    Round,
    Secret,
    Share,
    Table,
    Tokenizer,
    TokenSet,
    Trails,
    __version__,
    profile,
    resolve,
)

__all__ = [
    "Answer",
    "Array",
    "Error",
    "Identity",
    "Intersection",
    "Linker",
    "Overlaps",
    "OwnTrails",
    "Profile",
    "Query",
    "Referral",
    "Report",
    "Resolved",
    "Round",
    "Secret",
    "Share",
    "Table",
    "TokenSet",
    "Tokenizer",
    "Trails",
    "__version__",
    "profile",
    "progress",
    "resolve",
]
