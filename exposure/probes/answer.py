"""One answer of a web server, taken apart."""

from collections.abc import Sequence
from typing import NamedTuple

from exposure.probes.page import unchunked

MOST_HEADERS = 100


class Answer(NamedTuple):
    """Status, headers by their names in small letters (the first of each), cookies.

    `cookies` are the names alone; `size` counts all bytes of the answer.
    """

    status: int
    headers: dict[bytes, bytes]
    cookies: tuple[bytes, ...]
    body: bytes
    size: int


def read_answer(heard: bytes) -> Answer | None:
    """Return the answer, or None for what is not HTTP."""
    head, _, raw_body = heard.partition(b"\r\n\r\n")
    status_line, *lines = head.split(b"\r\n")
    parts = status_line.split(b" ", 2)
    if not status_line.startswith(b"HTTP/") or not parts[1:] or not parts[1].isdigit():
        return None
    pairs = _pairs(lines)
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        headers.setdefault(name, value)
    chunked = b"chunked" in headers.get(b"transfer-encoding", b"").lower()
    return Answer(
        status=int(parts[1][:3]),
        headers=headers,
        cookies=tuple(
            value.partition(b"=")[0].strip()
            for name, value in pairs
            if name == b"set-cookie"
        ),
        body=unchunked(raw_body) if chunked else raw_body,
        size=len(heard),
    )


def is_whole(heard: bytes) -> bool:
    """Say whether an answer says itself that nothing more will come.

    >>> is_whole(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    True
    """
    head, gap, body = heard.partition(b"\r\n\r\n")
    if not gap or not heard.startswith(b"HTTP/"):
        return False
    headers = dict(_pairs(head.split(b"\r\n")[1:]))
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        return body.endswith(b"0\r\n\r\n")
    length = headers.get(b"content-length", b"")
    return length.isdigit() and len(length) < 10 and len(body) >= int(length)


def _pairs(lines: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    split = (line.partition(b":") for line in lines[:MOST_HEADERS])
    return [
        (name.strip().lower(), value.strip()) for name, colon, value in split if colon
    ]
