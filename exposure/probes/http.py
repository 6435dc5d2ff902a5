"""HTTP: fetch the start page, and follow what stays on the same door.

The icon is fetched where the page hides what it is. Source: RFC 9112. No compression is
asked for, so an answer cannot unfold. No cookie is sent back, no form sent, no link
opened. On a host with an industrial port, and where the page is one of a machine,
nothing more is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from exposure.logic.fingerprints.icons import icon_hash
from exposure.logic.fingerprints.match import recognise
from exposure.logic.fingerprints.rows import Kind
from exposure.probes import certificate, page
from exposure.probes.answer import Answer, is_whole, read_answer
from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Facts,
    Outcome,
    Parsed,
    Probe,
    Scalar,
    Target,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.front import front_of
from exposure.probes.identity import EXAMPLE, user_agent
from exposure.probes.line import TlsTerms
from exposure.probes.redirect import STATUSES, followed
from exposure.probes.text import harmless_facts, visible
from exposure.probes.tls import any_tls

REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n"
    "Accept: */*\r\nConnection: close\r\n\r\n"
)
START, ICON = "/", "/favicon.ico"
MOST_REDIRECTS = 2
MOST_ICON_BYTES = 64 * 1024
MOST_COOKIES = 20
KEPT_HEADERS = {
    b"server": "server",
    b"www-authenticate": "www_authenticate",
    b"location": "location",
    b"content-type": "content_type",
}


def request(target: Target, path: str = START, *, about: str = "") -> bytes:
    """Return the one request there is, for one path; it names our public page."""
    return REQUEST.format(
        path=path, host=target.host_header, agent=user_agent(about)
    ).encode()


async def run_plain(target: Target, *, dialer: Dialer) -> None:
    """Fetch over TCP."""
    await _visit(target, dialer=dialer, scheme="http")


async def run_over_tls(target: Target, *, dialer: Dialer) -> None:
    """Fetch over TLS, whatever its certificate."""
    await _visit(target, dialer=dialer, scheme="https")


async def _visit(target: Target, *, dialer: Dialer, scheme: str) -> None:
    path = START
    answer = await _fetch(path, target, dialer=dialer, scheme=scheme)
    # The start page is the proof; what breaks off later takes nothing away from it.
    with suppress(OSError, TimeoutError):
        for _ in range(MOST_REDIRECTS):
            path = _next(answer, target=target, scheme=scheme, at=path)
            if not path or dialer.is_gentle:
                break
            answer = await _fetch(path, target, dialer=dialer, scheme=scheme)
        hidden = answer is not None and _icon_would_help(parse(dialer.exchanges).facts)
        if hidden and not dialer.is_gentle:
            await _fetch(ICON, target, dialer=dialer, scheme=scheme)


async def _fetch(
    path: str, target: Target, *, dialer: Dialer, scheme: str
) -> Answer | None:
    """Ask for one path; None when what answers does not speak HTTP."""
    context = any_tls() if scheme == "https" else None
    try:
        async with dialer.connect(target, tls=context) as line:
            if context is not None and not dialer.exchanges:
                dialer.record_terms(line)
            await line.send(request(target, path))
            most = MOST_ICON_BYTES if path == ICON else None
            await line.until_whole(is_whole=is_whole, most=most)
    finally:
        # Also where the page came and its end did not.
        if _is_of_a_machine(parse(dialer.exchanges).facts):
            dialer.go_gently()
    return read_answer(turns(dialer.exchanges)[-1].received)


def _is_of_a_machine(facts: Facts) -> bool:
    """Say whether a start page smells of a panel, a controller or a building."""
    kind = facts.get("kind")
    return bool(facts.get("panel_markers")) or (
        isinstance(kind, str) and Kind(kind).is_plant
    )


def _icon_would_help(facts: Facts) -> bool:
    """Say whether a page hides what it is: a sign-in, a refusal, or one that is drawn."""
    if facts.get("confidence") == "high":
        return False
    guarded = facts.get("password_input") or facts.get("www_authenticate")
    status = facts.get("status")
    refused = isinstance(status, int) and status >= 400
    return bool(guarded or refused or facts.get("sign_in_words") or _is_drawn(facts))


def _is_drawn(facts: Facts) -> bool:
    """Say whether a page shows its title and nothing else without its script."""
    length = facts.get("text_length")
    return isinstance(length, int) and length <= len(str(facts.get("title", "")))


def _next(answer: Answer | None, *, target: Target, scheme: str, at: str) -> str:
    if answer is None or answer.status not in STATUSES:
        return ""
    location = answer.headers.get(b"location", b"")
    return followed(location, target=target, scheme=scheme, at=at)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what the pages, their headers and the icon tell, and which product it is."""
    said = turns(exchanges)
    asked = [
        (_path(each.sent), read_answer(each.received)) for each in said if each.sent
    ]
    pages = [(path, answer) for path, answer in asked if answer and path != ICON]
    # The first answer decides what this is.
    if not pages or asked[0][1] is None:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts = _page_facts(pages[-1][1])
    facts["redirects"] = [visible(path.encode()) for path, _ in pages[1:]]
    facts["cookies"] = _cookies(pages)
    icon = next((_icon(answer) for path, answer in asked if path == ICON), None)
    if icon is not None:
        facts["icon_hash"] = icon
    terms = said[0].received if not said[0].sent else b""
    facts |= recognise(front_of(pages, icon=icon, certificate=_certificate(terms)))
    return Parsed(Outcome.IDENTIFIED, "L1", harmless_facts(facts))


def _path(sent: bytes) -> str:
    return sent.split(b" ", 2)[1].decode("latin-1") if sent.count(b" ") > 1 else ""


def _page_facts(answer: Answer) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"status": answer.status}
    for name, fact in KEPT_HEADERS.items():
        if name in answer.headers:
            facts[fact] = visible(answer.headers[name])
    facts |= page.describe(answer.body, server=answer.headers.get(b"server", b""))
    facts["body_bytes"] = len(answer.body)
    facts["body_sha256"] = hashlib.sha256(answer.body).hexdigest()
    facts["truncated"] = answer.size >= IT_CAPS.answer_bytes
    return facts


def _cookies(pages: Sequence[tuple[str, Answer]]) -> list[Scalar]:
    """Return the names of the cookies; their contents are none of our business."""
    names = dict.fromkeys(name for _, answer in pages for name in answer.cookies)
    return [visible(name, limit=80) for name in list(names)[:MOST_COOKIES]]


def _icon(answer: Answer | None) -> int | None:
    """Return the number of the icon, if there is one and it came whole."""
    if answer is None or answer.status != 200 or not answer.body:
        return None
    whole = answer.size < MOST_ICON_BYTES
    is_page = b"<html" in answer.body[:512].lower()
    return icon_hash(answer.body) if whole and not is_page else None


def _certificate(terms: bytes) -> dict[str, Fact]:
    try:
        return certificate.describe(TlsTerms.from_bytes(terms).certificate)
    except ValueError:
        return {}


# The page of the documentation's example: an installation names its own there.
_PLACE = Target("192.0.2.1", 80, "plant.example")
_EXAMPLES = tuple(
    request(_PLACE, path, about=EXAMPLE) for path in (START, ICON, "/remote/login")
)
# What a live page may show otherwise a second later, beside its length and its hash.
MOVING = frozenset({"location", "sign_in_words"})
PROBE = Probe(
    name="http",
    version=2,
    ports=(80, 81, 3000, 8000, 8080, 8081, 8086, 8088, 9200),
    is_ot=False,
    messages=_EXAMPLES,
    run=run_plain,
    parse=parse,
    caps=IT_CAPS,
    moving=MOVING,
)
PROBE_TLS = replace(
    PROBE,
    name="https",
    ports=(443, 4433, 4443, 8043, 8443, 9443, 10443),
    run=run_over_tls,
)
