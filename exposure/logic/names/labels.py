"""What is a name of a host, in which form it is kept, and in which it is shown."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST = 253
MOST_LABELS = 30
# An underscore is no letter of a host's name, but many records have one.
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# Names that mean something inside one house only, or nothing at all.
PRIVATE_ENDS = frozenset(
    [
        "arpa",
        "corp",
        "home",
        "internal",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "onion",
    ]
)


def canonical(text: str) -> str | None:
    """Return a name in small ASCII letters without the last dot; None if it is none.

    A leading "*." is taken away: the name below which a wildcard lies is a name too.

    >>> canonical("VPN.Plant.Example."), canonical("*.plant.example")
    ('vpn.plant.example', 'plant.example')
    >>> canonical("bücher.example"), canonical("192.0.2.1"), canonical("a..example")
    ('xn--bcher-kva.example', None, None)
    """
    name = text.strip().removesuffix(".").removeprefix("*.").casefold()
    if not name or len(name) > LONGEST:
        return None
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = ascii_name.lower().split(".")
    if not 2 <= len(labels) <= MOST_LABELS or len(ascii_name) > LONGEST:
        return None
    if not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if labels[-1].isdigit() or labels[-1] in PRIVATE_ENDS:
        return None
    return ascii_name.lower()


def shown(name: str) -> str:
    """Return a canonical name as people write it; as it is kept where that deceives.

    A label stays in its ASCII form when it mixes alphabets, hides characters, or when
    every letter of it could pass for a Latin one of another word.

    >>> shown("xn--bcher-kva.example"), shown("xn--80ak6aa92e.example")
    ('bücher.example', 'xn--80ak6aa92e.example')
    """
    return ".".join(_shown(label) for label in name.split("."))


def _shown(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        text = label.encode("ascii").decode("idna")
    except UnicodeError:
        return label
    # Only Latin letters with their accents: whoever reads the page can tell them apart.
    plain = all(
        unicodedata.category(letter) in {"Ll", "Nd", "Pd"}
        and (letter.isascii() or unicodedata.name(letter, "").startswith("LATIN SMALL"))
        for letter in text
    )
    return text if plain and text.encode("idna").decode("ascii") == label else label


def is_at_or_below(name: str, tops: Iterable[str]) -> bool:
    """Say whether a name is one of some others or lies below one.

    >>> is_at_or_below("a.b.example", ["b.example"]), is_at_or_below("ab.example", ["b.example"])
    (True, False)
    """
    return any(name == top or name.endswith(f".{top}") for top in tops)


def parent(name: str) -> str:
    """Return the name without its first label; "" above the last one."""
    return name.partition(".")[2]


def parents(name: str) -> Iterator[str]:
    """Yield the names above a name, the nearest first.

    >>> list(parents("a.plant.example"))
    ['plant.example', 'example']
    """
    while name := parent(name):
        yield name


def is_made_from(name: str, address: str) -> bool:
    """Say whether a reverse name only spells its address, as access providers do.

    >>> is_made_from("host-203-0-113-9.isp.example", "203.0.113.9")
    True
    >>> is_made_from("vpn.plant.example", "203.0.113.9")
    False
    """
    literal = ipaddress.ip_address(address)
    if literal.version == 6:
        digits = literal.exploded.replace(":", "")
        return digits[16:] in name.replace("-", "").replace(".", "")
    numbers = re.findall(r"\d+", name)
    parts = [str(int(part)) for part in address.split(".")]
    found = [str(int(each)) for each in numbers]
    return all(part in found for part in parts) or "".join(
        f"{int(part):03}" for part in parts
    ) in "".join(numbers)
