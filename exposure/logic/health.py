"""Does a device still answer as it did before it was asked?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

# Words in the name of a fact that moves by itself: clocks, counters, one-time values,
# and the size and hash of a page that shows live figures.
MOVING = frozenset(
    {"time", "date", "clock", "uptime", "counter", "count", "sequence", "session"}
    | {"nonce", "cookie", "token", "random", "salt", "challenge", "boots"}
    | {"bytes", "length", "sha256", "truncated", "ticks", "timestamp"}
)
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is not what it was; None stands for a fact that is missing."""

    name: str
    before: object
    after: object

    def __str__(self) -> str:
        """Return it in words.

        >>> str(Difference("product", "M340", None))
        'product was M340 and is missing'
        """
        was, now = _short(self.before), _short(self.after)
        now = "is missing" if self.after is None else f"is {now}"
        return f"{self.name.replace('_', ' ')} was {was} and {now}"


def differences(
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    moving: Collection[str] = (),
) -> list[Difference]:
    """Return the facts that changed, without those that move by themselves.

    `moving` names further facts of this probe that may change on their own.

    >>> differences({"product": "M340", "uptime": 1}, {"product": "M340", "uptime": 9})
    []
    """
    names = [*before, *(name for name in after if name not in before)]
    return [
        Difference(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
        and name not in moving
        and not MOVING & set(name.split("_"))
    ]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
