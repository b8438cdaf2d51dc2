"""The console script is the program; the package itself does nothing to the process."""

import subprocess
import sys
from pathlib import Path

from conftest import Program

import veilmatch as vm


def test_the_console_script_is_the_program(program: Program) -> None:
    assert program("--version").stdout == f"veilmatch {vm.__version__} (member)\n"
    assert "Usage: veilmatch" in program("--help").stdout
    assert "Usage" in program("no-such-command", status=2).stderr
    assert program("kinds").stdout.count("/1") > 15


def test_it_is_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-m", "veilmatch", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"veilmatch {vm.__version__} (member)\n"


def test_only_the_program_forbids_dumps(tmp_path: Path) -> None:
    script = """
import resource, veilmatch as vm
before = resource.getrlimit(resource.RLIMIT_CORE)
secret = vm.Secret.generate()
vm.Tokenizer(secret, coalition='efc', epoch=1, kind='bank.iban').tokens(['x'])
assert resource.getrlimit(resource.RLIMIT_CORE) == before
try:
    open('/proc/self/mem').close()
except PermissionError:
    raise SystemExit('the process was hardened')
"""
    subprocess.run([sys.executable, "-c", script], check=True)
