"""Writes docs/dependencies.md: what the builds of a hub, a member and a custodian are made of. `--check` compares instead.

Cargo says which packages a build has, what they link and which build scripts they bring. Whether a package has unsafe
code is read from its sources in Cargo's registry: the keyword before a block, function, trait, implementation or extern
block, outside comments and strings, in every Rust file but those of tests, benches and examples.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "dependencies.md"
TARGET = "x86_64-unknown-linux-gnu"
OURS = {"veilmatch", "veilmatch-cli"}
BUILDS = {"hub": ["--no-default-features"], "member": [], "custodian": ["--no-default-features", "--features", "custodian"]}

NOISE = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | r(\#*)".*?"\1 | "(?:\\.|[^"\\])*" | '(?:\\.[^']*|[^'\\])'""", re.DOTALL | re.VERBOSE
)
UNSAFE = re.compile(r"\bunsafe\s*(?:\{|fn\b|impl\b|trait\b|extern\b|\()")
FORBIDS = re.compile(r"#!\[(?:cfg_attr\([^\]]*,\s*)?forbid\([^)]*\bunsafe_code\b")
BESIDE_THE_LIBRARY = {"tests", "benches", "examples", "fuzz", "compare"}


def cargo(*arguments: str) -> str:
    return subprocess.check_output(["cargo", *arguments, "--locked"], cwd=ROOT, text=True)


def tree(features: list[str], edges: str) -> set[tuple[str, str]]:
    """The packages of a build of the program, by name and version, without our own."""
    lines = cargo("tree", "--target", TARGET, "--edges", edges, "--prefix", "none", "--format", "{p}", "--package", "veilmatch-cli", *features)
    found = {tuple(line.split()[:2]) for line in lines.splitlines() if line}
    return {(name, version.removeprefix("v")) for name, version in found if name not in OURS}


class Package:
    def __init__(self, metadata: dict):
        self.name, self.version, self.license = metadata["name"], metadata["version"], metadata["license"] or "none"
        self.folder = pathlib.Path(metadata["manifest_path"]).parent
        kinds = {kind for target in metadata["targets"] for kind in target["kind"]}
        self.build_script = "custom-build" in kinds
        self.macro = "proc-macro" in kinds
        self.roots = [pathlib.Path(of["src_path"]) for of in metadata["targets"] if {"lib", "proc-macro"} & set(of["kind"])]

    def sources(self, *suffixes: str) -> list[pathlib.Path]:
        def of_the_library(path: pathlib.Path) -> bool:
            return not BESIDE_THE_LIBRARY & set(path.relative_to(self.folder).parts[:-1])

        return [path for path in sorted(self.folder.rglob("*")) if path.suffix in suffixes and of_the_library(path)]

    def unsafe_code(self) -> str:
        texts = [path.read_text(errors="replace") for path in self.sources(".rs")]
        places = sum(len(UNSAFE.findall(NOISE.sub(" ", text))) for text in texts)
        other = len(self.sources(".c", ".S", ".asm", ".o"))
        if places or other:
            return ", ".join([str(places)] * bool(places) + [f"{other} files of C, assembly or objects"] * bool(other))
        forbidden = any(FORBIDS.search(NOISE.sub(" ", root.read_text(errors="replace"))) for root in self.roots)
        return "forbidden" if forbidden else "none"


def table(packages: list[Package], builds: dict[str, set[tuple[str, str]]]) -> list[str]:
    heads = ["package", "version", "licence", *builds, "unsafe code", "build script"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for package in packages:
        key = (package.name, package.version)
        marks = ["yes" if key in of else "" for of in builds.values()]
        name = f"{package.name} (macro)" if package.macro else package.name
        cells = [name, package.version, package.license, *marks, package.unsafe_code(), "yes" if package.build_script else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def main() -> int:
    known = json.loads(cargo("metadata", "--format-version=1", "--all-features", "--filter-platform", TARGET))["packages"]
    known = {(package["name"], package["version"]): Package(package) for package in known}
    linked = {build: tree(features, "normal,no-proc-macro") for build, features in BUILDS.items()}
    building = {build: tree(features, "normal,build") - linked[build] for build, features in BUILDS.items()}

    def of(builds: dict[str, set[tuple[str, str]]]) -> list[Package]:
        return [known[key] for key in sorted(set().union(*builds.values()))]

    lines = [
        "# What the program is made of",
        "",
        "Made by `python3 .ci/dependencies.py`; `.ci/run` compares it with what Cargo.lock gives. It holds for",
        f"`{TARGET}`; on other systems other packages that speak to the system take the places of `libc` and the like.",
        "",
        "Unsafe code is counted in the sources of Cargo's registry: the keyword `unsafe` before a block, a function, a trait,",
        "an implementation or an extern block, outside comments and strings, in all Rust files but those of tests, benches and",
        "examples, whatever features they need. So the count is what there is to review, not what runs. \"Forbidden\": the",
        "compiler refuses it (`#![forbid(unsafe_code)]`). A build script and a macro run on the machine that builds.",
        "",
        "`cargo deny check licenses bans sources` holds every package to deny.toml: its licence, its source, and what must not be",
        "there. Packages in two versions are warnings. Known vulnerabilities and withdrawn packages need the network:",
        "",
        "```sh",
        "cargo install --locked cargo-deny@0.20.2",
        "cargo deny check advisories        # fetches https://github.com/rustsec/advisory-db",
        "```",
        "",
        "`.ci/sbom` writes a bill of materials (CycloneDX 1.5, JSON) of each build, with digests and licences:",
        "`target/sbom/veilmatch-hub.cdx.json` and `target/sbom/veilmatch-member.cdx.json`. They may name a few packages more",
        "than the tables, since the tool counts features in that only tests ask for.",
        "",
        "| build | packages linked | with unsafe code | with a build script | only while building |",
        "|---|---|---|---|---|",
    ]
    for build, features in BUILDS.items():
        packages = [known[key] for key in linked[build]]
        unsafe = sum(package.unsafe_code() not in ("none", "forbidden") for package in packages)
        scripts = sum(package.build_script for package in packages)
        flags = " ".join(["cargo install --locked --path cli", *features])
        lines.append(f"| {build} (`{flags}`) | {len(packages)} | {unsafe} | {scripts} | {len(building[build])} |")
    lines += ["", "## Linked into the program", "", *table(of(linked), linked)]
    lines += ["", "## Run or read only while building", "", *table(of(building), building), ""]
    text = "\n".join(lines)

    if sys.argv[1:] != ["--check"]:
        LIST.write_text(text)
    elif not LIST.exists() or LIST.read_text() != text:
        print("docs/dependencies.md is not what Cargo.lock gives: run `python3 .ci/dependencies.py`", file=sys.stderr)
        return 1
    print(f"{len(of(linked))} packages linked, {len(of(building))} only while building")
    return 0


sys.exit(main())
