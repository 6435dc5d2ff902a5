"""The controllers' own records: what third-party servers say that we asked."""

import pytest

from tests.flows.running import Product, eventually
from tests.flows.test_discovery_to_closure import ANA, CLAIM
from tests.flows.visitor import Visitor

pytestmark = pytest.mark.flow

# libsnap7's event codes: started, client added, client gone, PDU size, SZL read.
SNAP7 = {1, 8, 128, 524288, 1048576}
# Modbus function codes: 43 device identification, 3 one register; 0 is no request.
MODBUS = {0, 3, 43}
# EtherNet/IP commands: list identity, register and unregister session, send data.
ENIP = {0, 0x63, 0x65, 0x66, 0x6F}


@pytest.mark.parametrize(
    ("key", "allowed", "identifies"),
    [
        ("RTR-UTIL", SNAP7, 1048576),
        ("PLC-P21", SNAP7, 1048576),
        ("PLC-B1M", MODBUS, 43),
        ("PLC-F11", ENIP, 0x63),
    ],
)
def test_a_controller_was_only_asked_who_it_is(
    key: str, allowed: set[int], identifies: int, product: Product
) -> None:
    ana = Visitor(product, ANA).sign_in()
    eventually(lambda: ana.finding(CLAIM))

    eventually(lambda: identifies in _asked(product, key))

    assert _asked(product, key) <= allowed


def test_the_only_data_sent_to_a_logix_controller_reads_its_identity(
    product: Product,
) -> None:
    ana = Visitor(product, ANA).sign_in()
    eventually(lambda: ana.finding(CLAIM))

    sent = eventually(
        lambda: [
            event["text"]
            for event in product.plant_record("PLC-F11")
            if event["code"] == ENIP_SEND
        ]
    )

    # Get_Attributes_All (01) of the Identity object (class 01, instance 01).
    assert all(text.endswith("010220012401") for text in sent)


ENIP_SEND = 0x6F


def _asked(product: Product, key: str) -> set[int]:
    return {event["code"] for event in product.plant_record(key)}
