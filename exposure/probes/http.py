"""HTTP: fetch the start page once and follow nothing.

Source: RFC 9112. No compression is asked for, so an answer cannot unfold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from exposure.probes import page
from exposure.probes.base import (
    IT_CAPS,
    Direction,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
)
from exposure.probes.dialer import Dialer
from exposure.probes.identity import EXAMPLE, user_agent
from exposure.probes.text import visible
from exposure.probes.tls import any_tls

REQUEST = (
    "GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n"
    "Accept: */*\r\nConnection: close\r\n\r\n"
)
KEPT_HEADERS = {
    b"server": "server",
    b"www-authenticate": "www_authenticate",
    b"location": "location",
    b"content-type": "content_type",
}


def request(target: Target) -> bytes:
    """Return the one request there is; its User-Agent names our public page."""
    agent = user_agent()
    return REQUEST.format(host=target.host_header, agent=agent).encode()


async def run_plain(target: Target, *, dialer: Dialer) -> None:
    """Fetch the start page over TCP."""
    async with dialer.connect(target) as line:
        await line.send(request(target))
        await line.until_closed()


async def run_over_tls(target: Target, *, dialer: Dialer) -> None:
    """Fetch the start page over TLS, whatever its certificate."""
    async with dialer.connect(target, tls=any_tls()) as line:
        await line.send(request(target))
        await line.until_closed()


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what the start page and its headers tell."""
    heard = b"".join(e.data for e in exchanges if e.direction is Direction.RECEIVED)
    head, _, raw_body = heard.partition(b"\r\n\r\n")
    status_line, *header_lines = head.split(b"\r\n")
    parts = status_line.split(b" ", 2)
    if not status_line.startswith(b"HTTP/") or not parts[1:] or not parts[1].isdigit():
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    headers = _headers(header_lines)
    body = page.unchunked(raw_body) if _is_chunked(headers) else raw_body
    facts: dict[str, Fact] = {"status": int(parts[1][:3])}
    for name, fact in KEPT_HEADERS.items():
        if name in headers:
            facts[fact] = visible(headers[name])
    facts |= page.describe(body, server=headers.get(b"server", b""))
    facts["body_bytes"] = len(body)
    facts["body_sha256"] = hashlib.sha256(body).hexdigest()
    facts["truncated"] = len(heard) >= IT_CAPS.answer_bytes
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _headers(lines: Sequence[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for line in lines[:100]:
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _is_chunked(headers: dict[bytes, bytes]) -> bool:
    return b"chunked" in headers.get(b"transfer-encoding", b"").lower()


# The page of the documentation's example: an installation names its own there.
_EXAMPLE = (REQUEST.format(host="plant.example", agent=user_agent(EXAMPLE)).encode(),)
PROBE = Probe(
    name="http",
    version=1,
    ports=(80, 81, 8000, 8080, 8081, 8088),
    is_ot=False,
    messages=_EXAMPLE,
    run=run_plain,
    parse=parse,
    caps=IT_CAPS,
)
PROBE_TLS = Probe(
    name="https",
    version=1,
    ports=(443, 8443, 4443, 10443),
    is_ot=False,
    messages=_EXAMPLE,
    run=run_over_tls,
    parse=parse,
    caps=IT_CAPS,
)
