"""What a finding has to do with the safety systems of the plant, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exposure.logic.paths.results import Hop
from exposure.models import Finding
from exposure.services.safety import SafetySystem
from workflows.views.wording import listed

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class SafetyFacts:
    """The reader's safety systems, and those (ids) that are reached onward.

    `counted` are the ids that the newest revision was counted with.
    """

    systems: tuple[SafetySystem, ...] = ()
    onward: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()


def safety_facts(
    systems: Iterable[Mapping[str, str]],
    way: Sequence[Mapping[str, Any]],
    counted: Iterable[str],
) -> SafetyFacts:
    """Return the facts from rows: systems, the kept way to the finding, what was counted."""
    return SafetyFacts(
        systems=tuple(SafetySystem(**row) for row in systems),
        onward=frozenset(way[-1].get("safety", ()) if way else ()),
        counted=frozenset(counted),
    )


def safety_words(
    finding: Finding, known: SafetyFacts, *, hops: Iterable[Hop], is_part: bool
) -> str:
    """Say it in a few words; "" where there is no safety system, or no way any more.

    `is_part`: its case says so.
    """
    ids = {each.id for each in known.systems}
    if is_part or str(finding.asset_id) in ids:
        return "It is part of one"
    if not ids or not finding.is_counted:
        return ""
    passed = {hop.to_id for hop in hops}
    for found, words in ((passed, "on this path"), (known.onward, "reached from here")):
        names = [each.name for each in known.systems if each.id in found]
        if names:
            return f"{_few(names)} {'is' if len(names) == 1 else 'are'} {words}"
    if not ids <= known.counted:
        return "Not counted yet"
    return "Not reached from here"


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return listed([*names[:MOST_NAMED], f"{more} more"] if more > 1 else names)
