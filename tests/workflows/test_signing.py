"""Two sides answer the same bytes, each for itself, once."""

import json
from itertools import permutations

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from common.canonical import canonical_bytes
from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.models import Finding, FindingState
from tenants.models import Membership, Role, Side, User, Workspace
from tests import factories
from tests.workflows.conftest import answer, content, learn, member
from workflows.models import Case, Decision, DecisionState, Event, Signature
from workflows.services import decisions, signing
from workflows.services.frozen import sha256
from workflows.services.signing import Seen


def state_of(decision: Decision) -> str:
    return Decision.objects.get(pk=decision.pk).state


def test_it_is_agreed_when_both_sides_have_signed(
    proposal: Decision, ida: User, otto: User
) -> None:
    answer(proposal, ida)
    assert state_of(proposal) == DecisionState.PARTLY_ANSWERED

    answer(proposal, otto)

    assert state_of(proposal) == DecisionState.APPROVED
    assert Finding.objects.get().state == FindingState.TREATED
    told = Event.objects.filter(type__startswith="decision.").order_by("sequence")
    assert [event.type for event in told] == [
        "decision.proposed",
        "decision.signed",
        "decision.signed",
        "decision.approved",
    ]


@pytest.mark.parametrize("first", ["sign", "changes", "reject"])
@pytest.mark.parametrize("second", ["sign", "changes", "reject"])
def test_it_ends_the_same_in_every_order(
    case: Case, ana: User, ida: User, otto: User, first: str, second: str
) -> None:
    ends = set()
    for order in permutations([(ida, first), (otto, second)]):
        proposal = decisions.propose("SL-1", by=member(ana), content=content())
        for user, said in order:
            answer(proposal, user, said)
        ends.add(state_of(proposal))
        Decision.objects.filter(pk=proposal.pk).update(state=DecisionState.VOIDED)
        Finding.objects.update(state=FindingState.OPEN)

    assert len(ends) == 1


def test_it_keeps_what_was_signed(proposal: Decision, ida: User) -> None:
    signature = answer(proposal, ida)

    row = Signature.objects.get(pk=signature.pk)
    payload = json.loads(bytes(row.payload))
    assert bytes(row.payload) == canonical_bytes(payload)
    assert row.payload_hash == sha256(row.payload)
    assert (row.printed_name, row.role, row.side) == ("Ida Larsen", "owner", "it")
    assert payload["decision_hash"] == proposal.decision_hash
    assert payload["evidence_hash"] == proposal.evidence_hash
    assert payload["meaning"] == "approve_for_it"
    assert payload["signer"] == str(ida.pk)
    assert (
        payload["statement"] == "I approve version 1 for IT: Set a password on PLC-P21"
    )


def test_it_needs_a_reason_for_a_no(proposal: Decision, ida: User) -> None:
    for said in ("changes", "reject"):
        with pytest.raises(InvalidInput) as caught:
            answer(proposal, ida, said, comment="  ")
        assert caught.value.field == "comment"
    with pytest.raises(InvalidInput):
        answer(proposal, ida, "perhaps")

    assert not Signature.objects.exists()


def test_it_refuses_an_earlier_version(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    decisions.withdraw(proposal.pk, by=member(ana))
    newer = decisions.propose("SL-1", by=member(ana), content=content(undo="Twice."))
    replayed = Seen(proposal.evidence_hash, proposal.decision_hash)

    with pytest.raises(Conflict, match="Version 2 is the current one") as caught:
        answer(proposal, ida)
    with pytest.raises(Conflict, match="Version 2 is the current one"):
        answer(newer, otto, seen=replayed)

    assert caught.value.current == newer
    assert state_of(newer) == DecisionState.PROPOSED
    assert not Signature.objects.exists()


def it2() -> Membership:
    user = User.objects.get(email="it2@northmill.example")
    workspace = Workspace.objects.get(slug="northmill")
    factories.make_member(workspace, user, role=Role.OWNER, side=Side.IT)
    return member(user)


@pytest.mark.parametrize(
    ("evidence_hash", "decision_hash"), [("x", None), (None, "x"), ("", "")]
)
def test_it_refuses_other_hashes(
    proposal: Decision, ida: User, evidence_hash: str | None, decision_hash: str | None
) -> None:
    seen = Seen(
        proposal.evidence_hash if evidence_hash is None else evidence_hash,
        proposal.decision_hash if decision_hash is None else decision_hash,
    )

    with pytest.raises(Conflict, match="Version 1 is the current one"):
        answer(proposal, ida, seen=seen)

    assert not Signature.objects.exists()
    assert state_of(proposal) == DecisionState.PROPOSED


def test_it_refuses_when_the_evidence_changed_between_two_signatures(
    proposal: Decision, case: Case, ida: User, otto: User
) -> None:
    answer(proposal, ida)
    learn(case.finding, grade="E3")

    with pytest.raises(Conflict, match="evidence has changed since"):
        answer(proposal, otto)

    assert state_of(proposal) == DecisionState.PARTLY_ANSWERED


def test_it_refuses_a_finding_that_closed(
    proposal: Decision, case: Case, ida: User
) -> None:
    Finding.objects.update(state=FindingState.CLOSED)

    with pytest.raises(Conflict, match="SL-1 is closed"):
        answer(proposal, ida)


def test_it_counts_a_double_click_once(
    proposal: Decision, ida: User, otto: User
) -> None:
    first = answer(proposal, ida)
    assert answer(proposal, ida) == first
    answer(proposal, otto)

    assert answer(proposal, ida) == first

    assert Signature.objects.count() == 2
    assert Event.objects.filter(type="decision.signed").count() == 2


def test_it_does_not_let_anybody_change_their_mind(
    proposal: Decision, ida: User
) -> None:
    answer(proposal, ida)

    with pytest.raises(Conflict, match="You have answered already: signed"):
        answer(proposal, ida, "reject")


def test_it_refuses_the_provider(proposal: Decision, ana: User) -> None:
    with pytest.raises(NotAllowed, match="you fill no slot"):
        answer(proposal, ana)


def test_it_refuses_the_proposer(case: Case, ida: User, otto: User) -> None:
    second = factories.make_user("it2@northmill.example", "Iris Vogel")
    colleague = it2()
    mine = decisions.propose("SL-1", by=member(ida), content=content())

    with pytest.raises(NotAllowed, match="proposes a treatment does not sign"):
        answer(mine, ida)

    answer(mine, second, by=colleague)
    assert state_of(mine) == DecisionState.PARTLY_ANSWERED


def test_it_refuses_one_person_in_both_slots(proposal: Decision, ida: User) -> None:
    answer(proposal, ida)
    Membership.objects.filter(user=ida).update(side=Side.OT)

    with pytest.raises(Conflict, match="You have answered already"):
        answer(proposal, ida, "reject")
    row = Signature.objects.get()
    row.pk, row.slot = None, "ot"
    with (
        pytest.raises(IntegrityError, match="one_person_one_slot"),
        transaction.atomic(),
    ):
        Signature.objects.bulk_create([row])


def test_it_asks_what_the_person_is_now(proposal: Decision, ida: User) -> None:
    when_the_page_was_opened = member(ida)
    Membership.objects.filter(user=ida).update(role=Role.AUDITOR, side="")

    with pytest.raises(NotAllowed, match="you fill no slot"):
        answer(proposal, ida, by=when_the_page_was_opened)


@pytest.mark.parametrize("left", ["membership", "account"])
def test_it_refuses_who_has_left(proposal: Decision, ida: User, left: str) -> None:
    when_the_page_was_opened = member(ida)
    if left == "membership":
        Membership.objects.filter(user=ida).delete()
    else:
        User.objects.filter(pk=ida.pk).update(is_active=False)

    with pytest.raises(NotAllowed):
        answer(proposal, ida, by=when_the_page_was_opened)


def test_it_is_void_when_a_signer_lost_the_side_before_the_end(
    proposal: Decision, ida: User, otto: User
) -> None:
    answer(proposal, ida)
    Membership.objects.filter(user=ida).update(role=Role.AUDITOR, side="")

    answer(proposal, otto)

    proposal.refresh_from_db()
    assert proposal.state == DecisionState.VOIDED
    assert proposal.ended_reason == "Who answered for IT may not do so any more."
    assert Finding.objects.get().state == FindingState.OPEN


def test_it_stands_when_a_signer_leaves_afterwards(agreed: Decision, ida: User) -> None:
    Membership.objects.filter(user=ida).delete()

    assert state_of(agreed) == DecisionState.APPROVED


def test_it_is_never_edited(agreed: Decision) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        Signature.objects.update(answer="reject")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        Signature.objects.all().delete()


def test_it_says_who_is_waited_for(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    answer(proposal, ida)

    assert [signing.slot_for(proposal, by=member(u)) for u in (ana, ida, otto)] == [
        "",
        "",
        "ot",
    ]
    assert not signing.waiting_for(member(ida)).exists()
    assert not signing.waiting_for(member(ana)).exists()
    assert signing.waiting_for(member(otto)).get() == proposal


def test_it_waits_for_a_result_before_it_marks_the_finding(
    proposal: Decision, ida: User, otto: User
) -> None:
    answer(proposal, ida)
    Finding.objects.update(state=FindingState.VERIFYING)

    answer(proposal, otto)

    assert state_of(proposal) == DecisionState.APPROVED
    assert Finding.objects.get().state == FindingState.VERIFYING
