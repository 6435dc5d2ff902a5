import socket
import ssl

import pytest

from tests.plant.running import spawn

pytestmark = pytest.mark.plant

# One request per protocol and a piece of the answer that names the product.
QUESTIONS = [
    ("JUMP-01", "ssh", "", b"SSH-2.0-OpenSSH_7.4"),
    ("RDS-01", "vnc", "", b"RFB 003.008"),
    (
        "RDS-01",
        "rdp",
        "030000130ee000000000000100080003000000",
        b"\x03\x00\x00\x13\x0e",
    ),
    ("PLC-F11", "enip", "63" + "00" * 23, b"1756-L61/B LOGIX5561"),
    ("PLC-B1M", "modbus", "000100000005012b0e0100", b"BMX P34 2020"),
    ("HIST-01", "mqtt", "101000044d5154540402000a00046e6f7274", b"\x20\x02\x00\x00"),
    ("PLC-PAL", "melsec", "500000ffff030006001000 01010000", b"FX5U-32MT/DS"),
    ("RTU-UTIL", "iec104", "680443000000", bytes.fromhex("680483000000")),
    ("HMI-F1", "http", b"GET / HTTP/1.0\r\n\r\n".hex(), b"Weintek EasyWeb 2.0"),
    ("WEB-01", "http", b"GET / HTTP/1.0\r\n\r\n".hex(), b"nginx/1.18.0"),
]


def ask(where, request, expected):
    """Send the request; read until the expected bytes came or the server ended."""
    answer = b""
    with socket.create_connection(where, timeout=10) as client:
        client.sendall(request)
        while expected not in answer and (more := client.recv(4096)):
            answer += more
    return answer


@pytest.mark.parametrize(("key", "protocol", "request_hex", "expected"), QUESTIONS)
def test_it_answers_with_its_identity(start, key, protocol, request_hex, expected):
    running = start(key)

    answer = ask(running.where(protocol), bytes.fromhex(request_hex), expected)

    assert expected in answer


def test_it_answers_bacnet_over_udp(start):
    running = start("AHU-3")

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        read_model = bytes.fromhex("810a001101040005010c0c0200753f1946")
        client.sendto(read_model, running.where("bacnet"))
        answer = client.recv(1500)

    assert b"Desigo PXC4.E16" in answer


def test_it_shows_a_certificate_that_has_run_out(start):
    running = start("VPN-GW-01")
    context = ssl.create_default_context()
    certificate = running.state.certificates / "VPN-GW-01.pem"
    context.load_verify_locations(certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN

    with (
        socket.create_connection(running.where("https"), timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError) as refused,
    ):
        context.wrap_socket(plain, server_hostname="vpn.thornby.northmill.example")

    assert refused.value.verify_message == "certificate has expired"


def test_it_takes_one_melsec_connection_at_a_time(start):
    running = start("PLC-PAL")
    where = running.where("melsec")

    with (
        socket.create_connection(where, timeout=10),
        socket.create_connection(where, timeout=10) as second,
    ):
        answer = second.recv(1)

    assert answer == b""


def test_it_says_why_it_cannot_serve(start, plant_python):
    running = start("HMI-F1")

    with start_again(running) as second:
        out, _ = second.communicate(timeout=30)

    address, port = running.where("http")
    assert f"TCP port {port} of {address} is taken by another program." in out
    assert second.returncode == 1


def start_again(running):
    host = ("-m", "plant.host", running.key, "--address", running.address)
    return spawn(*host, state=running.state.folder)
