"""Tokens per second of each library's column, beside the library in Rust and a loop over `hmac`; and memory beside the
column's.

    pip install ./python pyarrow polars pandas duckdb
    cargo run --release --package veilmatch-twin --bin column --manifest-path python/Cargo.toml -- 4000000
    python python/benches/tokens.py 4000000
    python python/benches/tokens.py 4000000 tokens      # memory; or tokenize

Run both on a machine that does nothing else. Each figure is the best of five.
"""

import hashlib
import hmac
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

import veilmatch as vm

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000


def best(work: Callable[[], object], of: int = 5) -> float:
    """Seconds of the quickest of some runs."""
    seconds = []
    for _ in range(of):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def in_memory(what: str) -> int:
    """Bytes of the process, as Linux counts them: `VmRSS` now, `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith(what)]
    return int(line.split()[1]) * 1024


def main() -> None:
    values = [f"0x{(row + 1) * 0x9E3779B97F4A7C15 % 2**160:040x}" for row in range(ROWS)]
    text = pa.array(values)
    tokenizer = vm.Tokenizer(vm.Secret.generate(), coalition="bench", epoch=1, kind="crypto.evm")
    con = duckdb.connect()
    con.register("t", pa.table({"a": text}))
    columns = {
        "pyarrow": text,
        "pyarrow, 64 chunks": pa.chunked_array([text.slice(at, ROWS // 64) for at in range(0, ROWS, ROWS // 64)]),
        "pyarrow string_view": text.cast(pa.string_view()),
        "polars": pl.Series(values),
        "pandas": pd.Series(values),
        "duckdb": con.sql("select a from t").to_arrow_table()["a"],
    }
    print(f"{ROWS:,} rows of crypto.evm; million rows a second")
    print(f"{'column':24} {'tokens':>8} {'tokenize':>9}")
    for name, column in columns.items():
        tokens = ROWS / best(partial(tokenizer.tokens, column)) / 1e6
        made = ROWS / best(partial(tokenizer.tokenize, "bank-a", column)) / 1e6
        print(f"{name:24} {tokens:8.2f} {made:9.2f}")
    few = values[: min(ROWS, 200_000)]
    copied = len(few) / best(lambda: tokenizer.tokens(few)) / 1e6
    print(f"{'a list':24} {copied:8.2f}")

    def loop() -> list[bytes]:
        key = bytes(range(32))
        return [hmac.new(key, bytes.fromhex(value[2:]), hashlib.sha256).digest()[:16] for value in few]

    def digests() -> list[bytes]:
        key = bytes(range(32))
        return [hmac.digest(key, bytes.fromhex(value[2:]), "sha256")[:16] for value in few]

    print(f"{'a loop over hmac.new':24} {len(few) / best(loop, 3) / 1e6:8.2f}   (no rule, no checks)")
    print(f"{'a loop over hmac.digest':24} {len(few) / best(digests, 3) / 1e6:8.2f}   (no rule, no checks)")


def memory() -> None:
    """The most memory of one call, beside a column: run in a process of its own."""
    text = pa.array((f"0x{(row + 1) * 0x9E3779B97F4A7C15 % 2**160:040x}" for row in range(ROWS)), pa.string())
    tokenizer = vm.Tokenizer(vm.Secret.generate(), coalition="bench", epoch=1, kind="crypto.evm")
    tokenizer.tokens(text[:100_000])
    Path("/proc/self/clear_refs").write_text("5")  # the most begins anew
    before = in_memory("VmRSS")
    made = tokenizer.tokens(text) if sys.argv[2] == "tokens" else tokenizer.tokenize("bank-a", text)
    beside = in_memory("VmHWM") - before
    sizes = f"column {text.nbytes / 1e6:.0f} MB, beside it {beside / 1e6:.0f} MB, {beside / ROWS:.1f} bytes a row"
    print(f"{sys.argv[2]}: {sizes}")
    assert len(made) == ROWS


if __name__ == "__main__":
    memory() if len(sys.argv) > 2 else main()
