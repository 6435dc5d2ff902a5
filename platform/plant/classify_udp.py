"""Judges datagrams: which only read, and which control a device."""

from collections.abc import Callable

from plant.classify import Kind, Request, Verdict, enip

# BVLL functions, services of a confirmed and of an unconfirmed request: ASHRAE 135,
# annex J and clause 21. Whatever is in no list is unknown, and unknown fails a test.
BVLL_READS = {0x02: "read broadcast table", 0x06: "read foreign device table"}
BVLL_CONTROLS = {0x01, 0x05, 0x08}
BVLL_CARRIERS = {0x04: 10, 0x0A: 4, 0x0B: 4}
BACNET_READS = {4, 6, 12, 13, 14, 26}
BACNET_CONTROLS = {*range(5, 12), *range(15, 21), 27} - {6}
BACNET_UNCONFIRMED_READS = {0, 1, 7, 8}
BACNET_UNCONFIRMED_CONTROLS = {2, 4, 5, 6, 9, 10, 11}
_CONFIRMED, _UNCONFIRMED = 0x0, 0x1

SNMP_READS = {0xA0: "get", 0xA1: "get next", 0xA5: "get bulk"}
SNMP_SET = 0xA3
_SEQUENCE = 0x30

# Omron W342: controller data, connection data, status; and the command groups that
# write memory, move programs, run and stop, set clocks, take rights, clear and force.
FINS_READS = {"0501", "0502", "0601"}
FINS_CONTROLS = {"01", "02", "03", "04", "07", "0c", "21", "22", "23"}
HART_READS = {0, 1, 2, 3, 13, 20}
# Search and description requests, also the extended ones.
KNX_READS = {0x0201, 0x0203, 0x020B}


def judge(protocol: str, datagram: bytes) -> Request:
    """Return the request in a datagram; one of another protocol is unknown."""
    judged = _JUDGES.get(protocol)
    if judged is None:
        return Request(Kind.RAW, "bytes", datagram)
    try:
        return Request(*judged(datagram), datagram)
    except IndexError:
        return Request(Kind.UNKNOWN, "not a message of the protocol", datagram)


def bacnet(message: bytes) -> Verdict:
    """Judge one BACnet/IP message."""
    if message[0] != 0x81 or int.from_bytes(message[2:4], "big") != len(message):
        return Kind.UNKNOWN, "not BACnet/IP"
    function = message[1]
    if function in BVLL_READS:
        return Kind.READ, BVLL_READS[function]
    if function not in BVLL_CARRIERS:
        control = function in BVLL_CONTROLS
        return (Kind.CONTROL if control else Kind.UNKNOWN), f"BVLL {function:#04x}"
    return _network(message[BVLL_CARRIERS[function] :])


def _network(packet: bytes) -> Verdict:
    control = packet[1]
    if packet[0] != 1 or control & 0x80:
        return Kind.UNKNOWN, "network layer message"
    at = 2
    for flag in (0x20, 0x08):  # destination, source: network, length, address
        if control & flag:
            at += 3 + packet[at + 2]
    at += bool(control & 0x20)
    return _application(packet[at:])


def _application(message: bytes) -> Verdict:
    kind = message[0] >> 4
    if kind == _CONFIRMED:
        service = message[5 if message[0] & 0x08 else 3]
        reads, controls = BACNET_READS, BACNET_CONTROLS
    elif kind == _UNCONFIRMED:
        service = message[1]
        reads, controls = BACNET_UNCONFIRMED_READS, BACNET_UNCONFIRMED_CONTROLS
    else:
        return Kind.UNKNOWN, f"application message {kind}"
    label = f"service {service}"
    if service in reads:
        return Kind.READ, label
    return (Kind.CONTROL if service in controls else Kind.UNKNOWN), label


def snmp(message: bytes) -> Verdict:
    """Judge one SNMP message by its PDU; an encrypted one cannot be judged."""
    kind, body, _ = _element(message)
    _, version, rest = _element(body)
    if kind != _SEQUENCE or len(version) != 1:
        return Kind.UNKNOWN, "not SNMP"
    if version == b"\x03":  # header and security parameters, then the scoped PDU
        for _ in range(2):
            _, _, rest = _element(rest)
        kind, rest, _ = _element(rest)
        if kind != _SEQUENCE:
            return Kind.UNKNOWN, "encrypted"
        _, _, rest = _element(rest)
    _, _, rest = _element(rest)  # community, or the context's name
    label = f"PDU {rest[0]:#04x}"
    if rest[0] in SNMP_READS:
        return Kind.READ, f"{label} {SNMP_READS[rest[0]]}"
    return (Kind.CONTROL if rest[0] == SNMP_SET else Kind.UNKNOWN), label


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Return tag, content and what comes after one BER element."""
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    return data[0], data[start : start + size], data[start + size :]


def fins(message: bytes) -> Verdict:
    """Judge one FINS command: only the controller's data and status are reads here."""
    if len(message) < 12 or message[0] & 0x40:
        return Kind.UNKNOWN, "not a FINS command"
    command = message[10:12].hex()
    label = f"command {command}"
    if command in FINS_READS:
        return Kind.READ, label
    return (Kind.CONTROL if command[:2] in FINS_CONTROLS else Kind.UNKNOWN), label


def hartip(message: bytes) -> Verdict:
    """Judge one HART-IP message: sessions, and command 0 passed through."""
    if message[0] != 1 or message[1] != 0:
        return Kind.UNKNOWN, "not a HART-IP request"
    if message[2] in (0, 1, 2):
        return Kind.READ, f"session message {message[2]}"
    if message[2] != 3:
        return Kind.UNKNOWN, f"message {message[2]}"
    command = message[8 + (6 if message[8] & 0x80 else 2)]
    label = f"HART command {command}"
    return (Kind.READ if command in HART_READS else Kind.CONTROL), label


def knx(message: bytes) -> Verdict:
    """Judge one KNXnet/IP message; whatever opens a connection counts as control."""
    if message[:2] != b"\x06\x10":
        return Kind.UNKNOWN, "not KNXnet/IP"
    service = int.from_bytes(message[2:4], "big")
    label = f"service {service:#06x}"
    if service in KNX_READS:
        return Kind.READ, label
    known = 0x0205 <= service <= 0x020A or 0x0300 <= service < 0x0600
    return (Kind.CONTROL if known else Kind.UNKNOWN), label


def moxa(message: bytes) -> Verdict:
    """Judge one message of Moxa's search: function 1 asks, nothing else is known."""
    asks = message[:4] == bytes([1, 0, 0, len(message)])
    return (Kind.READ if asks else Kind.UNKNOWN), f"function {message[0]}"


_JUDGES: dict[str, Callable[[bytes], Verdict]] = {
    "bacnet": bacnet,
    "snmp": snmp,
    "snmp-public": snmp,
    "enip-udp": enip,
    "fins-udp": fins,
    "hartip-udp": hartip,
    "knx": knx,
    "moxa": moxa,
}
