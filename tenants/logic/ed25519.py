"""Whether an Ed25519 signature holds, after RFC 8032, section 5.1.7.

Only public values are handled, so nothing has to be hidden from who measures times. This
text is also the first part of the verifier that auditors run.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Point = tuple[int, int, int, int]  # extended coordinates

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _plus(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _point(text: bytes) -> Point | None:
    """Return the point that 32 bytes stand for; None if they stand for none.

    One power gives the root of a fraction, see RFC 8032, section 5.1.3.
    """
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (v * x * x - u) % P or (not x and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


@functools.lru_cache(maxsize=4)
def _table(text: bytes) -> list[list[Point]] | None:
    """Return 0 to 15 times 16^k times a point, for each k; None if it is no point.

    The base point and the key of a ledger are multiplied again and again: with the
    table that takes 64 additions instead of some 380.
    """
    point, rows = _point(text), []
    if point is None:
        return None
    for _ in range(64):
        row: list[Point] = [(0, 1, 1, 0)]
        for _ in range(15):
            row.append(_plus(row[-1], point))
        rows.append(row)
        point = _plus(row[-1], point)
    return rows


def _times(number: int, table: list[list[Point]]) -> Point:
    total: Point = (0, 1, 1, 0)
    for row in table:
        if number & 15:
            total = _plus(total, row[number & 15])
        number >>= 4
    return total


BASE = (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether 64 bytes are the signature of a key of 32 bytes over a message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    base, key, r = _table(BASE), _table(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if base is None or key is None or r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(s, base)
    right = _plus(r, _times(int.from_bytes(digest, "little") % L, key))
    x_differs = (left[0] * right[2] - right[0] * left[2]) % P
    y_differs = (left[1] * right[2] - right[1] * left[2]) % P
    return not (x_differs or y_differs)
