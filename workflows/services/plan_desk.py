"""A plan beside the cases of the findings that stand behind its changes."""

import datetime as dt
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from exposure.logic.paths.plans.answer import ChangeRow
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.models import (
    COUNTED,
    GONE,
    Finding,
    FindingState,
    MaintenanceWindow,
    Plan,
)
from exposure.services import paths
from workflows.logic.lifecycle import LIVE, OPEN
from workflows.logic.treatments import END_IT, TREATMENTS, Treatment
from workflows.models import Case, Decision, DecisionState
from workflows.services.cases import with_answers

MOST_BEHIND = 20
"""So many findings are proposed for one change; a long list is no decision."""

Port = tuple[str, str]


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
    found = _Found(changes)
    windows = _windows(changes)
    taken: dict[str, int] = {}
    for direct in (True, False):
        for row in changes:
            if row.place and found.is_direct(row) is direct:
                for finding in found.of(row):
                    taken.setdefault(finding.ref, row.place)
    return [_planned(row, found, taken, windows=windows) for row in changes]


class _Found:
    """The findings behind some changes, read together."""

    def __init__(self, changes: Sequence[ChangeRow]) -> None:
        ids = {key for row in changes for key in _named(row)}
        ports = {_port_of(row) for row in changes if row.subject_kind == "service"}
        ports = {(asset, port) for asset, port in ports if _is_id(asset)}
        at_ports = Q(
            asset_id__in={asset for asset, _ in ports},
            service__port__in={port for _, port in ports},
            state__in=COUNTED,
        )
        rows = Finding.objects.filter(
            Q(pk__in=ids) | at_ports if ports else Q(pk__in=ids)
        )
        rows = rows.select_related("asset", "service", "case").prefetch_related(
            with_answers("case__decisions")
        )
        self._by_id: dict[str, Finding] = {}
        self._at: dict[Port, list[Finding]] = defaultdict(list)
        for row in rows.order_by("-urgency", "-through", "number"):
            self._by_id[str(row.pk)] = row
            self._at[str(row.asset_id), str(row.service.port)].append(row)

    def is_direct(self, row: ChangeRow) -> bool:
        """Whether a change is about findings, and not about what leads to them."""
        if row.subject_kind == "service":
            return bool(self._at.get(_port_of(row)))
        return row.subject_kind == "finding"

    def of(self, row: ChangeRow) -> list[Finding]:
        """Return the findings behind a change, those to act on first."""
        if row.subject_kind == "service" and self.is_direct(row):
            return self._at[_port_of(row)]
        named = set(_named(row))
        return [each for key, each in self._by_id.items() if key in named]


def _named(row: ChangeRow) -> Iterable[str]:
    ids = [row.subject_id] if row.subject_kind == "finding" else row.behind
    return [key for key in ids if _is_id(key)]


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _port_of(row: ChangeRow) -> Port:
    asset, _, port = row.subject_id.rpartition(":")
    return asset, port


def _planned(
    row: ChangeRow,
    found: _Found,
    taken: Mapping[str, int],
    *,
    windows: frozenset[str],
) -> Planned:
    treatment, by_way = TREATMENTS[row.kind], not found.is_direct(row)
    mine, treated = [], {}
    for finding in found.of(row):
        place = taken.get(finding.ref, row.place) if row.place else row.place
        if place == row.place:
            mine.append(finding)
        else:
            treated[finding.ref] = place
    return Planned(
        change=row,
        treatment=treatment,
        behind=[
            _behind(each, row, treatment=treatment, by_way=by_way)
            for each in mine[:MOST_BEHIND]
        ],
        more=len(mine[MOST_BEHIND:]),
        treated=treated,
        hurdle=_hurdle(row, windows),
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


def _windows(changes: Sequence[ChangeRow]) -> frozenset[str]:
    """Return those of the windows of some changes that are still there."""
    named = {stop.window_id for row in changes for stop in row.stops if row.place}
    ids = [each for each in named if _is_id(each)]
    if not ids:
        return frozenset()
    rows = MaintenanceWindow.objects.filter(pk__in=ids)
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


def _hurdle(row: ChangeRow, windows: frozenset[str]) -> str:
    if not row.place:
        return ""
    stops = [stop for stop in row.stops if stop.starts]
    if any(stop.window_id not in windows for stop in stops):
        return "A window of it is not there any more. Make a new plan."
    begins = window_of(row)
    if begins is not None and begins <= timezone.now():
        return "Its window has begun. Make a new plan."
    return ""


def window_of(row: ChangeRow) -> dt.datetime | None:
    """Return when the first line stands still for a change; None without windows."""
    starts = [
        dt.datetime.fromisoformat(stop.starts) for stop in row.stops if stop.starts
    ]
    return min(starts, default=None)
