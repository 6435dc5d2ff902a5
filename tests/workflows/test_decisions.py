"""A proposal is frozen, complete, and alone."""

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from common.canonical import canonical_sha256
from common.errors import Conflict, DomainError, InvalidInput, NotAllowed
from exposure.models import Finding, FindingState
from exposure.services import evidence
from tenants.models import Membership, User
from tests.workflows.conftest import answer, content, learn, member
from workflows.models import Case, Decision, DecisionState, Event, Kind
from workflows.services import decisions
from workflows.services.frozen import decision_bytes, sha256


def test_it_freezes_what_is_signed(proposal: Decision, case: Case) -> None:
    said = json.loads(proposal.decision_bytes)

    assert proposal.version == 1
    assert said["action"] == "Set a password on PLC-P21"
    assert said["evidence_items"] == ["b" * 64]
    assert (
        said["evidence_hash"]
        == proposal.evidence_hash
        == sha256(proposal.evidence_bytes)
    )
    assert proposal.decision_hash == sha256(proposal.decision_bytes)
    assert json.loads(proposal.evidence_bytes) == evidence.bundle(case.finding)


def test_it_reads_the_same_bytes_back_from_the_row(proposal: Decision) -> None:
    row = Decision.objects.select_related("case__finding").get(pk=proposal.pk)

    assert bytes(row.decision_bytes) == decision_bytes(row)
    assert canonical_sha256(json.loads(bytes(row.evidence_bytes))) == row.evidence_hash


@pytest.mark.parametrize(
    "values",
    [
        {"action": " "},
        {"technical_basis": ""},
        {"safety_effect": ""},
        {"lost_meanwhile": ""},
        {"undo": "\t"},
        {"undo": "x" * 301},
        {"action": "nul\0"},
        {"kind": "nothing"},
        {"downtime_minutes": -1},
        {"downtime_minutes": 10**9},
        {"kind": Kind.SCHEDULE, "window_start": None},
        {"window_start": timezone.now() - dt.timedelta(days=1)},
        {"kind": Kind.ACCEPT, "expires_at": None},
        {"kind": Kind.COMPENSATE, "expires_at": timezone.now() - dt.timedelta(days=1)},
        {"kind": Kind.ACCEPT, "expires_at": timezone.now() + dt.timedelta(days=91)},
    ],
)
def test_it_names_the_field_that_is_missing(
    case: Case, ana: User, values: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        decisions.propose(case.finding.ref, by=member(ana), content=content(**values))

    assert caught.value.field in values
    assert not Decision.objects.exists()


def test_it_takes_an_acceptance_that_ends_in_time(case: Case, ana: User) -> None:
    until = timezone.now() + dt.timedelta(days=89)
    wanted = content(kind=Kind.ACCEPT, expires_at=until)

    decision = decisions.propose(case.finding.ref, by=member(ana), content=wanted)

    assert decision.expires_at == until


def test_it_refuses_a_second_one_while_one_is_live(
    proposal: Decision, ana: User
) -> None:
    with pytest.raises(Conflict, match="Version 1 waits for answers") as caught:
        decisions.propose(proposal.case.finding.ref, by=member(ana), content=content())

    assert caught.value.current == proposal


def test_it_is_numbered_on_after_the_last_one_ended(
    proposal: Decision, ana: User
) -> None:
    decisions.withdraw(proposal.pk, by=member(ana))

    again = decisions.propose(
        proposal.case.finding.ref, by=member(ana), content=content()
    )

    assert again.version == 2


@pytest.mark.parametrize(
    "state", [FindingState.CLOSED, FindingState.VERIFYING, FindingState.TREATED]
)
def test_it_refuses_a_finding_that_is_not_open(
    case: Case, ana: User, state: FindingState
) -> None:
    Finding.objects.update(state=state)

    with pytest.raises(Conflict, match="is not open, but"):
        decisions.propose(case.finding.ref, by=member(ana), content=content())


def test_it_waits_for_evidence_that_is_being_recomputed(case: Case, ana: User) -> None:
    Finding.objects.update(grade="E2")

    with pytest.raises(Conflict, match="being brought up to date"):
        decisions.propose(case.finding.ref, by=member(ana), content=content())


def test_it_refuses_a_slot_that_nobody_else_could_fill(case: Case, otto: User) -> None:
    with pytest.raises(DomainError, match="Nobody but you could answer for OT"):
        decisions.propose(case.finding.ref, by=member(otto), content=content())


def test_it_refuses_an_empty_place(case: Case, ana: User, ida: User) -> None:
    Membership.objects.filter(user=ida).delete()

    with pytest.raises(DomainError, match="could answer for IT"):
        decisions.propose(case.finding.ref, by=member(ana), content=content())


def test_it_refuses_people_without_the_right(case: Case, ana: User) -> None:
    Membership.objects.filter(user=ana).update(role="portal")

    with pytest.raises(NotAllowed):
        decisions.propose(case.finding.ref, by=member(ana), content=content())


@pytest.mark.parametrize("ref", ["SL-999", "SL-0", "SL-1; --", "sl-1", "", "SL-٣"])
def test_it_knows_no_other_reference(case: Case, ana: User, ref: str) -> None:
    with pytest.raises(Case.DoesNotExist):
        decisions.propose(ref, by=member(ana), content=content())


def test_it_is_withdrawn_by_its_proposer_only(
    proposal: Decision, ana: User, ida: User
) -> None:
    with pytest.raises(NotAllowed):
        decisions.withdraw(proposal.pk, by=member(ida))

    decisions.withdraw(proposal.pk, by=member(ana))
    decisions.withdraw(proposal.pk, by=member(ana))

    proposal.refresh_from_db()
    assert proposal.state == DecisionState.WITHDRAWN
    assert Event.objects.filter(type="decision.withdrawn").count() == 1


def test_it_cannot_be_withdrawn_once_agreed(agreed: Decision, ana: User) -> None:
    with pytest.raises(DomainError, match="approved cannot become withdrawn"):
        decisions.withdraw(agreed.pk, by=member(ana))


def test_a_new_revision_needs_a_new_proposal(
    proposal: Decision, case: Case, ida: User
) -> None:
    learn(case.finding, grade="E3")

    with pytest.raises(Conflict, match="Version 1 is the current one"):
        answer(proposal, ida)
