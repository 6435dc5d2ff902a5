import socket

from plant.listening import is_listening, why_not_free


def test_it_sees_a_port_that_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = server.getsockname()

        assert is_listening(*where, transport="tcp")
    assert not is_listening(*where, transport="tcp")


def test_it_sees_a_datagram_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        assert is_listening(*server.getsockname(), transport="udp")


def test_it_does_not_take_a_client_for_a_server():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert not is_listening(*client.getsockname(), transport="tcp")


def test_it_says_that_a_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address, port = server.getsockname()

        problem = why_not_free(address, port, transport="tcp")

    assert problem == f"TCP port {port} of {address} is taken by another program."


def test_it_says_that_an_address_is_missing():
    problem = why_not_free("192.0.2.1", 4840, transport="tcp")

    assert problem.endswith("is not on an address of this machine.")


def test_it_finds_nothing_wrong_with_a_free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = server.getsockname()

    assert why_not_free(*where, transport="tcp") == ""
