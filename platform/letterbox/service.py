"""Runs the two halves of the mailbox side by side."""

import contextlib
import errno
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from common.errors import DomainError
from letterbox.box import Box
from letterbox.receiver import SmtpServer
from letterbox.settings import PREFIX, Settings
from letterbox.views import Boxes
from letterbox.web import WebServer


class StartRefused(DomainError):
    """The mailbox cannot start; the message says what to change."""


@dataclass(frozen=True)
class Running:
    """A running mailbox and the ports it really has."""

    boxes: Boxes
    smtp_port: int
    web_port: int


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Serve mail and pages until the block ends; raises StartRefused."""
    boxes = _open_boxes(settings)
    with contextlib.ExitStack() as stack:
        with _naming("SMTP_PORT", settings.smtp_port, settings.bind):
            smtp = SmtpServer(boxes.mails, bind=settings.bind, port=settings.smtp_port)
        stack.callback(smtp.stop)
        with _naming("MAILBOX_PORT", settings.web_port, settings.bind):
            web = WebServer(boxes, bind=settings.bind, port=settings.web_port)
        stack.callback(web.server_close)
        serving = threading.Thread(
            target=web.serve_forever, args=(0.1,), name="mailbox-web", daemon=True
        )
        smtp.start()
        serving.start()
        stack.callback(serving.join)
        stack.callback(web.shutdown)
        yield Running(boxes, smtp.port, int(web.server_address[1]))


def _open_boxes(settings: Settings) -> Boxes:
    try:
        return Boxes(
            mails=Box(settings.directory / "mails", suffix=".eml"),
            calls=Box(settings.directory / "calls", suffix=".json"),
            secret=settings.webhook_secret,
            site_url=settings.site_url,
        )
    except OSError as error:
        raise StartRefused(
            f"The folder {settings.directory} cannot be used ({error.strerror}). "
            f"Choose another with {PREFIX}MAILBOX_DIR."
        ) from error


@contextlib.contextmanager
def _naming(setting: str, port: int, bind: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken by another program" if taken else "cannot be opened"
        raise StartRefused(
            f"Port {port} on {bind} {reason}. Choose another with {PREFIX}{setting}."
        ) from error
