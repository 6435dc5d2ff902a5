"""Who is told what, and whether it arrived."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tenants.models import User
from tests.workflows.conftest import member
from tests.workflows.views.conftest import PLACE, look, send, text
from workflows.models import Channel, Decision, Delivery, DeliveryState, Event
from workflows.services import channels

LIST = f"{PLACE}notifications/"
URL = "https://tickets.northgate.example/hooks/secret-token"


@pytest.fixture
def webhook(proposal: Decision, ana: User) -> Channel:
    """A ticket system that hears everything."""
    return channels.add_webhook(URL, name="Ticket system", by=member(ana)).channel


def channel_rows(user: User) -> dict[str, Any]:
    return {row.name: row for row in look(user, LIST).context["channels"]}


def test_it_lists_who_hears_what(webhook: Channel, ana: User, ida: User) -> None:
    channels.add_email(member(ida))

    found = channel_rows(ana)

    assert found["Ida Larsen"].address == "ida@northmill.example"
    assert found["Ida Larsen"].events == "decisions, exposures, re-tests, runs, access"
    assert found["Ticket system"].events == "everything"


def test_an_address_hides_what_may_be_a_token(webhook: Channel, ana: User) -> None:
    assert "secret-token" not in text(look(ana, LIST))
    assert (
        channel_rows(ana)["Ticket system"].address
        == "https://tickets.northgate.example/…"
    )


def test_a_new_webhook_shows_its_secret_once(proposal: Decision, ana: User) -> None:
    response = send(ana, f"{LIST}webhooks/", name="Ticket system", url=URL)

    made = response.context["made"]
    assert response.status_code == 200
    assert f'<pre tabindex="0">{made.secret}</pre>' in text(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert made.secret == channels.secret_of(Channel.objects.get())
    assert made.secret not in text(look(ana, LIST))


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x.example/", "https://10.0.0.1/", "http://[::1]/", "javascript:1"],
)
def test_an_address_we_never_send_to_is_refused(
    url: str, proposal: Decision, ana: User
) -> None:
    response = send(ana, f"{LIST}webhooks/", name="Ticket system", url=url)

    assert response.status_code == 422
    assert 'id="id_url_error"' in text(response)
    assert not Channel.objects.exists()


def test_a_test_goes_to_one_channel(webhook: Channel, ana: User) -> None:
    response = send(ana, f"{LIST}{webhook.pk}/test/")

    assert response.status_code == 302
    assert Delivery.objects.get().event.type == "webhook.test"


def test_a_channel_is_switched_off_and_on(webhook: Channel, ana: User) -> None:
    send(ana, f"{LIST}{webhook.pk}/disable/")
    off = channel_rows(ana)["Ticket system"]
    send(ana, f"{LIST}{webhook.pk}/enable/")
    on = channel_rows(ana)["Ticket system"]

    assert (off.state, off.test_url) == ("Switched off by Ana Torres.", "")
    assert off.band
    assert (on.state, on.band) == ("On", "")


def test_owners_read_and_change_nothing(webhook: Channel, ida: User) -> None:
    page = look(ida, LIST)

    assert page.context["webhook_form"] is None
    assert "<form" not in text(page).split('<main id="main"', 1)[1]
    for act in ("test", "disable", "enable"):
        assert send(ida, f"{LIST}{webhook.pk}/{act}/").status_code == 403
    assert send(ida, f"{LIST}webhooks/", name="x", url=URL).status_code == 403


def test_a_stranger_finds_nothing(webhook: Channel, mallory: User) -> None:
    assert look(mallory, LIST).status_code == 404
    assert send(mallory, f"{LIST}{webhook.pk}/disable/").status_code == 404
    assert Channel.objects.get().enabled


def test_looking_does_nothing(webhook: Channel, ana: User) -> None:
    assert look(ana, f"{LIST}{webhook.pk}/disable/").status_code == 405
    assert look(ana, f"{LIST}webhooks/").status_code == 405


def test_it_shows_each_try(webhook: Channel, ana: User) -> None:
    now = timezone.now()
    event = Event.objects.get(type="decision.proposed")
    delivery = Delivery(event=event, channel=webhook)
    delivery.attempts, delivery.answer = 2, "503 from the server"
    delivery.tries = [
        {"at": now.isoformat(), "answer": "no answer in 15 s"},
        {"at": now.isoformat(), "answer": "503 from the server"},
    ]
    delivery.due_at = now + dt.timedelta(minutes=5)
    delivery.save()

    page = look(ana, LIST)

    row = next(r for r in page.context["page"] if r.event == "decision.proposed")
    assert (row.tries, row.ref, row.band) == (2, "SL-1", "out_of_cycle")
    assert [each.answer for each in row.attempts] == [
        "no answer in 15 s",
        "503 from the server",
    ]
    assert "next try" in text(page)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DeliveryState.WAITING, "1 message on the way"),
        (DeliveryState.SENT, "every message of this week arrived"),
        (DeliveryState.FAILED, "1 message of this week given up"),
    ],
)
def test_the_heading_says_whether_it_arrived(
    state: str, words: str, webhook: Channel, ana: User
) -> None:
    event = Event.objects.filter(type="decision.proposed").get()
    Delivery.objects.create(event=event, channel=webhook, state=state)

    assert look(ana, LIST).context["claim"] == f"1 channel, {words}"


def test_htmx_gets_the_deliveries_alone(webhook: Channel, ana: User) -> None:
    piece = text(look(ana, LIST, htmx=True))

    assert piece.startswith('<section class="panel" id="deliveries"')
    assert f'hx-get="{LIST}"' in piece
