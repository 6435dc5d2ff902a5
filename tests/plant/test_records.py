import socket

import pytest

from tests.plant.running import until

pytestmark = pytest.mark.plant

S7_CONNECT = bytes.fromhex("0300001611e00000001400c1020100c2020102c0010a")
S7_SETUP = bytes.fromhex("0300001902f08032010000000000080000f0000001000101e0")
S7_IDENTIFY = bytes.fromhex(
    "0300002102f080320700000000000800080001120411440100ff09000400110001"
)
MODBUS_IDENTIFY = bytes.fromhex("000100000005012b0e0100")
ENIP_IDENTIFY = bytes.fromhex("63" + "00" * 23)


def converse(where, *requests):
    with socket.create_connection(where, timeout=10) as client:
        for request in requests:
            client.sendall(request)
            assert client.recv(4096)


def noted(running, text):
    return any(text in event["text"] for event in running.record())


@pytest.mark.parametrize("key", ["PLC-P21", "RTR-UTIL"])
def test_it_keeps_what_the_s7_server_says_it_was_asked(start, key):
    running = start(key)

    converse(running.where("s7"), S7_CONNECT, S7_SETUP, S7_IDENTIFY)

    until(lambda: noted(running, "Read SZL request, ID:0x0011 INDEX:0x0001 --> OK"))
    assert noted(running, "Client added")


def test_it_keeps_what_the_modbus_server_understood(start):
    running = start("PLC-B1M")

    converse(running.where("modbus"), MODBUS_IDENTIFY)

    until(lambda: noted(running, "Client disconnected"))
    codes = [event["code"] for event in running.record()]
    assert codes == [0, 0, 43, 0]
    assert noted(running, f"Received {MODBUS_IDENTIFY.hex()}")


def test_it_keeps_what_the_ethernet_ip_server_parsed(start):
    running = start("PLC-F11")

    converse(running.where("enip"), ENIP_IDENTIFY)

    until(lambda: noted(running, "Command 0x0063"))
