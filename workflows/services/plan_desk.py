"""A plan beside the cases of the findings that stand behind its changes."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from exposure.logic.paths.plans.answer import ChangeRow
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.items import Window, closed_since
from exposure.models import (
    GONE,
    Finding,
    FindingState,
    Plan,
)
from exposure.services import paths
from exposure.services.board import windows_now
from workflows.logic.lifecycle import LIVE, OPEN
from workflows.logic.treatments import END_IT, TREATMENTS, Treatment
from workflows.models import Case, Decision, DecisionState
from workflows.services.behind_changes import Found, in_full, sorted_out

MOST_BEHIND = 20
"""So many findings are proposed for one change; a long list is no decision."""


class Standing(StrEnum):
    """Where a finding is with one change: READY can be proposed for it."""

    READY = "ready"
    SENT = "sent"
    AGREED = "agreed"
    CLAIMED = "claimed"
    OTHER = "other"
    UNROUTED = "unrouted"
    BUSY = "busy"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Behind:
    """One finding behind a change. `by_way`: the change is about what leads to it.

    `decisions` come newest first.
    """

    finding: Finding
    case: Case | None
    decisions: Sequence[Decision]
    by_way: bool
    standing: Standing

    @property
    def newest(self) -> Decision | None:
        """The decision with the highest version."""
        return self.decisions[0] if self.decisions else None

    @property
    def seen(self) -> str:
        """What a reader had before them: the finding and its latest version."""
        return f"{self.finding.ref}:{self.newest.version if self.newest else 0}"


@dataclass(frozen=True, slots=True)
class Planned:
    """One change with the findings behind it, those to act on first.

    `treated` maps the reference of a finding that stands behind it too to the place of
    the change that treats it. `hurdle` says why it cannot be sent, "" if it can.
    """

    change: ChangeRow
    treatment: Treatment
    behind: Sequence[Behind]
    more: int
    treated: Mapping[str, int]
    hurdle: str

    @property
    def ready(self) -> list[Behind]:
        """What would be proposed now."""
        if self.hurdle:
            return []
        return [each for each in self.behind if each.standing == Standing.READY]


def read_plan(plan_id: uuid.UUID, *, lock: bool = False) -> Plan:
    """Return a plan with its revision's number; raises Plan.DoesNotExist."""
    heavy = (f"revision__{name}" for name in paths.HEAVY)
    rows = Plan.objects.select_related("revision", "made_by").defer(*heavy)
    return (rows.select_for_update(of=("self",)) if lock else rows).get(pk=plan_id)


def sha256_of(row: Plan) -> str:
    """Return the hash of a finished plan, over the bytes that are stored."""
    return hashlib.sha256(bytes(row.result or b"")).hexdigest()


def made_by(answer: Answer) -> list[ChangeRow]:
    """Return the changes that a plan makes, in their order."""
    return [row for row in answer.changes if row.place]


def desk_of(changes: Sequence[ChangeRow]) -> list[Planned]:
    """Return changes of a plan with what stands behind them now.

    A finding stands behind one change of the plan only: the one that is about itself,
    else the first on the way to it. Five queries, however many there are.
    """
    found = Found(changes)
    taken: dict[str, int] = {}
    for direct in (True, False):
        for row in changes:
            if row.place and found.is_direct(row) is direct:
                for finding in found.of(row):
                    taken.setdefault(finding.ref, row.place)
    parts = [sorted_out(row, found, taken) for row in changes]
    whole = in_full(each.pk for mine, _ in parts for each in mine[:MOST_BEHIND])
    used = _windows(changes)
    closed = closed_since(used, windows_now()) if used else frozenset()
    return [
        _planned(
            row,
            [whole[each.pk] for each in mine[:MOST_BEHIND] if each.pk in whole],
            more=len(mine[MOST_BEHIND:]),
            treated=treated,
            by_way=not found.is_direct(row),
            hurdle=_hurdle(row, closed),
        )
        for row, (mine, treated) in zip(changes, parts, strict=True)
    ]


def _planned(
    row: ChangeRow,
    behind: Sequence[Finding],
    *,
    more: int,
    treated: Mapping[str, int],
    by_way: bool,
    hurdle: str,
) -> Planned:
    treatment = TREATMENTS[row.kind]
    return Planned(
        change=row,
        treatment=treatment,
        behind=[
            _behind(each, row, treatment=treatment, by_way=by_way) for each in behind
        ],
        more=more,
        treated=treated,
        hurdle=hurdle,
    )


def _behind(
    finding: Finding, row: ChangeRow, *, treatment: Treatment, by_way: bool
) -> Behind:
    case: Case | None = getattr(finding, "case", None)
    decisions = list(case.decisions.all()) if case else []
    return Behind(
        finding=finding,
        case=case,
        decisions=decisions,
        by_way=by_way,
        standing=_standing(finding, case, decisions, row=row, kind=treatment.kind),
    )


def _standing(
    finding: Finding,
    case: Case | None,
    decisions: Sequence[Decision],
    *,
    row: ChangeRow,
    kind: str,
) -> Standing:
    live = next((each for each in decisions if each.state in LIVE), None)
    if live is not None:
        return _of_live(live, row=row, kind=kind)
    if finding.state in GONE:
        return Standing.GONE
    if case is None:
        return Standing.UNROUTED
    return Standing.READY if finding.state == FindingState.OPEN else Standing.BUSY


def _of_live(live: Decision, *, row: ChangeRow, kind: str) -> Standing:
    is_same = live.plan_change == row.id or (kind in END_IT and live.kind == kind)
    if not is_same:
        return Standing.OTHER
    if live.state in OPEN:
        return Standing.SENT
    claimed = live.state == DecisionState.CLAIMED
    return Standing.CLAIMED if claimed else Standing.AGREED


def _windows(changes: Sequence[ChangeRow]) -> list[Window]:
    """Return the windows that some changes use, as the plan took them."""
    stops = (stop for row in changes if row.place for stop in row.works if stop.starts)
    return [
        Window(
            stop.window_id,
            stop.line_id,
            dt.datetime.fromisoformat(stop.starts),
            dt.datetime.fromisoformat(stop.ends),
            stop.hours,
        )
        for stop in stops
    ]


def _hurdle(row: ChangeRow, closed: frozenset[str]) -> str:
    if not row.place:
        return ""
    begins = window_of(row)
    if begins is not None and begins <= timezone.now():
        return "Its window has begun. Make a new plan."
    if any(stop.window_id in closed for stop in row.works if stop.starts):
        return "A window of it was removed, or is frozen now. Make a new plan."
    return ""


def window_of(row: ChangeRow) -> dt.datetime | None:
    """Return when the first window of a change begins; None without windows."""
    starts = [
        dt.datetime.fromisoformat(stop.starts) for stop in row.works if stop.starts
    ]
    return min(starts, default=None)
