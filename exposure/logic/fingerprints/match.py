"""Which product a web front is, how sure that is, and which version it shows."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from exposure.logic.fingerprints import (
    desktops,
    firewalls,
    industrial,
    others,
    routers,
    scada,
    vpn,
)
from exposure.logic.fingerprints.rows import (
    Confidence,
    Fingerprint,
    Front,
    Mark,
    Row,
    prepared,
)

Scalar: TypeAlias = str | int | float | bool | None
Facts: TypeAlias = dict[str, Scalar | list[Scalar]]

FINGERPRINTS: tuple[Fingerprint, ...] = (
    *vpn.ROWS,
    *firewalls.ROWS,
    *desktops.ROWS,
    *routers.ROWS,
    *industrial.ROWS,
    *scada.ROWS,
    *others.ROWS,
)
ROWS: tuple[Row, ...] = tuple(prepared(entry) for entry in FINGERPRINTS)
# A page that looks like four products is a decoy or a list of products.
MOST_LIKENESSES = 3
LONGEST_VERSION = 40


class Match(NamedTuple):
    """A row that fits, and the marks that were there."""

    row: Row
    seen: tuple[Mark, ...]

    @property
    def strength(self) -> tuple[bool, int, int]:
        """Return what the better match has more of."""
        return (self.confidence == "high", len(self.seen), self._letters)

    @property
    def _letters(self) -> int:
        return sum(len(mark.text) for mark in self.seen)

    @property
    def confidence(self) -> Confidence:
        """Return low for a row that says so, and where an icon or plain words speak.

        Icons are copied, and a dealer's page names the products that it sells.
        """
        if all(_is_weak(mark) for mark in self.seen):
            return "low"
        return self.row.entry.confidence


def recognise(front: Front) -> Facts:
    """Return vendor, product, kind and version as facts; nothing for a stranger."""
    matches = sorted(
        _matches(front.in_small_letters()),
        key=lambda match: match.strength,
        reverse=True,
    )
    if not matches:
        return {}
    best, *rest = matches
    entry = best.row.entry
    facts: Facts = {
        "vendor": entry.vendor,
        "product": entry.product,
        "kind": entry.kind.value,
        "remote_access": entry.kind.is_remote_access,
        "fingerprint": entry.id,
        "confidence": best.confidence,
        "recognised_by": [f"{mark.place}: {mark.text}" for mark in best.seen],
    }
    if version := _version(best.row, front):
        facts["version"] = version
    if rest:
        facts["also_looks_like"] = [match.row.entry.id for match in rest[:10]]
    if len(matches) > MOST_LIKENESSES:
        facts["confidence"] = "low"
        facts["deception_suspected"] = True
    return facts


def _is_weak(mark: Mark) -> bool:
    plain = mark.place == "body" and mark.text.replace(" ", "").isalnum()
    return plain or mark.place == "icon"


def _matches(front: Front) -> list[Match]:
    found = []
    for row in ROWS:
        seen = dict.fromkeys(
            mark
            for line in row.lines
            if all(_is_there(mark, front) for mark in line)
            for mark in line
        )
        if seen:
            found.append(Match(row, tuple(seen)))
    return found


def _is_there(mark: Mark, front: Front) -> bool:
    text = mark.text
    if mark.place == "icon":
        return front.icon is not None and str(front.icon) == text
    if mark.place == "cookie":
        return any(name.startswith(text) for name in front.cookies)
    if mark.place == "path":
        return any(path.startswith(text) for path in front.paths)
    return text in str(getattr(front, mark.place))


def _version(row: Row, front: Front) -> str:
    for place, pattern in row.versions:
        if match := pattern.search(str(getattr(front, place))):
            return match[1][:LONGEST_VERSION]
    return ""
