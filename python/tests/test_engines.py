"""What engines need: outcomes of rows as columns, and set files from tokens that they have sorted."""

import random
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from made import KINDS, iban, rows

import veilmatch as vm

pa = pytest.importorskip("pyarrow")


@pytest.mark.parametrize("kind", KINDS)
def test_outcomes_are_tokens_and_reasons_and_count_as_sets_do(secret: vm.Secret, kind: str) -> None:
    column = rows(kind, 3000, 1)
    tokenizer = vm.Tokenizer(secret, coalition="efc", epoch=7, kind=kind)
    made = pa.table(tokenizer.outcomes(column))
    assert made.column_names == ["token", "reason", "changed", "warning"]
    assert made["token"].to_pylist() == tokenizer.tokens(column).to_pylist()
    assert made["reason"].to_pylist() == tokenizer.reasons(column).to_pylist()
    counters = tokenizer.tokenize("bank-a", column).counters
    for flag, counter in [("changed", "changed"), ("warning", "warnings")]:
        assert made[flag].null_count == 0
        assert sum(made[flag].to_pylist()) == counters[counter]
    assert counters["changed"] > 0


def test_outcomes_of_nothing_are_an_empty_table(ibans: vm.Tokenizer) -> None:
    assert pa.table(ibans.outcomes([])).num_rows == 0


def pieces(tokens: list[bytes], size: int) -> Any:
    """A stream of tokens."""
    schema = pa.schema([("token", pa.binary(16))])
    arrays = (pa.array(tokens[first : first + size], pa.binary(16)) for first in range(0, len(tokens), size))
    return pa.RecordBatchReader.from_batches(schema, (pa.record_batch([array], schema) for array in arrays))


@pytest.mark.parametrize("size", [1, 1000, 5000])
def test_sorted_tokens_give_the_file_of_the_set(tmp_path: Path, ibans: vm.Tokenizer, size: int) -> None:
    mine = ibans.tokenize("bank-a", rows("bank.iban", 4000, 2))
    mine.write(tmp_path / "mine.vms")
    tokens = mine.to_arrow().to_pylist()
    given = {**mine.counters, "duplicates": 0}
    assert ibans.write_set(tmp_path / "made.vms", "bank-a", pieces(tokens, size), given) == mine.counters
    assert (tmp_path / "made.vms").read_bytes() == (tmp_path / "mine.vms").read_bytes()
    with pytest.raises(vm.Error, match="overwrite=True replaces it"):
        ibans.write_set(tmp_path / "made.vms", "bank-a", pieces(tokens, size), given)


def test_tokens_out_of_order_or_other_than_counted_are_refused(tmp_path: Path, ibans: vm.Tokenizer) -> None:
    mine = ibans.tokenize("bank-a", [iban(number) for number in range(100)])
    tokens, path = mine.to_arrow().to_pylist(), tmp_path / "set.vms"
    mixed = random.Random(1).sample(tokens, 100)
    for wrong in [mixed, [*tokens, tokens[-1]], [tokens[1], tokens[0]]]:
        for size in [1, 100]:
            with pytest.raises(vm.Error, match="expected them in ascending order of bytes, each once"):
                ibans.write_set(path, "bank-a", pieces(wrong, size), mine.counters)
    for counters in [{"accepted": 99, "rows": 99}, {"rows": 101}, {"changed": 101}]:
        with pytest.raises(vm.Error, match="not those that the counters speak of"):
            ibans.write_set(path, "bank-a", pieces(tokens, 100), {**mine.counters, **counters})
    with pytest.raises(ValueError, match="expected counters as TokenSet.counters has them"):
        ibans.write_set(path, "bank-a", pieces(tokens, 100), {"rows": 100})
    null: Any = [None]
    for column in [pa.array(null, pa.binary(16)), pa.array([b"x" * 15], pa.binary(15)), [tokens[0]]]:
        with pytest.raises(vm.Error, match=r"expected a column of fixed_size_binary\(16\) without nulls"):
            ibans.write_set(path, "bank-a", column, mine.counters)
    assert list(tmp_path.iterdir()) == [tmp_path / "secret"], "nothing is left behind"


def test_a_stream_that_fails_leaves_no_file(tmp_path: Path, ibans: vm.Tokenizer) -> None:
    schema = pa.schema([("token", pa.binary(16))])

    def broken() -> Iterator[Any]:
        yield pa.record_batch([pa.array([bytes(16)], pa.binary(16))], schema)
        raise RuntimeError(iban(1))

    counters = ibans.tokenize("bank-a", [iban(1)]).counters
    with pytest.raises(vm.Error, match="could not be read to its end") as error:
        ibans.write_set(tmp_path / "set.vms", "bank-a", pa.RecordBatchReader.from_batches(schema, broken()), counters)
    assert iban(1) not in str(error.value) and not (tmp_path / "set.vms").exists()


def test_a_command_gives_the_secret(tmp_path: Path, program: Program, secret: vm.Secret) -> None:
    path = shlex.quote(str(tmp_path / "secret"))
    assert vm.Secret.from_command(f"cat {path}").id == secret.id
    line = (tmp_path / "secret").read_text().strip()
    for command in ["false", "/nonexistent", "echo 'not a secret'", f"{sys.executable} -c 'print(\"{line[:-1]}\")'", '"']:
        with pytest.raises(vm.Error, match="^command: ") as error:
            vm.Secret.from_command(command)
        assert line[9:25] not in str(error.value)
