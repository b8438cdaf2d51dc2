"""Secrets and keys show nothing, and are not pickled."""

import copy
import pickle
import stat
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from made import iban

import veilmatch as vm

MARK = "DE00MARKER"


@pytest.fixture
def objects(tmp_path: Path, ibans: vm.Tokenizer) -> list[object]:
    column = [iban(1), MARK]
    sets = [ibans.tokenize("bank-a", column), ibans.tokenize("bank-b", column)]
    query = vm.Intersection(sets).at_least(2)
    overlaps = query.collect()
    share = overlaps.share("bank-a")
    resolved = vm.resolve(ibans, "bank-a", share, column)
    identity = vm.Identity.generate()
    shown = [ibans, *sets, vm.Intersection(sets), query, overlaps, overlaps.report(), share, resolved, identity]
    more = [vm.profile(column, kind="bank.iban"), ibans.tokens(column), ibans.reasons(column), overlaps.to_arrow()]
    return [*shown, *more]


def test_nothing_that_is_shown_has_an_identifier_a_token_or_a_key(
    tmp_path: Path, secret: vm.Secret, ibans: vm.Tokenizer, objects: list[object]
) -> None:
    line = (tmp_path / "secret").read_text().strip()
    [token] = ibans.tokens([iban(1)]).to_pylist()
    assert len(objects) == 14
    for thing in [secret, *objects]:
        texts = [repr(thing), str(thing), format(thing)]
        if view := getattr(thing, "_repr_html_", None):
            texts.append(view())
        for text in texts:
            assert text
            for hidden in [MARK, iban(1), line, line[9:25], token.hex(), repr(token)[2:-1]]:
                assert hidden not in text, type(thing)


@pytest.mark.parametrize("of", [vm.Secret, vm.Identity, vm.Tokenizer])
def test_keys_are_neither_pickled_nor_copied(secret: vm.Secret, ibans: vm.Tokenizer, of: type) -> None:
    thing: Any = {vm.Secret: secret, vm.Tokenizer: ibans}.get(of) or vm.Identity.generate()
    assert type(thing) is of
    tries: list[Any] = [partial(pickle.dumps, thing, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for attempt in [*tries, lambda: copy.copy(thing), lambda: copy.deepcopy(thing), thing.__getstate__]:
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            attempt()
    with pytest.raises((AttributeError, TypeError)):
        setattr(thing, "mark", 1)


def test_a_secret_is_written_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    secret, path = vm.Secret.generate(), tmp_path / "efc-7.secret"
    secret.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert vm.Secret.read(path).id == secret.id
    with pytest.raises(vm.Error) as caught:
        vm.Secret.generate().write(path)
    assert (caught.value.code, caught.value.category) == ("io", "io")
    path.chmod(0o644)
    with pytest.raises(vm.Error, match="efc-7.secret") as caught:
        vm.Secret.read(path)
    assert (caught.value.code, caught.value.category) == ("secret", "key")


def test_an_object_is_made_only_as_it_says() -> None:
    for of in [vm.Secret, vm.Identity, vm.TokenSet, vm.Share, vm.Overlaps]:
        with pytest.raises(TypeError):
            of()
