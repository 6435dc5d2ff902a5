"""Reads industrial requests and tells which only read and which control a device."""

from collections.abc import Callable
from dataclasses import dataclass

from plant import grid, sessions
from plant.verdicts import Kind, Verdict


@dataclass(frozen=True)
class Request:
    """One message from a client."""

    kind: Kind
    label: str
    data: bytes


MODBUS_READS = {1, 2, 3, 4, 7, 11, 12, 17, 20, 24}
MODBUS_WRITES = {5, 6, 15, 16, 21, 22, 23, 90}
MODBUS_HARMLESS_DIAGNOSTICS = {0, 2, *range(11, 19)}

# Jobs by number and user data by (group, sub-function): names as in the Wireshark
# dissector of S7comm. Moving a program up or down counts as control.
S7_READ_JOBS = {0x04: "read variable", 0xF0: "set up communication"}
S7_CONTROL_JOBS = {0x05, *range(0x1A, 0x20), 0x28, 0x29}
S7_READ_USERDATA = {(3, 1), (3, 2), (3, 3), (4, 1), (7, 1)}
S7_CONTROL_GROUPS = {1, 2, 5, 6, 7}
# S7comm-plus: which way of encryption; all that follows needs a session.
S7_PLUS_FIRST_QUESTION = bytes.fromhex("05b3")

ENIP_READ_COMMANDS = {0x04, 0x63, 0x64, 0x65, 0x66}
ENIP_CARRIERS = {0x6F, 0x70}
CIP_READS = {0x01, 0x03, 0x0E, 0x4C, 0x52, 0x55}
CIP_CONTROLS = {0x02, *range(0x04, 0x0A), 0x10, 0x4D, 0x4E, 0x53, 0x54, 0x5B}
CIP_UNCONNECTED_SEND = bytes.fromhex("520220062401")

IEC104_HARMLESS = {0x43: "TESTFR act", 0x83: "TESTFR con"}


def modbus(message: bytes) -> Verdict:
    """Judge one Modbus/TCP message with its seven-byte header."""
    code = message[7]
    label = f"function {code}"
    if code in MODBUS_READS:
        return Kind.READ, label
    if code in MODBUS_WRITES:
        return Kind.CONTROL, label
    if code == 43 and message[8:9] == b"\x0e":
        return Kind.READ, f"{label}/14 device identification"
    if code == 8 and len(message) >= 10:
        sub = int.from_bytes(message[8:10], "big")
        harmless = sub in MODBUS_HARMLESS_DIAGNOSTICS
        return (Kind.READ if harmless else Kind.CONTROL), f"{label}/{sub}"
    return Kind.UNKNOWN, label


def s7(message: bytes) -> Verdict:
    """Judge one TPKT packet with S7comm in it."""
    if message[5] in (0xE0, 0x80):
        name = "connect" if message[5] == 0xE0 else "disconnect"
        return Kind.READ, f"transport {name}"
    if message[7:8] == b"\x72" and len(message) > 15:
        first = message[14:16] == S7_PLUS_FIRST_QUESTION
        return (Kind.READ if first else Kind.CONTROL), "S7comm-plus"
    if len(message) < 18 or message[7] != 0x32:
        return Kind.UNKNOWN, "not S7comm"
    if message[8] == 7 and len(message) > 23:
        return _s7_userdata(message[22] & 0x0F, message[23])
    job = message[17]
    if message[8] == 1 and job in S7_READ_JOBS:
        return Kind.READ, f"job {S7_READ_JOBS[job]}"
    control = message[8] == 1 and job in S7_CONTROL_JOBS
    return (Kind.CONTROL if control else Kind.UNKNOWN), f"job {job:#04x}"


def _s7_userdata(group: int, sub: int) -> Verdict:
    label = f"user data group {group} function {sub}"
    if (group, sub) in S7_READ_USERDATA:
        return Kind.READ, label
    return (Kind.CONTROL if group in S7_CONTROL_GROUPS else Kind.UNKNOWN), label


def enip(message: bytes) -> Verdict:
    """Judge one EtherNet/IP encapsulation message and the CIP service in it."""
    command = int.from_bytes(message[:2], "little")
    label = f"command {command:#04x}"
    if command in ENIP_READ_COMMANDS:
        return Kind.READ, label
    if command not in ENIP_CARRIERS:
        return Kind.UNKNOWN, label
    return _cip(_carried(message))


def _carried(message: bytes) -> bytes:
    """Return the CIP request among the items of the message; b"" if there is none."""
    at = 32
    for _ in range(int.from_bytes(message[30:32], "little")):
        kind = int.from_bytes(message[at : at + 2], "little")
        size = int.from_bytes(message[at + 2 : at + 4], "little")
        item = message[at + 4 : at + 4 + size]
        if kind == 0xB2:
            return item
        if kind == 0xB1:  # connected data: a sequence count comes first
            return item[2:]
        at += 4 + size
    return b""


def _cip(request: bytes) -> Verdict:
    while request.startswith(CIP_UNCONNECTED_SEND):  # the request is wrapped in it
        size = int.from_bytes(request[8:10], "little")
        request = request[10 : 10 + size]
    if not request:
        return Kind.UNKNOWN, "no CIP request"
    label = f"CIP service {request[0]:#04x}"
    if request[0] in CIP_READS:
        return Kind.READ, label
    return (Kind.CONTROL if request[0] in CIP_CONTROLS else Kind.UNKNOWN), label


def iec104(message: bytes) -> Verdict:
    """Judge one IEC 60870-5-104 frame. Only a test frame leaves the station alone."""
    if message[2] in IEC104_HARMLESS:
        return Kind.READ, IEC104_HARMLESS[message[2]]
    if message[2] & 3 == 1:
        return Kind.READ, "S frame"
    if message[2] & 3 == 3:
        return Kind.CONTROL, f"U frame {message[2]:#04x}"
    return Kind.CONTROL, f"I frame type {message[6] if len(message) > 6 else '?'}"


@dataclass(frozen=True)
class _Framing:
    """How long a message is, read from its first bytes."""

    header: int
    length: Callable[[bytes], int]
    """Bytes of the whole message; 0 if the header is not one of the protocol."""
    judge: Callable[[bytes], Verdict]


def _modbus_length(head: bytes) -> int:
    size = int.from_bytes(head[4:6], "big")
    return 6 + size if head[2:4] == b"\0\0" and 2 <= size <= 254 else 0


def _s7_length(head: bytes) -> int:
    size = int.from_bytes(head[2:4], "big")
    return size if head[:2] == b"\3\0" and size >= 7 else 0


def _enip_length(head: bytes) -> int:
    command, size = (int.from_bytes(head[at : at + 2], "little") for at in (0, 2))
    return 24 + size if command in ENIP_READ_COMMANDS | ENIP_CARRIERS else 0


def _iec104_length(head: bytes) -> int:
    return 2 + head[1] if head[0] == 0x68 and head[1] >= 4 else 0


_FRAMINGS = {
    "modbus": _Framing(8, _modbus_length, modbus),
    "s7": _Framing(6, _s7_length, s7),
    "enip": _Framing(24, _enip_length, enip),
    "iec104": _Framing(6, _iec104_length, iec104),
    "dnp3": _Framing(10, grid.dnp3_length, grid.dnp3),
    "mms": _Framing(6, _s7_length, grid.mms),
    "ads": _Framing(6, grid.ads_length, grid.ads),
    "opcua": _Framing(8, sessions.opcua_length, sessions.opcua),
    "melsec": _Framing(9, sessions.melsec_length, sessions.melsec),
    "mqtt": _Framing(2, sessions.mqtt_length, sessions.mqtt),
}


class Reader:
    """Cuts one connection's bytes into requests."""

    def __init__(self, protocol: str) -> None:
        self._framing = _FRAMINGS.get(protocol)
        self._rest = b""

    def feed(self, data: bytes) -> list[Request]:
        """Return the requests that `data` completes."""
        if self._framing is None:
            return [Request(Kind.RAW, "bytes", data)]
        self._rest += data
        found = []
        while request := self._next(self._framing):
            found.append(request)
        return found

    def close(self) -> list[Request]:
        """Return what is left when the client has gone: an unfinished message."""
        rest, self._rest = self._rest, b""
        return [Request(Kind.UNKNOWN, "unfinished message", rest)] if rest else []

    def _next(self, framing: _Framing) -> Request | None:
        if len(self._rest) < framing.header:
            return None
        length = framing.length(self._rest)
        if length and len(self._rest) < length:
            return None
        # Where a message begins is lost: all that came is one unknown message.
        length = length or len(self._rest)
        message, self._rest = self._rest[:length], self._rest[length:]
        if framing.length(message):
            return Request(*framing.judge(message), message)
        return Request(Kind.UNKNOWN, "not a message of the protocol", message)
