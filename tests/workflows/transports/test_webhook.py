"""The webhook transport against a real receiver on loopback."""

import json
import socket
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from standardwebhooks import Webhook

from common.outgoing import OutgoingClient
from tests.loopback import OK, saying, serve
from workflows.transports.base import Message, TransportError
from workflows.transports.webhook import WebhookTransport, body_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"
LOOPBACK = (ip_network("127.0.0.0/8"),)

MESSAGE = Message(
    id="01990f6e-0000-7000-8000-000000000001",
    event_type="decision.approved",
    occurred_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    workspace_name="Northmill",
    subject="Approved",
    text="Both sides have signed.",
    html="",
    recipient="",
    payload={"case": "NM-7", "band": "Now"},
    sequence=3,
)


@pytest.fixture
def transport():
    return WebhookTransport([SECRET], OutgoingClient(private=LOOPBACK, total=5))


def to(server, **changes):
    return replace(MESSAGE, recipient=f"http://127.0.0.1:{server.port}/in", **changes)


def answering(status, *headers):
    lines = "".join(f"{header}\r\n" for header in headers)
    return saying(f"HTTP/1.1 {status} X\r\n{lines}Content-Length: 0\r\n\r\n".encode())


def heard(request):
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines), body


def test_it_posts_signed_json(transport):
    with serve(saying(OK)) as server:
        sent = transport.send(to(server))

    headers, body = heard(server.requests[0])
    assert sent.detail == "The receiver answered 200."
    assert Webhook(SECRET).verify(body, headers) == {
        "api_version": "1",
        "data": {"band": "Now", "case": "NM-7"},
        "id": MESSAGE.id,
        "sequence": 3,
        "tenant": "Northmill",
        "timestamp": "2026-03-01T09:30:00+00:00",
        "type": "decision.approved",
    }
    assert headers["webhook-id"] == MESSAGE.id
    assert headers["Content-Type"] == "application/json"


def test_it_signs_with_both_secrets_in_a_rotation():
    client = OutgoingClient(private=LOOPBACK, total=5)

    with serve(saying(OK)) as server:
        WebhookTransport([SECRET, OLD_SECRET], client).send(to(server))

    headers, body = heard(server.requests[0])
    Webhook(SECRET).verify(body, headers)
    Webhook(OLD_SECRET).verify(body, headers)


def test_it_sends_the_same_id_and_body_at_every_attempt(transport):
    with serve(saying(OK)) as server:
        transport.send(to(server))
        transport.send(to(server))

    first, second = (heard(request) for request in server.requests)
    assert first[1] == second[1]
    assert first[0]["webhook-id"] == second[0]["webhook-id"]


@pytest.mark.parametrize("status", [100 + 99, 304, 400, 401, 404, 429, 500, 503])
def test_it_takes_only_2xx_as_delivered(transport, status):
    with serve(answering(status)) as server, pytest.raises(TransportError) as failed:
        transport.send(to(server))

    assert not failed.value.permanent
    assert str(status) in str(failed.value)


def test_it_stops_for_good_when_the_receiver_is_gone(transport):
    with serve(answering(410)) as server, pytest.raises(TransportError) as failed:
        transport.send(to(server))

    assert failed.value.permanent


def test_it_follows_no_redirect(transport):
    elsewhere = "Location: http://169.254.169.254/"

    with (
        serve(answering(307, elsewhere)) as server,
        pytest.raises(TransportError, match="do not follow"),
    ):
        transport.send(to(server))

    assert server.connections == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("Retry-After: 90", 90.0), ("Retry-After: soon", None), ("X-A: 1", None)],
)
def test_it_passes_on_how_long_to_wait(transport, header, seconds):
    with (
        serve(answering(503, header)) as server,
        pytest.raises(TransportError) as failed,
    ):
        transport.send(to(server))

    assert failed.value.retry_after == seconds


def test_it_shows_nothing_of_what_the_receiver_wrote(transport):
    raw = b"HTTP/1.1 500 db-password=hunter2\r\nContent-Length: 7\r\n\r\nhunter2"

    with serve(saying(raw)) as server, pytest.raises(TransportError) as failed:
        transport.send(to(server))

    assert "hunter2" not in str(failed.value)


def test_it_can_try_again_when_nobody_listens(transport):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/"

    with pytest.raises(TransportError) as failed:
        transport.send(replace(MESSAGE, recipient=url))

    assert not failed.value.permanent


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://169.254.169.254/", "nonsense", ""]
)
def test_it_never_sends_to_a_refused_address(transport, url):
    with pytest.raises(TransportError) as failed:
        transport.send(replace(MESSAGE, recipient=url))

    assert failed.value.permanent


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"text": "x" * 20_000}, "20 kB"),
        ({"score": float("nan")}, "not finite"),
        ({"name": "\ud800"}, "Unicode"),
    ],
)
def test_it_refuses_a_payload_that_cannot_be_sent(payload, words):
    with pytest.raises(TransportError, match=words) as failed:
        body_of(replace(MESSAGE, payload=payload))

    assert failed.value.permanent


def test_it_writes_the_body_as_plain_json():
    body = body_of(replace(MESSAGE, payload={"name": "Mühle\r\n"}))

    assert json.loads(body)["data"] == {"name": "Mühle\r\n"}


def test_its_secrets_do_not_show(transport):
    assert SECRET not in repr(transport)
