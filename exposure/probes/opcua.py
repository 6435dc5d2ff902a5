"""OPC UA: open an unencrypted channel, list the endpoints, close the channel.

No session is created, so nothing of the process is seen. Source: OPC 10000-6, 6.7 and
7.1 (messages), OPC 10000-4, 5.4.4 (GetEndpoints).
"""

import struct
from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    Turn,
    echoes,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line
from exposure.probes.opcua_codec import Endpoint, Reader, read_endpoint
from exposure.probes.text import visible

OPEN_REQUEST, LIST_REQUEST, CLOSE_REQUEST = 446, 428, 452
LIST_RESPONSE = 431
_NULL = bytes.fromhex("ffffffff")
# Token, time, handle 1, no diagnostics, no audit id, 5 s hint, no extra header.
_REQUEST_HEADER = (
    bytes(10) + struct.pack("<II", 1, 0) + _NULL + struct.pack("<I", 5000) + bytes(3)
)
_POLICY_NONE = b"http://opcfoundation.org/UA/SecurityPolicy#None"
# Version 0, issue a token, mode None, no nonce, for one minute.
_OPEN_BODY = (
    struct.pack("<I", len(_POLICY_NONE))
    + _POLICY_NONE
    + _NULL * 2
    + struct.pack("<II", 1, 1)
    + struct.pack("<BBH", 1, 0, OPEN_REQUEST)
    + _REQUEST_HEADER
    + struct.pack("<III", 0, 0, 1)
    + _NULL
    + struct.pack("<I", 60_000)
)
OPEN_CHANNEL = b"OPNF" + struct.pack("<II", 12 + len(_OPEN_BODY), 0) + _OPEN_BODY
HEADER, CHUNK_HEADER, MOST_CHUNKS = 8, 24, 16

MODES = {1: "None", 2: "Sign", 3: "SignAndEncrypt"}
TOKENS = {0: "Anonymous", 1: "UserName", 2: "Certificate", 3: "IssuedToken"}


def hello(url: bytes) -> bytes:
    """Return the greeting for an address such as opc.tcp://192.0.2.1:4840/."""
    body = struct.pack("<IIIIII", 0, 65535, 65535, 0, 0, len(url)) + url
    return b"HELF" + struct.pack("<I", HEADER + len(body)) + body


def list_endpoints(channel: bytes, url: bytes) -> bytes:
    """Return the question; `channel` is 8 bytes, channel and token of the server."""
    body = struct.pack("<I", len(url)) + url + _NULL * 2
    return _message(b"MSGF", channel, number=2, request=LIST_REQUEST, body=body)


def close_channel(channel: bytes) -> bytes:
    """Return the farewell, which has no answer."""
    return _message(b"CLOF", channel, number=3, request=CLOSE_REQUEST, body=b"")


def _message(
    kind: bytes, channel: bytes, *, number: int, request: int, body: bytes
) -> bytes:
    payload = (
        struct.pack("<IIBBH", number, number, 1, 0, request) + _REQUEST_HEADER + body
    )
    return kind + struct.pack("<I", HEADER + len(channel + payload)) + channel + payload


def _url(target: Target) -> bytes:
    return f"opc.tcp://{target.host_header}:{target.port}/".encode()


async def run(target: Target, *, dialer: Dialer) -> None:
    """Greet, open a channel, ask for the endpoints, close the channel."""
    async with dialer.connect(target) as line:
        await line.send(hello(_url(target)))
        if not (await _frame(line)).startswith(b"ACKF"):
            return
        await line.send(OPEN_CHANNEL)
        channel = _channel(await _frame(line))
        if channel:
            try:
                await line.send(list_endpoints(channel, _url(target)))
                for _ in range(MOST_CHUNKS):
                    if (await _frame(line))[3:4] != b"C":
                        break
            finally:
                await line.send(close_channel(channel))


async def _frame(line: Line) -> bytes:
    return await line.frame(HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return int.from_bytes(header[4:8], "little")


def _channel(answer: bytes) -> bytes:
    """Return channel and token of an answer to OPEN_CHANNEL; b"" if refused."""
    if not answer.startswith(b"OPNF"):
        return b""
    reader = Reader(answer[12:])
    try:
        for _ in range(3):
            reader.text()
        reader.take(8 + 4)
        if reader.response_header() != 0:
            return b""
        reader.take(4)
        return reader.take(8)
    except ValueError:
        return b""


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the ways in that the server lists: mode, policy and kinds of sign-in."""
    if echoes(exchanges):
        return ECHO
    grouped = turns(exchanges)
    greeting = grouped[0].received if grouped else b""
    if greeting[:4] not in (b"ACKF", b"ERRF"):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"protocol": "opc.tcp"}
    try:
        endpoints = _endpoints(grouped)
    except ValueError as error:
        return Parsed(Outcome.ANOMALY, "L1", facts | {"anomaly": str(error)})
    if endpoints:
        facts |= _facts(endpoints)
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _endpoints(grouped: Sequence[Turn]) -> list[Endpoint]:
    """Return the listed endpoints. Raises ValueError when the list is malformed."""
    for turn in grouped:
        if turn.sent.startswith(b"MSGF") and turn.received.startswith(b"MSG"):
            return _read_list(Reader(_joined(turn.received)))
    return []


def _read_list(reader: Reader) -> list[Endpoint]:
    expected = struct.pack("<BBH", 1, 0, LIST_RESPONSE)
    if reader.take(4) != expected or reader.response_header() != 0:
        return []
    return reader.many(lambda: read_endpoint(reader))


def _joined(answer: bytes) -> bytes:
    """Return the body of a message that came in chunks."""
    body = b""
    while len(answer) >= CHUNK_HEADER:
        size = max(_frame_size(answer[:HEADER]), CHUNK_HEADER)
        body += answer[CHUNK_HEADER:size]
        answer = answer[size:]
    return body


def _facts(endpoints: Sequence[Endpoint]) -> dict[str, Fact]:
    ways: list[str] = []
    for end in endpoints:
        policy = visible(end.policy.rpartition(b"#")[2], limit=60)
        tokens = ", ".join(TOKENS.get(token, str(token)) for token in end.tokens)
        ways.append(f"{MODES.get(end.mode, str(end.mode))}, {policy}: {tokens}")
    return {
        "application": visible(endpoints[0].application),
        "product_uri": visible(endpoints[0].product),
        "endpoints": list(dict.fromkeys(ways)),
        "anonymous_without_security": any(
            end.mode == 1 and 0 in end.tokens for end in endpoints
        ),
    }


_EXAMPLE = b"opc.tcp://192.0.2.1:4840/"
PROBE = Probe(
    name="opcua",
    version=1,
    ports=(4840,),
    is_ot=True,
    messages=(
        hello(_EXAMPLE),
        OPEN_CHANNEL,
        list_endpoints(b"\1\0\0\0\1\0\0\0", _EXAMPLE),
        close_channel(b"\1\0\0\0\1\0\0\0"),
    ),
    run=run,
    parse=parse,
)
