"""IT services that shout, lie in their text or never finish their handshake."""

import asyncio
import json

import pytest

from exposure.probes import ftp, http, mqtt, smtp, telnet
from exposure.probes.base import Direction, Outcome, Probe
from tests.exposure.probes.stage import ask, impatient

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
GREETING = [
    (ftp.PROBE, b"220 "),
    (smtp.PROBE, b"220 ESMTP "),
    (telnet.PROBE, b"\xff\xfd\x18"),
    (http.PROBE, b"HTTP/1.1 200 OK\r\n\r\n<title>"),
]


@pytest.mark.parametrize(
    ("probe", "start"), GREETING, ids=lambda p: getattr(p, "name", "")
)
def test_an_endless_banner_of_ten_megabytes_is_cut_off(
    probe: Probe, start: bytes
) -> None:
    async def shout(_: Reader, writer: Writer) -> None:
        writer.write(start)
        for _ in range(10 * 1024 * 1024 // 65536):
            writer.write(b"A" * 65536)
            await writer.drain()

    result = ask(impatient(probe), shout)

    kept = sum(
        len(e.data) for e in result.exchanges if e.direction is Direction.RECEIVED
    )
    assert kept <= probe.caps.probe_bytes
    assert all(len(str(fact)) < 5000 for fact in result.facts.values())


@pytest.mark.parametrize(
    ("probe", "start"), GREETING, ids=lambda p: getattr(p, "name", "")
)
def test_invalid_text_and_zeros_in_a_banner_are_shown_escaped(
    probe: Probe, start: bytes
) -> None:
    hostile = start + b"\xff\xfe\0\x1b[2J\xe2\x80\xae<script> login: \r\n"

    async def speak(reader: Reader, writer: Writer) -> None:
        writer.write(hostile)
        await writer.drain()
        await reader.read(200)

    result = ask(impatient(probe), speak)

    for fact in result.facts.values():
        for text in fact if isinstance(fact, list) else [fact]:
            assert not isinstance(text, str) or text.isprintable()
    json.dumps(dict(result.facts))


@pytest.mark.parametrize(
    "probe", [http.PROBE_TLS, mqtt.PROBE_TLS], ids=lambda p: p.name
)
def test_a_tls_handshake_that_never_finishes_ends_the_probe(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exposure.probes.dialer.HANDSHAKE_SECONDS", 0.1)

    async def half_hello(reader: Reader, writer: Writer) -> None:
        await reader.read(10)
        writer.write(bytes.fromhex("160303010002"))
        await reader.read()

    result = ask(probe, half_hello)

    assert result.outcome is Outcome.SILENT
    assert result.facts == {}
