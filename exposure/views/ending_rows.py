"""What the page shows of the ways to one line: what ends them, what would open one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.template.defaultfilters import pluralize
from django.utils import timezone

from exposure.logic.paths.barriers import Barrier, Tested, last_test
from exposure.logic.paths.plans.items import Candidate
from exposure.services.ending import LineEnding
from exposure.services.last_looks import last_look
from exposure.views.path_words import names_of
from exposure.views.stop_money import Rates, StopRow, stop_rows

ELSEWHERE = "A change at another site"
FEW = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of the set; at another site (`url` "") it has no name and no hours."""

    label: str
    url: str
    hours: float = 0.0
    downtime: float = 0.0
    stops: tuple[StopRow, ...] = ()
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class BarrierRow:
    """What keeps outsiders from a line, how that is known, and its last test."""

    words: str
    said: str
    tested: Tested


@dataclass(frozen=True, slots=True)
class EndingPage:
    """The part of the context that exposure/paths/_ending.html reads."""

    line: str
    claim: str
    is_reached: bool
    proof: str
    changes: list[ChangeRow]
    stays: list[str]
    opens: list[tuple[str, ...]]
    reasons: list[str]
    barriers: list[BarrierRow]


def ending_page(
    found: LineEnding,
    *,
    lines: Mapping[str, str],
    rates: Rates,
    own: Callable[[str], bool],
    url_of: Callable[[str], str],
) -> EndingPage:
    """Return the page of one line.

    `lines` are names by id, `rates` what an hour of their stop costs; `own` says of a change (id) whether the reader may see it,
    and `url_of` where.
    """
    rows = (found.ending.changes if found.ending else None) or ()
    changes = [
        _row(
            row,
            stops=stop_rows(row.downtime, names=lines, rates=rates),
            url=url_of(row.id),
        )
        if own(row.id)
        else _hidden()
        for row in rows
    ]
    return EndingPage(
        line=found.line.name,
        claim=_claim(found),
        is_reached=found.line.best is not None,
        proof=_proof(found),
        changes=changes,
        stays=names_of(found.stays) if found.stays else [],
        opens=[each.things for each in found.opens],
        reasons=list(found.line.reasons),
        barriers=[_barrier(row) for row in found.barriers],
    )


def _barrier(row: Barrier) -> BarrierRow:
    look, today = last_look(row.origin, row.asset_ids), timezone.now().date()
    last = last_test(row, looked_on=look.day, looked=look.words, today=today)
    return BarrierRow(row.words, row.said, last)


def _row(row: Candidate, *, stops: Iterable[StopRow], url: str) -> ChangeRow:
    return ChangeRow(
        label=row.label,
        url=url,
        hours=row.hours,
        downtime=sum(row.downtime.values()),
        stops=tuple(stops),
        is_assumed=row.assumed,
    )


def _hidden() -> ChangeRow:
    return ChangeRow(label=ELSEWHERE, url="")


def _claim(found: LineEnding) -> str:
    name = found.line.name
    if found.ending is None:
        return f"No way to {name} is known"
    if found.ending.changes is None:
        return f"No set of changes ends every way to {name}"
    number = len(found.ending.changes)
    count = FEW[number] if number < len(FEW) else str(number)
    return f"{count} change{pluralize(number)} end{'s' * (number == 1)} every way to {name}"


def _proof(found: LineEnding) -> str:
    if found.ending is None:
        return "proven" if found.opens and found.opens[0].is_proven else ""
    if found.ending.changes is None:
        return "" if found.ending.is_proven else "not proven in time"
    if found.ending.is_proven:
        return "proven: no smaller set does"
    return f"at least {found.ending.at_least} are needed; not proven in time"
