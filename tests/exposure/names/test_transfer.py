"""Zone transfers: given, refused, endless, broken off."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from dnslib import RR, DNSHeader, DNSQuestion, DNSRecord

from exposure.collectors.names.transfer import (
    Transfer,
    TransferLimits,
    Transferred,
    transfer,
)
from exposure.services.resolving import never
from tests.name_server import SERVERS, NameServer


def moved(server: NameServer, **limits: float) -> Transfer:
    return transfer(
        "plant.example",
        (SERVERS[0], server.port),
        should_stop=never,
        limits=TransferLimits(wait=0.3, **limits),  # type: ignore[arg-type]  # numbers
    )


def test_a_zone_that_is_given_away_is_seen(server: NameServer) -> None:
    server.transfers_to.add(SERVERS[0])

    found = moved(server)

    assert found.outcome is Transferred.GIVEN
    assert "scada.plant.example" in {record.name for record in found.records}


def test_a_server_that_refuses_is_closed(server: NameServer) -> None:
    assert moved(server).outcome is Transferred.REFUSED


def test_an_endless_transfer_is_cut_and_counts_as_open(server: NameServer) -> None:
    server.transfers_to.add(SERVERS[0])
    for number in range(300):
        server.know(f"n{number}.plant.example. 60 IN A 127.79.2.1")

    found = moved(server, records=100)

    assert found.outcome is Transferred.CUT
    assert len(found.records) == 100


def framed(*messages: bytes) -> bytes:
    return b"".join(len(each).to_bytes(2, "big") + each for each in messages)


def given_by(raw: bytes) -> Transfer:
    """Ask a server that says these bytes, whatever it hears, and hangs up."""

    def answer(conn: socket.socket, _: threading.Event) -> None:
        conn.sendall(raw)

    with raw_server(answer) as port:
        return transfer(
            "plant.example",
            ("127.0.0.1", port),
            should_stop=never,
            limits=TransferLimits(wait=0.5, seconds=2),
        )


@contextlib.contextmanager
def raw_server(
    answer: Callable[[socket.socket, threading.Event], None],
) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def work() -> None:
        with contextlib.suppress(OSError):
            conn, _ = listener.accept()
            with conn:
                conn.settimeout(2)
                conn.recv(512)
                answer(conn, stop)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    stop.set()
    thread.join(timeout=5)
    listener.close()


def message(*records: str) -> bytes:
    reply = DNSRecord(DNSHeader(id=1, qr=1, aa=1), q=DNSQuestion("plant.example", 252))
    for text in records:
        reply.add_answer(*RR.fromZone(text))
    return bytes(reply.pack())


SOA = "plant.example. 60 IN SOA ns1.plant.example. h.plant.example. 1 2 3 4 5"
HOST = "scada.plant.example. 60 IN A 127.79.2.3"


def test_a_zone_in_several_messages_is_put_together() -> None:
    found = given_by(framed(message(SOA), message(HOST), message(SOA)))

    assert found.outcome is Transferred.GIVEN
    assert [record.type for record in found.records] == ["SOA", "A", "SOA"]


def test_a_server_that_hangs_up_in_the_middle_has_given_it() -> None:
    assert given_by(framed(message(SOA, HOST))).outcome is Transferred.CUT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"\xff\xff" + bytes(100),
        framed(b"\xff" * 40),
        framed(message(HOST)),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
    ids=["nothing", "half a length", "too short", "garbage", "no SOA", "HTTP"],
)
def test_what_is_no_zone_is_none(raw: bytes) -> None:
    found = given_by(raw)

    assert found.outcome in {Transferred.SILENT, Transferred.REFUSED}
    assert found.records == []


def test_nobody_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    found = transfer("plant.example", ("127.0.0.1", port), should_stop=never)

    assert (found.outcome, found.bytes_in) == (Transferred.SILENT, 0)


def test_a_stop_ends_an_endless_one() -> None:
    def pour(conn: socket.socket, stop: threading.Event) -> None:
        conn.sendall(framed(message(SOA)))
        while not stop.is_set():
            conn.sendall(framed(message(HOST)))

    heard = itertools.count()
    with raw_server(pour) as port:
        found = transfer(
            "plant.example",
            ("127.0.0.1", port),
            should_stop=lambda: next(heard) > 20,
        )

    assert found.outcome is Transferred.CUT
    assert len(found.records) < 30
