"""A claim closes nothing; a re-test does."""

import pytest

from common.errors import Conflict, DomainError, NotAllowed
from exposure.models import Finding, FindingState
from tenants.models import User
from tenants.models.jobs import Job
from tests.workflows.conftest import member, retest
from workflows.models import Case, Decision, DecisionState, Event
from workflows.services import claims
from workflows.services.evidence_watch import follow


def test_it_asks_for_a_retest_and_closes_nothing(agreed: Decision, otto: User) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    claims.claim_fixed(agreed.pk, by=member(otto))

    agreed.refresh_from_db()
    assert agreed.state == DecisionState.CLAIMED
    assert Finding.objects.get().state == FindingState.VERIFYING
    assert Job.objects.filter(task="exposure.retest").count() == 1
    assert Event.objects.filter(type="change.fix_claimed").count() == 1
    assert Event.objects.filter(type="retest.requested").count() == 1


def test_it_closes_by_a_negative_retest_only(agreed: Decision, otto: User) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))

    follow()
    agreed.refresh_from_db()
    assert agreed.state == DecisionState.CLAIMED

    retest(agreed.case.finding, holds=False)
    follow()
    agreed.refresh_from_db()
    assert agreed.state == DecisionState.COMPLETED
    closed = Event.objects.get(type="finding.closed")
    assert closed.data["retest"]


@pytest.mark.parametrize(
    ("holds", "result"), [(True, "positive"), (None, "inconclusive")]
)
def test_it_goes_back_when_the_retest_does_not_agree(
    *, agreed: Decision, otto: User, holds: bool | None, result: str
) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=holds)

    follow()
    follow()

    agreed.refresh_from_db()
    assert agreed.state == DecisionState.APPROVED
    assert Finding.objects.get().state == FindingState.TREATED
    assert Event.objects.get(type="retest.completed").data["result"] == result


def test_it_can_be_said_again_after_a_failed_retest(
    agreed: Decision, otto: User
) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=True)
    follow()

    claims.claim_fixed(agreed.pk, by=member(otto))

    assert Finding.objects.get().state == FindingState.VERIFYING


def test_it_notices_a_retest_it_never_saw_running(agreed: Decision, otto: User) -> None:
    """A re-test that a run asked for was under way when the owner made the claim."""
    Finding.objects.update(state=FindingState.VERIFYING)
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=True)

    follow()

    assert Event.objects.filter(type="retest.completed").count() == 1


def test_it_is_said_by_an_owner_about_an_agreed_treatment(
    proposal: Decision, ana: User, otto: User
) -> None:
    with pytest.raises(NotAllowed):
        claims.claim_fixed(proposal.pk, by=member(ana))
    with pytest.raises(DomainError, match="proposed cannot become said to be done"):
        claims.claim_fixed(proposal.pk, by=member(otto))


def test_a_retest_can_be_asked_for_without_a_claim(case: Case, ana: User) -> None:
    claims.request_retest("SL-1", by=member(ana))
    claims.request_retest("SL-1", by=member(ana))

    assert Finding.objects.get().state == FindingState.VERIFYING
    assert Event.objects.filter(type="retest.requested").count() == 1


@pytest.mark.parametrize("state", [FindingState.CLOSED, FindingState.VALIDATING])
def test_a_retest_needs_something_to_test(
    case: Case, ana: User, state: FindingState
) -> None:
    Finding.objects.update(state=state)

    with pytest.raises(Conflict):
        claims.request_retest("SL-1", by=member(ana))

    assert not Event.objects.filter(type="retest.requested").exists()
