"""Reads requests of DNP3, IEC 61850 MMS and Beckhoff ADS."""

from collections.abc import Iterator

from plant.verdicts import Kind, Verdict

# Of the link layer the status request and plain data, of the application the READ of
# static data. Reading event classes 1 to 3 takes events away from the real master.
DNP3_STATUS_REQUEST = 9
DNP3_DATA = {3, 4}
DNP3_READ = 1
DNP3_CLASSES, DNP3_EVENTS = 60, {2, 3, 4}

# The services of a confirmed request by their tag.
MMS_READS = {0xA1: "get name list", 0x82: "identify", 0xA4: "read", 0xA6: "attributes"}
MMS_CONTROLS = {0xA5: "write", 0xA7: "define", 0xAB: "define list", 0xAD: "delete list"}
MMS_OPENS = 0x0D
MMS_DATA = bytes.fromhex("01000100")
NUMBER = 0x02

ADS_READS = {1: "read device info", 2: "read", 4: "read state"}
ADS_CONTROLS = {3: "write", 5: "write control", 6: "notify", 7: "forget", 9: "exchange"}


def dnp3_length(head: bytes) -> int:
    """Return the length of a DNP3 frame; 0 when the header is none."""
    if head[:2] != b"\x05\x64" or head[2] < 5:
        return 0
    users = head[2] - 5
    return 10 + users + 2 * -(-users // 16)


def dnp3(message: bytes) -> Verdict:
    """Judge one DNP3 frame of a master, with one fragment of the application in it."""
    function, user = message[3] & 0x0F, message[10:24]
    if function == DNP3_STATUS_REQUEST:
        return Kind.READ, "request link status"
    if function not in DNP3_DATA:
        return Kind.CONTROL, f"link function {function}"
    if len(user) < 7:  # transport, control, function, group, variation, range, check
        return Kind.UNKNOWN, "data without a question"
    if user[2] != DNP3_READ:
        return Kind.CONTROL, f"application function {user[2]}"
    if user[3] == DNP3_CLASSES and user[4] in DNP3_EVENTS:
        return Kind.CONTROL, f"read of event class {user[4] - 1}"
    return Kind.READ, f"read of group {user[3]} variation {user[4]}"


def mms(message: bytes) -> Verdict:
    """Judge one TPKT packet with an MMS request in it."""
    if message[5] in (0xE0, 0x80):
        return Kind.READ, "transport connect or disconnect"
    if message[5] == 0xF0 and message[7:8] == bytes([MMS_OPENS]):
        return Kind.READ, "associate"
    if message[5] != 0xF0 or message[7:11] != MMS_DATA:
        return Kind.UNKNOWN, "not MMS"
    request = message[11:]
    # Presentation data, its list, the value in it, and the confirmed request.
    for wanted in (0x61, 0x30, 0xA0, 0xA0):
        request = next((v for tag, v in _elements(request) if tag == wanted), b"")
    service = next((tag for tag, _ in _elements(request) if tag != NUMBER), 0)
    if service in MMS_READS:
        return Kind.READ, f"service {MMS_READS[service]}"
    known = service in MMS_CONTROLS
    label = f"service {MMS_CONTROLS.get(service, hex(service))}"
    return (Kind.CONTROL if known else Kind.UNKNOWN), label


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each BER element; stop where one is not whole."""
    while len(data) >= 2:
        tag, length, at = data[0], data[1], 2
        if length > 0x80:
            at += length - 0x80
            length = int.from_bytes(data[2:at])
        if at + length > len(data):
            return
        yield tag, data[at : at + length]
        data = data[at + length :]


def ads_length(head: bytes) -> int:
    """Return the length of an AMS/TCP message; 0 when the header is none."""
    size = int.from_bytes(head[2:6], "little")
    return 6 + size if head[:2] == b"\0\0" and 32 <= size <= 65_536 else 0


def ads(message: bytes) -> Verdict:
    """Judge one AMS/TCP message."""
    command = int.from_bytes(message[22:24], "little")
    if command in ADS_READS:
        return Kind.READ, ADS_READS[command]
    known = command in ADS_CONTROLS
    label = ADS_CONTROLS.get(command, f"command {command}")
    return (Kind.CONTROL if known else Kind.UNKNOWN), label
