"""The safety systems on the page of attack paths: each by itself, in worlds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from common.templatetags.ui import amount
from exposure.logic.paths.safety import SafetyResult, safety_results
from exposure.services.paths import EVIDENCED, PathAnswer
from exposure.services.safety import SafetySystem

MOST = 20
NO_WAY = "Not reached by any known way"
NO_PORT = "No port of it is known"
UNTOLD = "So no way can be followed to it; it may be reached all the same."
NOT_COUNTED = "Not counted yet"


@dataclass(frozen=True, slots=True)
class SafetyRow:
    """One safety system; see exposure/paths/_safety.html."""

    name: str
    url: str
    reached: str
    taken: str
    note: str
    is_reached: bool


@dataclass(frozen=True, slots=True)
class SafetyPart:
    """The panel: the first rows, how many are left out, how many of all are reached."""

    rows: tuple[SafetyRow, ...] = ()
    more: int = 0
    total: int = 0
    reached: int = 0


NO_SAFETY = SafetyPart()


def safety_part(
    answer: PathAnswer,
    systems: Sequence[SafetySystem],
    *,
    asset_url: Callable[[str], str],
) -> SafetyPart:
    """Return what an answer says of the reader's safety systems, the worst first.

    `asset_url` gives the address of an asset (by its id) in the plant. A system that
    was described after the answer comes last, as not counted yet.
    """
    if not systems:
        return NO_SAFETY
    ids = {each.id for each in systems}
    results = safety_results(answer.analysis, answer.plant, ids)
    known = _known(answer)
    rows = [
        _row(
            row,
            answer.analysis.worlds,
            url=asset_url(row.asset.id),
            is_known=known.get(row.asset.id),
        )
        for row in results
    ]
    counted = {row.asset.id for row in results}
    rows += [
        SafetyRow(each.name, asset_url(each.id), NOT_COUNTED, "", "", is_reached=False)
        for each in systems
        if each.id not in counted
    ]
    return SafetyPart(
        rows=tuple(rows[:MOST]),
        more=max(0, len(rows) - MOST),
        total=len(rows),
        reached=sum(row.is_reached for row in rows),
    )


def _known(answer: PathAnswer) -> Mapping[str, bool]:
    """Return for which systems the revision knows any way at all, however unlikely.

    Where less is taken for granted there are no more ways; where more is, there may be.
    """
    if answer.counted not in {"", EVIDENCED}:
        return {}
    found: Mapping[str, bool] = (answer.revision.summary or {}).get("safety", {})
    return found


def _row(
    row: SafetyResult, worlds: int, *, url: str, is_known: bool | None
) -> SafetyRow:
    return SafetyRow(
        name=row.asset.name,
        url=url,
        reached=_reached(row, worlds, is_known=is_known),
        taken=f"{amount(row.taken)} worlds" if row.reached else "",
        note=_note(row, worlds),
        is_reached=row.reached > 0,
    )


def _reached(row: SafetyResult, worlds: int, *, is_known: bool | None) -> str:
    if not row.has_ports:
        return NO_PORT
    return NO_WAY if is_known is False else _of(row.reached, worlds)


def _note(row: SafetyResult, worlds: int) -> str:
    if row.has_ports:
        return ""
    if not row.zone_entered:
        return UNTOLD
    entered = _of(row.zone_entered, worlds)
    return f"{UNTOLD} Somebody outside is in its zone in at least {entered}."


def _of(count: int, worlds: int) -> str:
    return f"{amount(count)} of {amount(worlds)} worlds"
