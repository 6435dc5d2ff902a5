"""How a plant engineer repeats the probes over UDP by hand."""

from collections.abc import Mapping, Sequence

from exposure.probes import (
    bacnet,
    bacnet_codec,
    enip,
    fins_udp,
    hartip,
    ike,
    ipmi,
    knx,
    moxa,
    openvpn,
    sip,
    snmp,
)
from exposure.probes.base import Target
from exposure.probes.steps import PLACEHOLDER, Step, plain

# Where the device's number stands in its answer to who it is (I-Am).
_DEVICE_AT, _DEVICE_END = 9, 13

SCRIPT = """python3 -c '
from socket import AF_INET, AF_INET6, SOCK_DGRAM, socket
line = socket(AF_INET6 if ":" in {address} else AF_INET, SOCK_DGRAM)
line.settimeout(2)
line.connect(({address}, {port}))
kept = ""
for message, start, end in {steps}:
    if "@" in message and not kept:
        continue
    line.send(bytes.fromhex(message.replace("@", kept)))
    try:
        answer = line.recv(65535)
    except (TimeoutError, ConnectionRefusedError) as error:
        print(error)
        continue
    print(answer.hex(" "), answer)
    kept = answer[start:end].hex() or kept
line.close()'"""


def steps(probe: str, target: Target) -> Sequence[Step]:
    """Return the messages of a probe over UDP; empty for any other probe."""
    if probe == "sip":
        return plain(sip.options(target))
    return _STEPS.get(probe, ())


_STEPS: Mapping[str, Sequence[Step]] = {
    "bacnet": [
        *plain(bacnet.WHICH_DEVICE),
        Step(bacnet_codec.WHO_IS.hex(), _DEVICE_AT, _DEVICE_END),
        *plain(
            *(
                bacnet_codec.read_property(PLACEHOLDER, number)
                for number in bacnet.PROPERTIES
            )
        ),
    ],
    "enip-udp": plain(enip.LIST_IDENTITY),
    "fins-udp": plain(fins_udp.READ_CONTROLLER),
    "hartip-udp": plain(*hartip.PROBE.messages),
    "knx": plain(knx.DESCRIBE),
    "moxa": plain(moxa.SEARCH),
    "snmp": plain(snmp.DISCOVER_ENGINE),
    "snmp-public": plain(snmp.GET_V2C, snmp.GET_V1),
    "ipmi": plain(ipmi.PRESENCE_PING, ipmi.GET_WAYS_IN),
    "ike": plain(ike.HELLO_V2, ike.HELLO_V1),
    "openvpn": plain(openvpn.HARD_RESET),
}
EXPECTED: Mapping[str, str] = {
    "bacnet": "81 0a at the beginning of each answer. After 3e stand maker, number, model, "
    "firmware, software, name and place, mostly in plain text; 50 in place of 30 at the "
    "seventh byte is a refusal.",
    "enip-udp": "The answer shows the product name in plain text near its end.",
    "fins-udp": "c0 or c1 first, 05 01 00 00 from the 11th byte on, then model and version "
    "in plain text.",
    "hartip-udp": "The fourth byte of the first answer is 00: a session was given. The "
    "second has 06 or 86 at the 9th byte. The session is closed at the end.",
    "knx": "06 10 02 04, then the name of the gateway in plain text. After 02 near the end "
    "stand pairs of service and version; service 04 is the tunnel to the bus.",
    "moxa": "24 bytes: 81 first, and 00 90 e8 from the 15th byte on.",
    "snmp": "A report (a8) that holds the id of the engine; its first four bytes tell the "
    "maker.",
    "snmp-public": "The description of the device in plain text.",
    "ipmi": "The second answer has 38 00 from the 20th byte on. In the byte after the next, "
    "bit 0 means that a sign-in without a password is allowed.",
    "ike": "Our eight bytes “exposure” come back first, then eight of the gateway.",
    "openvpn": "40 first, and our eight bytes “exposure” from the 15th byte on.",
    "sip": "SIP/2.0 and a status; Server or User-Agent names the product.",
}
