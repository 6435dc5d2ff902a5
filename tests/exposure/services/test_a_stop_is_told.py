"""Who is told of a stop: both sides and the provider, once, without an address."""

import pytest

from exposure.models import StopLevel
from exposure.services import stopping
from tenants.models import User, Workspace
from tests import factories
from tests.exposure.services.conftest import member
from workflows.models import Delivery, Event
from workflows.services import ledger_watch
from workflows.services.announcements import announce
from workflows.services.messages import compose


@pytest.fixture
def stopped(
    in_northmill: Workspace, ana: User, ida: User, otto: User, mallory: User
) -> None:
    """Otto has stopped a range, and lifted it again."""
    order = stopping.order_stop(
        by=member(otto),
        level=StopLevel.RANGE,
        network="203.0.113.64/28",
        reason="Hall 2 is being rewired.",
    )
    stopping.lift_stop(order.pk, by=member(otto))
    factories.commit()
    ledger_watch.follow()


def test_both_owners_and_the_provider_hear_of_a_stop_and_of_its_end_once(
    stopped: None, ana: User, ida: User, otto: User
) -> None:
    announce()
    announce()

    for kind in ("scope.stop_ordered", "scope.stop_lifted"):
        event = Event.objects.get(type=kind)
        told = Delivery.objects.filter(event=event)
        people = told.values_list("channel__member__email", flat=True)
        assert sorted(people) == sorted([ana.email, ida.email, otto.email])
        assert event.path == "/w/northmill/stop/"
        assert event.data.keys() == {"ledger_entry"}


def test_the_mail_says_that_it_was_stopped_and_names_no_address(
    stopped: None, ida: User, northmill: Workspace
) -> None:
    announce()
    delivery = Delivery.objects.get(
        channel__member=ida, event__type="scope.stop_ordered"
    )

    mail = compose(delivery, workspace=northmill)

    assert "discovery was stopped" in mail.subject
    assert "/w/northmill/stop/" in mail.text
    assert "203.0.113" not in f"{mail.subject} {mail.text} {mail.html}"
