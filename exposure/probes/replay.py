"""How a plant engineer repeats a probe by hand, with tools that every Linux has."""

import json
import shlex
from collections.abc import Mapping

from exposure.probes import (
    enip,
    iec104,
    melsec,
    modbus,
    mqtt,
    opcua,
    rdp,
    replay_it,
    replay_ot,
    replay_udp,
    s7,
    vnc,
)
from exposure.probes.base import Target
from exposure.probes.steps import PLACEHOLDER, Step, plain

# No port scanner: on an industrial host its own guesses would do harm.
_SCRIPT = """python3 -c '
import socket
kept = ""
for messages in {conversations}:
    line = socket.create_connection(({address}, {port}), 5)
    line.settimeout(5)
    for message, start, end in messages:
        line.sendall(bytes.fromhex(message.replace("@", kept)))
        try:
            answer = line.recv(65536)
        except TimeoutError:
            answer = b""
        print(answer.hex(" "), answer)
        kept = answer[start:end].hex() or kept
    line.close()'"""

# Channel and token stand behind the policy name, three lengths and the two headers.
_CHANNEL_AT = 111

_COMMANDS: Mapping[str, str] = {
    "tls": "openssl s_client -connect {authority} -servername {name} </dev/null"
    " | openssl x509 -noout -subject -issuer -dates",
    "http": "curl -s -i -H {host_header} http://{authority}/",
    "https": "curl -s -i -k -H {host_header} https://{authority}/",
    **replay_it.COMMANDS,
    **replay_ot.COMMANDS,
}
_EXPECTED: Mapping[str, str] = {
    "modbus": "Two answers. The second ends with 03 02 and a register, or with 83 02: "
    "the function runs, only the address does not exist.",
    "s7": "Four answers. The third shows the order number in plain text. In the fourth, "
    "00 01 00 00 right after the last 00 04 means that no protection is set.",
    "enip": "The first answer shows the product name. In the third, 81 00 00 00 near "
    "byte 40 means that the message was carried out. The last answer is empty.",
    "opcua": "The third answer shows the list of ways in, in plain text: a policy that "
    "ends in #None beside a sign-in called anonymous is open. The last is empty.",
    "iec104": "68 04 83 00 00 00, the confirmation of the test frame.",
    "melsec": "d0 00, the end code 00 00, and the model name in plain text.",
    "mqtt": "20 02 00 00: a client without user name and password was let in.",
    "rdp": "03 00 08 00 05 00 00 00 at the end means that sign-in comes first (NLA). "
    "02 with 00 00 00 00 at the end means that it does not.",
    "vnc": "The version, then a count and the security types; type 01 is no password.",
    "ssh": "The version line of the server.",
    "tls": "The names in the certificate and its last day (notAfter).",
    "http": "The start page; a page that asks for a password has type=password in it.",
    "https": "The start page; a page that asks for a password has type=password in it.",
    "banner": "What the service says first, often nothing.",
    **replay_it.EXPECTED,
    **replay_ot.EXPECTED,
    **replay_udp.EXPECTED,
}


def replay_command(probe: str, target: Target) -> str:
    """Return a shell command that sends our own bytes and prints the answers.

    Raises KeyError for an unknown probe.
    """
    if steps := _steps(target).get(probe):
        each_alone = [[step] for step in steps]
        return _SCRIPT.format(
            address=json.dumps(target.address),
            port=target.port,
            conversations=json.dumps(
                each_alone if probe in replay_it.ONE_EACH else [steps]
            ),
        )
    if over_udp := replay_udp.steps(probe, target):
        return replay_udp.SCRIPT.format(
            address=json.dumps(target.address),
            port=target.port,
            steps=json.dumps(over_udp),
        )
    bare = Target(target.address, target.port)
    return _COMMANDS[probe].format(
        address=shlex.quote(target.address),
        port=target.port,
        authority=shlex.quote(f"{bare.host_header}:{target.port}"),
        mqtt_bytes=shlex.quote("".join(f"\\{byte:03o}" for byte in mqtt.CONNECT)),
        name=shlex.quote(target.server_name or target.address),
        host_header=shlex.quote(f"Host: {target.host_header}"),
    )


def expected_answer(probe: str) -> str:
    """Return in words what the answer to `replay_command` shows.

    Raises KeyError for an unknown probe.
    """
    return _EXPECTED[probe]


def _steps(target: Target) -> Mapping[str, list[Step]]:
    url = f"opc.tcp://{target.host_header}:{target.port}/".encode()
    channel = PLACEHOLDER * 2
    unit = modbus.UNITS[0]
    return {
        "modbus": plain(modbus.IDENTIFY[unit], modbus.READ_ONE[unit]),
        "s7": plain(s7.CONNECT_SLOT_2, s7.SETUP, s7.READ_MODULE, s7.READ_PROTECTION),
        "enip": [
            *plain(enip.LIST_IDENTITY),
            Step(enip.REGISTER.hex(), 4, 8),
            *plain(
                enip.send_identity_request(PLACEHOLDER), enip.unregister(PLACEHOLDER)
            ),
        ],
        "opcua": [
            *plain(opcua.hello(url)),
            Step(opcua.OPEN_CHANNEL.hex(), _CHANNEL_AT, _CHANNEL_AT + 8),
            *plain(opcua.list_endpoints(channel, url), opcua.close_channel(channel)),
        ],
        "iec104": plain(iec104.TEST_FRAME),
        "melsec": plain(melsec.READ_CPU),
        "mqtt": plain(mqtt.CONNECT, mqtt.DISCONNECT),
        "rdp": plain(rdp.OFFER_NONE),
        "vnc": plain(b"", vnc.VERSIONS[-1]),
        "ssh": plain(b""),
        "banner": plain(b""),
        **replay_it.steps(target.server_name),
        **replay_ot.STEPS,
    }
