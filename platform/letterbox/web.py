"""Answers the mailbox's few addresses: pages, JSON for tests, and webhook calls."""

import ipaddress
import re
import socket
import socketserver
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from letterbox import pages
from letterbox.hooks import MAX_CALL, store_call
from letterbox.views import Answer, Boxes, answer_to

HOOK = re.compile(r"/hooks/([a-z0-9-]{1,40})")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class WebServer(ThreadingHTTPServer):
    """One thread for each request; binds at once. Raises OSError if it cannot."""

    daemon_threads = True

    def __init__(self, boxes: Boxes, *, bind: str, port: int) -> None:
        if ipaddress.ip_address(bind).version == 6:
            self.address_family = socket.AF_INET6
        self.boxes = boxes
        super().__init__((bind, port), Handler)

    def server_bind(self) -> None:
        """Bind without looking up our own name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, *_: Any) -> None:
        """Say nothing: callers who hang up or talk nonsense are ordinary here."""


class Handler(BaseHTTPRequestHandler):
    """One request; nothing in it is believed."""

    server: WebServer
    timeout = 10  # seconds of silence

    def do_GET(self) -> None:
        """Show a page, a file or JSON."""
        if not self._is_addressed_to_us():
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        answer = answer_to(self._path(), boxes=self.server.boxes)
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._respond(HTTPStatus.OK, answer)

    do_HEAD = do_GET  # noqa: N815 - the library calls it by this name

    def do_POST(self) -> None:
        """Take a webhook call; say yes only when it is on the disk."""
        hook = HOOK.fullmatch(self._path())
        if not hook:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        if int(length[:9]) > MAX_CALL:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        self._store(hook.group(1), body)

    def send_error(self, code: int, *_: Any) -> None:
        """Answer in our own words, with our own headers."""
        status = HTTPStatus(code)
        page = pages.problem_page(status, f"{status.phrase}.")
        self.close_connection = True
        self._respond(status, Answer.html(page))

    def version_string(self) -> str:
        """Name the program, not the versions beneath it."""
        return "Sightline-Mailbox"

    def log_message(self, *_: Any) -> None:
        """Keep no access log: addresses may hold what nobody should read twice."""

    def _store(self, name: str, body: bytes) -> None:
        boxes = self.server.boxes
        try:
            stored = store_call(
                boxes.calls,
                name,
                headers=self.headers.items(),
                body=body,
                secret=boxes.secret,
            )
        except OSError:
            self.send_error(HTTPStatus.INSUFFICIENT_STORAGE)
            return
        self._respond(HTTPStatus.OK, Answer.json({"stored": stored}))

    def _is_addressed_to_us(self) -> bool:
        """Refuse other host names: a web site could point one of its own at us."""
        try:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
            if host != "localhost":
                ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _respond(self, status: HTTPStatus, answer: Answer) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
