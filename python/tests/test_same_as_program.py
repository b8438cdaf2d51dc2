"""Python, the program and the library in Rust write the same bytes.

`VEILMATCH_ROWS` is the number of rows of each member and kind, 3,000 by default. `VEILMATCH_PROFILE` is the profile by
which its twin in Rust is built, `ci` by default.
"""

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from conftest import Program
from made import KINDS, csv_of, read_csv, rows

import veilmatch as vm

ROWS = int(os.environ.get("VEILMATCH_ROWS", "3000"))
MEMBERS = ["bank-a", "bank-b", "bank-c"]
CRATE = Path(__file__).parents[1]


def columns(kind: str) -> dict[str, list[bytes | None]]:
    return {member: rows(kind, ROWS, seed) for seed, member in enumerate(MEMBERS)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_trial_gives_the_programs_files(tmp_path: Path, program: Program, secret: vm.Secret, kind: str) -> None:
    members = [word for member in MEMBERS for word in ("--member", member)]
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--out", "round.json", "--kind", kind]
    program("round", "new", *terms, *members)
    agreed = vm.Round.read(tmp_path / "round.json")
    made = columns(kind)

    sets = []
    for member, column in made.items():
        export, folder = tmp_path / f"{member}.csv", tmp_path / f"{member}-sets"
        export.write_bytes(csv_of(column))
        part = ["--round", "round.json", "--secret-file", "secret", "--member", member]
        program("tokenize", *part, "--column", f"value={kind}", "--input", export, "--out", folder)
        theirs = folder / f"{kind}-1.vms"
        tokenizer = agreed.tokenizer(secret, kind, member)
        mine = tokenizer.tokenize(member, column)
        mine.write(tmp_path / f"{member}.vms", round=agreed)
        assert (tmp_path / f"{member}.vms").read_bytes() == theirs.read_bytes()
        assert vm.TokenSet.read(theirs, round=agreed).counters == mine.counters
        shown = json.loads(
            program("dry-run", "--column", f"value={kind}", "--input", export, "--summary", "json").stdout
        )[0]
        profile = vm.profile(column, kind=kind)
        assert profile.counters == mine.counters == shown["counters"]
        listed = [(row["row"], row["reason"]) for row in shown["rejected_rows"]]
        assert listed == mine.rejections == profile.rejections
        assert [text for _, text in profile.hints] == shown["hints"]
        sets.append(mine)

    program("intersect", "--round", "round.json", "--out", "result", *[f"{name}.vms" for name in MEMBERS])
    overlaps = vm.Intersection(sets).at_least(2).collect()
    report = json.loads((tmp_path / "result" / "report.json").read_text())
    assert overlaps.report().to_dict()["kinds"] == report["kinds"]
    assert len(overlaps) == report["kinds"][0]["overlaps"] > ROWS / 10
    for member, column in made.items():
        theirs = tmp_path / "result" / f"{member}.{kind}-1.vsh"
        share = overlaps.share(member)
        share.write(tmp_path / f"{member}.vsh", round=agreed)
        assert (tmp_path / f"{member}.vsh").read_bytes() == theirs.read_bytes()
        tokenizer = agreed.tokenizer(secret, kind, member)
        part = ["--round", "round.json", "--secret-file", "secret", "--member", member]
        export = tmp_path / f"{member}.csv"
        done = program("resolve", *part, "--column", f"value={kind}", "--input", export, "--share", theirs)
        listed_rows = [(int(row["row"]), int(row["holders"]), row["names"].split(" ")) for row in read_csv(done.stdout)]
        resolved = vm.resolve(tokenizer, member, vm.Share.read(theirs, round=agreed), column)
        assert resolved.to_pylist() == listed_rows
        assert resolved.missing == 0 and len(resolved) > 0


@pytest.mark.skipif(shutil.which("cargo") is None, reason="needs cargo, to build the library's twin")
@pytest.mark.parametrize("kind", KINDS)
def test_the_library_in_rust_gives_the_same_files(tmp_path: Path, secret: vm.Secret, kind: str) -> None:
    a, b = rows(kind, ROWS, 1), rows(kind, ROWS, 2)
    for name, column in {"a": a, "b": b}.items():
        packed = (
            struct.pack("<I", 2**32 - 1) if value is None else struct.pack("<I", len(value)) + value for value in column
        )
        (tmp_path / name).write_bytes(b"".join(packed))
    (tmp_path / "out").mkdir()
    cargo = ["cargo", "run", "--quiet", "--locked", "--package", "veilmatch-twin", "--bin", "veilmatch-twin"]
    profile = ["--profile", os.environ.get("VEILMATCH_PROFILE", "ci"), "--manifest-path", str(CRATE / "Cargo.toml")]
    paths = [str(tmp_path / name) for name in ("out", "a", "b")]
    subprocess.run([*cargo, *profile, "--", str(tmp_path / "secret"), kind, *paths], check=True)
    out = tmp_path / "out"

    tokenizer = vm.Tokenizer(secret, coalition="efc", epoch=7, kind=kind)
    tokens = tokenizer.tokens(a).to_pylist()
    assert b"".join(token or bytes(16) for token in tokens) == (out / "tokens").read_bytes()
    reasons = tokenizer.reasons(a).to_pylist()
    assert [reason or "" for reason in reasons] == (out / "reasons").read_text().split("\n")[:-1]
    assert [token is None for token in tokens] == [reason is not None for reason in reasons]
    sets = [tokenizer.tokenize("bank-a", a), tokenizer.tokenize("bank-b", b)]
    overlaps = vm.Intersection(sets).at_least(2).collect()
    share = overlaps.share("bank-a")
    files: dict[str, vm.TokenSet | vm.Overlaps | vm.Share]
    files = {"bank-a.vms": sets[0], "bank-b.vms": sets[1], "overlaps.vmo": overlaps, "share.vsh": share}
    for name, made in files.items():
        made.write(tmp_path / name)
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name
    resolved = vm.resolve(tokenizer, "bank-a", share, a).to_pylist()
    assert "".join(f"{row},{holders}\n" for row, holders, _ in resolved) == (out / "rows").read_text()


TICKERS = {"XBT": "crypto.btc", "LTC": "crypto.ltc", "BCH": "crypto.bch", "TRX": "crypto.trx"}


def public_lists() -> dict[str, list[Path]]:
    """The lists by their kind."""
    lists: dict[str, list[Path]] = {}
    folder = Path(os.environ.get("VEILMATCH_SHARED", "")) / "data"
    for path in sorted([*folder.glob("ofac_*.txt"), *folder.glob("forta_*.csv")]):
        lists.setdefault(TICKERS.get(path.stem.removeprefix("ofac_"), "crypto.evm"), []).append(path)
    return lists


@pytest.mark.skipif("VEILMATCH_SHARED" not in os.environ, reason="needs the public lists: set VEILMATCH_SHARED")
@pytest.mark.parametrize("kind", ["crypto.evm", *TICKERS.values()])
def test_public_lists_give_the_programs_files(tmp_path: Path, program: Program, secret: vm.Secret, kind: str) -> None:
    lists = {f"list-{number}": path for number, path in enumerate(public_lists()[kind])}
    assert len(lists) == (9 if kind == "crypto.evm" else 1)
    members = [word for member in [*lists, "another"] for word in ("--member", member)]
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--kind", kind, "--out", "round.json"]
    program("round", "new", *terms, *members)
    agreed = vm.Round.read(tmp_path / "round.json")
    sets = []
    for member, path in lists.items():
        part = ["--round", "round.json", "--secret-file", "secret", "--member", member]
        text = path.read_text()
        if path.suffix == ".csv":
            name = text.split("\n", 1)[0].split(",")[0].strip()
            column, how = [row[name] for row in read_csv(text)], ["--column", f"{name}={kind}"]
        else:
            column, how = text.split(), ["--kind", kind]
        program("tokenize", *part, *how, "--input", path, "--out", f"{member}-sets")
        mine = agreed.tokenizer(secret, kind, member).tokenize(member, column)
        mine.write(tmp_path / f"{member}.vms", round=agreed)
        theirs = tmp_path / f"{member}-sets" / f"{kind}-1.vms"
        assert (tmp_path / f"{member}.vms").read_bytes() == theirs.read_bytes(), path.name
        assert len(mine) > 0
        sets.append(mine)
    if len(sets) == 1:
        return
    program(
        "intersect", "--round", "round.json", "--out", "result", "--without", "another", *[f"{m}.vms" for m in lists]
    )
    report = json.loads((tmp_path / "result" / "report.json").read_text())
    overlaps = vm.Intersection(sets).at_least(2).collect()
    assert overlaps.report().to_dict()["kinds"] == report["kinds"]
    assert len(overlaps) == report["kinds"][0]["overlaps"] > 500
    for tokens in sets:
        overlaps.share(tokens.member).write(tmp_path / "share.vsh", round=agreed, overwrite=True)
        theirs = tmp_path / "result" / f"{tokens.member}.{kind}-1.vsh"
        assert (tmp_path / "share.vsh").read_bytes() == theirs.read_bytes()
