"""The panel of a joint sign-off: what is decided, and what the reader may do next."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from exposure.models import Evidence, EvidenceKind, Finding, FindingState
from exposure.services import plans
from tenants.access import MemberRequest, may
from tenants.rights import Right
from workflows.forms import AnswerForm, ProposalForm
from workflows.logic.lifecycle import LIVE, OPEN
from workflows.models import Case, Decision, DecisionState, Event
from workflows.services.signing import slot_for, statement
from workflows.views.decision_panel import SLOT_TITLES, decision_panel
from workflows.views.people import People


@dataclass(frozen=True, slots=True)
class Retest:
    """Where the re-test is, or what the last one said."""

    state: str
    band: str = ""
    text: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who said that the work is done."""

    by: str
    at: dt.datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the panel is about, read once for the whole page."""

    finding: Finding
    case: Case | None
    decisions: Sequence[Decision]  # newest first, with their signatures
    evidence: Sequence[Evidence]
    events: Sequence[Event]
    people: People

    @property
    def newest(self) -> Decision | None:
        """The decision with the highest version."""
        return self.decisions[0] if self.decisions else None

    def last(self, *kinds: EvidenceKind) -> Evidence | None:
        """Return the item of these kinds that was written last.

        Ids grow with time. The moment of an item is when something was seen, and a
        check that could send nothing speaks of what was seen before.
        """
        rows = [row for row in self.evidence if row.kind in kinds]
        return max(rows, key=lambda row: row.pk, default=None)


def is_moving(finding: Finding, newest: Decision | None) -> bool:
    """Whether the panel changes by itself soon: a re-test, or what follows from it."""
    claimed = newest is not None and newest.state == DecisionState.CLAIMED
    return claimed or finding.state == FindingState.VERIFYING


def panel_of(
    request: MemberRequest,
    subject: Subject,
    *,
    answer: AnswerForm | None = None,
    proposal: ProposalForm | None = None,
    conflict: str = "",
) -> dict[str, Any]:
    """Return what the panel needs; forms that were refused are shown again."""
    newest, me = subject.newest, request.membership
    mine = slot_for(newest, by=me) if newest and may(me, Right.SIGN) else ""
    return {
        "signoff": decision_panel(
            subject.case, subject.decisions, people=subject.people, by=me
        )
        if subject.case and newest
        else None,
        "plan_url": _plan_url(request, newest),
        "routed": subject.case is not None,
        "conflict": conflict,
        **_answer_part(request, subject, mine, form=answer),
        **_proposal_part(request, subject, form=proposal),
        **_after_part(request, subject),
        **_retest_part(request, subject),
    }


def _plan_url(request: MemberRequest, decision: Decision | None) -> str:
    """Return where the plan behind a decision is signed, for who may see plans."""
    if decision is None or decision.plan_id is None or not plans.may_see():
        return ""
    where = [request.workspace.slug, decision.plan_id]
    return reverse("workflows:plan-sign-off", args=where)


def _answer_part(
    request: MemberRequest, subject: Subject, slot: str, *, form: AnswerForm | None
) -> dict[str, Any]:
    decision = subject.newest
    if decision is None or not slot:
        return {"answer_form": None}
    return {
        "answer_form": form or AnswerForm.to(decision),
        "answer_side": SLOT_TITLES[slot],
        "answer_statement": statement(decision, slot=slot),
        "answer_url": _url(request, "answer", subject),
    }


def _proposal_part(
    request: MemberRequest, subject: Subject, *, form: ProposalForm | None
) -> dict[str, Any]:
    newest, me = subject.newest, request.membership
    live = newest is not None and newest.state in LIVE
    if live and newest is not None:
        own = newest.state in OPEN and newest.proposer_id == me.user_id
        return {
            "propose_form": None,
            "withdraw_url": _url(request, "withdraw", subject) if own else "",
        }
    ready = subject.case is not None and subject.finding.state == FindingState.OPEN
    if not (ready and may(me, Right.PROPOSE)):
        return {"propose_form": None}
    return {
        "propose_form": form or ProposalForm.after(newest),
        "propose_url": reverse(
            "workflows:propose", args=[request.workspace.slug, subject.finding.ref]
        ),
        "propose_word": f"Propose version {newest.version + 1}"
        if newest
        else "Propose a treatment",
    }


def _after_part(request: MemberRequest, subject: Subject) -> dict[str, Any]:
    newest = subject.newest
    if newest is None:
        return {}
    may_claim = newest.state == DecisionState.APPROVED and may(
        request.membership, Right.CLAIM
    )
    said = next((e for e in subject.events if e.type == "change.fix_claimed"), None)
    shown = said is not None and newest.state == DecisionState.CLAIMED
    return {
        "claim_url": _url(request, "claim", subject) if may_claim else "",
        "claimed": Claimed(str(said.actor), said.at) if said and shown else None,
    }


def _retest_part(request: MemberRequest, subject: Subject) -> dict[str, Any]:
    finding = subject.finding
    asked = may(request.membership, Right.RETEST) and subject.case is not None
    can_start = finding.state in {FindingState.OPEN, FindingState.TREATED}
    return {
        "retest": _retest(subject),
        "retest_url": reverse(
            "workflows:retest", args=[request.workspace.slug, finding.ref]
        )
        if asked and can_start
        else "",
        "watching": is_moving(finding, subject.newest),
    }


def _retest(subject: Subject) -> Retest | None:
    if subject.finding.state == FindingState.VERIFYING:
        return Retest("Under way", text="It alone can close this.")
    row = subject.last(EvidenceKind.RETEST)
    if row is None:
        return None
    band = subject.case.band if subject.case else ""
    if row.holds is False:
        return Retest("It is not there any more", text=row.text, at=row.at)
    if row.holds:
        return Retest("It is still there", band=band, text=row.text, at=row.at)
    return Retest("It could not tell", text=row.text, at=row.at)


def _url(request: MemberRequest, name: str, subject: Subject) -> str:
    decision = subject.decisions[0]
    where = [request.workspace.slug, subject.finding.ref, decision.pk]
    return reverse(f"workflows:{name}", args=where)
