"""Does every name below another one answer? Three random labels at each level say so."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import SystemRandom

from exposure.logic.names.chains import Chain
from exposure.logic.names.labels import is_at_or_below, parent

TRIES = 3
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Wildcard:
    """What the random names of one level answered; empty: there is no wildcard."""

    addresses: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    is_unsteady: bool = False  # each name answers something else

    @property
    def is_there(self) -> bool:
        """Whether random names answer at all."""
        return bool(self.addresses or self.targets)

    def explains(self, chain: Chain) -> bool:
        """Whether an answer at this level may be the wildcard's, so that it proves nothing."""
        if not self.is_there:
            return False
        if self.is_unsteady or self.targets & set(chain.names):
            return True
        return bool(chain.addresses) and self.addresses.issuperset(chain.addresses)


def levels(names: Iterable[str], tops: Sequence[str]) -> list[str]:
    """Return every level at which names are known, within the names that are signed.

    >>> levels(["a.cust.plant.example"], ["plant.example"])
    ['cust.plant.example', 'plant.example']
    """
    found = set(tops)
    for name in names:
        above = parent(name)
        while above and is_at_or_below(above, tops):
            found.add(above)
            above = parent(above)
    return sorted(found)


def random_names(level: str) -> list[str]:
    """Return names that nobody has made."""
    return [
        f"{''.join(_random.choices(string.ascii_lowercase, k=14))}.{level}"
        for _ in range(TRIES)
    ]


def judge(chains: Sequence[Chain]) -> Wildcard:
    """Return what the random names of one level have in common."""
    answered = [each for each in chains if each.addresses or each.names]
    if not answered:
        return Wildcard()
    return Wildcard(
        addresses=frozenset(a for each in answered for a in each.addresses),
        targets=frozenset(each.names[0] for each in answered if each.names),
        is_unsteady=len({each.addresses for each in answered}) == len(answered) > 1,
    )
