"""Whose site it is decides who is told, who signs, and what a manager answers."""

from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from common.errors import InvalidInput
from exposure.models import (
    Finding,
)
from tenants.access import may
from tenants.models import Role, Side
from tenants.rights import WHOLE_WORKSPACE, Right
from tenants.scope import (
    workspace_scope,
)
from tenants.services import ledger, people
from tenants.services.people import Offer
from tests import factories
from tests.isolation.conftest import Place
from tests.isolation.together import together
from tests.isolation.two_sites import TwoSites
from tests.isolation.walking import ask, changed, picture
from tests.workflows.conftest import member
from tests.workflows.views.conftest import PROPOSAL, said
from workflows.logic import routing
from workflows.logic.signoff import slot_of
from workflows.models import Case, Channel, Decision, Delivery, Event, Signature
from workflows.services.announcements import announce
from workflows.services.deliveries import deliver
from workflows.services.people import as_member

SLOTS = {each.route.slots for each in routing.TABLE} | {routing.OTHERWISE.slots}
PLACES = [
    (Role.OWNER, Side.IT),
    (Role.OWNER, Side.OT),
    *((role, Side.NONE) for role in Role if role != Role.OWNER),
]


@together(list(product(Role, sorted(WHOLE_WORKSPACE))), name="case")
def test_what_reaches_over_all_sites_needs_all_sites(
    case: tuple[Role, Right], two_sites: TwoSites
) -> None:
    role, right = case
    reader = next(each for each in two_sites.readers if each.title == "administrator")
    if role != Role.OWNER:
        reader = next(each for each in two_sites.readers if each.title == role)

    def able() -> bool:
        with workspace_scope(two_sites.workspace.pk):
            return may(member(reader.user), right)

    limited = able()
    two_sites.limit()

    assert limited is False
    assert able() or right not in {Right.NOTIFY} or role not in {Role.MANAGER}


def test_an_administrator_has_no_limit(place: Place, two_sites: TwoSites) -> None:
    two_sites.limit()
    offer = Offer("owner", "it", site_ids=(two_sites.here.pk,), is_admin=True)

    with workspace_scope(place.northmill.pk), pytest.raises(InvalidInput, match="all"):
        people.check_offer(offer, sites=frozenset({two_sites.here.pk}))


@together(list(product(sorted(SLOTS), PLACES)), name="case")
def test_who_signs_follows_from_slot_side_and_site(
    case: tuple[tuple[str, ...], tuple[Role, Side]], place: Place, two_sites: TwoSites
) -> None:
    slots, (role, side) = case
    signer = factories.make_user("signer@northmill.example", "Signe Signer")
    made = factories.make_member(place.northmill, signer, role=role, side=side)
    with workspace_scope(place.northmill.pk):
        Case.objects.update(slots=list(slots))
        decision = Decision.objects.get(pk=two_sites.hidden["<uuid:decision_id>"])
        slot = slot_of(as_member(made))
    ref = two_sites.hidden["<str:ref>"]
    path = f"/w/northmill/exposures/{ref}/decisions/{decision.pk}/answer/"
    fills = slot in slots

    made.site_ids = [two_sites.here.pk]
    made.save()
    before = picture(place.northmill)
    elsewhere = ask(signer, "post", path, said(decision))
    assert changed(before, picture(place.northmill)) == set()
    made.site_ids = [two_sites.there.pk]
    made.save()
    own = ask(signer, "post", path, said(decision))

    signing = role in {Role.OWNER, Role.APPROVER}
    assert elsewhere.status_code == (404 if signing else 403)
    assert own.status_code == (302 if fills else 403)
    with workspace_scope(place.northmill.pk):
        signed = list(Signature.objects.values_list("slot", flat=True))
    assert signed == ([slot] if fills else [])


def test_nobody_is_told_of_a_site_that_they_may_not_read_about(
    inside: TwoSites,
) -> None:
    # What they were told before they were limited is theirs.
    Delivery.objects.all().delete()
    announce()

    heard = Delivery.objects.filter(channel__member__isnull=False)
    assert {row.event.site_id for row in heard} <= {None, inside.here.pk}
    assert heard.filter(event__site_id=inside.here.pk).exists()
    webhook = Delivery.objects.filter(channel__kind="webhook")
    assert inside.there.pk in {row.event.site_id for row in webhook}


def test_a_mail_on_its_way_is_given_up_when_the_reader_lost_the_site(
    inside: TwoSites, ida_hears: Channel, mailoutbox: list[Any]
) -> None:
    event = Event.objects.filter(site_id=inside.there.pk).first()
    assert event is not None
    delivery, _ = Delivery.objects.update_or_create(
        event=event,
        channel=ida_hears,
        defaults={"due_at": timezone.now(), "state": "waiting"},
    )

    deliver(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, mailoutbox) == ("failed", [])
    assert "this site" in delivery.answer


@pytest.fixture
def ida_hears(inside: TwoSites, place: Place) -> Channel:
    return Channel.objects.get(member=place.ida)


def test_every_event_of_a_finding_or_run_says_its_site(inside: TwoSites) -> None:
    about = Event.objects.filter(case__isnull=False).select_related(
        "case__finding__asset"
    )

    assert about.count() > 3
    for event in about:
        assert event.case is not None
        assert event.site_id == event.case.finding.asset.site_id
    runs = Event.objects.filter(object_ref__startswith="run ")
    assert {event.site_id for event in runs} == {inside.here.pk, inside.there.pk}


def test_a_ledger_can_be_verified_by_who_reads_a_part_of_it(
    place: Place, two_sites: TwoSites
) -> None:
    with workspace_scope(place.northmill.pk):
        ledger.append("test.done", about="SL-2", site_id=two_sites.there.pk)

    said = ask(place.people[Role.AUDITOR], "post", "/w/northmill/ledger/verify/")

    assert said.status_code == 302
    page = ask(place.people[Role.AUDITOR], "get", "/w/northmill/ledger/")
    assert "The ledger holds" in page.content.decode() or page.context["check"].holds


def test_what_is_signed_does_not_depend_on_who_proposes(
    place: Place, two_sites: TwoSites
) -> None:
    two_sites.limit()
    with workspace_scope(place.northmill.pk):
        Decision.objects.update(state="withdrawn")
        hashes = set(Finding.objects.values_list("number", "evidence_hash"))
    two_sites.limit(two_sites.here)
    path = "/w/northmill/exposures/SL-1/propose/"
    assert ask(place.ana, "post", path, PROPOSAL).status_code == 302

    with workspace_scope(place.northmill.pk):
        made = Decision.objects.get(state="proposed")
        assert (1, made.evidence_hash) in hashes


def test_a_roll_up_leaves_out_what_is_read_in_part(
    place: Place, two_sites: TwoSites
) -> None:
    limited = ask(place.ana, "get", "/customers/").content.decode()
    two_sites.limit()
    whole = ask(place.ana, "get", "/customers/").content.decode()

    assert "Northmill" not in limited
    assert "Northmill" in whole
