"""The recorder would notice a rude client: real ones, and the bytes of port scanners."""

import socket
import time

import pytest

from plant.classify import Kind, Reader
from plant.recorder import recording
from tests.plant.conftest import start
from tests.plant.running import next_address, spawn_text, until

__all__ = ["start"]

# c104 as its manual shows it: it connects, starts the data transfer, asks for everything
# and sets the station's clock.
C104_CLIENT = """
import sys, threading
import c104
client = c104.Client()
where = sys.argv[1], int(sys.argv[2])
connection = client.add_connection(ip=where[0], port=where[1], init=c104.Init.ALL)
connection.add_station(common_address=47)
while True:  # on a busy machine its first connection may time out
    client.start()
    threading.Event().wait(3)
    client.stop()
"""
# What version scans send to a port that they do not know.
SCANNERS = {
    "generic lines": b"\r\n\r\n",
    "get request": b"GET / HTTP/1.0\r\n\r\n",
    "help": b"HELP\r\n",
    "tls hello": bytes.fromhex("16030000530100004f0300") + bytes(70),
    "rtsp": b"OPTIONS / RTSP/1.0\r\n\r\n",
}
# The messages of public scan scripts, as their sources show them.
SCRIPTS = [
    ("iec104", "680407000000", Kind.CONTROL),  # start of data transfer
    ("iec104", "680e0000000064010600ffff0000000014", Kind.CONTROL),  # everybody, speak
    ("iec104", "681400000000670106000100000000" + "00" * 7, Kind.CONTROL),  # the clock
    ("enip", "6f001600" + "00" * 20 + "000000000500020000000000b20006005b0220062401", Kind.CONTROL),
    ("opcua", "4d5347461c00000001000000010000000200000002000000" + "0100cd01", Kind.CONTROL),
    ("mqtt", "101200044d51545404c2003c0000000161000162", Kind.CONTROL),  # a password
    ("mqtt", "820600010001230 0".replace(" ", ""), Kind.UNKNOWN),  # every topic there is
    ("mqtt", "300500016178 79".replace(" ", ""), Kind.CONTROL),  # a message
    ("melsec", "500000ffff0300060010000210" + "0000", Kind.CONTROL),  # remote stop
]  # fmt: skip


@pytest.mark.plant
def test_it_catches_what_a_client_library_does_on_connect(start) -> None:
    station = start("RTU-UTIL")
    address = next_address()

    with (
        recording("iec104", station.where("iec104"), address=address) as front,
        spawn_text(C104_CLIENT, front.address, str(front.port)) as client,
    ):
        until(lambda: len(front.requests(Kind.CONTROL)) >= 3)
        client.terminate()

    labels = {request.label for request in front.forbidden()}
    assert {"U frame 0x07", "I frame type 100", "I frame type 103"} <= labels


@pytest.mark.parametrize(
    "protocol", ["modbus", "s7", "enip", "iec104", "opcua", "melsec", "mqtt"]
)
@pytest.mark.parametrize("name", list(SCANNERS))
def test_it_catches_the_guesses_of_a_version_scan(protocol: str, name: str) -> None:
    reader = Reader(protocol)

    requests = [*reader.feed(SCANNERS[name]), *reader.close()]

    assert {one.kind for one in requests} & {Kind.UNKNOWN, Kind.CONTROL}


@pytest.mark.parametrize(("protocol", "message", "kind"), SCRIPTS)
def test_it_catches_the_messages_of_scan_scripts(
    protocol: str, message: str, kind: Kind
) -> None:
    requests = Reader(protocol).feed(bytes.fromhex(message))

    assert [one.kind for one in requests] == [kind]


def test_it_counts_bytes_and_connections_after_a_stop() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as device,
        recording("modbus", device.getsockname(), address="127.0.0.1") as front,
        socket.create_connection((front.address, front.port)) as client,
    ):
        client.sendall(b"12345")
        until(lambda: front.bytes_after(0) == 5)
        stopped = time.monotonic()
        client.sendall(b"678")
        until(lambda: front.bytes_after(0) == 8)
        with socket.create_connection((front.address, front.port)):
            until(lambda: len(front.connections) == 2)

    assert front.bytes_after(stopped) == 3
    assert front.opened_after(stopped) == 1
