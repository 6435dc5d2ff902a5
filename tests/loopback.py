"""A tiny server on a loopback address that answers whatever a test tells it to."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Answer = Callable[[socket.socket, threading.Event], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass
class Loopback:
    """What the server heard: one entry for each complete request."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


def saying(raw: bytes) -> Answer:
    """Return an answer that sends these bytes and closes."""
    return lambda conn, _: conn.sendall(raw)


@contextlib.contextmanager
def serve(
    answer: Answer, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Loopback]:
    """Serve one connection after the other until the block ends."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)
    heard = Loopback(port=listener.getsockname()[1])
    stop = threading.Event()
    thread = threading.Thread(
        target=_accept, args=(listener, tls, answer, heard, stop), daemon=True
    )
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)
        listener.close()


def _accept(listener, tls, answer, heard, stop) -> None:
    while not stop.is_set():
        try:
            conn, _ = listener.accept()
        except OSError:
            return
        heard.connections += 1
        with conn, contextlib.suppress(OSError):
            conn.settimeout(10)
            talk = tls.wrap_socket(conn, server_side=True) if tls else conn
            with talk:
                heard.requests.append(_read_request(talk))
                answer(talk, stop)


def _read_request(conn: socket.socket) -> bytes:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _some(conn)
    head, _, body = raw.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += _some(conn)
    return head + b"\r\n\r\n" + body


def _some(conn: socket.socket) -> bytes:
    got = conn.recv(65536)
    if not got:
        raise ConnectionError("the caller hung up")
    return got
