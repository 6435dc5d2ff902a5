"""A proposal says itself whom it waits for and until when, whatever happens to it."""

import datetime as dt

from django.utils import timezone

from tenants.models import User
from tests.workflows.conftest import answer, learn
from workflows.models import Case, Decision
from workflows.services import evidence_watch


def now(decision: Decision) -> tuple[list[str], dt.datetime | None]:
    row = Decision.objects.get(pk=decision.pk)
    return row.waits_for, row.wanted_by


def test_a_new_one_waits_for_all_sides(proposal: Decision) -> None:
    assert now(proposal) == (proposal.case.slots, proposal.case.decide_by)


def test_an_answer_takes_its_side_away(proposal: Decision, ida: User) -> None:
    answer(proposal, ida)

    assert now(proposal)[0] == ["ot"]


def test_it_follows_the_clock_of_its_case(proposal: Decision) -> None:
    sooner = timezone.now() + dt.timedelta(hours=1)
    Case.objects.update(decide_by=sooner, seen_revision=0)

    evidence_watch.follow()

    assert now(proposal)[1] == sooner


def test_the_finding_is_in_hand_while_it_lives(
    proposal: Decision, ida: User, otto: User
) -> None:
    finding = proposal.case.finding
    finding.refresh_from_db()
    before = finding.in_hand
    answer(proposal, ida, "reject")
    answer(proposal, otto, "reject")

    finding.refresh_from_db()
    assert (before, finding.in_hand) == (True, False)


def test_the_finding_is_as_urgent_as_its_case(case: Case) -> None:
    case.finding.refresh_from_db()
    first = case.finding.urgency
    learn(case.finding, grade="E1")

    evidence_watch.follow()

    case.finding.refresh_from_db()
    assert (first, case.finding.urgency) == (3, 2)
