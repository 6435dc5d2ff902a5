"""Whether new evidence leaves an agreed decision standing: the not-worse rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Bundle = Mapping[str, Any]

# From good to bad. A value that is not in its list counts as worse than all of them.
_ORDERS: Mapping[str, Sequence[str]] = {
    "grade": ("D", "E0", "E1", "E2", "E3", "E4"),
    "threat": ("none", "public_poc", "active"),
    "gives": ("nothing", "foothold", "control"),
}
_WORDS: Mapping[str, str] = {
    "grade": "the grade of the evidence",
    "threat": "what attackers do with it",
    "gives": "what it gives an attacker",
    "targets": "the lines it leads to, or the way there",
    "controls": "the state of a control",
    "zone": "the zone",
    "level": "the level of the zone",
    "asset": "the asset",
    "check": "the check",
    "consequence": "what a loss of the line means",
    "policy": "the scoring policy",
}


class Change(StrEnum):
    """How new evidence compares with what was signed."""

    SAME = "same"
    IMPROVED = "improved"
    MATERIAL = "material"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict and what differs, as words for a sentence ("" when nothing does)."""

    change: Change
    differs: str


def compare(signed: Bundle, now: Bundle) -> Comparison:
    """Compare two evidence bundles of one finding.

    Improved means provably not worse: every ordered value is at most the signed one,
    the targets are a subset of the signed ones with no more points and the same way
    there, and everything else is equal. Whatever cannot be ordered is material.
    """
    keys = sorted(key for key in {*signed, *now} if signed.get(key) != now.get(key))
    if not keys:
        return Comparison(Change.SAME, "")
    not_worse = all(_not_worse(key, signed.get(key), now.get(key)) for key in keys)
    words = ", ".join(_words(key, signed.get(key), now.get(key)) for key in keys)
    return Comparison(Change.IMPROVED if not_worse else Change.MATERIAL, words)


def _not_worse(key: str, signed: Any, now: Any) -> bool:
    if key == "targets":
        return _fewer_targets(signed, now)
    order = _ORDERS.get(key, ())
    return signed in order and now in order and order.index(now) <= order.index(signed)


def _fewer_targets(signed: Any, now: Any) -> bool:
    """Compare rows of line, points, path and maybe more; each line has one row."""
    before = {row["line"]: row for row in signed or ()}
    for row in now or ():
        old = before.get(row["line"])
        if old is None or row["points"] > old["points"]:
            return False
        if {**row, "points": 0} != {**old, "points": 0}:
            return False
    return True


def _words(key: str, signed: Any, now: Any) -> str:
    words = _WORDS.get(key, key.replace("_", " "))
    if key in _ORDERS:
        return f"{words} (was {signed}, is {now})"
    return words
