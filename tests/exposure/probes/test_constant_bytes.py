"""Every byte that a probe can send, held against the list of what never goes out."""

import ast
import json
from pathlib import Path

import pytest

from exposure.probes import banner, registry
from exposure.probes.base import Probe
from plant.classify import Kind, Reader
from tests.exposure.probes import ot_rules

ROOT = Path(__file__).parents[3]
SOURCE = Path(banner.__file__).parent
OT_PROBES = [
    probe for probe in registry.PROBES if probe.is_ot and probe.transport == "tcp"
]
STANDARD_AND_OURS = {
    *("__future__", "asyncio", "collections", "contextlib", "contextvars"),
    *("dataclasses", "datetime", "enum"),
    *("hashlib", "ipaddress", "json", "re", "shlex", "socket", "ssl", "struct"),
    *("time", "typing", "unicodedata", "warnings", "cryptography", "exposure"),
    *("fcntl", "termios"),  # how many bytes wait unread in a socket
}

# What must never be sent, as one example for each kind of control.
FORBIDDEN = {
    "modbus": [
        bytes.fromhex(f"0001000000060{unit}{code:02x}00010001")
        for unit in (0, 1)
        for code in (5, 6, 8, 15, 16, 21, 22, 23, 90)
    ],
    "s7": [
        bytes.fromhex(f"0300001902f08032010000000000020000{job:02x}") + bytes(7)
        for job in (0x05, *range(0x1A, 0x20), 0x28, 0x29)
    ],
    "enip": [
        bytes.fromhex("6f001200")
        + bytes(20)
        + bytes.fromhex("000000000000020000000000b2000200")
        + bytes([service, 0])
        for service in (0x02, *range(0x05, 0x0B), 0x10, 0x4D, 0x4E, 0x54, 0x5B)
    ],
    "iec104": [
        bytes.fromhex("680407000000"),
        bytes.fromhex("680e0000000064010600010000000014"),
    ],
    "melsec": [bytes.fromhex("500000ffff03000600100001100000")],
    "opcua": [],
    "mqtt": [bytes.fromhex("300500016178")],
}
FORBIDDEN |= ot_rules.FORBIDDEN
# A session of S7comm-plus, and its first message after that.
FORBIDDEN["s7"].append(
    bytes.fromhex("0300002102f08072010012310000") + b"\x04\xca" + bytes(17)
)
MELSEC_READ_CPU = (0x0101, 0x0000)
OPCUA_READS = {446, 428, 452}
MQTT_KINDS = {1: "connect", 8: "subscribe", 14: "disconnect"}


def reads_only(protocol: str, message: bytes) -> bool:
    """Say whether a message is known and only reads."""
    if allowed := ot_rules.ALLOWED.get(protocol):
        return allowed(message)
    if protocol == "melsec":
        command = int.from_bytes(message[11:13], "little")
        return (command, int.from_bytes(message[13:15], "little")) == MELSEC_READ_CPU
    if protocol == "opcua":
        return message[:4] == b"HELF" or opcua_request(message) in OPCUA_READS
    if protocol == "mqtt":
        return message[0] >> 4 in MQTT_KINDS
    requests = Reader(protocol).feed(message)
    return bool(requests) and all(one.kind is Kind.READ for one in requests)


def opcua_request(message: bytes) -> int:
    """Return the number of the request in an OPC UA message."""
    at = 24 if message[:3] in (b"MSG", b"CLO") else 12 + 4 + 47 + 4 + 4 + 8
    assert message[at : at + 2] == b"\1\0"
    return int.from_bytes(message[at + 2 : at + 4], "little")


@pytest.mark.parametrize("probe", OT_PROBES, ids=lambda probe: probe.name)
def test_it_only_reads(probe: Probe) -> None:
    assert probe.messages
    for message in probe.messages:
        assert reads_only(probe.name, message), message.hex()


@pytest.mark.parametrize("probe", OT_PROBES, ids=lambda probe: probe.name)
def test_it_would_catch_every_forbidden_message(probe: Probe) -> None:
    for message in FORBIDDEN[probe.name]:
        assert not reads_only(probe.name, message), message.hex()


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda p: p.name)
def test_it_imports_no_protocol_library(path: Path) -> None:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.split(".")[0])

    assert modules <= STANDARD_AND_OURS


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda p: p.name)
def test_it_opens_sockets_in_the_dialer_only(path: Path) -> None:
    text = path.read_text()

    opens = any(
        word in text for word in ("socket.socket", "open_connection", "sock_connect")
    )

    # wire.py says how a socket counts; only the dialer makes and uses one.
    assert opens == (path.name in {"dialer.py", "wire.py"})


SIGN_INS = (
    *(b"USER ", b"PASS ", b"AUTH ", b"AUTH TLS", b"LOGIN\r", b"STARTTLS"),
    *(b"MAIL FROM", b"RCPT TO", b"Authorization", b"Cookie", b"DESCRIBE", b"POST "),
)
# The name or address of the server, or a number that it gave, is part of what they say.
NAMING_THE_SERVER = {
    *("http", "https", "tls-versions", "opcua", "enip", "sip"),
    *("dnp3", "fins", "pcworx", "bacnet"),
}


@pytest.mark.parametrize("probe", registry.PROBES, ids=lambda probe: probe.name)
def test_no_message_signs_in_or_writes(probe: Probe) -> None:
    for message in probe.messages:
        assert not [word for word in SIGN_INS if word.lower() in message.lower()]


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "tests/data/transcripts").glob("*.json")),
    ids=lambda p: p.stem,
)
def test_nothing_was_said_but_what_is_listed(path: Path) -> None:
    recording = json.loads(path.read_text())
    probe = registry.BY_NAME[recording["probe"]]

    said = {
        bytes.fromhex(data) for _, who, data in recording["exchanges"] if who == "sent"
    }

    assert probe.name in NAMING_THE_SERVER or said <= set(probe.messages)


def test_it_sends_nothing_to_an_unknown_port() -> None:
    assert registry.probes_for(61_234) == (banner.PROBE,)
    assert banner.PROBE.messages == ()
