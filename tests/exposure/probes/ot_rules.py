"""What the probes of industrial protocols may say, written without looking at them."""

from collections.abc import Callable

H = bytes.fromhex

# One example for each kind of control.
FORBIDDEN: dict[str, list[bytes]] = {
    "dnp3": [
        H("056405c001000100a0d1"),  # reset of the link
        *(
            H("05640bc4010001000000c0c0") + bytes([function]) + H("0c01280100")
            for function in (*range(2, 15), 18, 20, 21)
        ),
        *(
            H("05640bc4010001000000c0c0013c") + bytes([v]) + H("060000")
            for v in (2, 3, 4)
        ),
    ],
    "mms": [
        # write, define a list, delete a list: services 5, 11 and 13
        *(
            H("0300001d02f080010001006110300e020103a009a007020101")
            + bytes([tag])
            + H("028000")
            for tag in (0xA5, 0xAB, 0xAD)
        ),
    ],
    "ads": [
        H("0000200000007f000001010110277f0000010101 8980")
        + bytes([command, 0])
        + H("0400000000000000000001000000")
        for command in (3, 5, 6, 7, 9)
    ],
    "fins": [
        H("46494e530000001500000002000000008000020005000000ef05") + H(command) + b"\0"
        for command in ("0102", "0103", "0401", "0402", "0702", "2301")
    ],
    "fox": [
        b"fox a 2 -1 fox authenticate\n{\nuserName=s:admin\n};;\n",
        b"fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\nhostName=s:a\n};;\n",
    ],
    "pcworx": [
        H("0101001a00000000788000030000") + bytes(12),
        H("01000200000000000100070000000000"),
        H("010002000000020001000600000000000100"),
        H("0106000e000200000000000104ff"),
    ],
    "proconos": [H("cc01000f40070000eafa"), H("cc01000640050000361e")],
    "crimson": [H("0004012c1b00"), H("0004022b1b00")],
    "gesrtp": [b"\2" + bytes(55), bytes(55), bytes(42) + b"\x23" + bytes(13)],
    "atg": [
        b"\x01S50100\n",
        b"\x01IS00300\n",
        b"\x01S60201\n",
        b"\x01I20100\n\x01S50100\n",
    ],
    "codesys": [H("bbbb0100000002"), H("bbbb0200000001ff"), H("bbbb0100000101")],
    "hartip": [
        H("010003000002000d0280060084"),  # write the polling address
        H("010003000002000d0280110093"),  # write the message
        H("010000000001000d0100002710"),  # as primary master
    ],
}
FORBIDDEN["foxs"] = FORBIDDEN["fox"]


def _fox(message: bytes) -> bool:
    return message == b"fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\n};;\n"


def _fins(message: bytes) -> bool:
    if message[8:12] == bytes(4):
        return message == b"FINS\0\0\0\x0c" + bytes(12)
    carries = message[:16] == b"FINS\0\0\0\x15\0\0\0\2\0\0\0\0"
    return carries and len(message) == 29 and message[26:] == H("050100")


def _pcworx(message: bytes) -> bool:
    one = message[11:12]
    return message in (
        H("0101001a0000000078800003000c") + b"IBETH01N0_M\0",
        H("0105001600010000788000") + one + H("00000006000402950000"),
        H("0106000e00020000000000") + one + H("0400"),
    )


def _hartip(message: bytes) -> bool:
    return message in (
        H("010000000001000d00") + (10_000).to_bytes(4),
        H("010003000002000d0280000082"),
        H("0100010000030008"),
    )


ALLOWED: dict[str, Callable[[bytes], bool]] = {
    "fins": _fins,
    "fox": _fox,
    "foxs": _fox,
    "pcworx": _pcworx,
    "proconos": lambda m: m == H("cc01000b4002000047ee"),
    "crimson": lambda m: m in (H("0004012b1b00"), H("0004012a1a00")),
    "gesrtp": lambda m: m == bytes(56),
    "atg": lambda m: m == b"\x01I20100\n",
    "codesys": lambda m: m in (H("bbbb0100000001"), H("bbbb0000000101")),
    "hartip": _hartip,
}
