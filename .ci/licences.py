"""Every package that a build of this crate can reach must be under a licence from this list."""

import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "ISC", "MIT", "Unicode-3.0", "Unlicense", "Zlib",
}

# `proptest` and its like are only in tests; they are checked all the same.
metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version=1", "--locked", "--all-features"]))


def allowed(expression: str) -> bool:
    """An SPDX expression of OR, AND and brackets, with `/` for OR as old packages write it."""
    tokens = re.findall(r"\(|\)|[^()\s]+(?: WITH [^()\s]+)?", expression.replace("/", " OR "))

    def either() -> bool:
        result = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            result = both() or result
        return result

    def both() -> bool:
        result = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            result = one() and result
        return result

    def one() -> bool:
        token = tokens.pop(0)
        if token == "(":
            result = either()
            tokens.pop(0)
            return result
        return token in ALLOWED

    return either() and not tokens


bad = [
    f"{package['name']} {package['version']}: {package['license']}"
    for package in metadata["packages"]
    if not package["license"] or not allowed(package["license"])
]
print(f"{len(metadata['packages'])} packages, {len(bad)} under licences that are not on the list")
print("\n".join(bad))
sys.exit(bool(bad))
