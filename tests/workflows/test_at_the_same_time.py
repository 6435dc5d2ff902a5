"""Two people, or one impatient finger, at the same moment: real threads, real commits."""

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from common.errors import Conflict, DomainError
from exposure.models import Finding, FindingState, Run
from tenants.models import Provider, Role, Side, User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.workflows.conftest import JUST_NOW, answer, content, learn, member
from workflows.models import Decision, DecisionState, Delivery, Event, Signature
from workflows.services import decisions, routing, signing
from workflows.services.announcements import announce
from workflows.services.events import About, record
from workflows.services.signing import Seen

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Workspace]:
    """A workspace with everybody at the desk and one open, routed finding."""
    provider = Provider.objects.create(slug="northgate", name="Northgate")
    workspace = factories.make_workspace(provider, "Northmill Dairy")
    for name, role, side in (
        ("ana", Role.ANALYST, Side.NONE),
        ("ida", Role.OWNER, Side.IT),
        ("iris", Role.OWNER, Side.IT),
        ("otto", Role.OWNER, Side.OT),
    ):
        user = factories.make_user(f"{name}@northmill.example", name.title())
        factories.make_member(workspace, user, role=role, side=side)
    with workspace_scope(workspace.id):
        site = factories.make_site()
        asset = factories.make_asset(factories.make_zone(site))
        signed = factories.make_authorisation(site, signed_by=person("ida"))
        run = factories.make_run(signed)
        learn(factories.make_finding(factories.make_service(asset, run)))
        routing.route_open_findings()
    yield workspace
    connections["default"].close()


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@northmill.example")


def together(workspace: Workspace, *acts: Callable[[], object]) -> list[object]:
    """Do everything at once, each in its own transaction; return results or errors."""
    barrier = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            with workspace_scope(workspace.id):
                results[number] = act()
        except DomainError as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def proposed(workspace: Workspace) -> Decision:
    with workspace_scope(workspace.id):
        return decisions.propose("SL-1", by=member(person("ana")), content=content())


def signs(decision: Decision, name: str) -> Callable[[], object]:
    return lambda: answer(decision, person(name))


def test_two_sides_sign_in_parallel(desk: Workspace) -> None:
    decision = proposed(desk)

    results = together(desk, signs(decision, "ida"), signs(decision, "otto"))

    assert all(isinstance(each, Signature) for each in results)
    with workspace_scope(desk.id):
        assert Decision.objects.get().state == DecisionState.APPROVED
        assert Finding.objects.get().state == FindingState.TREATED
        assert Event.objects.filter(type="decision.approved").count() == 1


def test_a_double_click_signs_once(desk: Workspace) -> None:
    decision = proposed(desk)

    first, second = together(desk, signs(decision, "ida"), signs(decision, "ida"))

    assert first == second
    with workspace_scope(desk.id):
        assert Signature.objects.count() == 1
        assert Event.objects.filter(type="decision.signed").count() == 1


def test_one_slot_takes_one_of_two_colleagues(desk: Workspace) -> None:
    decision = proposed(desk)

    results = together(desk, signs(decision, "ida"), signs(decision, "iris"))

    assert sorted(type(each).__name__ for each in results) == ["Conflict", "Signature"]


def test_a_case_takes_one_of_two_proposals(desk: Workspace) -> None:
    def propose() -> object:
        return decisions.propose("SL-1", by=member(person("ana")), content=content())

    results = together(desk, propose, propose)

    assert sorted(type(each).__name__ for each in results) == ["Conflict", "Decision"]
    with workspace_scope(desk.id):
        assert Decision.objects.count() == 1


def test_signing_and_withdrawing_end_in_one_of_both(desk: Workspace) -> None:
    decision = proposed(desk)
    with workspace_scope(desk.id):
        answer(decision, person("ida"))

    together(
        desk,
        signs(decision, "otto"),
        lambda: decisions.withdraw(decision.pk, by=member(person("ana"))),
    )

    with workspace_scope(desk.id):
        state, signed = Decision.objects.get().state, Signature.objects.count()
        treated = Finding.objects.get().state == FindingState.TREATED
    assert (state, signed, treated) in {
        (DecisionState.APPROVED, 2, True),
        (DecisionState.WITHDRAWN, 1, False),
    }


def test_evidence_that_changes_while_somebody_signs(desk: Workspace) -> None:
    decision = proposed(desk)
    seen = Seen(decision.evidence_hash, decision.decision_hash)
    with workspace_scope(desk.id):
        answer(decision, person("ida"))
        finding = Finding.objects.get()

    def change() -> object:
        Finding.objects.select_for_update().get(pk=finding.pk)
        return learn(finding, threat="active")

    def sign() -> object:
        return signing.answer(
            decision.pk,
            by=member(person("otto")),
            answer="sign",
            comment="",
            seen=seen,
            shown=JUST_NOW,
        )

    _, signed = together(desk, change, sign)

    # Either the signature was first and stands on what was there, or it is refused.
    with workspace_scope(desk.id):
        state = Decision.objects.get().state
    if isinstance(signed, Conflict):
        assert state == DecisionState.PARTLY_ANSWERED
    else:
        assert state == DecisionState.APPROVED


def test_two_announcers_tell_once(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(desk.id):
        announce()
        about = About(object_ref="SL-1", path="exposures/SL-1/")
        record("decision.proposed", text="A sentence.", about=about)
    both_have_looked, here = threading.Barrier(2), threading.local()
    insert = Delivery.objects.bulk_create

    def wait_then_insert(*args: Any, **kwargs: Any) -> Any:
        if not hasattr(here, "waited"):
            here.waited = both_have_looked.wait(timeout=10)
        return insert(*args, **kwargs)

    monkeypatch.setattr(Delivery.objects, "bulk_create", wait_then_insert)
    together(desk, announce, announce)

    with workspace_scope(desk.id):
        told = Delivery.objects.filter(event__type="decision.proposed")
        assert told.count() == 3  # Ida, Iris and Otto


def test_numbers_of_events_have_no_gap_and_no_twin(desk: Workspace) -> None:
    about = About(object_ref="SL-7", path="exposures/SL-7/")

    def tell() -> uuid.UUID | Any:
        return record("finding.routed", text="A sentence.", about=about).pk

    together(desk, tell, tell, tell, tell)

    with workspace_scope(desk.id):
        rows = Event.objects.filter(object_ref="SL-7").order_by("sequence")
        assert list(rows.values_list("sequence", flat=True)) == [1, 2, 3, 4]


def test_the_end_of_a_run_is_told_once(desk: Workspace) -> None:
    with workspace_scope(desk.id):
        run = factories.make_run(Run.objects.get().authorisation)
        Run.objects.filter(pk=run.pk).update(finished_at=run.requested_at)

    together(desk, *[routing.route_open_findings] * 4)

    with workspace_scope(desk.id):
        told = Event.objects.filter(type="scan.finished", object_ref="run 2")
        assert told.count() == 1
