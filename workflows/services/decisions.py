"""Proposals: frozen when they are made, never edited, replaced by the next version."""

import datetime as dt
import uuid
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from common.canonical import canonical_bytes
from common.errors import Conflict, DomainError, InvalidInput, NotAllowed
from common.plain_text import reads_as_stored
from exposure.models import FindingState, Plan
from exposure.services import evidence, figures, paths
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.scope import whole_workspace
from workflows.logic import signoff
from workflows.logic.clocks import latest_expiry
from workflows.logic.lifecycle import LIVE, OPEN, check_move
from workflows.models import Case, Decision, DecisionState, Kind
from workflows.services.cases import (
    latest_decision,
    live_decision,
    lock_case,
    lock_decision,
    lock_finding,
)
from workflows.services.events import About, record
from workflows.services.frozen import decision_bytes, event_data, sha256
from workflows.services.people import members_now

MAX_LINE, MAX_TEXT = 300, 4000
MAX_DOWNTIME = 366 * 24 * 60  # minutes
MAX_WAIT = dt.timedelta(days=36525)  # no calendar of a database ends before
TEXTS = {
    "action": MAX_TEXT,
    "technical_basis": MAX_TEXT,
    "safety_effect": MAX_TEXT,
    "lost_meanwhile": MAX_LINE,
    "undo": MAX_LINE,
}
ENDS_BY_ITSELF = frozenset({Kind.ACCEPT, Kind.COMPENSATE})


@dataclass(frozen=True, slots=True)
class ProposalContent:
    """What is proposed: the five fields of a managed change, and what it costs.

    `downtime_minutes` is the planned stop of production. `lost_meanwhile` says what
    people go without until it is done, `undo` how to take it back.
    """

    kind: str
    action: str
    technical_basis: str
    safety_effect: str
    downtime_minutes: int
    lost_meanwhile: str
    undo: str
    window_start: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The change of a plan that a proposal was sent from."""

    plan: Plan
    change_id: str


@transaction.atomic
def propose(
    finding_ref: str,
    *,
    by: Membership,
    content: ProposalContent,
    origin: Origin | None = None,
) -> Decision:
    """Freeze a proposal and the evidence it rests on, as the next version of its case.

    Raises Case.DoesNotExist for an unknown finding, NotAllowed without the right,
    InvalidInput for a field, and Conflict while another proposal is live, the finding
    is not open, or its evidence is being brought up to date.
    """
    if not may(by, Right.PROPOSE):
        raise NotAllowed("Your role may not propose a treatment.")
    case = lock_case(finding_ref)
    case.finding = lock_finding(case)
    now = timezone.now()
    _check_content(content, band=case.band, now=now)
    _check_case(case, by=by)
    with whole_workspace():  # what is signed does not depend on who proposes
        facts = canonical_bytes(evidence.bundle(case.finding))
    if sha256(facts) != case.finding.evidence_hash:
        raise Conflict(
            f"The evidence of {finding_ref} is being brought up to date. "
            "Try again in a minute."
        )
    before, after = paths.change_value(case.finding)
    last = latest_decision(case)
    decision = Decision(
        case=case,
        version=last.version + 1 if last else 1,
        proposer=by.user,
        proposed_at=now,
        units_before=before,
        units_after=after,
        waits_for=list(case.slots),
        wanted_by=case.decide_by,
        plan=origin.plan if origin else None,
        plan_change=origin.change_id if origin else "",
        evidence_bytes=facts,
        evidence_hash=case.finding.evidence_hash,
        **asdict(content),
    )
    decision.decision_bytes = decision_bytes(decision)
    decision.decision_hash = sha256(decision.decision_bytes)
    decision.save()
    figures.set_in_hand(case.finding_id, in_hand=True)
    record(
        "decision.proposed",
        text=f"{by.user} proposed version {decision.version}: {content.action}",
        about=About.finding(case),
        actor=by.user,
        data=event_data(decision),
    )
    return decision


@transaction.atomic
def withdraw(decision_id: uuid.UUID, *, by: Membership) -> Decision:
    """Take a proposal back before everybody has answered; only its proposer may.

    Doing it twice changes nothing.
    """
    decision = lock_decision(Decision.objects.get(pk=decision_id))
    if decision.proposer_id != by.user_id:
        raise NotAllowed("Only who proposed a treatment can withdraw it.")
    if decision.state == DecisionState.WITHDRAWN:
        return decision
    end(decision, DecisionState.WITHDRAWN, reason=f"Withdrawn by {by.user}.")
    record(
        "decision.withdrawn",
        text=f"{by.user} withdrew version {decision.version}.",
        about=About.finding(decision.case),
        actor=by.user,
        data=event_data(decision),
    )
    return decision


def move(decision: Decision, state: str) -> None:
    """Change the state of a locked decision along the table of moves."""
    if decision.state != state:
        check_move(decision.state, state)
        decision.state = state
        decision.save(update_fields=["state"])
        figures.set_in_hand(decision.case.finding_id, in_hand=state in LIVE)


def end(decision: Decision, state: str, *, reason: str) -> None:
    """Move a locked decision to an end and keep why."""
    move(decision, state)
    decision.ended_reason = reason[:MAX_LINE]
    decision.save(update_fields=["ended_reason"])


def _check_case(case: Case, *, by: Membership) -> None:
    live = live_decision(case)
    if live is not None:
        still = "waits for answers" if live.state in OPEN else "is in force"
        raise Conflict(f"Version {live.version} {still}.", current=live)
    finding = case.finding
    if finding.state != FindingState.OPEN:
        state = finding.get_state_display().lower()
        raise Conflict(f"{finding.ref} is not open, but {state}.")
    empty = signoff.unfillable(
        case.slots,
        proposer=str(by.user_id),
        members=members_now(site_id=finding.asset.site_id),
    )
    if empty:
        sides = " and ".join(signoff.SLOT_WORDS[slot] for slot in empty)
        raise DomainError(
            f"Nobody but you could answer for {sides}. Name somebody there first; "
            "an empty place never counts as agreed."
        )


def _check_content(content: ProposalContent, *, band: str, now: dt.datetime) -> None:
    if content.kind not in Kind.values:
        raise InvalidInput("kind", "Choose what is to be done.")
    for name, longest in TEXTS.items():
        _check_text(name, getattr(content, name), longest=longest)
    if not 0 <= content.downtime_minutes <= MAX_DOWNTIME:
        raise InvalidInput("downtime_minutes", "A stop lasts from 0 minutes to a year.")
    if content.kind == Kind.SCHEDULE and content.window_start is None:
        raise InvalidInput("window_start", "Say when the window begins.")
    if content.window_start is not None and content.window_start <= now:
        raise InvalidInput("window_start", "The window has begun already.")
    if content.window_start is not None and content.window_start - now > MAX_WAIT:
        raise InvalidInput("window_start", "A window begins within a hundred years.")
    _check_expiry(content, band=band, now=now)


def _check_text(name: str, text: str, *, longest: int) -> None:
    if not text.strip():
        raise InvalidInput(name, "This must be said before anybody can agree.")
    if len(text) > longest:
        raise InvalidInput(name, f"At most {longest} characters.")
    if not reads_as_stored(text):
        raise InvalidInput(name, "The text holds a hidden character. Type it again.")


def _check_expiry(content: ProposalContent, *, band: str, now: dt.datetime) -> None:
    if content.expires_at is None:
        if content.kind in ENDS_BY_ITSELF:
            raise InvalidInput("expires_at", "This must have an end. Say when.")
        return
    latest = latest_expiry(band, start=now)
    if not now < content.expires_at <= latest:
        day = timezone.localtime(latest).date().isoformat()
        raise InvalidInput("expires_at", f"The end lies between now and {day}.")
