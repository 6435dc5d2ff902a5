import socket
import socketserver
from threading import Thread

import pytest

from plant.classify import Kind
from plant.recorder import recording

READ = bytes.fromhex("000200000006010300000001")
WRITE = bytes.fromhex("000300000006010600000001")


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1024):
            self.request.sendall(data)


@pytest.fixture
def device():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address
        server.shutdown()
        thread.join()


def ask(where, request):
    with socket.create_connection(where, timeout=5) as client:
        client.sendall(request)
        answer = client.recv(1024)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    return answer


def test_it_passes_the_answer_on(device):
    with recording("modbus", device, address="127.0.0.1") as front:
        answer = ask((front.address, front.port), READ)

    assert answer == READ


def test_it_remembers_what_was_asked(device):
    with recording("modbus", device, address="127.0.0.1") as front:
        ask((front.address, front.port), READ)
        ask((front.address, front.port), WRITE)

    assert [one.kind for one in front.requests()] == [Kind.READ, Kind.CONTROL]
    assert [one.data for one in front.requests(Kind.CONTROL)] == [WRITE]


def test_it_counts_connections_that_followed_each_other(device):
    with recording("modbus", device, address="127.0.0.1") as front:
        ask((front.address, front.port), READ)
        ask((front.address, front.port), READ)

    assert (len(front.connections), front.peak) == (2, 1)
    assert front.busiest(seconds=60) == 2


def test_it_counts_connections_that_overlapped(device):
    with recording("modbus", device, address="127.0.0.1") as front:
        where = front.address, front.port
        with socket.create_connection(where, timeout=5) as first:
            first.sendall(READ)
            first.recv(1024)
            ask(where, READ)

    assert front.peak == 2


def test_it_drops_the_client_of_a_device_that_refuses():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        target = closed.getsockname()
        with recording("modbus", target, address="127.0.0.1") as front:
            where = front.address, front.port
            with socket.create_connection(where, timeout=5) as client:
                answer = client.recv(1)

    assert answer == b""
