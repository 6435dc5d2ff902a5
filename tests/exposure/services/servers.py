"""Loopback services that note who connects, on addresses and ports a test chooses."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]

PAGE = (
    b"HTTP/1.1 200 OK\r\nServer: Plain/1.0\r\nContent-Type: text/html\r\n"
    b"Connection: close\r\n\r\n<html><title>Store</title>Spare parts</html>"
)
SCREEN = (
    b"HTTP/1.1 200 OK\r\nServer: MiniWeb\r\nContent-Type: text/html\r\n"
    b"Connection: close\r\n\r\n<html><title>SIMATIC HMI Miniweb</title><body>"
    + b"<p>Temperature 72.1 C, pump 3 runs, valve V12 is open, level 41 %.</p>" * 12
    + b"</body></html>"
)
LONGEST_WAIT = 10.0
MEGABYTE = b"x" * 1_000_000


@dataclass
class Heard:
    """What the service noted."""

    address: str
    port: int
    answer: Answer
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)


def saying(text: bytes) -> Answer:
    """Return a service that reads one message, answers and hangs up."""

    def answer(plug: socket.socket) -> None:
        if plug.recv(4096):
            plug.sendall(text)

    return answer


def silent(plug: socket.socket) -> None:
    """Accept, read and never say a word, until the other side hangs up."""
    while plug.recv(4096):
        pass


def endless(plug: socket.socket) -> None:
    """Answer with up to 100 MB, whatever was asked."""
    if plug.recv(4096):
        plug.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100):
            plug.sendall(MEGABYTE)


def free_port() -> int:
    """Return a port that nobody uses on any loopback address."""
    with socket.create_server(("", 0)) as plug:
        return int(plug.getsockname()[1])


@contextlib.contextmanager
def serve(address: str, port: int, answer: Answer) -> Iterator[Heard]:
    """Serve there while the block runs; a sweep that says nothing is counted too."""
    heard = Heard(address, port, answer)
    listener = socket.create_server((address, port), backlog=64)
    talks: list[threading.Thread] = []

    def talk(plug: socket.socket) -> None:
        with plug, contextlib.suppress(OSError):
            plug.settimeout(LONGEST_WAIT)
            heard.answer(plug)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                plug, _ = listener.accept()
                heard.connections += 1
                talks.append(threading.Thread(target=talk, args=[plug]))
                talks[-1].start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield heard
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for each in (thread, *talks):
            each.join(LONGEST_WAIT)
