"""The first message of TLS for versions and ciphers that OpenSSL no longer speaks.

Source: RFC 6101 (SSL 3.0), RFC 2246, RFC 4346, RFC 5246 and IANA's list of cipher
suites. Each message is constant but for the name of the server (SNI).
"""

from typing import NamedTuple

SSL_3, TLS_1_0, TLS_1_1, TLS_1_2 = 0x0300, 0x0301, 0x0302, 0x0303
VERSIONS = {
    SSL_3: "SSL 3.0",
    TLS_1_0: "TLS 1.0",
    TLS_1_1: "TLS 1.1",
    TLS_1_2: "TLS 1.2",
}

# Suites that no service should take: no encryption, no certificate, export, DES, RC4.
WEAK = {
    0x0001: "NULL-MD5",
    0x0002: "NULL-SHA",
    0x003B: "NULL-SHA256",
    0xC006: "ECDHE-ECDSA-NULL-SHA",
    0xC010: "ECDHE-RSA-NULL-SHA",
    0x0034: "ADH-AES128-SHA",
    0x003A: "ADH-AES256-SHA",
    0x0018: "ADH-RC4-MD5",
    0x001B: "ADH-DES-CBC3-SHA",
    0xC018: "AECDH-AES128-SHA",
    0xC019: "AECDH-AES256-SHA",
    0x0003: "EXP-RC4-MD5",
    0x0006: "EXP-RC2-CBC-MD5",
    0x0008: "EXP-DES-CBC-SHA",
    0x0014: "EXP-EDH-RSA-DES-CBC-SHA",
    0x0009: "DES-CBC-SHA",
    0x0015: "EDH-RSA-DES-CBC-SHA",
    0x0004: "RC4-MD5",
    0x0005: "RC4-SHA",
    0xC007: "ECDHE-ECDSA-RC4-SHA",
    0xC011: "ECDHE-RSA-RC4-SHA",
    0x000A: "DES-CBC3-SHA",
    0x0016: "EDH-RSA-DES-CBC3-SHA",
    0xC008: "ECDHE-ECDSA-DES-CBC3-SHA",
    0xC012: "ECDHE-RSA-DES-CBC3-SHA",
}
_BLOCK = (
    0xC014,
    0xC00A,
    0x0039,
    0x0038,
    0x0035,
    0xC013,
    0xC009,
    0x0033,
    0x0032,
    0x002F,
)
USUAL = (*_BLOCK, *WEAK)
# AES with GCM and ChaCha20, as TLS 1.2 uses them.
MODERN = (
    *(0xC030, 0xC02C, 0x009F, 0xC02F, 0xC02B, 0x009E, 0x009D, 0x009C),
    *(0xCCA8, 0xCCA9, *_BLOCK),
)

RANDOM = b"exposure-check".ljust(32, b"\0")
# P-256, P-384, P-521, X25519; uncompressed points.
_CURVES = bytes.fromhex("000a000a0008001700180019001d" + "000b00020100")
# RSA, ECDSA and DSA with SHA-256, SHA-384, SHA-512 and SHA-1, and RSA-PSS.
_SIGNATURES = bytes.fromhex(
    "000d001a0018" + "040105010601" + "040305030603" + "080408050806" + "020102030202"
)
HANDSHAKE, ALERT, SERVER_HELLO = 22, 21, 2


class ServerChoice(NamedTuple):
    """What a server chose: version and cipher suite, as numbers."""

    version: int
    suite: int


def client_hello(version: int, *, name: str = "", suites: tuple[int, ...]) -> bytes:
    """Return the first message of a client that speaks `version` and nothing newer."""
    listed = b"".join(suite.to_bytes(2) for suite in suites)
    body = version.to_bytes(2) + RANDOM + b"\0" + len(listed).to_bytes(2) + listed
    body += b"\1\0"
    if version > SSL_3:
        extensions = _server_name(name) + _CURVES
        extensions += _SIGNATURES if version == TLS_1_2 else b""
        body += len(extensions).to_bytes(2) + extensions
    message = b"\1" + len(body).to_bytes(3) + body
    record = min(version, TLS_1_0)
    return bytes([HANDSHAKE]) + record.to_bytes(2) + len(message).to_bytes(2) + message


def _server_name(name: str) -> bytes:
    if not name.isascii() or not 0 < len(name) < 256:
        return b""
    entry = b"\0" + len(name).to_bytes(2) + name.encode()
    listed = len(entry).to_bytes(2) + entry
    return b"\0\0" + len(listed).to_bytes(2) + listed


def record_size(header: bytes) -> int:
    """Return the size of a record from its first five bytes."""
    return 5 + int.from_bytes(header[3:5])


def server_choice(answer: bytes) -> ServerChoice | None:
    """Return what the server chose; None for an alert or anything else."""
    # Record 5, kind 1, length 3, version 2, random 32, session id with its length.
    if len(answer) < 44 or answer[0] != HANDSHAKE or answer[5] != SERVER_HELLO:
        return None
    after = 44 + answer[43]
    if len(answer) < after + 2:
        return None
    return ServerChoice(
        int.from_bytes(answer[9:11]), int.from_bytes(answer[after : after + 2])
    )


def is_alert(answer: bytes) -> bool:
    """Say whether the server refused in TLS's own words."""
    return len(answer) >= 7 and answer[0] == ALERT
