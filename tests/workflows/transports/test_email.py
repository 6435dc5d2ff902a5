"""The mail transport, against a real SMTP server on loopback."""

import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from django.core import mail

from common.plain_text import one_line
from workflows.transports.base import Message, TransportError
from workflows.transports.email import EmailTransport

MESSAGE = Message(
    id="01990f6e-0000-7000-8000-000000000001",
    event_type="decision.proposed",
    occurred_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    workspace_name="Northmill",
    subject="Otto, your signature is asked for: NM-7",
    text="Please sign in to see it.",
    html="<p>Please sign in to see it.</p>",
    recipient="otto@northmill.example",
)


class Server:
    """Answers RCPT and DATA as it is told and keeps what it takes."""

    def __init__(self, rcpt="250 OK", data="250 OK"):
        self.rcpt, self.data, self.taken = rcpt, data, []

    async def handle_RCPT(self, _server, _session, envelope, address, _):  # noqa: N802 - the library's name
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the library's name
        self.taken.append(envelope)
        return self.data


@pytest.fixture
def smtp(settings):
    started = []

    def start(handler):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(handler, hostname="127.0.0.1", port=port)
        controller.start()
        started.append(controller)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = port
        settings.EMAIL_TIMEOUT = 5
        return handler

    yield start
    for controller in started:
        controller.stop()


def composed(**changes):
    EmailTransport().send(replace(MESSAGE, **changes))
    return mail.outbox[-1].message()


def test_it_hands_the_mail_to_the_server(smtp):
    server = smtp(Server())

    sent = EmailTransport().send(MESSAGE)

    assert "otto@northmill.example" in sent.detail
    assert server.taken[0].rcpt_tos == ["otto@northmill.example"]
    assert b"Please sign in to see it." in server.taken[0].content


def test_it_writes_plain_text_first_and_html_beside_it():
    parts = composed().get_payload()

    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert parts[0].get_payload(decode=True) == b"Please sign in to see it."


def test_it_writes_plain_text_alone_without_html():
    assert composed(html="").get_content_type() == "text/plain"


def test_it_marks_the_mail_so_that_a_second_one_is_recognised(settings):
    settings.DEFAULT_FROM_EMAIL = "Sightline <sightline@northgate.example>"

    first, second = composed(), composed()

    expected = "<01990f6e-0000-7000-8000-000000000001@northgate.example>"
    assert first["Message-ID"] == second["Message-ID"] == expected
    assert first["X-Sightline-Delivery"] == MESSAGE.id
    assert first["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "subject",
    [
        "Hello\r\nBcc: mallory@eastholm.example",
        "Hello\nBcc: mallory@eastholm.example",
        "Hello\x00\x0b\x1b\u2028\u2029\u202e\ud800 Bcc: mallory@eastholm.example",
    ],
)
def test_it_lets_no_subject_add_a_header(subject):
    sent = composed(subject=subject, event_type=subject)

    assert sent["Bcc"] is None
    assert mail.outbox[-1].subject == "Hello Bcc: mallory@eastholm.example"
    assert sent["X-Sightline-Event"] == "Hello Bcc: mallory@eastholm.example"


def test_it_cuts_a_subject_that_never_ends():
    composed(subject="x" * 10_000)

    assert len(mail.outbox[-1].subject) == 200


def test_it_survives_text_that_no_mail_may_hold():
    sent = composed(text="a\0b\ud800c\r.\r\n", html="")

    assert sent.get_payload(decode=True).startswith(b"ab?c")


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "otto",
        "otto@northmill.example\r\nBcc: mallory@eastholm.example",
        "otto@northmill.example, mallory@eastholm.example",
        "Otto <otto@northmill.example>",
    ],
)
def test_it_mails_one_valid_address_only(recipient):
    with pytest.raises(TransportError, match="valid mail address") as failed:
        composed(recipient=recipient)

    assert failed.value.permanent
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "a\r\nX: 1"}, "id of the delivery"),
        ({"id": "a>b"}, "id of the delivery"),
        ({"text": " \n"}, "no plain text"),
        ({"text": "x" * 500_001}, "too long"),
    ],
)
def test_it_refuses_what_it_cannot_send(change, words):
    with pytest.raises(TransportError, match=words) as failed:
        composed(**change)

    assert failed.value.permanent


@pytest.mark.parametrize(
    ("server", "permanent"),
    [
        (Server(rcpt="550 no such user hunter2"), True),
        (Server(rcpt="450 greylisted"), False),
        (Server(data="554 looks like spam"), True),
        (Server(data="451 disk full"), False),
    ],
    ids=["unknown", "greylisted", "spam", "full"],
)
def test_it_knows_whether_trying_again_helps(smtp, server, permanent):
    smtp(server)

    with pytest.raises(TransportError, match="refused") as failed:
        EmailTransport().send(MESSAGE)

    assert failed.value.permanent is permanent
    assert "hunter2" not in str(failed.value)


def test_it_tries_again_when_the_server_is_away(smtp, settings):
    smtp(Server())
    settings.EMAIL_PORT = 1

    with pytest.raises(TransportError, match="could not be used") as failed:
        EmailTransport().send(MESSAGE)

    assert not failed.value.permanent


def test_it_keeps_ordinary_subjects_as_they_are():
    assert one_line("Mühle 3 — straße 製粉", limit=200) == "Mühle 3 — straße 製粉"
