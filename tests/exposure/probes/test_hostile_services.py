"""Services that do what no honest service does; none may crash, hang or flood us."""

import asyncio
import json
import socket
import struct

import pytest

from exposure.probes import banner, http, modbus, mqtt, ssh, tls, vnc
from exposure.probes.base import Direction, Outcome, Probe, ProbeResult
from exposure.probes.registry import PROBES
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    ask,
    ask_port,
    asked_for,
    impatient,
    saying,
)

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
HUNDRED_MEGABYTES = 100 * 1024 * 1024
OVER_TLS = ("tls", "https", "mqtts", "foxs")
PLAIN = [
    impatient(probe)
    for probe in PROBES
    if probe.name not in OVER_TLS and probe.transport == "tcp"
]
every_probe = pytest.mark.parametrize("probe", PLAIN, ids=lambda probe: probe.name)


def kept(result: ProbeResult) -> int:
    """Return how many bytes of the service's were kept."""
    heard = [e for e in result.exchanges if e.direction is Direction.RECEIVED]
    return sum(len(each.data) for each in heard)


def endless(start: bytes) -> Handler:
    """Return a handler that says `start`, then 100 MB of zeros."""

    async def handle(_: Reader, writer: Writer) -> None:
        writer.write(start)
        for _ in range(HUNDRED_MEGABYTES // 65536):
            writer.write(bytes(65536))
            await writer.drain()

    return handle


def saying_first(data: bytes) -> Handler:
    """Return a handler that speaks before it is spoken to."""

    async def handle(reader: Reader, writer: Writer) -> None:
        writer.write(data)
        await reader.read()

    return handle


@every_probe
def test_it_stops_reading_an_answer_of_100_megabytes(probe: Probe) -> None:
    result = ask(probe, endless(b""))

    assert result.outcome is not Outcome.IDENTIFIED
    assert kept(result) <= probe.caps.probe_bytes


def test_it_stops_reading_a_page_of_100_megabytes() -> None:
    result = ask(http.PROBE, endless(b"HTTP/1.1 200 OK\r\n\r\n<title>Big</title>"))

    assert result.outcome is Outcome.IDENTIFIED
    assert result.facts["title"] == "Big"
    assert result.facts["truncated"] is True
    assert kept(result) <= http.PROBE.caps.answer_bytes + http.MOST_ICON_BYTES + 4096


@every_probe
def test_it_gives_up_on_a_service_that_says_nothing(probe: Probe) -> None:
    async def tarpit(reader: Reader, _: Writer) -> None:
        await reader.read()

    result = ask(probe, tarpit)

    assert result.outcome is Outcome.SILENT
    assert kept(result) == 0


@every_probe
def test_it_takes_a_reset_as_a_refusal(probe: Probe) -> None:
    async def reset(_: Reader, writer: Writer) -> None:
        plug: socket.socket = writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    result = ask(probe, reset)

    assert result.outcome is Outcome.REFUSED


@every_probe
def test_it_names_a_closed_port_refused(probe: Probe) -> None:
    with socket.create_server((HOME, 0)) as free:
        port = free.getsockname()[1]

    result = asyncio.run(ask_port(probe, port))

    assert result.outcome is Outcome.REFUSED
    assert result.exchanges == ()


@every_probe
def test_it_does_not_take_garbage_for_its_protocol(probe: Probe) -> None:
    result = ask(probe, saying_first(bytes(range(255, 0, -1)) * 4))

    assert result.outcome in (Outcome.OTHER_PROTOCOL, Outcome.ANOMALY)
    assert result.level == ""


@every_probe
def test_it_does_not_take_an_echo_for_a_device(probe: Probe) -> None:
    async def echo(reader: Reader, writer: Writer) -> None:
        while data := await reader.read(4096):
            writer.write(data)

    result = ask(probe, echo)

    assert result.outcome is not Outcome.IDENTIFIED
    assert result.level == ""


def test_it_keeps_half_an_answer() -> None:
    result = ask(impatient(modbus.PROBE), saying(bytes.fromhex("00010000003001 2b0e")))

    assert result.outcome is Outcome.OTHER_PROTOCOL
    assert result.exchanges[1].data == bytes.fromhex("00010000003001 2b0e")
    assert "hung up" in result.detail


def test_it_shows_invalid_text_without_breaking() -> None:
    banner = b"SSH-2.0-\xff\xfe\x1b[2J\xe2\x80\xae" + b"A" * 500 + b"\r\n"

    result = ask(impatient(ssh.PROBE), saying_first(banner))

    shown = str(result.facts["banner"])
    assert len(shown) <= 200
    assert shown.isprintable()
    json.dumps(dict(result.facts))


def test_it_shows_a_title_with_hidden_characters() -> None:
    page = "<title>\u202eHMI\u0000<script></title>".encode()

    result = ask(http.PROBE, saying(b"HTTP/1.1 200 OK\r\n\r\n" + page))

    assert result.facts["title"] == "\\u202eHMI\\x00"


def test_it_gives_up_on_a_tls_handshake_that_never_finishes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("exposure.probes.dialer.HANDSHAKE_SECONDS", 0.1)

    async def half_hello(reader: Reader, writer: Writer) -> None:
        await reader.read(10)
        writer.write(bytes.fromhex("1603030100 02"))
        await reader.read()

    result = ask(tls.PROBE, half_hello)

    assert result.outcome is Outcome.SILENT
    assert result.facts == {}


def test_it_does_not_take_plain_text_for_tls() -> None:
    result = ask(tls.PROBE, saying(b"220 mail ready\r\n"))

    assert result.outcome is Outcome.OTHER_PROTOCOL
    assert "TLS" in result.detail


def test_it_does_not_follow_a_redirect_to_a_metadata_address() -> None:
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\n"
        b"Content-Length: 0\r\n\r\n"
    )

    result = ask(http.PROBE, saying(answer))

    assert asked_for(result) == ["/", "/favicon.ico"]
    assert result.facts["status"] == 302
    assert result.facts["redirects"] == []
    assert result.facts["location"] == "http://169.254.169.254/latest/meta-data/"


def test_it_keeps_a_slow_loris_to_the_deadline() -> None:
    async def drip(reader: Reader, writer: Writer) -> None:
        await reader.read(4096)
        while True:
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(0)

    result = ask(http.PROBE, drip, seconds=0.3)

    assert result.outcome is Outcome.OTHER_PROTOCOL
    assert kept(result) <= http.PROBE.caps.answer_bytes


def test_it_reads_tags_that_never_close_in_linear_time() -> None:
    body = b"<title<input<script" * 13_000

    result = ask(http.PROBE, saying(b"HTTP/1.1 200 OK\r\n\r\n" + body))

    assert result.outcome is Outcome.IDENTIFIED


def test_it_keeps_a_kilobyte_of_a_banner_of_ten_megabytes() -> None:
    result = ask(banner.PROBE, endless(b"220 "))

    assert result.outcome is not Outcome.IDENTIFIED
    assert kept(result) <= banner.PROBE.caps.probe_bytes
    assert result.bytes_in >= kept(result)  # what was not read is counted all the same


@every_probe
def test_it_names_a_reset_in_the_middle_of_a_conversation(probe: Probe) -> None:
    async def storm(reader: Reader, writer: Writer) -> None:
        plug: socket.socket = writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.write(b"\x03")
        await reader.read(4)
        writer.transport.abort()

    result = ask(probe, storm)

    assert result.outcome is not Outcome.IDENTIFIED
    assert result.connections <= (3 if probe.name == "tls-versions" else 2)


def test_it_does_not_wait_for_a_drip_beyond_its_deadline() -> None:
    async def drip(_: Reader, writer: Writer) -> None:
        while True:
            writer.write(b"\x00")
            await writer.drain()
            await asyncio.sleep(0.01)

    result = ask(modbus.PROBE, drip, seconds=0.05)

    assert result.outcome is not Outcome.IDENTIFIED
    assert kept(result) <= modbus.PROBE.caps.probe_bytes


def test_it_keeps_a_nul_out_of_what_is_stored() -> None:
    page = b"HTTP/1.1 200 OK\r\nServer: a\x00b\r\n\r\n<title>c\x00d</title>"

    result = ask(http.PROBE, saying(page))

    assert "\0" not in json.dumps(dict(result.facts), ensure_ascii=False)
    assert result.facts["title"] == "c\\x00d"


def test_it_survives_a_vnc_server_that_promises_255_types() -> None:
    async def promise(reader: Reader, writer: Writer) -> None:
        writer.write(b"RFB 003.008\n")
        await reader.read(12)
        writer.write(b"\xff\x01")
        await reader.read()

    result = ask(impatient(vnc.PROBE), promise)

    assert result.outcome is Outcome.IDENTIFIED
    assert "security_types" not in result.facts


def test_it_does_not_believe_a_broker_that_refuses() -> None:
    result = ask(mqtt.PROBE, saying(bytes.fromhex("20020005")))

    assert result.facts == {"return_code": 5}
    assert result.level == "L1"
