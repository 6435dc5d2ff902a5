"""Reads requests of OPC UA, MELSEC and MQTT: who asks, who signs in, who writes."""

from plant.verdicts import Kind, Verdict

# Numbers of requests in the standard namespace of OPC UA. A session is a sign-in, even
# where nobody has to say who he is, and takes one of the server's few places.
OPCUA_READS = {422: "find servers", 428: "get endpoints"}
OPCUA_CHANNEL = {446: "open channel", 452: "close channel"}
OPCUA_CONTROLS = {461: "create session", 467: "activate session", 673: "write"}
OPCUA_KINDS = {b"HEL": "hello", b"OPN": "", b"MSG": "", b"CLO": ""}

MELSEC_HEAD = b"\x50\x00"
MELSEC_READS = {
    0x0101: "read the model",
    0x0401: "read devices",
    0x0403: "read devices",
}
MELSEC_CONTROLS = {0x1401, 0x1402, 0x1001, 0x1002, 0x1003, 0x1005, 0x1006, 0x1630}

MQTT_CONNECT, MQTT_PUBLISH, MQTT_SUBSCRIBE = 1, 3, 8
MQTT_HARMLESS = {12: "ping", 14: "disconnect"}
MQTT_NAMED = 0xC0  # the flags of a user name and a password
MQTT_WILL = 0x04  # a message that the broker publishes later
MQTT_ABOUT_THE_BROKER = b"$SYS/"


def opcua_length(head: bytes) -> int:
    """Return the size of a message; 0 if the header is not one of the protocol."""
    size = int.from_bytes(head[4:8], "little")
    known = head[:3] in OPCUA_KINDS and head[3:4] in (b"F", b"C", b"A")
    return size if known and 8 <= size <= 65_536 else 0


def opcua(message: bytes) -> Verdict:
    """Judge one message; what an encrypted channel carries is unknown."""
    if message[:3] == b"HEL":
        return Kind.READ, "hello"
    at = _opcua_request_at(message)
    if message[at : at + 2] != b"\x01\x00":  # a numeric id of the standard namespace
        return Kind.UNKNOWN, "not a request that can be read"
    number = int.from_bytes(message[at + 2 : at + 4], "little")
    if name := OPCUA_READS.get(number) or OPCUA_CHANNEL.get(number):
        return Kind.READ, name
    kind = Kind.CONTROL if number in OPCUA_CONTROLS else Kind.UNKNOWN
    return kind, OPCUA_CONTROLS.get(number, f"request {number}")


def _opcua_request_at(message: bytes) -> int:
    if message[:3] != b"OPN":
        return 24
    at = 12
    for _ in range(3):  # policy, certificate and thumbprint; -1 is none
        size = int.from_bytes(message[at : at + 4], "little", signed=True)
        at += 4 + max(0, size)
    return at + 8


def melsec_length(head: bytes) -> int:
    """Return the size of a 3E frame; 0 if the header is not one of the protocol."""
    return 9 + int.from_bytes(head[7:9], "little") if head[:2] == MELSEC_HEAD else 0


def melsec(message: bytes) -> Verdict:
    """Judge one binary 3E request by its command."""
    command = int.from_bytes(message[11:13], "little")
    if name := MELSEC_READS.get(command):
        return Kind.READ, name
    control = command in MELSEC_CONTROLS
    return (Kind.CONTROL if control else Kind.UNKNOWN), f"command {command:04x}"


def mqtt_length(head: bytes) -> int:
    """Return the size of a packet below 128 bytes; longer ones are not looked into."""
    known = head[0] >> 4 in {MQTT_CONNECT, MQTT_PUBLISH, MQTT_SUBSCRIBE, *MQTT_HARMLESS}
    return 2 + head[1] if known and head[1] < 128 else 0


def mqtt(message: bytes) -> Verdict:
    """Judge one packet: a name, a password and a message of one's own are control."""
    kind = message[0] >> 4
    if kind in MQTT_HARMLESS:
        return Kind.READ, MQTT_HARMLESS[kind]
    if kind == MQTT_CONNECT:
        flags = message[9] if len(message) > 9 else MQTT_NAMED
        nameless = not flags & (MQTT_NAMED | MQTT_WILL)
        return (Kind.READ if nameless else Kind.CONTROL), "connect"
    if kind == MQTT_SUBSCRIBE:
        size = int.from_bytes(message[4:6])
        topic = message[6 : 6 + size]
        about = topic.startswith(MQTT_ABOUT_THE_BROKER)
        return (Kind.READ if about else Kind.UNKNOWN), "subscribe"
    return Kind.CONTROL, "publish"
