"""What the tests share: the program, a member's folder, rows."""

import os
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

import veilmatch as vm

PROGRAM = Path(sysconfig.get_path("scripts")) / "veilmatch"

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs the console script in a folder, and requires that it succeeds unless another status is expected."""

    def run(*words: object, status: int = 0, stdin: bytes | None = None) -> "subprocess.CompletedProcess[str]":
        arguments = [str(word) for word in words]
        done = subprocess.run([PROGRAM, *arguments], cwd=tmp_path, capture_output=True, input=stdin)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == status, f"veilmatch {' '.join(arguments)}: {err}"
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    return run


@pytest.fixture
def secret(tmp_path: Path) -> vm.Secret:
    """A fresh secret, which is also in the file `secret`."""
    made = vm.Secret.generate()
    made.write(tmp_path / "secret")
    return made


@pytest.fixture
def ibans(secret: vm.Secret) -> vm.Tokenizer:
    """The tokenizer of IBANs of a trial coalition."""
    return vm.Tokenizer(secret, coalition="efc", epoch=7, kind="bank.iban")


@pytest.fixture(autouse=True)
def dated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of one moment, so that equal ones have equal bytes."""
    monkeypatch.setitem(os.environ, "SOURCE_DATE_EPOCH", "1700000000")
