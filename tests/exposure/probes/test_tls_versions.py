"""Which old versions and weak ciphers a server takes, whatever way it says no."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from exposure.probes import mqtt, tls_versions
from exposure.probes.base import Direction, Exchange, Outcome, ProbeResult, Target
from exposure.probes.dialer import Dialer, Gate
from exposure.probes.hello import SSL_3, TLS_1_0, TLS_1_1, TLS_1_2, WEAK, server_choice
from exposure.probes.runner import Host, OpenPort, identify, run_probe
from plant.certificates import Wanted, key_pair
from tests.exposure.probes.stage import (
    HOME,
    Handler,
    allow,
    ask,
    impatient,
    never,
    service,
)

PROBE = impatient(tls_versions.PROBE)
ALERT = bytes.fromhex("15030100020246")
RC4_SHA, AES_SHA = 0x0005, 0x002F
Answer = Callable[[bytes], bytes]


def chose(version: int, suite: int) -> bytes:
    """Return a server's first word."""
    body = version.to_bytes(2) + bytes(32) + b"\0" + suite.to_bytes(2) + b"\0"
    message = b"\2" + len(body).to_bytes(3) + body
    return b"\x16" + version.to_bytes(2) + len(message).to_bytes(2) + message


def speaking(answer: Answer) -> Handler:
    """Return a server that answers each first message; b"" hangs up."""

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(answer(await reader.read(4096)))
        await writer.drain()

    return handle


def newest(hello: bytes) -> int:
    """Return the newest version that a hello offers."""
    return int.from_bytes(hello[9:11])


def is_weak(hello: bytes) -> bool:
    """Say whether a hello offers weak ciphers and nothing else."""
    return hello[44:46] == (2 * len(WEAK)).to_bytes(2)


def sent(result: ProbeResult) -> list[str]:
    """Return what was offered, in the order of asking."""
    names = {TLS_1_2: "1.2", TLS_1_1: "1.1", TLS_1_0: "1.0", SSL_3: "3.0"}
    hellos = [e.data for e in result.exchanges if e.direction is Direction.SENT]
    return ["weak" if is_weak(each) else names[newest(each)] for each in hellos]


def old_server(hello: bytes) -> bytes:
    """Take TLS 1.1 and older, and RC4."""
    suite = RC4_SHA if is_weak(hello) else AES_SHA
    return chose(min(newest(hello), TLS_1_1), suite)


def modern_server(hello: bytes) -> bytes:
    """Refuse what is old in TLS's own words."""
    return ALERT


def curt_server(hello: bytes) -> bytes:
    """Hang up on what is old, as some do; answer TLS 1.2."""
    if newest(hello) == TLS_1_2 and not is_weak(hello):
        return chose(TLS_1_2, 0xC02F)
    return b""


def ancient_server(hello: bytes) -> bytes:
    """Speak SSL 3.0 and TLS 1.0."""
    return chose(min(newest(hello), TLS_1_0), RC4_SHA)


@pytest.mark.parametrize(
    ("server", "asked", "facts"),
    [
        (
            old_server,
            ["1.1", "weak", "1.0"],
            {"old_versions": ["TLS 1.0", "TLS 1.1"], "weak_cipher": "RC4-SHA"},
        ),
        (modern_server, ["1.1", "weak"], {"old_versions": [], "weak_cipher": ""}),
        (curt_server, ["1.1", "weak", "1.2"], {"old_versions": [], "weak_cipher": ""}),
        (
            ancient_server,
            ["1.1", "weak", "3.0"],
            {"old_versions": ["SSL 3.0", "TLS 1.0"], "weak_cipher": "RC4-SHA"},
        ),
    ],
)
def test_it_tells_what_a_server_takes(
    server: Answer, asked: list[str], facts: dict[str, object]
) -> None:
    result = ask(PROBE, speaking(server))

    assert sent(result) == asked
    assert result.outcome is Outcome.IDENTIFIED
    assert result.facts == facts


def test_silence_is_no_refusal() -> None:
    async def dumb_about_weak(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        hello = await reader.read(4096)
        if not is_weak(hello):
            writer.write(ALERT)
        await reader.read()

    result = ask(PROBE, dumb_about_weak)

    assert result.facts == {"old_versions": []}


def test_a_server_that_resets_everything_tells_nothing() -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        plug: socket.socket = writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    result = ask(PROBE, reset)

    assert result.outcome is Outcome.REFUSED
    assert result.facts == {}


@pytest.mark.parametrize(
    "choice",
    [chose(TLS_1_2, AES_SHA), chose(TLS_1_0, 0x1301)],
    ids=["version", "suite"],
)
def test_it_notices_a_decoy_that_chooses_what_was_not_on_offer(choice: bytes) -> None:
    result = ask(PROBE, speaking(lambda _: choice))

    assert result.outcome is Outcome.ANOMALY
    assert result.facts["anomaly"]


@pytest.mark.parametrize("also", ["", "iec104"])
def test_an_industrial_host_is_not_asked(also: str) -> None:
    async def run() -> list[str]:
        async with service(speaking(modern_server)) as port:
            ports = [
                OpenPort(port, "tls-versions"),
                *([OpenPort(2404)] if also else []),
            ]
            host = Host(HOME, ports)
            each = identify(host, permit=allow, should_stop=never)
            return [result.probe async for result in each]

    assert asyncio.run(run()) == (["iec104"] if also else ["tls-versions"])


def test_each_message_is_one_that_a_server_understands(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    pair = key_pair(tmp_path, "old", Wanted("old", ("old",)))
    context.load_cert_chain(pair.certificate, pair.key)

    for hello in tls_versions.PROBE.messages:
        if newest(hello) > SSL_3:  # OpenSSL itself speaks nothing older any more
            heard, out = ssl.MemoryBIO(), ssl.MemoryBIO()
            side = context.wrap_bio(heard, out, server_side=True)
            heard.write(hello)
            with pytest.raises(ssl.SSLWantReadError):
                side.do_handshake()

            chosen = server_choice(out.read())
            assert chosen is not None
            assert chosen.version == newest(hello)
            assert not is_weak(hello) or chosen.suite in WEAK


def test_a_strange_name_is_left_out_of_the_message() -> None:
    for name in ("", "ü.example", "a" * 300):
        assert tls_versions.weak_hello(name) == tls_versions.weak_hello()


@pytest.mark.parametrize("cut", range(0, 52, 3))
def test_half_a_word_is_no_choice(cut: int) -> None:
    whole = chose(TLS_1_0, RC4_SHA)

    assert server_choice(whole[: min(cut, len(whole) - 2)]) is None


def test_it_parses_whatever_is_stored() -> None:
    odd = [
        Exchange(0.0, Direction.SENT, b"\x16"),
        Exchange(0.0, Direction.RECEIVED, b""),
    ]

    assert tls_versions.parse(odd).outcome is Outcome.OTHER_PROTOCOL
    assert tls_versions.parse([]).outcome is Outcome.OTHER_PROTOCOL


def test_a_broker_behind_tls_is_asked_inside(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = key_pair(tmp_path, "broker", Wanted("broker", ("broker",)))
    context.load_cert_chain(pair.certificate, pair.key)

    async def broker(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        assert await reader.readexactly(len(mqtt.CONNECT)) == mqtt.CONNECT
        writer.write(bytes.fromhex("20020005"))
        await reader.read()
        writer.close()

    async def run() -> ProbeResult:
        server = await asyncio.start_server(broker, HOME, 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            dialer = Dialer(
                permit=allow, should_stop=never, gate=Gate(), caps=mqtt.PROBE_TLS.caps
            )
            return await run_probe(
                mqtt.PROBE_TLS,
                Target(HOME, port),
                dialer=dialer,
                should_stop=never,
                seconds=5,
            )

    result = asyncio.run(run())

    assert result.outcome is Outcome.IDENTIFIED
    assert result.facts == {"return_code": 5}
