"""Stores and reads received webhook calls, with the verdict on their signature."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from letterbox.box import Box, received_at
from letterbox.mails import MAX_TEXT, clean, one_line
from workflows.logic.webhook_signature import SignatureInvalid, verify

MAX_CALL = 64 * 1024  # bytes of a body
MAX_RECORD = 1024 * 1024  # bytes of a stored call: its body in base64, and headers
MAX_HEADERS = 50
UNCHECKED = "Not verified: no secret is set."


@dataclass(frozen=True)
class Call:
    """One received call; `fits` is None when there was no secret to verify with."""

    id: str
    received: datetime
    name: str
    headers: tuple[tuple[str, str], ...]
    body: str
    fits: bool | None
    verdict: str

    @property
    def message_id(self) -> str:
        """The sender's id, the same whenever it sends the same message again."""
        return dict(self.headers).get("webhook-id", "")


def store_call(
    box: Box, name: str, *, headers: Sequence[tuple[str, str]], body: bytes, secret: str
) -> str:
    """Verify now, since signatures age, store, and return the id of the call."""
    kept = [
        (one_line(key).lower(), one_line(value)) for key, value in headers[:MAX_HEADERS]
    ]
    fits, verdict = _verdict(dict(kept), body, secret)
    record = {
        "name": name,
        "headers": kept,
        "body": base64.b64encode(body).decode(),
        "fits": fits,
        "verdict": verdict,
    }
    return box.add(json.dumps(record).encode())


def list_calls(box: Box) -> list[Call]:
    """Return all calls, newest first."""
    found = (read_call(box, each) for each in box.ids())
    return [call for call in found if call is not None]


def read_call(box: Box, wanted: str) -> Call | None:
    """Return one call, or None if there is no such id or its file is damaged."""
    raw = box.read(wanted, limit=MAX_RECORD)
    if raw is None:
        return None
    try:
        record = json.loads(raw)
        body = base64.b64decode(record["body"]).decode("utf-8", "replace")
        return Call(
            id=wanted,
            received=received_at(wanted),
            name=record["name"],
            headers=tuple((key, value) for key, value in record["headers"]),
            body=clean(body)[:MAX_TEXT],
            fits=record["fits"],
            verdict=record["verdict"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _verdict(
    headers: dict[str, str], body: bytes, secret: str
) -> tuple[bool | None, str]:
    if not secret:
        return None, UNCHECKED
    try:
        verify(body, headers=headers, secrets=[secret], now=datetime.now(UTC))
    except SignatureInvalid as error:
        return False, str(error)
    return True, "The signature fits."
