"""A decision as the panel shows it: facts, answers, and what changed since the last one."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tenants.models import Membership
from tenants.scope import site_limit
from workflows.logic.lifecycle import LIVE, OPEN
from workflows.logic.signoff import missing, slot_of
from workflows.models import Case, Decision, DecisionState
from workflows.services.people import as_member
from workflows.views.answers import Given, answers
from workflows.views.people import People
from workflows.views.wording import exposure_of, sides, stop_of

SLOT_TITLES = {"it": "IT", "ot": "OT", "safety": "Functional safety"}
LABELS = {
    "kind": "What is done",
    "action": "The treatment",
    "technical_basis": "Why this works",
    "safety_effect": "Effect on safety",
    "downtime_minutes": "Planned stop, minutes",
    "lost_meanwhile": "Lost meanwhile",
    "undo": "Undo",
    "window_start": "The window begins",
    "expires_at": "It ends",
}
EVIDENCE_LABELS = {
    "grade": "Evidence: grade",
    "threat": "Evidence: known use",
    "targets": "Evidence: lines and best paths",
    "zone": "Evidence: zone",
    "policy": "Evidence: scoring policy",
}
STATES = {
    DecisionState.APPROVED: "Approved by all sides",
    DecisionState.CLAIMED: "Said to be done",
    DecisionState.COMPLETED: "Completed: the re-test proved it",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One side's place in the panel, as a stamp shows it."""

    key: str
    title: str
    answer: str
    name: str
    you: bool
    at: dt.datetime | None
    version: int | None
    wanted_by: dt.datetime | None
    comment: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in which a version differs from the one before."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A decision as the panel shows it."""

    version: int
    proposer: str
    proposed_at: dt.datetime
    statement: str
    facts: list[tuple[str, str]]
    state: str
    note: str
    difference: list[Change]
    difference_to: int | None
    slots: list[Slot]
    plan: str


def decision_panel(
    case: Case, decisions: Sequence[Decision], *, people: People, by: Membership
) -> Panel:
    """Return the newest decision; `decisions` come newest first and are not empty."""
    decision, *older = decisions
    earlier = older[0] if older else None
    slots = [
        _slot(key, each, decision, people=people, by=by)
        for key, each in answers(decisions, slots=case.slots).items()
    ]
    return Panel(
        version=decision.version,
        proposer=str(decision.proposer),
        proposed_at=decision.proposed_at,
        statement=decision.action,
        facts=_facts(decision),
        state=_state(decision, case),
        note=_note(decision, earlier),
        difference=_difference(earlier, decision) if earlier else [],
        difference_to=earlier.version if earlier else None,
        slots=slots,
        plan=f"Plan {number}" if (number := _plan_number(decision)) else "",
    )


def _plan_number(decision: Decision) -> int | None:
    """Return the number of the plan it was sent from; `with_answers` has read it."""
    number: int | None = getattr(decision, "plan_number", None)
    return number


def _facts(decision: Decision) -> list[tuple[str, str]]:
    rows = [
        ("Kind", decision.get_kind_display()),
        ("Exposure", exposure_of(decision)),
        ("Production downtime", stop_of(decision.downtime_minutes)),
        ("Effect on safety", decision.safety_effect),
        ("Why this works", decision.technical_basis),
        ("Lost meanwhile", decision.lost_meanwhile),
        ("Undo", decision.undo),
    ]
    if decision.window_start:
        rows.append(("Window", moment_of(decision.window_start)))
    if decision.expires_at:
        rows.append(("Ends", moment_of(decision.expires_at)))
    return rows


def _state(decision: Decision, case: Case) -> str:
    if decision.state in OPEN:
        answered = [each.slot for each in decision.signatures.all()]
        return f"Waiting for {sides(missing(case.slots, answered=answered))}"
    state = DecisionState(decision.state)
    return STATES.get(state, state.label)


def _note(decision: Decision, earlier: Decision | None) -> str:
    if decision.state not in LIVE and decision.ended_reason:
        return (
            f"{decision.ended_reason} Nothing is agreed until a new version is signed."
        )
    if earlier is None or decision.state not in OPEN:
        return ""
    why = f" {earlier.ended_reason}" if earlier.ended_reason else ""
    return f"Version {earlier.version} does not count any more.{why}"


def _difference(before: Decision, after: Decision) -> list[Change]:
    rows = [
        Change(label, _shown(before, name), _shown(after, name))
        for name, label in LABELS.items()
        if getattr(before, name) != getattr(after, name)
    ]
    old, new = (json.loads(bytes(each.evidence_bytes)) for each in (before, after))
    return rows + [
        _changed(label, old.get(key), new.get(key))
        for key, label in EVIDENCE_LABELS.items()
        if old.get(key) != new.get(key)
    ]


def _shown(decision: Decision, name: str) -> str:
    value = getattr(decision, name)
    if isinstance(value, dt.datetime):
        return moment_of(value)
    if name == "kind":
        return decision.get_kind_display()
    return "" if value is None else str(value)


def _changed(label: str, old: Any, new: Any) -> Change:
    """Return one difference; lines of all sites are named to nobody with a limit."""
    if site_limit() is not None and isinstance(new, list):
        return Change(label, "as signed before", "not the same any more")
    return Change(label, _brief(old), _brief(new))


def _brief(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each.get("line", "")) for each in value) or "none"
    return str(value)[:12] if isinstance(value, str) and len(value) > 40 else str(value)


def moment_of(value: dt.datetime) -> str:
    """Return day and minute in the time zone of the plant."""
    local = timezone.localtime(value)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def _slot(
    key: str, given: Given, decision: Decision, *, people: People, by: Membership
) -> Slot:
    mark = given.signature
    waits = decision.state in OPEN and given.code in {"waiting", "stale"}
    you = waits and decision.proposer_id != by.user_id
    return Slot(
        key=key,
        title=SLOT_TITLES[key],
        answer=given.code,
        name=mark.printed_name if mark else people.of(key),
        you=you and slot_of(as_member(by)) == key,
        at=mark.signed_at if mark else None,
        version=given.version,
        wanted_by=decision.case.decide_by if waits else None,
        comment=mark.comment if mark else "",
    )
