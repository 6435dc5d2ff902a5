"""A delivery is tried until it is sent or given up, by one worker at a time."""

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from tenants.models import Membership, User, Workspace
from tenants.models.jobs import Job
from tenants.services.secrets import forget_open_keys
from tests.loopback import OK, saying, serve
from tests.workflows.conftest import member
from workflows.models import Channel, Decision, Delivery, DeliveryState, Event
from workflows.services import channels, decisions, deliveries
from workflows.services.announcements import announce
from workflows.services.events import About, record
from workflows.transports.email import EmailTransport

HERE = About(object_ref="SL-1", path="exposures/SL-1/")


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    """The address under which people reach this installation."""
    settings.SITE_URL = "https://sightline.example"


def saying_status(status: int, *headers: str) -> Any:
    lines = "".join(f"{header}\r\n" for header in headers)
    return saying(f"HTTP/1.1 {status} X\r\n{lines}Content-Length: 0\r\n\r\n".encode())


def hook(port: int, ana: User) -> channels.NewWebhook:
    return channels.add_webhook(
        f"http://127.0.0.1:{port}/in", name="Ticket system", by=member(ana)
    )


def waiting() -> Delivery:
    """Return the only delivery there is, due now."""
    announce()
    Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=timezone.now())
    return Delivery.objects.get()


def test_it_posts_a_signed_thin_call(proposal: Decision, ana: User) -> None:
    with serve(saying(OK)) as server:
        made = hook(server.port, ana)
        decisions.withdraw(proposal.pk, by=member(ana))
        announce()
        delivery = Delivery.objects.get(channel=made.channel)
        deliveries.deliver(delivery.pk)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    said = Webhook(made.secret).verify(body, headers)
    assert said == json.loads(body)
    assert (said["type"], said["tenant"]) == ("decision.withdrawn", "Northmill Dairy")
    assert (said["id"], said["sequence"]) == (str(delivery.pk), 3)
    assert said["data"] == {
        "finding": "SL-1",
        "object": "SL-1",
        "band": "out_of_cycle",
        "decision": str(proposal.pk),
        "version": 1,
        "kind": "remediate",
        "state": "withdrawn",
        "url": "https://sightline.example/w/northmill/exposures/SL-1/",
    }
    for word in (b"PLC-P21", b"127.77", b"Cell 2", b"Pasteuriser"):
        assert word not in body
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 1)
    assert delivery.due_at is None


def test_it_retries_later_and_later(in_northmill: Workspace, ana: User) -> None:
    with serve(saying_status(503)) as server:
        hook(server.port, ana)
        record("finding.routed", text="A sentence.", about=HERE)
        pauses = []
        for _ in range(4):
            delivery = waiting()
            deliveries.deliver(delivery.pk)
            delivery.refresh_from_db()
            assert delivery.due_at is not None
            pauses.append(delivery.due_at - timezone.now())

    assert pauses == sorted(pauses)
    assert pauses[0] < dt.timedelta(seconds=7)
    assert pauses[3] > dt.timedelta(hours=1)
    assert [row["answer"] for row in delivery.tries] == [
        "The receiver answered 503."
    ] * 4
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 4)
    last = Job.objects.filter(task="workflows.deliver").latest("run_after")
    assert last.run_after <= delivery.due_at


def test_it_waits_as_long_as_the_receiver_asks(
    in_northmill: Workspace, ana: User
) -> None:
    with serve(saying_status(429, "Retry-After: 3600")) as server:
        hook(server.port, ana)
        record("finding.routed", text="A sentence.", about=HERE)
        delivery = waiting()
        deliveries.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.due_at is not None
    assert delivery.due_at - timezone.now() > dt.timedelta(minutes=50)


def test_it_gives_up_after_the_last_try(in_northmill: Workspace, ana: User) -> None:
    with serve(saying_status(500)) as server:
        hook(server.port, ana)
        record("finding.routed", text="A sentence.", about=HERE)
        delivery = waiting()
        Delivery.objects.update(attempts=9)
        deliveries.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at) == (DeliveryState.FAILED, None)
    assert delivery.answer.endswith("That was the last try.")
    assert Channel.objects.get().enabled


def test_a_receiver_that_is_gone_switches_the_channel_off(
    in_northmill: Workspace, ana: User
) -> None:
    with serve(saying_status(410)) as server:
        hook(server.port, ana)
        record("finding.routed", text="A sentence.", about=HERE)
        delivery = waiting()
        deliveries.deliver(delivery.pk)

    delivery.refresh_from_db()
    channel = Channel.objects.get()
    assert delivery.state == DeliveryState.FAILED
    assert not channel.enabled
    assert "gone (410)" in channel.disabled_reason
    assert Event.objects.filter(type="integration.disabled").count() == 1


def test_an_address_that_is_closed_to_us_is_never_called(
    in_northmill: Workspace, ana: User, settings: Any
) -> None:
    with serve(saying(OK)) as server:
        hook(server.port, ana)
        record("finding.routed", text="A sentence.", about=HERE)
        settings.WEBHOOK_ALLOWED_PRIVATE_RANGES = ()
        delivery = waiting()
        deliveries.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, server.connections) == (DeliveryState.FAILED, 0)


def test_a_secret_sealed_with_another_key_is_said_so(
    in_northmill: Workspace, ana: User, settings: Any
) -> None:
    hook(9, ana)
    record("finding.routed", text="A sentence.", about=HERE)
    settings.MASTER_KEY = b"\1" * 32
    forget_open_keys()
    delivery = waiting()

    deliveries.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert "sealed with a key that is not here" in delivery.answer


def test_it_is_not_sent_before_it_is_due_nor_twice(
    in_northmill: Workspace, ida: User, mailoutbox: list[Any]
) -> None:
    record("finding.routed", text="A sentence.", about=HERE)
    delivery = waiting()
    Delivery.objects.update(due_at=timezone.now() + dt.timedelta(minutes=1))
    deliveries.deliver(delivery.pk)
    assert mailoutbox == []

    Delivery.objects.update(due_at=timezone.now())
    deliveries.deliver(delivery.pk)
    deliveries.deliver(delivery.pk)

    assert len(mailoutbox) == 1


def test_another_worker_leaves_a_leased_delivery_alone(
    in_northmill: Workspace, ida: User, mailoutbox: list[Any], monkeypatch: Any
) -> None:
    record("finding.routed", text="A sentence.", about=HERE)
    delivery = waiting()
    real = EmailTransport.send

    def interrupted(self: EmailTransport, message: Any) -> Any:
        monkeypatch.setattr(EmailTransport, "send", real)
        deliveries.deliver(delivery.pk)  # the other worker comes by meanwhile
        return real(self, message)

    monkeypatch.setattr(EmailTransport, "send", interrupted)
    deliveries.deliver(delivery.pk)

    assert len(mailoutbox) == 1


def test_a_worker_that_died_leaves_a_delivery_that_is_due_again(
    in_northmill: Workspace, ida: User, mailoutbox: list[Any], monkeypatch: Any
) -> None:
    record("finding.routed", text="A sentence.", about=HERE)
    delivery = waiting()

    def die(self: EmailTransport, message: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(EmailTransport, "send", die)
        with pytest.raises(SystemExit):
            deliveries.deliver(delivery.pk)
    deliveries.deliver(delivery.pk)
    assert mailoutbox == []

    deliveries.deliver(waiting().pk)

    assert len(mailoutbox) == 1


def test_a_member_who_left_gets_no_mail(
    in_northmill: Workspace, ida: User, mailoutbox: list[Any]
) -> None:
    record("finding.routed", text="A sentence.", about=HERE)
    delivery = waiting()
    Membership.objects.filter(user=ida).delete()

    deliveries.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert mailoutbox == []
    assert delivery.state == DeliveryState.FAILED
    assert "no member" in delivery.answer


def test_an_account_that_was_closed_gets_no_mail(
    in_northmill: Workspace, ida: User, mailoutbox: list[Any]
) -> None:
    record("finding.routed", text="A sentence.", about=HERE)
    delivery = waiting()
    User.objects.filter(pk=ida.pk).update(is_active=False)

    deliveries.deliver(delivery.pk)

    assert mailoutbox == []
