"""Errors have a code and a category, and repeat no value."""

from pathlib import Path

import pytest
from conftest import Program
from made import iban

import veilmatch as vm

COLUMN = [iban(number) for number in range(10)]


def caught(code: str, category: str) -> "pytest.RaisesExc[vm.Error]":
    return pytest.raises(vm.Error, check=lambda error: (error.code, error.category) == (code, category))


def test_sets_under_another_secret_are_refused(ibans: vm.Tokenizer) -> None:
    other = vm.Tokenizer(vm.Secret.generate(), coalition="efc", epoch=7, kind="bank.iban")
    with caught("terms_differ", "terms"):
        vm.Intersection([ibans.tokenize("bank-a", COLUMN), other.tokenize("bank-b", COLUMN)])


def test_sets_of_another_epoch_or_kind_are_refused(secret: vm.Secret, ibans: vm.Tokenizer) -> None:
    for epoch, kind in [(8, "bank.iban"), (7, "card.pan")]:
        other = vm.Tokenizer(secret, coalition="efc", epoch=epoch, kind=kind)
        with caught("terms_differ", "terms"):
            vm.Intersection([ibans.tokenize("bank-a", COLUMN), other.tokenize("bank-b", COLUMN)])


def test_a_share_is_resolved_by_its_member_its_key_and_its_rows_alone(ibans: vm.Tokenizer) -> None:
    sets = [ibans.tokenize(member, COLUMN) for member in ("bank-a", "bank-b")]
    share = vm.Intersection(sets).at_least(2).collect().share("bank-a")
    with pytest.raises(vm.Error) as wrong:
        vm.resolve(ibans, "bank-b", share, COLUMN)
    assert wrong.value.code == "wrong_recipient"
    other = vm.Tokenizer(vm.Secret.generate(), coalition="efc", epoch=7, kind="bank.iban")
    with caught("terms_differ", "terms"):
        vm.resolve(other, "bank-a", share, COLUMN)
    with pytest.raises(vm.Error) as rows:
        vm.resolve(ibans, "bank-a", share, COLUMN[1:])
    assert rows.value.code == "rows_differ"


def test_arguments_are_checked(ibans: vm.Tokenizer, secret: vm.Secret, tmp_path: Path) -> None:
    mine = ibans.tokenize("bank-a", COLUMN)
    theirs = ibans.tokenize("bank-b", COLUMN)
    with caught("threshold", "argument"):
        vm.Intersection([mine, theirs]).at_least(3)
    with caught("too_few_sets", "argument"):
        vm.Intersection([mine]).at_least(1)
    with caught("duplicate_member", "argument"):
        vm.Intersection([mine, mine])
    with caught("not_a_member", "argument"):
        vm.Intersection([mine, theirs]).at_least(2).collect().share("bank-c")
    with caught("name", "argument"):
        ibans.tokenize("bank a", COLUMN)
    with caught("unknown_kind", "argument"):
        vm.Tokenizer(secret, coalition="efc", epoch=7, kind="bank.ibann")
    with caught("national_plan", "argument"):
        vm.profile(COLUMN, kind="phone.e164", national_plan="x")
    with pytest.raises(ValueError, match="disclosure"):
        vm.Intersection([mine, theirs]).at_least(2).collect().share("bank-a", disclosure="all")


def test_a_damaged_file_is_refused_by_its_name(ibans: vm.Tokenizer, tmp_path: Path) -> None:
    path = tmp_path / "bank-a.vms"
    ibans.tokenize("bank-a", COLUMN).write(path)
    whole = path.read_bytes()
    for damaged in [whole[:-1], whole + b"x", whole[:4100] + bytes([whole[4100] ^ 1]) + whole[4101:], b""]:
        path.write_bytes(damaged)
        with pytest.raises(vm.Error, match="bank-a.vms") as error:
            vm.TokenSet.read(path)
        assert (error.value.code, error.value.category) == ("format", "peer_file")


def test_a_file_appears_whole_for_its_owner_and_is_not_replaced_unasked(ibans: vm.Tokenizer, tmp_path: Path) -> None:
    path, mine = tmp_path / "bank-a.vms", ibans.tokenize("bank-a", COLUMN)
    mine.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(vm.Error, match="overwrite=True"):
        mine.write(path)
    before = path.read_bytes()
    ibans.tokenize("bank-a", COLUMN[:3]).write(path, overwrite=True)
    assert len(vm.TokenSet.read(path)) == 3 and path.read_bytes() != before
    with pytest.raises(vm.Error):
        mine.write(tmp_path / "nowhere" / "bank-a.vms")
    assert sorted(at.name for at in tmp_path.iterdir()) == ["bank-a.vms", "secret"]


def test_a_set_of_a_round_is_not_written_without_it(tmp_path: Path, program: Program, secret: vm.Secret) -> None:
    terms = ["--coalition", "efc", "--epoch", 7, "--at-least", 2, "--kind", "bank.iban", "--out", "round.json"]
    program("round", "new", *terms, "--member", "bank-a", "--member", "bank-b")
    agreed = vm.Round.read(tmp_path / "round.json")
    mine = agreed.tokenizer(secret, "bank.iban", "bank-a").tokenize("bank-a", COLUMN)
    with pytest.raises(vm.Error, match="round="):
        mine.write(tmp_path / "bank-a.vms")
    with pytest.raises(vm.Error, match="trial"):
        mine.write(tmp_path / "bank-a.vms", round=agreed, identity=vm.Identity.generate())
    with pytest.raises(vm.Error) as other:
        vm.Round.read(tmp_path / "round.json", digest="0" * 64)
    assert other.value.code == "round_differs"
    with pytest.raises(vm.Error) as stranger:
        agreed.tokenizer(secret, "bank.iban", "bank-c")
    assert stranger.value.code == "not_in_round"
