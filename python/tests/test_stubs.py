"""The stubs are the module, everything public is documented, and the package keeps mypy's strict rules."""

import subprocess
import sys

import pytest

import veilmatch as vm
from veilmatch import _veilmatch


def test_stubs_match_the_module() -> None:
    pytest.importorskip("mypy")
    done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "veilmatch._veilmatch"], capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_keeps_the_strict_rules_of_mypy() -> None:
    pytest.importorskip("mypy")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--package", "veilmatch"],
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_public_is_documented_and_exported() -> None:
    for name in vm.__all__:
        if name == "__version__":
            continue
        thing = getattr(vm, name)
        assert thing.__doc__, name
        for member in dir(thing) if isinstance(thing, type) else []:
            if not member.startswith("_") and not hasattr(Exception, member):
                assert getattr(thing, member).__doc__, f"{name}.{member}"
    public = {name for name in dir(_veilmatch) if not name.startswith("_")} - {"main"}
    assert public | {"progress", "__version__"} == set(vm.__all__)
