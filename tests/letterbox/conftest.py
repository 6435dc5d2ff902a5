"""A running mailbox on free loopback ports, and ways to talk to it."""

import http.client
import json
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from letterbox.service import Running, running
from letterbox.settings import Settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SITE = "http://127.0.0.1:8600"


@dataclass(frozen=True)
class Page:
    """One answer of the mailbox."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Visitor:
    """Talks to a running mailbox as a browser, a mail server or a program does."""

    mailbox: Running

    def ask(self, method, path, *, body=None, headers=None) -> Page:
        port = self.mailbox.web_port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        page = Page(answer.status, answer.headers, answer.read())
        connection.close()
        return page

    def get(self, path, **headers) -> Page:
        return self.ask("GET", path, headers=headers)

    def mail(self, raw: bytes, *, to="ida@northmill.example") -> None:
        with smtplib.SMTP("127.0.0.1", self.mailbox.smtp_port, timeout=10) as smtp:
            smtp.sendmail("sightline@northgate.example", [to], raw)

    @property
    def newest(self) -> str:
        """The id of the mail that came last."""
        return self.get("/api/messages").json["messages"][0]["id"]


@pytest.fixture
def open_mailbox(tmp_path):
    def opened(**changes):
        settings = {"directory": tmp_path, "smtp_port": 0, "web_port": 0}
        return running(Settings(**(settings | changes)))

    return opened


@pytest.fixture
def visitor(open_mailbox) -> Iterator[Visitor]:
    with open_mailbox(webhook_secret=SECRET, site_url=SITE) as mailbox:
        yield Visitor(mailbox)
