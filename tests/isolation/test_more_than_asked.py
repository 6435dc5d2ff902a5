"""Fields that no form has: whatever is sent along changes nothing."""

from typing import Any

import pytest

from exposure.models import Authorisation, Exclusion, Run, RunState, ScopeEntry
from tenants.models import Membership, Role, User
from tenants.scope import workspace_scope
from tests.isolation.conftest import Place
from tests.isolation.walking import ask, changed, picture
from tests.workflows.views.conftest import PROPOSAL, said
from workflows.models import Channel, Decision, DecisionState, Signature

SL = "/w/northmill/exposures/SL-1/"


@pytest.fixture
def more(place: Place) -> dict[str, Any]:
    """What somebody adds to every form."""
    return {
        "id": "00000000-0000-4000-8000-000000000001",
        "pk": "00000000-0000-4000-8000-000000000001",
        "workspace": str(place.eastholm.pk),
        "workspace_id": str(place.eastholm.pk),
        "state": "approved",
        "version": "99",
        "number": "999",
        "is_staff": "true",
        "is_superuser": "on",
        "is_active": "false",
        "role": Role.OWNER.value,
        "side": "ot",
        "slot": "ot",
        "slots": "it",
        "person": str(place.mallory.pk),
        "by": str(place.mallory.pk),
        "user": str(place.mallory.pk),
        "proposer": str(place.mallory.pk),
        "proposer_id": str(place.mallory.pk),
        "requested_by": str(place.mallory.pk),
        "signed_by": str(place.mallory.pk),
        "signed_at": "2020-01-01T00:00",
        "added_by": str(place.mallory.pk),
        "member": str(place.mallory.pk),
        "valid_until": "2099-01-01T00:00",
        "packets_per_second": "1000000",
        "port_hints": '{"80": "http"}',
        "evidence_bytes": "x",
        "units_after": "0",
        "secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sealed_secret": "x",
        "enabled": "false",
        "wants": "finding.",
        "_method": "DELETE",
        "force": "1",
    }


@pytest.fixture(autouse=True)
def nobody_becomes_more(place: Place) -> Any:
    """After each of these tests: people are what they were, Eastholm is as it was."""
    before = picture(place.eastholm)
    yield
    assert changed(before, picture(place.eastholm)) == set()
    assert {field.name for field in User._meta.get_fields()} & {
        "is_staff",
        "is_superuser",
    } == set()


def test_a_proposal_is_what_its_form_says(place: Place, more: dict[str, Any]) -> None:
    ask(place.ana, "post", f"{SL}decisions/{place.decision().pk}/withdraw/", more)

    ask(place.ana, "post", f"{SL}propose/", {**more, **PROPOSAL})

    with workspace_scope(place.northmill.id):
        made = Decision.objects.order_by("-version").first()
        assert made is not None
        assert (made.version, made.state) == (2, DecisionState.PROPOSED)
        assert (made.proposer, made.workspace) == (place.ana, place.northmill)
        assert Decision.objects.get(version=1).state == DecisionState.WITHDRAWN


def test_an_answer_is_for_the_own_side_whatever_side_is_named(
    place: Place, more: dict[str, Any]
) -> None:
    form = {**more, **said(place.decision())}

    ask(place.ida, "post", f"{SL}decisions/{place.decision().pk}/answer/", form)

    with workspace_scope(place.northmill.id):
        signature = Signature.objects.get()
        assert (signature.slot, signature.side, signature.person) == (
            "it",
            "it",
            place.ida,
        )
    assert place.decision().state == DecisionState.PARTLY_ANSWERED


def test_a_run_is_asked_for_by_who_asks(place: Place, more: dict[str, Any]) -> None:
    form = {**more, "authorisation": place.of("<uuid:authorisation>")}

    ask(place.ana, "post", "/w/northmill/runs/start/", form)

    with workspace_scope(place.northmill.id):
        run = Run.objects.get(number=2)
        assert (run.state, run.requested_by) == (RunState.QUEUED, place.ana)


def test_an_entry_is_added_by_who_adds_it(place: Place, more: dict[str, Any]) -> None:
    path = f"/w/northmill/scope/{place.of('<uuid:authorisation>')}/entries/add/"

    ask(
        place.ana,
        "post",
        path,
        {**more, "value": "127.77.1.20", "vantage": place.of("vantage")},
    )

    with workspace_scope(place.northmill.id):
        entry = ScopeEntry.objects.get(value__startswith="127.77.1.20")
        assert (entry.added_by, entry.port_hints) == (place.ana, {})
        assert entry.authorisation.signed_at is None


def test_a_signature_under_the_scope_is_of_who_signs(
    place: Place, more: dict[str, Any]
) -> None:
    with workspace_scope(place.northmill.id):
        Authorisation.objects.update(signed_by=None, signed_at=None)
        before = Authorisation.objects.get()
    page = ask(place.otto, "get", "/w/northmill/scope/")
    form = {
        **more,
        "agreed": "on",
        "seen": page.context["authorise_form"]["seen"].value(),
    }

    ask(place.otto, "post", page.context["authorise_url"], form)

    with workspace_scope(place.northmill.id):
        row = Authorisation.objects.get()
        assert row.signed_by == place.otto
        assert row.signed_at is not None
        assert row.signed_at.year > 2020
        assert (row.valid_until, row.packets_per_second) == (
            before.valid_until,
            before.packets_per_second,
        )


def test_a_webhook_takes_no_secret_and_no_person(
    place: Place, more: dict[str, Any]
) -> None:
    form = {**more, "name": "Ours", "url": "https://127.0.0.1:9/ours"}

    page = ask(place.ana, "post", "/w/northmill/notifications/webhooks/", form)

    assert more["secret"] not in page.content.decode()
    with workspace_scope(place.northmill.id):
        channel = Channel.objects.get(name="Ours")
        assert (channel.enabled, channel.member, channel.wants) == (True, None, [])
        assert bytes(channel.sealed_secret) != b"x"


@pytest.mark.parametrize("what", ["authorisation", "vantage"])
def test_an_id_of_another_customer_in_the_body_is_no_choice(
    place: Place, what: str
) -> None:
    before = picture(place.northmill)
    theirs = {
        "authorisation": place.of("<uuid:authorisation>"),
        "vantage": place.of("vantage"),
        "value": "127.77.1.21",
    }

    started = ask(place.ana, "post", "/w/eastholm/runs/start/", theirs)

    assert started.status_code == 422
    assert changed(before, picture(place.northmill)) == set()
    with workspace_scope(place.eastholm.id):
        assert not Run.objects.exists()
        assert not Exclusion.objects.exists()


def test_nobody_makes_themselves_a_member(place: Place, more: dict[str, Any]) -> None:
    members = list(Membership.objects.order_by("pk").values())

    for path in ("/accounts/password/change/", "/accounts/reauthenticate/"):
        ask(place.mallory, "post", path, {**more, "workspace": "northmill"})

    assert list(Membership.objects.order_by("pk").values()) == members
