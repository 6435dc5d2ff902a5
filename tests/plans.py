"""Makes plans and maintenance windows, worked out on paper."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

from django.utils import timezone

from exposure.logic.paths.plans.answer import (
    ChangeRow,
    LineLeft,
    LineStop,
    Point,
)
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.costs import ChangeKind
from exposure.models import (
    ChangeCost,
    Finding,
    Line,
    MaintenanceWindow,
    PathRevision,
    Plan,
    PlanState,
)
from exposure.services.plans import Wish
from tenants.models import User, next_number


def make_answer(line: Line, *, label: str = "Fix SL-1") -> Answer:
    """Return a plan of one change that stops a line for two hours, and ends all of it."""
    stop = LineStop(str(line.pk), 2.0, "", "", "")
    change = ChangeRow(
        id="patch:finding:1",
        kind=ChangeKind.PATCH,
        subject_kind="finding",
        subject_id=str(uuid.uuid4()),
        label=label,
        hours=8.0,
        downtime=2.0,
        stops=(stop,),
        assumed=True,
        is_fixed=False,
        place=1,
        removes=10.0,
        removes_alone=10.0,
        works_with=(),
        why_not="",
    )
    return Answer(
        engine="plans-1",
        costs="costs-1",
        seed="s",
        worlds=2048,
        fresh_worlds=10_240,
        is_complete=True,
        is_proven=True,
        sentence="One change with 2 h of downtime removes all of the exposure.",
        exposure_before=10.0,
        exposure=0.0,
        planned=0.0,
        bound=0.0,
        gap=0.0,
        hours=8.0,
        downtime=2.0,
        done_by="",
        changes=(change,),
        frontier=(Point(2.0, 8.0, 0.0, 0.0, 0.0, 0.0, (change.id,)),),
        lines=(LineLeft(str(line.pk), 10.0, 1.0, 0.0, 10.0, 0.0, None),),
    )


def make_change(line: Line, place: int, change_id: str, **values: Any) -> ChangeRow:
    """Return one change of a plan that stops no line unless told otherwise."""
    kind, subject_kind, subject_id = change_id.split(":", 2)
    row = make_answer(line).changes[0]
    said = {"label": f"Change {place}", "downtime": 0.0, "stops": (), "removes": 4.0}
    return replace(
        row,
        id=change_id,
        kind=ChangeKind(kind),
        subject_kind=subject_kind,
        subject_id=subject_id,
        place=place,
        **{**said, **values},
    )


def make_plan(
    line: Line,
    *,
    by: User,
    label: str = "Fix SL-1",
    changes: tuple[ChangeRow, ...] = (),
) -> Plan:
    """Store a finished plan on the newest revision."""
    answer = make_answer(line, label=label)
    if changes:
        made = tuple(row.id for row in changes if row.place)
        frontier = (replace(answer.frontier[0], change_ids=made),)
        answer = replace(answer, changes=changes, frontier=frontier)
    return Plan.objects.create(
        number=next_number("plans"),
        revision=PathRevision.objects.latest("number"),
        state=PlanState.DONE,
        made_by=by,
        finished_at=timezone.now(),
        wish=Wish(downtime=4.0).as_json(),
        result=answer.to_json(),
    )


def make_cost(finding: Finding, *, by: User, note: str = "") -> ChangeCost:
    """Let an owner have said that fixing a finding takes two hours of work."""
    return ChangeCost.objects.create(
        site=finding.asset.site,
        change=f"patch:finding:{finding.pk}",
        label=f"Fix {finding.ref} on {finding.asset.name}",
        hours=2.0,
        note=note or f"{finding.asset.name} has a twin",
        side="it",
        said_by=by,
        said_at=timezone.now(),
    )


def make_window(line: Line, *, by: User, note: str = "") -> MaintenanceWindow:
    """Let a line stand still for six hours in a week."""
    begins = timezone.now() + dt.timedelta(days=7)
    return MaintenanceWindow.objects.create(
        site=line.site,
        line=line,
        begins_at=begins,
        ends_at=begins + dt.timedelta(hours=6),
        note=note,
        added_by=by,
    )
