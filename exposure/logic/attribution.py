"""How we know that something belongs to the customer, and how sure that makes us.

The rule. Every source has a weight: how often what it says is right, on a scale of 0 to
1 that we set and that is printed in docs/names.md. The confidence of a trail is the
product of its weights. Trails that share no uncertain step are independent, so they are
joined: 1 minus the product of their doubts. Nothing but a root makes certain: joined
trails stay at 0.99. What the owner says decides: ours is 1, not ours is 0.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

MOST_HOPS = 5
NEVER_CERTAIN = 0.99
UNKNOWN_SOURCE = 0.3


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a trail: `value` was found by `source` from the step before it."""

    key: Hashable
    value: str
    source: str
    seen_at: datetime
    detail: str = ""


Trail: TypeAlias = tuple[Hop, ...]  # from the root to what was found

SCOPE_ENTRY, OWNER = "scope entry", "owner"
ROOTS = frozenset({SCOPE_ENTRY, OWNER})
WEIGHTS = {
    SCOPE_ENTRY: 1.0,
    OWNER: 1.0,
    "inside": 1.0,
    "zone transfer of": 0.98,
    "permutation of": 0.95,
    "address of": 0.8,
    "certificate on": 0.7,
    "RDAP": 0.7,
    "CNAME of": 0.6,
    "PTR of": 0.6,
    "crt.sh": 0.6,
    "internet scan data": 0.5,
    "MX of": 0.4,
    "NS of": 0.4,
}
WORDS = (
    (1.0, "certain"),
    (0.9, "almost certain"),
    (0.7, "very likely"),
    (0.45, "likely"),
    (0.2, "possible"),
    (0.0, "unlikely"),
)


def weight(source: str) -> float:
    """Return how far a source is believed."""
    return WEIGHTS.get(source, UNKNOWN_SOURCE)


def of_trail(trail: Trail) -> float:
    """Return the confidence of one trail; 0 for none, or for more than five hops."""
    if not trail or len(trail) > MOST_HOPS:
        return 0.0
    product = 1.0
    for hop in trail:
        product *= weight(hop.source)
    return product


def confidence(trails: Iterable[Trail]) -> float:
    """Return how sure all trails together make us, from 0 to 1.

    Method: the best trail first, then each next one that shares no uncertain step with
    those that were counted (noisy or).
    """
    doubt, used = 1.0, set[Hashable]()
    for trail in sorted(trails, key=of_trail, reverse=True):
        uncertain = {hop.key for hop in trail if weight(hop.source) < 1}
        if used & uncertain:
            continue
        used |= uncertain
        doubt *= 1 - of_trail(trail)
    if doubt == 0:
        return 1.0
    return min(1 - doubt, NEVER_CERTAIN)


def in_words(value: float) -> str:
    """Return a confidence as a word.

    >>> in_words(1), in_words(0.8), in_words(0.3)
    ('certain', 'very likely', 'possible')
    """
    return next(word for least, word in WORDS if value >= least)


def sentence(hop: Hop, before: Hop | None) -> str:
    """Return one step as people read it."""
    if hop.source == SCOPE_ENTRY:
        text = f"{hop.value} is in the authorised scope"
    elif hop.source == OWNER:
        text = f"The owner said that {hop.value} is theirs"
    elif before is None:
        text = f"{hop.value} was found by {hop.source}"
    elif hop.source == "inside":
        text = f"{hop.value} lies in {before.value}"
    elif hop.source.endswith((" of", " on")):
        text = f"{hop.value}: {hop.source} {before.value}"
    else:
        text = f"{hop.value}: {hop.source}, asked about {before.value}"
    return f"{text} ({hop.detail})" if hop.detail else text
