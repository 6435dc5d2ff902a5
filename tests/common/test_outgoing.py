"""The outgoing HTTP client against real servers on loopback."""

import gzip
import socket
import threading
from ipaddress import ip_network

import pytest

from common.exchange import MAX_ANSWER, OutgoingFailed
from common.outgoing import OutgoingClient, OutgoingRefused
from tests.loopback import OK, saying, serve

LOOPBACK = (ip_network("127.0.0.0/8"),)
METADATA_URL = b"http://169.254.169.254/latest/meta-data/"


@pytest.fixture
def client():
    return OutgoingClient(private=LOOPBACK, connect_timeout=2, total=5)


def post(client, url, **headers):
    return client.post(url, body=b"{}", headers=headers)


def test_it_sends_the_body_to_the_pinned_address_under_the_name():
    seen = []

    def resolve(host, port):
        seen.append(host)
        return ["127.0.0.1"]

    client = OutgoingClient(private=LOOPBACK, resolve=resolve, total=5)

    with serve(saying(OK)) as server:
        url = f"http://hooks.northmill.example:{server.port}/in?x=1"
        answer = client.post(url, body=b'{"a":1}', headers={"X-One": "1"})

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /in?x=1 HTTP/1.1"
    assert b"Host: hooks.northmill.example:%d" % server.port in lines
    assert b"Accept-Encoding: identity" in lines
    assert b"X-One: 1" in lines
    assert body == b'{"a":1}'
    assert (answer.status, answer.body) == (200, b"ok")
    assert seen == ["hooks.northmill.example"]


def test_it_looks_a_name_up_once_so_a_flip_changes_nothing(monkeypatch):
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    client = OutgoingClient(private=LOOPBACK, resolve=lambda *_: next(answers), total=5)
    asked = []
    real = socket.getaddrinfo

    def watched(host, *args, **kwargs):
        asked.append(host)
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", watched)

    with serve(saying(OK)) as server:
        post(client, f"http://flip.example:{server.port}/")

    assert asked == ["127.0.0.1"]  # never the name again
    assert next(answers) == ["169.254.169.254"]  # the second answer was not drawn


@pytest.mark.parametrize(
    "answers",
    [
        ["8.8.8.8", "10.0.0.1"],
        ["169.254.169.254"],
        ["2606:4700::1111", "::ffff:10.0.0.1"],
        ["100.64.0.1"],
        ["fe80::1%eth0"],
    ],
)
def test_it_refuses_a_name_if_any_answer_is_refused(answers):
    client = OutgoingClient(resolve=lambda *_: answers)

    with pytest.raises(OutgoingRefused, match="Only public addresses") as refused:
        post(client, "https://rebind.example/")

    assert not any(answer in str(refused.value) for answer in answers)


@pytest.mark.parametrize("answers", [[], ["not an address"]])
def test_it_fails_on_a_name_without_addresses(answers):
    client = OutgoingClient(resolve=lambda *_: answers)

    with pytest.raises(OutgoingFailed, match="could not be resolved"):
        post(client, "https://nowhere.example/")


def test_it_does_not_wait_for_a_resolver_that_hangs():
    released = threading.Event()

    def resolve(*_):
        released.wait(10)
        return ["8.8.8.8"]

    client = OutgoingClient(resolve=resolve, connect_timeout=0.1)

    with pytest.raises(OutgoingFailed, match="could not be resolved"):
        post(client, "https://slow-dns.example/")

    released.set()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hooks.example/", "https://"),
        ("ftp://hooks.example/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("gopher://hooks.example/", "https://"),
        ("//hooks.example/", "https://"),
        ("", "plain letters"),
        ("https://hooks.example:8080/", "443 and 8443"),
        ("https://hooks.example:22/", "443 and 8443"),
        ("https://hooks.example:0/", "Port 0"),
        ("https://hooks.example:70000/", "well formed"),
        ("https://ida:secret@hooks.example/", "user name"),
        ("https://@hooks.example/", "user name"),
        ("https://hooks.example/#x", "after #"),
        ("https://8.8.8.8/", "not a number"),
        ("https://[2606:4700::1111]/", "not a number"),
        ("https://127.0.0.1/", "public"),
        ("https://[::1]/", "public"),
        ("https://[::ffff:127.0.0.1]/", "public"),
        ("https://[fe80::1%25eth0]/", "host name"),
        ("https://127.1/", "host name"),
        ("https://2130706433/", "host name"),
        ("https://0x7f000001/", "host name"),
        ("https://017700000001/", "host name"),
        ("https://hooks.0x7f/", "host name"),
        ("https:///path", "host name"),
        ("https://-bad.example/", "host name"),
        ("https://a..b.example/", "host name"),
        ("https://hooks.example\\@evil.example/", "plain letters"),
        ("https://hooks.example/a b", "plain letters"),
        ("https://hooks.example/\r\nX-Evil: 1", "plain letters"),
        ("https://hooks.example/\x00", "plain letters"),
        ("https://ĥooks.example/", "xn--"),
        ("https://127。0。0。1/", "xn--"),
        ("https://" + "a" * 2000, "longer"),
    ],
)
def test_it_refuses_an_address_as_written(url, words):
    client = OutgoingClient(resolve=lambda *_: pytest.fail("looked up"))

    with pytest.raises(OutgoingRefused, match=words):
        client.check(url)
    with pytest.raises(OutgoingRefused, match=words):
        post(client, url)


def test_it_accepts_an_ordinary_address_as_written():
    OutgoingClient().check("https://hooks.northmill.example:8443/in/1?x=%20")


@pytest.mark.parametrize("status", [b"301", b"302", b"303", b"307", b"308"])
def test_it_follows_no_redirect(client, status):
    raw = b"HTTP/1.1 %s Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"

    with serve(saying(raw % (status, METADATA_URL))) as server:
        answer = post(client, f"http://127.0.0.1:{server.port}/")

    assert answer.status == int(status)
    assert server.connections == 1
    assert "location" not in answer.headers


def test_it_uses_no_proxy_of_the_environment(client, monkeypatch):
    with serve(saying(OK)) as proxy, serve(saying(OK)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        answer = post(client, f"http://127.0.0.1:{server.port}/")

    assert answer.status == 200
    assert proxy.connections == 0


def drip(first, drop):
    def answer(conn, stop):
        conn.sendall(first)
        while not stop.wait(0.02):
            conn.sendall(drop)

    return answer


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b""),
    ],
    ids=["header", "body", "body-to-the-end", "chunks", "continue", "silence"],
)
def test_it_gives_up_on_a_server_that_drips(first, drop):
    client = OutgoingClient(private=LOOPBACK, total=0.3)

    with (
        serve(drip(first, drop)) as server,
        pytest.raises(OutgoingFailed, match="in time"),
    ):
        post(client, f"http://127.0.0.1:{server.port}/")


def test_it_reads_no_more_of_an_endless_body_than_16_kib(client):
    def endless(conn, stop):
        conn.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not stop.is_set():
            conn.sendall(b"A" * 65536)

    with serve(endless) as server:
        answer = post(client, f"http://127.0.0.1:{server.port}/")

    assert len(answer.body) == MAX_ANSWER == 16 * 1024


def test_it_refuses_endless_headers(client):
    raw = b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 5000

    with (
        serve(saying(raw)) as server,
        pytest.raises(OutgoingFailed, match="not HTTP"),
    ):
        post(client, f"http://127.0.0.1:{server.port}/")


def test_it_does_not_unpack_a_gzip_bomb(client):
    bomb = gzip.compress(b"\0" * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"

    with serve(saying(head % len(bomb) + bomb)) as server:
        answer = post(client, f"http://127.0.0.1:{server.port}/")

    assert answer.body == bomb[:MAX_ANSWER]


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"\0\xff\r\n\r\n"])
def test_it_fails_on_an_answer_that_is_not_http(client, raw):
    with serve(saying(raw)) as server, pytest.raises(OutgoingFailed, match="not HTTP"):
        post(client, f"http://127.0.0.1:{server.port}/")


def test_it_fails_when_nobody_listens(client):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    with pytest.raises(OutgoingFailed, match=r"No connection to 127\.0\.0\.1"):
        post(client, f"http://127.0.0.1:{port}/")


def test_it_keeps_few_headers_and_makes_them_harmless(client):
    raw = (
        b"HTTP/1.1 503 No\r\nRetry-After: 120\r\nSet-Cookie: a=b\r\n"
        b"Content-Type: text/\x1b[31mred" + b"x" * 500 + b"\r\n\r\n"
    )

    with serve(saying(raw)) as server:
        answer = post(client, f"http://127.0.0.1:{server.port}/")

    assert answer.headers["retry-after"] == "120"
    assert set(answer.headers) == {"retry-after", "content-type"}
    assert answer.headers["content-type"].startswith("text/[31mred")
    assert len(answer.headers["content-type"]) == 200


def test_it_sends_no_header_with_a_line_break(client):
    with serve(saying(OK)) as server, pytest.raises(OutgoingFailed):
        client.post(
            f"http://127.0.0.1:{server.port}/",
            body=b"",
            headers={"X-A": "1\r\nX-Evil: 1"},
        )

    assert server.requests == []
