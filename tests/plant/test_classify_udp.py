"""Datagrams that read, that control, and that nobody knows."""

import pytest

from plant.classify import Kind
from plant.classify_udp import judge

READS = {
    "bacnet": [
        "810a0011010400054b0c0c023fffff194b",
        "810a000801001008",
        "81020004",
        # Through a router: destination network 5, address 1, hop count.
        "810a0016012400050101ff00054b0c0c023fffff194b",
    ],
    "snmp": [
        "302702010104067075626c6963a01a020237f1020100020100300e300c06082b060102010101000500",
        "303a020103300f02024a69020300ffe30401040201030410300e0400020100020100040004000400"
        "301204000400a00c020237f00201000201003000",
    ],
    "enip-udp": ["63" + "00" * 23],
    "fins-udp": ["800002000000006300ef050100"],
    "hartip-udp": ["010000000001000d0000002710", "010003000002000d0280000082"],
    "knx": ["06100203000e0801000000000000"],
    "moxa": ["0100000800000000"],
}
CONTROLS = {
    "bacnet": [
        *(
            f"810a0011010400054b{service:02x}0c023fffff194b"
            for service in (5, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20)
        ),
        "810a000801001006",
        "8105000600ff",
        "81010004",
    ],
    "snmp": ["301902010104067075626c6963a30c020101020100020100 3000"],
    "fins-udp": [
        "800002000000006300ef0102820000000001",
        "800002000000006300ef0402",
    ],
    "hartip-udp": ["010003000002000e028006010582"],
    "knx": ["06100205001a0801000000000000080100000000000004040200"],
}
UNKNOWN = {
    "bacnet": [
        "810a0011010400054bfe0c023fffff194b",
        "474554",
        "82",
        "810a000601800000",
    ],
    "snmp": ["3003020101", "474554202f", "30"],
    "fins-udp": ["800002000000006300ef2901", "c0"],
    "hartip-udp": ["0100", "0201000000010008"],
    "knx": ["06100999", "00"],
    "moxa": ["1000000800000000", "01000009"],
}


def cases(table: dict[str, list[str]]) -> list[object]:
    return [
        pytest.param(protocol, bytes.fromhex(message), id=f"{protocol}-{number}")
        for protocol, messages in table.items()
        for number, message in enumerate(messages)
    ]


@pytest.mark.parametrize(("protocol", "message"), cases(READS))
def test_it_knows_a_read(protocol: str, message: bytes) -> None:
    assert judge(protocol, message).kind is Kind.READ


@pytest.mark.parametrize(("protocol", "message"), cases(CONTROLS))
def test_it_knows_a_control_request(protocol: str, message: bytes) -> None:
    assert judge(protocol, message).kind is Kind.CONTROL


@pytest.mark.parametrize(("protocol", "message"), cases(UNKNOWN))
def test_it_does_not_guess(protocol: str, message: bytes) -> None:
    assert judge(protocol, message).kind is Kind.UNKNOWN


def test_it_keeps_what_it_cannot_read_as_bytes() -> None:
    assert judge("ike", b"hello").kind is Kind.RAW
