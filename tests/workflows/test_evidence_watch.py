"""Decisions follow the evidence: what lost its basis ends, what was told is not told again."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from exposure.models import Finding, FindingState
from exposure.services import findings
from tenants.models import User
from tests.workflows.conftest import answer, content, learn, member, retest, yesterday
from workflows.models import Case, Decision, DecisionState, Event
from workflows.services import claims, decisions
from workflows.services.evidence_watch import follow


def events(case: Case) -> list[str]:
    rows = Event.objects.filter(case=case).order_by("sequence")
    return [row.type for row in rows]


def state_of(decision: Decision) -> str:
    return Decision.objects.get(pk=decision.pk).state


def test_it_leaves_everything_alone_while_nothing_changes(agreed: Decision) -> None:
    before = events(agreed.case)
    follow()

    assert follow() == 0

    assert events(agreed.case) == before
    assert state_of(agreed) == DecisionState.APPROVED


@pytest.mark.parametrize("facts", [{"grade": "E3"}, {"threat": "active"}])
def test_it_voids_an_open_proposal_on_any_difference(
    proposal: Decision, ida: User, facts: dict[str, Any]
) -> None:
    answer(proposal, ida)
    learn(proposal.case.finding, **facts)

    follow()
    follow()

    proposal.refresh_from_db()
    assert proposal.state == DecisionState.VOIDED
    assert proposal.ended_reason.startswith("The evidence has changed: ")
    assert proposal.signatures.count() == 1
    assert events(proposal.case).count("decision.voided") == 1


def test_it_lets_an_agreed_decision_stand_when_it_is_not_worse(
    agreed: Decision,
) -> None:
    learn(agreed.case.finding, grade="E3")

    follow()
    follow()

    assert state_of(agreed) == DecisionState.APPROVED
    assert Finding.objects.get().state == FindingState.TREATED
    assert events(agreed.case).count("evidence.improved") == 1


def test_it_says_once_that_the_evidence_is_better(agreed: Decision, otto: User) -> None:
    learn(agreed.case.finding, grade="E3")
    follow()
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=None)

    follow()

    assert events(agreed.case).count("evidence.improved") == 1


@pytest.mark.parametrize(
    "facts", [{"threat": "active"}, {"check_version": 2}, {"gives": "unheard of"}]
)
def test_it_voids_an_agreed_decision_when_it_may_be_worse(
    agreed: Decision, facts: dict[str, Any]
) -> None:
    learn(agreed.case.finding, **facts)

    follow()
    follow()

    assert state_of(agreed) == DecisionState.VOIDED
    assert Finding.objects.get().state == FindingState.OPEN
    assert events(agreed.case).count("decision.voided") == 1


def test_it_never_forgets_what_was_signed_first(agreed: Decision) -> None:
    """Down and up again is compared with the signature, not with the last look."""
    learn(agreed.case.finding, threat="none")
    follow()
    learn(agreed.case.finding, threat="active")

    follow()

    assert state_of(agreed) == DecisionState.VOIDED


def test_it_voids_a_claimed_decision_too(agreed: Decision, otto: User) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    learn(agreed.case.finding, threat="active")

    follow()

    assert state_of(agreed) == DecisionState.VOIDED
    assert Finding.objects.get().state == FindingState.VERIFYING


def test_it_ends_what_was_agreed_until_a_day(agreed: Decision) -> None:
    Decision.objects.update(expires_at=yesterday())

    follow()

    agreed.refresh_from_db()
    assert agreed.state == DecisionState.VOIDED
    assert "What was agreed ended on" in agreed.ended_reason
    assert Finding.objects.get().state == FindingState.OPEN


def test_it_tells_that_a_closed_finding_is_back(agreed: Decision, otto: User) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=False)
    follow()
    Case.objects.update(decide_by=yesterday())
    findings.move(Finding.objects.get(), FindingState.OPEN)

    follow()
    follow()

    told = events(agreed.case)
    assert told.count("finding.reopened") == 1
    assert told[-2:] == ["finding.closed", "finding.reopened"]
    assert Case.objects.get().decide_by > timezone.now()
    assert state_of(agreed) == DecisionState.COMPLETED


def test_it_tells_both_when_a_finding_closed_and_came_back_unseen(
    agreed: Decision, otto: User
) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=False)
    findings.move(Finding.objects.get(), FindingState.OPEN)

    follow()

    assert events(agreed.case)[-2:] == ["finding.closed", "finding.reopened"]
    assert state_of(agreed) == DecisionState.COMPLETED
    assert Finding.objects.get().state == FindingState.OPEN


def test_the_re_test_that_was_written_last_counts_whatever_it_speaks_of(
    agreed: Decision, otto: User
) -> None:
    claims.claim_fixed(agreed.pk, by=member(otto))
    retest(agreed.case.finding, holds=True)
    follow()
    claims.claim_fixed(agreed.pk, by=member(otto))
    # Nothing could be sent, so it speaks of what was seen long before.
    retest(agreed.case.finding, holds=None, at=yesterday())

    follow()

    told = Event.objects.filter(type="retest.completed").order_by("sequence")
    assert [each.data["result"] for each in told] == ["positive", "inconclusive"]


def test_a_proposal_ends_with_its_finding(proposal: Decision, ana: User) -> None:
    claims.request_retest("SL-1", by=member(ana))
    retest(proposal.case.finding, holds=False)

    follow()

    assert state_of(proposal) == DecisionState.VOIDED
    assert events(proposal.case)[-2:] == ["decision.voided", "finding.closed"]


def test_a_treatment_is_completed_without_a_claim(agreed: Decision, ana: User) -> None:
    claims.request_retest("SL-1", by=member(ana))
    retest(agreed.case.finding, holds=False)

    follow()

    assert state_of(agreed) == DecisionState.COMPLETED


def test_it_covers_a_finding_that_was_signed_during_a_retest(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    claims.request_retest("SL-1", by=member(ana))
    answer(proposal, ida)
    answer(proposal, otto)
    retest(proposal.case.finding, holds=True)

    follow()

    assert Finding.objects.get().state == FindingState.TREATED
    assert state_of(proposal) == DecisionState.APPROVED


def test_a_disproved_finding_voids_its_decision(agreed: Decision) -> None:
    Finding.objects.update(state=FindingState.DISPROVED)

    follow()

    assert state_of(agreed) == DecisionState.VOIDED
    assert events(agreed.case)[-2:] == ["decision.voided", "finding.disproved"]


def test_a_higher_band_shortens_the_time_and_a_lower_one_gives_none_back(
    case: Case,
) -> None:
    first = case.decide_by
    learn(case.finding, grade="E1")
    follow()
    case.refresh_from_db()
    assert (case.band, case.decide_by) == ("scheduled", first)

    Case.objects.update(decide_by=first + dt.timedelta(days=90))
    learn(case.finding, grade="E4")
    follow()
    case.refresh_from_db()
    assert case.band == "out_of_cycle"
    assert case.decide_by < first + dt.timedelta(days=1)


def test_a_version_proposed_again_is_not_voided(proposal: Decision, ana: User) -> None:
    learn(proposal.case.finding, grade="E3")
    follow()

    again = decisions.propose("SL-1", by=member(ana), content=content())
    follow()

    assert state_of(again) == DecisionState.PROPOSED
