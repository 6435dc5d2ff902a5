"""What people say was done. It closes nothing: it only asks for a re-test."""

import uuid

from django.db import transaction

from common.errors import Conflict, NotAllowed
from exposure.models import FindingState
from exposure.services import findings
from tenants.access import may
from tenants.models import Membership
from tenants.origin import named
from tenants.rights import Right
from workflows.models import Case, Decision, DecisionState
from workflows.services.cases import lock_case, lock_decision, lock_finding
from workflows.services.decisions import move
from workflows.services.events import About, record
from workflows.services.frozen import event_data


@transaction.atomic
def claim_fixed(decision_id: uuid.UUID, *, by: Membership) -> Decision:
    """Note that somebody says the treatment was carried out, and ask for a re-test.

    Raises NotAllowed for people who own nothing here, IllegalMove unless the decision
    is approved. Saying it twice changes nothing.
    """
    if not may(by, Right.CLAIM):
        raise NotAllowed("Only an owner says that a treatment was carried out.")
    decision = lock_decision(Decision.objects.get(pk=decision_id))
    if decision.state == DecisionState.CLAIMED:
        return decision
    move(decision, DecisionState.CLAIMED)
    record(
        "change.fix_claimed",
        text=f"{by.user} says that version {decision.version} was carried out.",
        about=About.finding(decision.case),
        actor=by.user,
        data=event_data(decision),
    )
    _retest(decision.case, by=by)
    return decision


@transaction.atomic
def request_retest(finding_ref: str, *, by: Membership) -> None:
    """Ask for a re-test of a finding that is not closed; asking twice is one re-test.

    Raises Case.DoesNotExist for an unknown finding, NotAllowed without the right and
    Conflict when the finding is closed.
    """
    if not may(by, Right.RETEST):
        raise NotAllowed("Your role may not ask for a re-test.")
    case = lock_case(finding_ref)
    case.finding = lock_finding(case)
    _retest(case, by=by)


def _retest(case: Case, *, by: Membership) -> None:
    finding = case.finding
    if finding.state == FindingState.VALIDATING:
        raise Conflict(f"{finding.ref} is being validated already.")
    # What follows the evidence must know that a re-test lies between then and now.
    case.seen_state = FindingState.VERIFYING
    case.save(update_fields=["seen_state"])
    if finding.state == FindingState.VERIFYING:
        return
    findings.request_retest(finding.pk, by=by.user)
    record(
        "retest.requested",
        text=f"{named(by.user)} asked for a re-test.",
        about=About.finding(case),
        actor=by.user,
        data={"finding": finding.ref, "band": case.band, "state": "verifying"},
    )
