"""A sealed and signed round: two members in Python, one by the program, the hub by the program; and a hub in Python."""

import json
from pathlib import Path

import pytest
from conftest import Program
from made import csv_of, read_csv, rows

import veilmatch as vm

KIND = "card.pan"
COLUMNS = {member: rows(KIND, 400, seed) for seed, member in enumerate(["alba", "borea", "cardhaus"])}


@pytest.fixture
def agreed(tmp_path: Path, program: Program, secret: vm.Secret) -> vm.Round:
    members = []
    for member in COLUMNS:
        if member == "cardhaus":
            program("keygen", "--identity", "--out", f"{member}.key")
        else:
            vm.Identity.generate().write(tmp_path / f"{member}.key")
        members += ["--member", f"{member}={member}.key.pub"]
    program("keygen", "--identity", "--out", "hub.key")
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--kind", KIND, "--purpose", "a test"]
    program("round", "new", *terms, *members, "--hub", "hub.key.pub", "--out", "round.json")
    return vm.Round.read(tmp_path / "round.json")


def key(tmp_path: Path, who: str) -> vm.Identity:
    return vm.Identity.read(tmp_path / f"{who}.key")


def test_a_round_of_python_and_the_program(
    tmp_path: Path, program: Program, secret: vm.Secret, agreed: vm.Round
) -> None:
    assert (agreed.is_trial, agreed.at_least, agreed.disclosure) == (False, 2, "holders")
    assert (agreed.members, agreed.kinds, agreed.purpose) == (list(COLUMNS), ["card.pan/1"], "a test")
    part = ["--round", "round.json", "--secret-file", "secret", "--member", "cardhaus", "--identity", "cardhaus.key"]
    (tmp_path / "cardhaus.csv").write_bytes(csv_of(COLUMNS["cardhaus"]))
    given = [*part, "--column", f"value={KIND}", "--input", "cardhaus.csv"]
    program("tokenize", *given, "--out", "cardhaus-sets")
    plain = {}
    for member in ["alba", "borea"]:
        plain[member] = agreed.tokenizer(secret, KIND, member).tokenize(member, COLUMNS[member])
        plain[member].write(tmp_path / f"{member}.vms", round=agreed, identity=key(tmp_path, member))
        assert (tmp_path / f"{member}.vms").read_bytes().startswith(b"age-encryption.org/v1\n")

    sets = ["alba.vms", "borea.vms", "cardhaus-sets/card.pan-1.vms"]
    program("intersect", "--round", "round.json", "--identity", "hub.key", "--out", "result", *sets)

    plain["cardhaus"] = agreed.tokenizer(secret, KIND, "cardhaus").tokenize("cardhaus", COLUMNS["cardhaus"])
    expected = vm.Intersection(list(plain.values())).at_least(2).collect()
    report = json.loads((tmp_path / "result" / "report.json").read_text())
    assert report["kinds"] == expected.report().to_dict()["kinds"]
    for member, column in COLUMNS.items():
        share_file = tmp_path / "result" / f"{member}.card.pan-1.vsh"
        share = vm.Share.read(share_file, round=agreed, identity=key(tmp_path, member))
        assert (share.recipient, share.at_least, len(share)) == (member, 2, len(expected.share(member)))
        resolved = vm.resolve(agreed.tokenizer(secret, KIND, member), member, share, column).to_pylist()
        mine = vm.resolve(agreed.tokenizer(secret, KIND, member), member, expected.share(member), column)
        assert resolved == mine.to_pylist() != []
        if member == "cardhaus":
            done = program("resolve", *given, "--share", share_file)
            assert [int(row["row"]) for row in read_csv(done.stdout)] == [row for row, _, _ in resolved]


def test_a_hub_in_python_gives_shares_that_the_program_resolves(
    tmp_path: Path, program: Program, secret: vm.Secret, agreed: vm.Round
) -> None:
    hub = key(tmp_path, "hub")
    sets = []
    for member, column in COLUMNS.items():
        mine = agreed.tokenizer(secret, KIND, member).tokenize(member, column)
        mine.write(tmp_path / f"{member}.vms", round=agreed, identity=key(tmp_path, member))
        sets.append(vm.TokenSet.read(tmp_path / f"{member}.vms", round=agreed, identity=hub))
        assert sets[-1].counters == mine.counters
    overlaps = vm.Intersection(sets).at_least(agreed.at_least).collect()
    overlaps.share("cardhaus", disclosure=agreed.disclosure).write(
        tmp_path / "cardhaus.vsh", round=agreed, identity=hub
    )
    (tmp_path / "cardhaus.csv").write_bytes(csv_of(COLUMNS["cardhaus"]))
    part = ["--round", "round.json", "--secret-file", "secret", "--member", "cardhaus", "--identity", "cardhaus.key"]
    given = [*part, "--column", f"value={KIND}", "--input", "cardhaus.csv"]
    done = program("resolve", *given, "--share", "cardhaus.vsh")
    found = vm.resolve(
        agreed.tokenizer(secret, KIND, "cardhaus"), "cardhaus", overlaps.share("cardhaus"), COLUMNS["cardhaus"]
    )
    assert [int(row["row"]) for row in read_csv(done.stdout)] == [row for row, _, _ in found.to_pylist()] != []


def test_a_round_with_custodians_is_refused(tmp_path: Path, secret: vm.Secret, agreed: vm.Round) -> None:
    """Its tokens need what custodians have evaluated, which the package cannot ask for."""
    before = (tmp_path / "round.json").read_text()
    assert before.endswith("\n  ]\n}\n")
    digest = "ab" * 32
    (tmp_path / "other.json").write_text(before.removesuffix("\n}\n") + f',\n  "custody": "{digest}"\n}}\n')
    other = vm.Round.read(tmp_path / "other.json")
    with pytest.raises(vm.Error, match="the secret alone makes no tokens") as error:
        other.tokenizer(secret, KIND, "alba")
    assert error.value.code == "custody"


def test_a_wrong_key_or_none_is_refused(tmp_path: Path, secret: vm.Secret, agreed: vm.Round) -> None:
    mine = agreed.tokenizer(secret, KIND, "alba").tokenize("alba", COLUMNS["alba"])
    path = tmp_path / "alba.vms"
    for identity in [None, vm.Identity.generate(), key(tmp_path, "borea")]:
        with pytest.raises(vm.Error) as error:
            mine.write(path, round=agreed, identity=identity)
        assert (error.value.code, error.value.category) == ("identity", "key")
    assert not path.exists()
    mine.write(path, round=agreed, identity=key(tmp_path, "alba"))
    for identity, code in [(None, "identity"), (key(tmp_path, "alba"), "seal")]:
        with pytest.raises(vm.Error) as error:
            vm.TokenSet.read(path, round=agreed, identity=identity)
        assert error.value.code == code
    unsigned = vm.Tokenizer(secret, coalition="efc", epoch=7, kind=KIND).tokenize("alba", COLUMNS["alba"])
    unsigned.write(tmp_path / "open.vms")
    with pytest.raises(vm.Error, match="expected a sealed file"):
        vm.TokenSet.read(tmp_path / "open.vms", round=agreed, identity=key(tmp_path, "hub"))
    with pytest.raises(vm.Error) as error:
        unsigned.write(tmp_path / "more.vms", round=agreed, identity=key(tmp_path, "alba"))
    assert error.value.code == "terms_differ"


def test_a_protected_key_file_opens_by_its_passphrase(tmp_path: Path, program: Program) -> None:
    words = "--passphrase --work-factor 17 --passphrase-fd 0".split()
    program("keygen", "--out", "kept", *words, stdin=b"correct horse battery staple\n")
    with pytest.raises(vm.Error, match="passphrase=") as error:
        vm.Secret.read(tmp_path / "kept")
    assert error.value.category == "key"
    with pytest.raises(vm.Error):
        vm.Secret.read(tmp_path / "kept", passphrase="correct horse battery stable")
    opened = vm.Secret.read(tmp_path / "kept", passphrase="correct horse battery staple")
    shown = program("secret-id", "kept", "--passphrase-fd", "0", stdin=b"correct horse battery staple\n")
    assert opened.id in shown.stdout
