"""What the planner's page shows of the changes that are ticked."""

import base64
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from exposure.logic.frontier_chart import FrontierChart
from exposure.logic.paths.plans.answer import ChangeRow, in_words
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.board import LineWork, Work
from exposure.services.board import Counted
from exposure.views.calendar_rows import CalendarRow
from exposure.views.change_rows import LeftRow
from exposure.views.frozen_rows import FrozenRow
from exposure.views.stop_money import Rates, euro_of

MOST_TICKED = 300
MOST_NAMED = 3
HUNDRED = 100
OFF, TOO_MANY = "off", f"More than {MOST_TICKED} changes cannot be ticked at once."
UNKNOWN = "{} of the ticked changes {} not of this plan, and {} left out."


@dataclass(frozen=True, slots=True)
class WorkRow:
    """The work of one change on a line; `why_not`: what is missing when no window fits."""

    label: str
    hours: float
    euro: float | None
    begins: dt.datetime | None
    why_not: str


@dataclass(frozen=True, slots=True)
class StandRow:
    """One line that stands still, or a network: for how long, for what, in which window.

    `euro` is what that costs, None if nobody said the rate of the line.
    """

    line: str
    zone: str
    hours: float
    euro: float | None
    works: list[WorkRow]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a set. `proven` is "" where nothing is proven."""

    before: float
    after: float
    hours: float
    downtime: float
    stands: list[str]
    more_stand: int
    per_hour: float | None
    quietly: float
    reached_before: int
    reached_after: int
    done_by: dt.datetime | None
    zone: str
    windows: int
    homeless: int
    has_assumed: bool
    proven: str


@dataclass(frozen=True, slots=True)
class Money:
    """What downtime costs in `euro`, as far as the rates of lines are known.

    None: of no line. `is_more`: of some line it is not known.
    """

    euro: float | None
    is_more: bool


@dataclass(frozen=True, slots=True)
class Board:
    """All that moves when a box is ticked.

    `is_own`: the ticked set is that of the plan. `tokens` are those of the set. `notes`
    are sentences about what was asked for and cannot be.
    """

    sentence: str
    is_own: bool
    number: int
    tokens: list[str]
    notes: list[str]
    why_not: str
    figures: Figures
    money: Money
    chart: FrontierChart
    stands: list[StandRow]
    frozen: list[FrozenRow]
    calendars: list[CalendarRow]
    lines: list[LeftRow]


@dataclass(frozen=True, slots=True)
class Asked:
    """The set that the address names; None: no set is named, so that of the plan."""

    change_ids: frozenset[str] | None
    notes: list[str]


def token_of(change_id: str) -> str:
    """Return what stands for a change in an address: short, the same in every plan."""
    digest = hashlib.sha256(change_id.encode()).digest()[:6]
    return base64.urlsafe_b64encode(digest).decode()


def asked_in(answer: Answer, *, is_told: bool, tokens: Sequence[str]) -> Asked:
    """Return which changes of a plan the tokens stand for; strange ones are left out."""
    if not is_told:
        return Asked(None, [])
    if len(tokens) > MOST_TICKED:
        return Asked(None, [TOO_MANY])
    known = {token_of(row.id): row.id for row in answer.changes}
    wanted = frozenset(tokens)
    strange = len(wanted - known.keys())
    notes = []
    if strange:
        verbs = ("is", "is") if strange == 1 else ("are", "are")
        notes.append(UNKNOWN.format(strange, *verbs))
    return Asked(frozenset(known[each] for each in wanted & known.keys()), notes)


def own_figures(answer: Answer) -> Counted:
    """Return the set of a plan as a counted one: from what is stored."""
    made = [row for row in answer.changes if row.place]
    quiet = 0.0
    for row in made:
        if row.downtime:
            break
        quiet += row.removes
    return Counted(
        order=tuple(row.id for row in made),
        before=answer.exposure_before,
        after=answer.exposure,
        without_stop=answer.exposure_before - quiet,
        hours=answer.hours,
        downtime=answer.downtime,
        lines=(),
        why_not="",
    )


def figures_of(
    counted: Counted,
    stands: Sequence[LineWork],
    *,
    answer: Answer,
    names: Mapping[str, str],
    zones: Mapping[str, str],
    proven: str,
) -> Figures:
    """Return the figures of a counted set."""
    still = [row for row in stands if not row.is_network]
    removed = counted.without_stop - counted.after
    works = [work for row in stands for work in row.works]
    ends = [
        (work.window.end, zones.get(work.window.line_id, ""))
        for work in works
        if work.window
    ]
    homeless = sum(work.window is None for work in works)
    done_by, zone = max(ends) if ends and not homeless else (None, "")
    made = frozenset(counted.order)
    return Figures(
        before=counted.before,
        after=counted.after,
        hours=counted.hours,
        downtime=counted.downtime,
        stands=[names.get(row.line_id, "") for row in still[:MOST_NAMED]],
        more_stand=max(len(still) - MOST_NAMED, 0),
        per_hour=removed / counted.downtime if counted.downtime else None,
        quietly=counted.before - counted.without_stop,
        reached_before=sum(row.reach_before > 0 for row in answer.lines),
        reached_after=sum(row.reach_after > 0 for row in counted.lines)
        if counted.lines
        else sum(row.reach > 0 for row in answer.lines),
        done_by=done_by,
        zone=zone,
        windows=len({work.window.id for work in works if work.window}),
        homeless=homeless,
        has_assumed=any(row.assumed for row in answer.changes if row.id in made),
        proven=proven,
    )


def money_of(stands: Iterable[StandRow]) -> Money:
    """Return what it costs that these lines stand still."""
    costs = [row.euro for row in stands]
    known = [euro for euro in costs if euro is not None]
    return Money(sum(known) if known else None, is_more=len(known) < len(costs))


def used_windows(stands: Sequence[LineWork]) -> Counter[str]:
    """Return how many changes are made in each window, by its id."""
    return Counter(
        work.window.id for row in stands for work in row.works if work.window
    )


def stand_rows(
    stands: Sequence[LineWork],
    *,
    names: Mapping[str, str],
    zones: Mapping[str, str],
    rates: Rates,
    labels: Mapping[str, str],
) -> list[StandRow]:
    """Return the lines that stand still, with the work on each."""
    return [
        StandRow(
            line=names.get(row.line_id, ""),
            zone=zones.get(row.line_id, "UTC"),
            hours=row.hours,
            euro=euro_of(row.line_id, row.hours, rates),
            works=[
                WorkRow(
                    label=labels.get(work.change_id, ""),
                    hours=work.hours,
                    euro=euro_of(row.line_id, work.hours, rates),
                    begins=work.window.start if work.window else None,
                    why_not="" if work.window else _missing(row, work),
                )
                for work in row.works
            ],
        )
        for row in stands
    ]


def _missing(row: LineWork, work: Work) -> str:
    needed = f"a window of {work.hours:.4g} h"
    if not row.windows:
        who = "the network" if row.is_network else "the line"
        return f"No window fits: {who} has none. It needs {needed}."
    return (
        f"No window fits: it needs {needed}, and the most that is left in one "
        f"is {row.room:.4g} h."
    )


def proven_words(answer: Answer) -> str:
    """Return how far a plan may be from the best one."""
    return f"{HUNDRED * answer.gap:.2g} %"


def sentence_of(counted: Counted) -> str:
    """Return what a set does in one sentence; of one that cannot be, that it cannot."""
    if counted.why_not:
        return "These changes cannot be made together"
    return in_words(
        changes=len(counted.order),
        downtime=counted.downtime,
        before=counted.before,
        after=counted.after,
    )


def ids_made(rows: Collection[ChangeRow]) -> frozenset[str]:
    """Return the ids of the changes that a plan makes."""
    return frozenset(row.id for row in rows if row.place)
