"""What leaves for an outside source: no key in a log, and a real connection that works."""

import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from common.outgoing import OutgoingClient
from exposure.collectors.passive.contract import Heard, Request
from exposure.models import (
    Authorisation,
    ServiceElsewhere,
    SourceGrant,
)
from exposure.services import source_grants
from exposure.services.asking_sources import Asking, ask_sources
from tenants.models import LedgerDetail, User
from tests.exposure.services.conftest import member
from tests.exposure.services.test_asking_sources import (
    KEY,
    Internet,
    allow,
    internet,
    recorded,
    scope,
)

__all__ = ["internet", "scope"]


def test_the_key_is_sealed_and_in_no_log_and_in_no_ledger(
    scope: Authorisation,
    internet: Internet,
    ida: User,
    ana: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    allow(ida, "shodan")
    grant = source_grants.set_key("shodan", KEY, by=member(ana))
    internet.answers["api.shodan.io"] = Heard(401, {}, KEY.encode())

    internet.ask()

    assert KEY.encode() not in bytes(grant.sealed_key or b"")
    assert source_grants.key_of(grant) == KEY
    assert KEY not in caplog.text
    assert KEY not in SourceGrant.objects.get(source="shodan").trouble
    assert not any(
        KEY.encode() in bytes(row.body) for row in LedgerDetail.objects.all()
    )


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A real web server that answers as InternetDB does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = recorded("internetdb").body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_the_way_out_works_over_a_real_connection(
    scope: Authorisation, ida: User, server: HTTPServer, settings: Settings
) -> None:
    allow(ida, "internetdb")
    client = OutgoingClient(private=settings.WEBHOOK_ALLOWED_PRIVATE_RANGES)

    def get(request: Request) -> Heard:
        path = urlsplit(request.url).path
        answer = client.get(
            f"http://127.0.0.1:{server.server_port}{path}", headers=request.headers
        )
        return Heard(answer.status, answer.headers, answer.body)

    ask_sources(heartbeat=lambda: None, asking=Asking(get, pause=lambda _: None))

    assert ServiceElsewhere.objects.count() == 3
