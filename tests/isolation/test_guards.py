"""The rules of joint sign-off, attacked through the pages by members who mean harm."""

import threading
from typing import Any

import pytest
from django.db import connections

from exposure.models import Finding, FindingState
from tenants.models import Membership, Role, Side, User
from tenants.scope import workspace_scope
from tests import factories
from tests.isolation.conftest import Place, fill, owner
from tests.isolation.walking import ask, changed, picture
from tests.workflows.views.conftest import PROPOSAL, said
from workflows.models import Case, Decision, DecisionState, Signature

SL = "/w/northmill/exposures/SL-1/"


def post(user: User, act: str, decision: Decision | None = None, **fields: Any) -> Any:
    where = f"decisions/{decision.pk}/{act}/" if decision else f"{act}/"
    return ask(user, "post", SL + where, fields)


def sign(user: User, decision: Decision, **fields: Any) -> Any:
    return post(user, "answer", decision, **{**said(decision), **fields})


def signatures(place: Place) -> int:
    with workspace_scope(place.northmill.id):
        return Signature.objects.count()


def in_northmill(place: Place, **values: Any) -> None:
    """Change the case of SL-1 behind everybody's back."""
    with workspace_scope(place.northmill.id):
        Case.objects.update(**values)


def test_who_proposes_does_not_sign(place: Place) -> None:
    post(place.ana, "withdraw", place.decision())
    irma = owner(place.northmill, "irma@northmill.example", side=Side.IT).user
    assert post(place.ida, "propose", **PROPOSAL).status_code == 302
    with workspace_scope(place.northmill.id):
        own = Decision.objects.get(version=2)

    assert sign(place.ida, own).status_code == 403
    assert signatures(place) == 0
    assert sign(irma, own).status_code == 302


def test_one_person_fills_one_slot_whatever_they_become(place: Place) -> None:
    sign(place.ida, place.decision())
    Membership.objects.filter(user=place.ida).update(side=Side.OT)

    again = sign(place.ida, place.decision(), comment="And for OT.")

    assert again.status_code == 409
    assert signatures(place) == 1
    assert place.decision().state == DecisionState.PARTLY_ANSWERED


def test_a_second_membership_elsewhere_gives_no_second_slot(place: Place) -> None:
    factories.make_member(place.eastholm, place.ida, role=Role.OWNER, side=Side.OT)
    sign(place.ida, place.decision())
    path = f"/w/eastholm/exposures/SL-1/decisions/{place.decision().pk}/answer/"

    elsewhere = ask(place.ida, "post", path, said(place.decision()))

    assert elsewhere.status_code == 404
    assert signatures(place) == 1


def test_one_mail_address_is_one_person(place: Place) -> None:
    with pytest.raises(Exception, match="already exists"):
        factories.make_user("IDA@northmill.example", "Ida's twin")


def test_it_cannot_answer_for_ot(place: Place) -> None:
    irma = owner(place.northmill, "irma@northmill.example", side=Side.IT).user
    sign(place.ida, place.decision())

    second = sign(irma, place.decision(), slot="ot", side="ot")

    assert second.status_code == 409
    assert signatures(place) == 1
    assert place.decision().state == DecisionState.PARTLY_ANSWERED


@pytest.mark.parametrize(
    "slots", [["it", "ot"], ["it"], ["ot"], ["it", "ot", "safety"]]
)
def test_an_approver_fills_the_place_of_functional_safety_alone(
    place: Place, slots: list[str]
) -> None:
    in_northmill(place, slots=slots)

    response = sign(place.people[Role.APPROVER], place.decision(), slot="it", side="it")

    with workspace_scope(place.northmill.id):
        filled = list(Signature.objects.values_list("slot", flat=True))
    if "safety" in slots:
        assert (response.status_code, filled) == (302, ["safety"])
    else:
        assert (response.status_code, filled) == (403, [])


@pytest.mark.parametrize(
    "role", [Role.ANALYST, Role.MANAGER, Role.AUDITOR, Role.PORTAL]
)
def test_the_provider_and_readers_answer_nothing(place: Place, role: Role) -> None:
    before = picture(place.northmill)

    for word in ("sign", "changes", "reject"):
        response = sign(place.people[role], place.decision(), answer=word, comment="x")
        assert response.status_code == 403
    assert changed(before, picture(place.northmill)) == set()


@pytest.mark.parametrize("act", ["propose", "withdraw", "claim", "retest", "answer"])
def test_an_auditor_posts_nothing(place: Place, act: str) -> None:
    before, decision = picture(place.northmill), place.decision()
    on_decision = decision if act not in {"propose", "retest"} else None

    response = post(
        place.people[Role.AUDITOR], act, on_decision, **PROPOSAL, **said(decision)
    )

    assert response.status_code == 403
    assert changed(before, picture(place.northmill)) == set()


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision_hash": "other"},
        {"evidence_hash": "other"},
        {"decision_hash": "", "evidence_hash": ""},
        {"decision_hash": "0" * 64},
        {"evidence_hash": "0" * 64},
        {"decision_hash": "0" * 65},
        {"decision_hash": "\0" * 64},
    ],
)
def test_a_signature_is_under_these_very_bytes(
    place: Place, wrong: dict[str, str]
) -> None:
    owner(place.eastholm, "irma@eastholm.example", side=Side.IT)
    fill(place.eastholm, name="Kettle", signed_by=place.mallory, proposer=place.ana)
    with workspace_scope(place.eastholm.id):
        other = Decision.objects.get()
    fields = {
        name: getattr(other, name) if value == "other" else value
        for name, value in wrong.items()
    }

    response = sign(place.otto, place.decision(), **fields)

    assert response.status_code in {409, 422}
    assert signatures(place) == 0


@pytest.mark.parametrize("word", ["approve", "SIGN", "sign ", "", "1", "sign\0"])
def test_a_word_that_is_no_answer_signs_nothing(place: Place, word: str) -> None:
    assert sign(place.otto, place.decision(), answer=word).status_code in {409, 422}
    assert signatures(place) == 0


@pytest.mark.parametrize("end", ["withdrawn", "voided", "returned", "rejected"])
def test_an_old_form_signs_nothing_that_has_ended(place: Place, end: str) -> None:
    old = place.decision()
    with workspace_scope(place.northmill.id):
        Decision.objects.update(state=end)

    for word in ("sign", "changes", "reject"):
        response = sign(place.otto, old, answer=word, comment="Too late.")
        assert response.status_code == 409
    assert signatures(place) == 0
    assert place.decision().state == end


def test_an_old_form_signs_no_newer_version(place: Place) -> None:
    old = place.decision()
    post(place.ana, "withdraw", old)
    post(place.ana, "propose", **{**PROPOSAL, "action": "Open the port for all"})
    with workspace_scope(place.northmill.id):
        new = Decision.objects.get(version=2)

    onto_the_new = sign(
        place.otto,
        new,
        decision_hash=old.decision_hash,
        evidence_hash=old.evidence_hash,
    )

    assert (sign(place.otto, old).status_code, onto_the_new.status_code) == (409, 409)
    assert signatures(place) == 0


def test_nobody_withdraws_what_somebody_else_proposed(place: Place) -> None:
    for user in (place.otto, place.ida, place.people[Role.MANAGER]):
        assert post(user, "withdraw", place.decision()).status_code == 403
    assert place.decision().state == DecisionState.PROPOSED


def test_a_proposal_that_is_agreed_is_not_withdrawn(place: Place) -> None:
    sign(place.ida, place.decision())
    sign(place.otto, place.decision())

    assert post(place.ana, "withdraw", place.decision()).status_code == 409
    assert place.decision().state == DecisionState.APPROVED


@pytest.mark.parametrize(
    "state", [s for s in DecisionState if s not in {"approved", "claimed"}]
)
def test_nobody_claims_what_is_not_agreed(place: Place, state: DecisionState) -> None:
    with workspace_scope(place.northmill.id):
        Decision.objects.update(state=state)
    before = picture(place.northmill)

    assert post(place.otto, "claim", place.decision()).status_code == 409
    assert changed(before, picture(place.northmill)) == set()


def test_saying_it_is_done_closes_nothing(place: Place) -> None:
    sign(place.ida, place.decision())
    sign(place.otto, place.decision())

    for _ in range(3):
        post(place.otto, "claim", place.decision())
        post(place.otto, "retest")

    with workspace_scope(place.northmill.id):
        assert Finding.objects.get().state == FindingState.VERIFYING
    assert place.decision().state == DecisionState.CLAIMED


@pytest.mark.parametrize("state", ["closed", "disproved", "validating"])
def test_what_is_not_open_is_neither_re_tested_nor_proposed_for(
    place: Place, state: str
) -> None:
    post(place.ana, "withdraw", place.decision())
    with workspace_scope(place.northmill.id):
        Finding.objects.update(state=state)
    before = picture(place.northmill)

    assert post(place.otto, "retest").status_code == 409
    assert post(place.otto, "propose", **PROPOSAL).status_code == 409
    assert changed(before, picture(place.northmill)) == set()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_browsers_at_once_leave_one_answer_a_side(place: Place) -> None:
    irma = owner(place.northmill, "irma@northmill.example", side=Side.IT).user
    decision, codes = place.decision(), list[int]()
    barrier = threading.Barrier(4)

    def click(user: User) -> None:
        try:
            barrier.wait(timeout=10)
            codes.append(sign(user, decision).status_code)
        finally:
            connections.close_all()

    people = (place.ida, irma, place.otto, place.otto)
    threads = [threading.Thread(target=click, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(codes) == [302, 302, 302, 409]
    assert signatures(place) == 2
    assert place.decision().state == DecisionState.APPROVED
    connections["default"].close()
