"""Where the comparison runs: a virtual environment and our release build, both under `target/`."""

import json
import os
import platform
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / "target"
WORK = TARGET / "rivals"
EXAMPLES = TARGET / "release" / "examples"
REQUIREMENTS = HERE / "requirements.txt"
PACKAGES = ["duckdb", "polars", "spu", "networkx", "numpy"]


def enter() -> None:
    """Goes on inside the virtual environment; makes it where it is absent or its requirements changed."""
    folder = WORK / "venv"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = f"{platform.python_version()}\n{REQUIREMENTS.read_text()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(folder, with_pip=True, clear=True)

        def install(*what: str) -> bool:
            command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
            return subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0

        if install("--requirement", str(REQUIREMENTS)):
            stamp.write_text(wanted)
        else:  # some package has none for this machine: do without it, and ask again next time
            lines = [line.partition("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines()]
            for line in filter(None, lines):
                install("--constraint", str(REQUIREMENTS), line)
    os.execv(python, [str(python), *sys.argv])


def build() -> None:
    """Builds the examples, the contestant of this crate."""
    subprocess.run(["cargo", "build", "--release", "--locked", "--examples"], cwd=ROOT, check=True)


def versions() -> dict[str, str]:
    """What is compared, on what."""
    rustc = _line("rustc", "--version").removeprefix("rustc ")
    told = {"veilmatch": _veilmatch(), "rustc": rustc, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            told[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            told[package] = "not installed"
    told["processor"] = f"{_processor()}, {os.cpu_count()} logical processors"
    return told


def _veilmatch() -> str:
    command = ["cargo", "metadata", "--format-version=1", "--no-deps", "--locked"]
    packages = json.loads(subprocess.check_output(command, cwd=ROOT))["packages"]
    return f"{packages[0]['version']} ({_line('git', 'describe', '--always', '--dirty')})"


def _line(*command: str) -> str:
    try:
        return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
