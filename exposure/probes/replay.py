"""How a plant engineer repeats a probe by hand, with tools that every Linux has."""

import json
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from exposure.probes import (
    enip,
    ftp,
    iec104,
    ldap,
    melsec,
    modbus,
    mongodb,
    mqtt,
    mssql,
    opcua,
    oracle,
    postgres,
    rdp,
    redis,
    rtsp,
    s7,
    smb,
    smtp,
    tls_versions,
    vnc,
)
from exposure.probes.base import Target


class Step(NamedTuple):
    """One message in hex; an empty one only listens.

    "@" stands for the bytes kept from an earlier answer: those from `keep_from` up to
    `keep_to`.
    """

    message: str
    keep_from: int = 0
    keep_to: int = 0


# No port scanner: on an industrial host its own guesses would do harm.
_SCRIPT = """python3 -c '
import socket
kept = ""
for messages in {conversations}:
    line = socket.create_connection(({address}, {port}), 5)
    line.settimeout(5)
    for message, start, end in messages:
        line.sendall(bytes.fromhex(message.replace("@", kept)))
        answer = line.recv(65536)
        print(answer.hex(" "), answer)
        kept = answer[start:end].hex() or kept
    line.close()'"""

# Probes that open a connection for each message.
_ONE_EACH = frozenset({"smb", "tls-versions"})
_PLACEHOLDER = b"\xfa\xce\xfa\xce"
# Channel and token stand behind the policy name, three lengths and the two headers.
_CHANNEL_AT = 111

_COMMANDS: Mapping[str, str] = {
    "tls": "openssl s_client -connect {authority} -servername {name} </dev/null"
    " | openssl x509 -noout -subject -issuer -dates",
    "http": "curl -s -i -H {host_header} http://{authority}/",
    "https": "curl -s -i -k -H {host_header} https://{authority}/",
    "mqtts": "printf {mqtt_bytes} | openssl s_client -quiet -connect {authority}"
    " -servername {name} | od -An -tx1",
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
    "mqtts": "20 02 00 00: a client without user name and password was let in.",
    "tls-versions": "16 03 at the beginning: the offer was taken; bytes 10 and 11 are the "
    "version (03 01 is TLS 1.0, 03 02 TLS 1.1), and in the second answer any version "
    "means that weak encryption was taken. 15 at the beginning, nothing or a reset: no.",
    "telnet": "A greeting that ends with login, or a prompt that takes commands. What is "
    "typed there goes over the network in clear text.",
    "ftp": "The greeting, then the features: a line AUTH TLS means that encryption is "
    "on offer.",
    "smtp": "The greeting, then what the server can do: a line STARTTLS means that "
    "encryption is on offer.",
    "smb": "In the first answer, byte 71 is 03 when signing is required and 01 when it is "
    "not. ff 53 4d 42 in the second: version 1 is spoken; nothing, or a reset: it is not.",
    "mssql": "04 01 at the beginning; the version stands near the end.",
    "mysql": "The version of the server in plain text.",
    "postgres": "S: encryption is on offer. N: it is not.",
    "redis": "redis_version in plain text: anyone may read. NOAUTH: a password is asked.",
    "mongodb": "A reply with ismaster in it.",
    "oracle": "VSNNUM and the version as one number, in plain text.",
    "ldap": "The entry about the directory itself: names of domains in plain text.",
    "rtsp": "RTSP/1.0 200 and the methods that the server knows.",
    "banner": "What the service says first, often nothing.",
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
            conversations=json.dumps(each_alone if probe in _ONE_EACH else [steps]),
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
    channel = _PLACEHOLDER * 2
    unit = modbus.UNITS[0]
    return {
        "modbus": _plain(modbus.IDENTIFY[unit], modbus.READ_ONE[unit]),
        "s7": _plain(s7.CONNECT_SLOT_2, s7.SETUP, s7.READ_MODULE, s7.READ_PROTECTION),
        "enip": [
            *_plain(enip.LIST_IDENTITY),
            Step(enip.REGISTER.hex(), 4, 8),
            *_plain(
                enip.send_identity_request(_PLACEHOLDER), enip.unregister(_PLACEHOLDER)
            ),
        ],
        "opcua": [
            *_plain(opcua.hello(url)),
            Step(opcua.OPEN_CHANNEL.hex(), _CHANNEL_AT, _CHANNEL_AT + 8),
            *_plain(opcua.list_endpoints(channel, url), opcua.close_channel(channel)),
        ],
        "iec104": _plain(iec104.TEST_FRAME),
        "melsec": _plain(melsec.READ_CPU),
        "mqtt": _plain(mqtt.CONNECT, mqtt.DISCONNECT),
        "rdp": _plain(rdp.OFFER_NONE),
        "vnc": _plain(b"", vnc.VERSIONS[-1]),
        "ssh": _plain(b""),
        "tls-versions": _plain(*tls_versions.messages_for(target.server_name)),
        "telnet": _plain(b"", b""),
        "ftp": _plain(b"", ftp.FEATURES, ftp.GOODBYE),
        "smtp": _plain(b"", smtp.HELLO, smtp.GOODBYE),
        "smb": _plain(smb.OFFER_2, smb.OFFER_1),
        "mssql": _plain(mssql.PRELOGIN),
        "mysql": _plain(b""),
        "postgres": _plain(postgres.TLS_REQUEST),
        "redis": _plain(redis.INFO),
        "mongodb": _plain(mongodb.IS_MASTER),
        "oracle": _plain(oracle.ASK_VERSION),
        "ldap": _plain(ldap.READ_ROOT, ldap.UNBIND),
        "rtsp": _plain(rtsp.OPTIONS),
        "banner": _plain(b""),
    }


def _plain(*messages: bytes) -> list[Step]:
    marks = (_PLACEHOLDER * 2).hex(), _PLACEHOLDER.hex()
    return [
        Step(message.hex().replace(marks[0], "@").replace(marks[1], "@"))
        for message in messages
    ]
