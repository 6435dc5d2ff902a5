"""What the mailbox answers at which address; reading only."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from letterbox import pages
from letterbox.box import Box
from letterbox.hooks import Call, list_calls, read_call
from letterbox.mails import Mail, list_mails, read_mail

OWN = Path(__file__).resolve().parent
PRODUCT = OWN.parent / "static"
KINDS = {".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
FROM_PRODUCT = ("css/sightline.css", "img/icon.svg", "fonts/*.woff2")


@dataclass(frozen=True)
class Answer:
    """A body and what kind of thing it is."""

    body: bytes
    kind: str

    @classmethod
    def html(cls, page: str) -> "Answer":
        """A page; a lone surrogate in it becomes a question mark."""
        return cls(page.encode("utf-8", "replace"), "text/html; charset=utf-8")

    @classmethod
    def json(cls, value: object) -> "Answer":
        """A JSON value; times in ISO 8601."""
        return cls(json.dumps(value, default=str).encode(), "application/json")


@dataclass(frozen=True)
class Boxes:
    """What there is to show, and the secret that calls are verified with."""

    mails: Box
    calls: Box
    secret: str
    site_url: str

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """The files served, by address, so that no address becomes a path."""
        found = {"/static/css/mailbox.css": OWN / "mailbox.css"}
        for pattern in FROM_PRODUCT:
            for path in PRODUCT.glob(pattern):
                found[f"/static/{path.relative_to(PRODUCT).as_posix()}"] = path
        return found


def answer_to(path: str, *, boxes: Boxes) -> Answer | None:
    """Return what stands at an address, or None if nothing does."""
    if path in PAGES:
        return PAGES[path](boxes)
    if path in boxes.files:
        file = boxes.files[path]
        return Answer(file.read_bytes(), KINDS[file.suffix])
    folder, _, wanted = path.rpartition("/")
    return ONE[folder](boxes, wanted) if folder in ONE else None


def _mail_page(boxes: Boxes, wanted: str) -> Answer | None:
    mail = read_mail(boxes.mails, wanted)
    if mail is None:
        return None
    return Answer.html(pages.mail_page(mail, site_url=boxes.site_url))


def _call_page(boxes: Boxes, wanted: str) -> Answer | None:
    call = read_call(boxes.calls, wanted)
    return Answer.html(pages.call_page(call)) if call else None


def _one_mail(boxes: Boxes, wanted: str) -> Answer | None:
    mail = read_mail(boxes.mails, wanted)
    return Answer.json(_plain(mail)) if mail else None


def _all_mails(boxes: Boxes) -> Answer:
    found = (read_mail(boxes.mails, each) for each in boxes.mails.ids())
    return Answer.json({"messages": [_plain(mail) for mail in found if mail]})


def _all_calls(boxes: Boxes) -> Answer:
    return Answer.json({"hooks": [_plain(call) for call in list_calls(boxes.calls)]})


def _plain(thing: Mail | Call) -> dict[str, object]:
    moment = thing.received.isoformat()
    return asdict(thing) | {"received": moment, "headers": dict(thing.headers)}


PAGES: Mapping[str, Callable[[Boxes], Answer]] = {
    "/": lambda boxes: Answer.html(pages.mail_list(list_mails(boxes.mails))),
    "/hooks": lambda boxes: Answer.html(pages.call_list(list_calls(boxes.calls))),
    "/api/messages": _all_mails,
    "/api/hooks": _all_calls,
}
ONE: Mapping[str, Callable[[Boxes, str], Answer | None]] = {
    "/mails": _mail_page,
    "/hooks": _call_page,
    "/api/messages": _one_mail,
}
