"""A redirect is followed to the same door only; everything else is written down."""

import asyncio

import pytest

from exposure.logic.scope import Permit, Refusal
from exposure.probes import http
from exposure.probes.base import Direction, Outcome, ProbeResult, Target
from exposure.probes.dialer import Dialer, Gate
from exposure.probes.redirect import followed
from exposure.probes.runner import run_probe
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    allow,
    ask,
    asked_for,
    impatient,
    never,
    service,
)

DOOR = Target("192.0.2.1", 443, "vpn.example")
PAGES = {
    "/": b"HTTP/1.1 302 Found\r\nLocation: /remote/login?lang=en\r\n"
    b"Set-Cookie: SVPNCOOKIE=secret; path=/\r\nContent-Length: 0\r\n\r\n",
    "/remote/login?lang=en": b"HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n"
    b"<title>Please Login</title>ok",
    "/favicon.ico": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\0\0\1\0",
}


def serving(pages: dict[str, bytes]) -> Handler:
    """Return a web server that keeps its connections open, as many do."""

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        writer.write(pages.get(request.split(b" ")[1].decode(), missing))
        await reader.read()

    return handle


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/remote/login", "/remote/login"),
        (b"/a?b=c#d", "/a?b=c"),
        (b"login.htm", "/here/login.htm"),
        (b"https://192.0.2.1/a", "/a"),
        (b"https://192.0.2.1:443/a", "/a"),
        (b"https://vpn.example/a", "/a"),
        (b"HTTPS://VPN.example/a", "/a"),
        (b"//vpn.example/a", "/a"),
        (b"https://vpn.example", "/"),
    ],
)
def test_it_follows_a_path_of_the_same_door(location: bytes, path: str) -> None:
    assert followed(location, target=DOOR, scheme="https", at="/here/") == path


@pytest.mark.parametrize(
    "location",
    [
        b"http://169.254.169.254/latest/meta-data/",
        b"https://169.254.169.254/latest/meta-data/",
        b"http://[fd00:ec2::254]/latest/",
        b"https://metadata.google.internal/computeMetadata/v1/",
        b"http://192.0.2.1/a",
        b"https://192.0.2.1:8443/a",
        b"https://192.0.2.10/a",
        b"https://192.0.2.1.evil.example/a",
        b"https://vpn.example@evil.example/a",
        b"https://vpn.example:443@evil.example/a",
        b"https://evil.example\\@vpn.example/a",
        b"https://0xc0000201/a",
        b"https:/vpn.example/a",
        b"//evil.example/a",
        b"/\\evil.example/a",
        b"javascript:alert(1)",
        b"file:///etc/passwd",
        b"gopher://192.0.2.1:443/a",
        b"/a\r\nX-Injected: 1",
        b"/a b",
        b"/a\x00b",
        b"/\xff\xfe",
        b"/" + b"a" * 500,
        b"",
        b"/here/",
    ],
)
def test_it_does_not_follow_a_redirect_elsewhere(location: bytes) -> None:
    assert followed(location, target=DOOR, scheme="https", at="/here/") == ""


def test_it_follows_to_the_sign_in() -> None:
    result = ask(http.PROBE, serving(PAGES))

    assert asked_for(result) == ["/", "/remote/login?lang=en"]
    assert result.outcome is Outcome.IDENTIFIED
    assert result.facts["product"] == "FortiGate SSL VPN"
    assert result.facts["remote_access"] is True
    assert result.facts["title"] == "Please Login"


@pytest.mark.parametrize(
    ("html", "wants_icon"),
    [
        (b"<title>Sign in</title><input type=password>", True),
        (b"<title>App</title><script>draw()</script>", True),
        (b"<title>Store</title>Spare parts", False),
        (b"<title>GlobalProtect Portal</title><input type=password>", False),
    ],
)
def test_it_fetches_the_icon_where_the_page_hides_what_it_is(
    html: bytes, *, wants_icon: bool
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(html)

    result = ask(http.PROBE, serving(PAGES | {"/": head + html}))

    assert asked_for(result) == ["/", "/favicon.ico"][: 1 + wants_icon]
    assert isinstance(result.facts.get("icon_hash"), int) is wants_icon


def test_it_keeps_the_name_of_a_cookie_and_not_what_is_in_it() -> None:
    result = ask(http.PROBE, serving(PAGES))

    assert result.facts["cookies"] == ["SVPNCOOKIE"]
    assert "secret" not in str(result.facts)


def test_it_follows_no_more_than_two_redirects() -> None:
    hop = b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n"
    pages = {f"/{n}": hop % (n + 1) for n in range(1, 9)} | {"/": hop % 1}

    result = ask(http.PROBE, serving(pages))

    assert asked_for(result) == ["/", "/1", "/2", "/favicon.ico"]
    assert result.facts["location"] == "/3"


def test_it_asks_the_scope_before_each_connection() -> None:
    answers = [Permit("test"), Refusal("Somebody took it back.")]

    async def run() -> ProbeResult:
        async with service(serving(PAGES)) as port:
            dialer = Dialer(
                permit=lambda *_: answers.pop(0),
                should_stop=never,
                gate=Gate(),
                caps=http.PROBE.caps,
            )
            target = Target(HOME, port)
            return await run_probe(
                http.PROBE, target, dialer=dialer, should_stop=never, seconds=5
            )

    result = asyncio.run(run())

    assert asked_for(result) == ["/"]
    assert result.outcome is Outcome.IDENTIFIED
    assert "took it back" in result.detail


def test_an_industrial_host_is_asked_for_its_start_page_only() -> None:
    async def run() -> ProbeResult:
        async with service(serving(PAGES)) as port:
            gate = Gate()
            gate.go_gently()
            dialer = Dialer(
                permit=allow, should_stop=never, gate=gate, caps=http.PROBE.caps
            )
            target = Target(HOME, port)
            return await run_probe(
                http.PROBE, target, dialer=dialer, should_stop=never, seconds=5
            )

    assert asked_for(asyncio.run(run())) == ["/"]


PANEL = b"<title>Miniweb Start Page</title>"


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        ({"/": b"Content-Length: 33\r\n\r\n" + PANEL}, ["/"]),
        # It never says that it is done, and never hangs up.
        ({"/": b"\r\n" + PANEL}, ["/"]),
        (
            {
                "/": b"Location: /start.html\r\nContent-Length: 0\r\n\r\n",
                "/start.html": b"Content-Length: 33\r\n\r\n" + PANEL,
            },
            ["/", "/start.html"],
        ),
    ],
    ids=["plain", "endless", "behind a redirect"],
)
def test_a_panels_page_makes_the_host_industrial(
    pages: dict[str, bytes], asked: list[str]
) -> None:
    gate = Gate()
    whole = {
        path: b"HTTP/1.1 %d X\r\n" % (302 if b"Location" in rest else 200) + rest
        for path, rest in pages.items()
    }

    async def run() -> ProbeResult:
        async with service(serving(whole)) as port:
            probe = impatient(http.PROBE)
            dialer = Dialer(permit=allow, should_stop=never, gate=gate, caps=probe.caps)
            target = Target(HOME, port)
            return await run_probe(
                probe, target, dialer=dialer, should_stop=never, seconds=5
            )

    result = asyncio.run(run())

    assert asked_for(result) == asked
    assert result.facts["product"] == "SIMATIC HMI (Miniweb)"
    assert gate.is_gentle


def test_an_endless_icon_is_cut_off() -> None:
    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        if b"favicon" in request:
            while True:
                writer.write(bytes(65536))
                await writer.drain()

    result = ask(http.PROBE, handle)

    heard = [e.data for e in result.exchanges if e.direction is Direction.RECEIVED]
    assert len(b"".join(heard)) < http.MOST_ICON_BYTES + 8192
    assert "icon_hash" not in result.facts
