"""Loopback UDP services that note what they were asked."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Reply = Callable[[bytes], list[bytes]]


@dataclass
class Heard:
    """What the service was asked, in order."""

    asked: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def serve_udp(address: str, port: int, reply: Reply) -> Iterator[Heard]:
    """Answer each datagram with those that `reply` returns, while the block runs."""
    heard = Heard()
    plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    plug.bind((address, port))

    def answer() -> None:
        while True:
            data, peer = plug.recvfrom(65535)
            if not data:  # our own word to end
                return
            heard.asked.append(data)
            for each in reply(data):
                plug.sendto(each, peer)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield heard
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (address, port))
        thread.join(5)
        plug.close()


def free_udp_port() -> int:
    """Return a UDP port that nobody uses on any loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.bind(("", 0))
        return int(plug.getsockname()[1])
