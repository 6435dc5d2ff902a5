"""Reads stored mails, which anyone may have sent and which may be broken on purpose."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

from letterbox.box import Box, received_at

HEAD_BYTES = 64 * 1024
SHOWN_BYTES = 2 * 1024 * 1024
MAX_LINE = 300
MAX_TEXT = 200_000
MAX_PARTS = 50
FROM, TO = "X-Mailbox-From", "X-Mailbox-To"


@dataclass(frozen=True)
class Mail:
    """One mail as shown: plain strings without control characters, still unescaped."""

    id: str
    received: datetime
    sender: str
    recipients: str
    subject: str
    delivery: str
    text: str = ""
    html: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def with_envelope(content: bytes, *, sender: str, recipients: Iterable[str]) -> bytes:
    """Return the mail with what the SMTP dialogue said as its first two lines."""
    first = f"{FROM}: {one_line(sender)}\r\n"
    second = f"{TO}: {one_line(', '.join(recipients))}\r\n"
    return (first + second).encode() + content


def list_mails(box: Box) -> list[Mail]:
    """Return all mails, newest first, without their parts."""
    found = ((each, box.read(each, limit=HEAD_BYTES)) for each in box.ids())
    return [_summary(each, _parse(raw)) for each, raw in found if raw is not None]


def read_mail(box: Box, wanted: str) -> Mail | None:
    """Return one mail with its text, or None if there is no such id."""
    raw = box.read(wanted, limit=SHOWN_BYTES)
    if raw is None:
        return None
    try:
        parsed = _parse(raw, headers_only=False)
        text, html = _part(parsed, "text/plain"), _part(parsed, "text/html")
    except RecursionError:
        # Parts within parts without end. The source is all that can be shown.
        parsed, text, html = _parse(raw), _decode(raw, None), ""
    short = _summary(wanted, parsed)
    headers = tuple((one_line(name), _words(value)) for name, value in parsed.items())
    return Mail(
        short.id,
        short.received,
        short.sender,
        short.recipients,
        short.subject,
        short.delivery,
        text=text,
        html=html,
        headers=headers[:MAX_PARTS],
    )


def one_line(text: str) -> str:
    """Return one bounded line without line breaks, controls or direction overrides."""
    return clean(text.replace("\t", " ").replace("\n", " "))[:MAX_LINE]


def clean(text: str) -> str:
    """Return the text with a visible mark for each character that could mislead."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return "".join(
        c
        if c in "\n\t" or unicodedata.category(c) not in hidden
        else "\N{REPLACEMENT CHARACTER}"
        for c in text.replace("\r\n", "\n")
    )


def _parse(raw: bytes, *, headers_only: bool = True) -> Message:
    # The older policy: the newer one raises on some headers that are broken.
    return BytesParser(policy=policy.compat32).parsebytes(raw, headersonly=headers_only)


def _summary(wanted: str, parsed: Message) -> Mail:
    return Mail(
        id=wanted,
        received=received_at(wanted),
        sender=_header(parsed, "From"),
        recipients=_header(parsed, TO),
        subject=_header(parsed, "Subject"),
        delivery=_header(parsed, "X-Sightline-Delivery"),
    )


def _header(parsed: Message, name: str) -> str:
    return _words(parsed.get(name, ""))


def _words(value: object) -> str:
    raw = str(value)[:HEAD_BYTES]
    try:
        return one_line(str(make_header(decode_header(raw))))
    except (HeaderParseError, LookupError, ValueError):
        return one_line(raw)


def _part(parsed: Message, kind: str) -> str:
    """Return the text of the first part of that kind, or nothing."""
    for number, part in enumerate(parsed.walk()):
        if number >= MAX_PARTS:
            break
        if part.get_content_type() == kind:
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return _decode(payload, part.get_content_charset())
    return ""


def _decode(payload: bytes, charset: str | None) -> str:
    cut = payload[: MAX_TEXT * 4]
    try:
        return clean(cut.decode(charset or "utf-8", "replace"))[:MAX_TEXT]
    except (LookupError, ValueError):
        # No such charset, or one that is no charset of text at all.
        return clean(cut.decode("utf-8", "replace"))[:MAX_TEXT]
