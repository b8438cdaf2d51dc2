"""Makes the vectors of SPEC.md, section 16, from the RFCs alone: 9380, 9496, 9497, 5869. It shares no code with the crate.

    python3 tests/oprf/vectors.py [--rfc shared/vectors/rfc9497_oprf.json]

Fails if SPEC.md has other vectors. With `--rfc` it first makes the vectors of RFC 9497, so that its own arithmetic is known
to be right. Integers of Python are slow and leak by their time: it is for vectors alone.
"""

import argparse
import hashlib
import hmac
import json
import sys
from pathlib import Path

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
I = pow(2, (P - 1) // 4, P)  # a square root of -1


def odd(number: int) -> bool:
    return number % P % 2 == 1


def root(u: int, v: int) -> tuple[bool, int]:
    """SQRT_RATIO_M1 of RFC 9496, section 4.2."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    correct, flipped, flipped_i = check == u % P, check == -u % P, check == -u * I % P
    if flipped or flipped_i:
        r = r * I % P
    return correct or flipped, P - r if odd(r) else r


SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) ** 2 % P

Point = tuple[int, int, int, int]
IDENTITY: Point = (0, 1, 1, 0)


def add(p: Point, q: Point) -> Point:
    """Extended coordinates on -x² + y² = 1 + d·x²·y²."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = p, q
    a, b = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    c, e = 2 * D * t1 * t2, 2 * z1 * z2
    e, f, g, h = b - a, e - c, e + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    out = IDENTITY
    for bit in bin(scalar % L)[2:]:
        out = add(out, out)
        if bit == "1":
            out = add(out, point)
    return out


def encode(point: Point) -> bytes:
    """RFC 9496, section 4.3.2."""
    x, y, z, t = point
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    _, inverse = root(1, u1 * u2 * u2)
    d1, d2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = d1 * d2 * t % P
    if odd(t * z_inverse):
        x, y, d = y * I % P, x * I % P, d1 * INVSQRT_A_MINUS_D % P
    else:
        d = d2
    if odd(x * z_inverse):
        y = -y % P
    s = d * (z - y) % P
    return (P - s if odd(s) else s).to_bytes(32, "little")


def decode(data: bytes) -> Point:
    """RFC 9496, section 4.3.1."""
    s = int.from_bytes(data, "little")
    assert s < P and not odd(s)
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square, inverse = root(1, v * u2 * u2)
    x, y = inverse * u2 % P, inverse * inverse * u2 * v % P * u1 % P
    x = 2 * s * x % P
    x = P - x if odd(x) else x
    t = x * y % P
    assert square and not odd(t) and y != 0
    return x, y, 1, t


def mapped(data: bytes) -> Point:
    """MAP of RFC 9496, section 4.3.4."""
    t = int.from_bytes(data, "little") % 2**255 % P
    r = I * t * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    square, s = root(u, v)
    c = P - 1
    if not square:
        s = s * t % P
        s = s if odd(s) else -s % P
        c = r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0, w1, w2, w3 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P, (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


GENERATOR = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"


def expand(message: bytes, separator: bytes) -> bytes:
    """expand_message_xmd of RFC 9380 with SHA-512, for 64 bytes."""
    end = separator + bytes([len(separator)])
    first = hashlib.sha512(bytes(128) + message + b"\x00\x40\x00" + end).digest()
    return hashlib.sha512(first + b"\x01" + end).digest()


def hash_to_group(data: bytes) -> Point:
    uniform = expand(data, b"HashToGroup-" + CONTEXT)
    return add(mapped(uniform[:32]), mapped(uniform[32:]))


def hash_to_scalar(data: bytes) -> int:
    return int.from_bytes(expand(data, b"HashToScalar-" + CONTEXT), "little") % L


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def prove(key: int, blinded: list[bytes], evaluated: list[bytes], nonce: int) -> bytes:
    """GenerateProof of RFC 9497."""
    public = encode(times(key, GENERATOR))
    seed = hashlib.sha512(lp(public) + lp(b"Seed-" + CONTEXT)).digest()
    m = IDENTITY
    for at, (one, other) in enumerate(zip(blinded, evaluated)):
        weight = hash_to_scalar(lp(seed) + at.to_bytes(2, "big") + lp(one) + lp(other) + b"Composite")
        m = add(m, times(weight, decode(one)))
    parts = [m, times(key, m), times(nonce, GENERATOR), times(nonce, m)]
    c = hash_to_scalar(lp(public) + b"".join(lp(encode(part)) for part in parts) + b"Challenge")
    return c.to_bytes(32, "little") + ((nonce - c * key) % L).to_bytes(32, "little")


def seed_of_all(public: bytes, blinded: list[bytes], evaluated: list[bytes]) -> bytes:
    """The seed of SPEC.md in the place of the RFC's."""
    number = len(blinded).to_bytes(4, "big")
    return hashlib.sha512(lp(b"veilmatch/2 batch") + public + number + b"".join(blinded + evaluated)).digest()


def finalize(data: bytes, element: Point) -> bytes:
    return hashlib.sha512(lp(data) + lp(encode(element)) + b"Finalize").digest()


def check_rfc(path: Path) -> None:
    suites = json.loads(path.read_text())
    suite = next(one for one in suites if one["identifier"] == "ristretto255-SHA512" and one["mode"] == 1)
    number = lambda text: int.from_bytes(bytes.fromhex(text), "little")  # noqa: E731
    key = number(suite["skSm"])
    assert encode(times(key, GENERATOR)).hex() == suite["pkSm"]
    for vector in suite["vectors"]:
        inputs = [bytes.fromhex(one) for one in vector["Input"].split(",")]
        blinds = [number(one) for one in vector["Blind"].split(",")]
        blinded = [encode(times(blind, hash_to_group(one))) for one, blind in zip(inputs, blinds)]
        assert ",".join(one.hex() for one in blinded) == vector["BlindedElement"]
        evaluated = [encode(times(key, decode(one))) for one in blinded]
        assert ",".join(one.hex() for one in evaluated) == vector["EvaluationElement"]
        nonce = number(vector["Proof"]["r"])
        assert prove(key, blinded, evaluated, nonce).hex() == vector["Proof"]["proof"]
        unblinded = [times(pow(blind, -1, L), decode(one)) for one, blind in zip(evaluated, blinds)]
        outputs = ",".join(finalize(one, element).hex() for one, element in zip(inputs, unblinded))
        assert outputs == vector["Output"]


SECRET = bytes(range(32))
COALITION, EPOCH = b"example", 1
FORMS = {"card.pan/1": b"9999100000001562", "bank.iban/1": b"DE89370400440532013000"}
THRESHOLD, HOLDERS = 2, 3


def hkdf(info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256, for at most 32 bytes."""
    prk = hmac.digest(b"veilmatch/1", SECRET, "sha256")
    return hmac.digest(prk, info + b"\x01", "sha256")[:length]


def rows() -> list[tuple[str, str]]:
    """What the table of the section has. Keys and shares are numbers that anybody can make again."""
    made = []
    for kind, form in FORMS.items():
        key, slope = (hash_to_scalar(f"veilmatch example {word} {kind}".encode()) for word in ("key", "slope"))
        shares = [(key + slope * index) % L for index in range(1, HOLDERS + 1)]
        public = encode(times(key, GENERATOR))
        context = lp(COALITION) + EPOCH.to_bytes(8, "big") + lp(kind.encode())
        x = lp(b"veilmatch/2 oprf") + context + hashlib.sha256(form).digest()
        # Holders 1 and 3: Lagrange's coefficients at 0 are 3/2 and -1/2.
        half = pow(2, -1, L)
        point = hash_to_group(x)
        combined = add(times(3 * half * shares[0], point), times(-half * shares[2], point))
        assert encode(combined) == encode(times(key, point))
        evaluated = finalize(x, combined)[:32]
        token_key = hkdf(lp(b"veilmatch/2 token") + context + public, 32)
        made += [(f"`{kind}`: share {index}", share.to_bytes(32, "little").hex()) for index, share in enumerate(shares, 1)]
        made += [
            (f"`{kind}`: PK", public.hex()),
            (f"`{kind}`: token key", token_key.hex()),
            (f"`{kind}`: key id", hkdf(lp(b"veilmatch/2 key id") + context + public, 8).hex()),
            (f"`{form.decode()}`: F", evaluated.hex()),
            (f"`{form.decode()}`: token", hmac.digest(token_key, evaluated, "sha256")[:16].hex()),
        ]
        holder = encode(times(shares[0], GENERATOR))
        blinded = [encode(times(number, GENERATOR)) for number in (1, 2)]
        answered = [encode(times(number * shares[0], GENERATOR)) for number in (1, 2)]
        made.append((f"`{kind}`: seed of share 1 for G, 2·G", seed_of_all(holder, blinded, answered).hex()))
    return made


def drawn() -> list[tuple[str, str]]:
    """What the table of section 16.1 has: what a custodian draws from its seed."""
    seed, ceremony, made = bytes(range(32)), bytes(range(32, 64)), []
    for kind in FORMS:
        of_kind = hashlib.sha256(b"veilmatch/2 ceremony seed" + seed + ceremony + kind.encode()).digest()
        made.append((f"`{kind}`: seed of the kind", of_kind.hex()))
        seeded = b"veilmatch/2 ceremony drawn" + of_kind
        blocks = [hashlib.sha256(seeded + number.to_bytes(8, "big")).digest() for number in range(4)]
        made += [(f"`{kind}`: block number {number}", blocks[number].hex()) for number in (0, 1)]
        for place, name in enumerate(["first", "second"]):
            coefficient = int.from_bytes(blocks[2 * place] + blocks[2 * place + 1], "little") % L
            made.append((f"`{kind}`: {name} element of step 1", encode(times(coefficient, GENERATOR)).hex()))
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rfc", type=Path, help="the vectors of RFC 9497")
    chosen = parser.parse_args()
    if chosen.rfc:
        check_rfc(chosen.rfc)
        print("the vectors of RFC 9497 come out")
    specification = (Path(__file__).parents[2] / "SPEC.md").read_text()
    made = rows() + drawn()
    missing = [f"| {what} | `{value}` |" for what, value in made if f"| {what} | `{value}` |\n" not in specification]
    print(*missing, sep="\n")
    print(f"{len(made) - len(missing)} of {len(made)} vectors stand in SPEC.md")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
