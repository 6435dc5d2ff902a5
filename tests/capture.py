"""What really went over loopback: an AF_PACKET capture and its own small parser."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

ALL_PROTOCOLS = 0x0003
IPV4 = 0x0800
TCP, UDP = 6, 17
FIN, SYN, RST, ACK = 1, 2, 4, 16
# On loopback each packet is seen when it leaves and when it arrives; once is enough.
LEAVING = 4
ROOM = 32 * 1024 * 1024
WRAP = 1 << 32
POLL_SECONDS = 0.05


class Packet(NamedTuple):
    """One packet; `at` counts packets, which sorts better than a clock.

    `number` is the place of its payload in the stream, 0 for UDP.
    """

    at: int
    source: tuple[str, int]
    target: tuple[str, int]
    protocol: int
    flags: int
    number: int
    payload: bytes


class Socket(NamedTuple):
    """A port of a host, the way the ledger names it."""

    address: str
    port: int
    transport: str


@dataclass
class Talk:
    """One TCP connection, from its first SYN.

    `ended` is when both sides had ended it, `left` when the client had.
    """

    target: Socket
    began: int
    ended: int | None = None
    left: int | None = None
    sent: dict[int, bytes] = field(default_factory=dict)
    received: dict[int, bytes] = field(default_factory=dict)
    ends: set[str] = field(default_factory=set)

    @property
    def asked(self) -> bytes:
        """Return what the client said."""
        return _joined(self.sent)

    @property
    def answered(self) -> bytes:
        """Return what the service said."""
        return _joined(self.received)


@dataclass
class Capture:
    """Packets in the order in which they came; read it after the block."""

    packets: list[Packet] = field(default_factory=list)
    lost: int = 0

    def talks(self, addresses: set[str]) -> list[Talk]:
        """Return the TCP connections to these addresses; each SYN begins one."""
        open_talks: dict[tuple[tuple[str, int], tuple[str, int]], Talk] = {}
        every: list[Talk] = []
        for packet in self.packets:
            if packet.protocol != TCP:
                continue
            if packet.flags & (SYN | ACK) == SYN and packet.target[0] in addresses:
                talk = Talk(Socket(*packet.target, "tcp"), packet.at)
                open_talks[packet.source, packet.target] = talk
                every.append(talk)
            _add(open_talks, packet)
        return every

    def datagrams(self, addresses: set[str]) -> dict[Socket, tuple[int, int, int]]:
        """Return, for each UDP port there, datagrams sent, bytes sent, bytes received."""
        counts: dict[Socket, tuple[int, int, int]] = {}
        for packet in self.packets:
            if packet.protocol != UDP:
                continue
            size = len(packet.payload)
            for end, change in (
                (packet.target, (1, size, 0)),
                (packet.source, (0, 0, size)),
            ):
                if end[0] in addresses:
                    key = Socket(*end, "udp")
                    old = counts.get(key, (0, 0, 0))
                    counts[key] = (
                        old[0] + change[0],
                        old[1] + change[1],
                        old[2] + change[2],
                    )
        return counts

    def payloads(self, target: Socket) -> list[bytes]:
        """Return what was sent to a UDP port, datagram by datagram."""
        return [
            packet.payload
            for packet in self.packets
            if packet.protocol == UDP and packet.target == target[:2]
        ]


def most_at_once(talks: list[Talk]) -> int:
    """Return how many of these connections were open at the same time at most.

    A connection is open until both sides have ended it; where the service never does,
    until the client has.
    """
    edges = [(talk.began, 1) for talk in talks]
    ends = [talk.left if talk.ended is None else talk.ended for talk in talks]
    edges += [(end, -1) for end in ends if end is not None]
    peak = count = 0
    for _, change in sorted(edges):
        count += change
        peak = max(peak, count)
    return peak


@contextmanager
def captured() -> Iterator[Capture]:
    """Capture loopback while the block runs. Needs CAP_NET_RAW, else skips."""
    try:
        plug = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4))
    except PermissionError:
        pytest.skip("Capturing packets needs CAP_NET_RAW: run the tests as root.")
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
    plug.bind(("lo", IPV4))
    plug.settimeout(POLL_SECONDS)
    capture, over = Capture(), threading.Event()

    def read() -> None:
        while True:
            try:
                frame, where = plug.recvfrom(65_536 + 14)
            except TimeoutError:
                if over.is_set():
                    return
                continue
            if where[2] != LEAVING and (packet := parse(frame, len(capture.packets))):
                capture.packets.append(packet)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield capture
    finally:
        over.set()
        reader.join()
        capture.lost = _lost(plug)
        plug.close()


def parse(frame: bytes, at: int) -> Packet | None:
    """Return what an Ethernet frame carries; None unless it is TCP or UDP over IPv4."""
    packet = frame[14:]
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] not in (TCP, UDP):
        return None
    head, total = (packet[0] & 0x0F) * 4, int.from_bytes(packet[2:4])
    source, target = (socket.inet_ntoa(packet[a : a + 4]) for a in (12, 16))
    body = packet[head:total]
    ports = struct.unpack("!HH", body[:4])
    ends = (source, ports[0]), (target, ports[1])
    if packet[9] == UDP:
        return Packet(at, *ends, UDP, 0, 0, body[8:])
    number, flags = int.from_bytes(body[4:8]), body[13]
    return Packet(at, *ends, TCP, flags, number, body[(body[12] >> 4) * 4 :])


def _add(
    talks: dict[tuple[tuple[str, int], tuple[str, int]], Talk], packet: Packet
) -> None:
    """Add a packet to the connection that it belongs to."""
    if talk := talks.get((packet.source, packet.target)):
        side, pieces = "client", talk.sent
    elif talk := talks.get((packet.target, packet.source)):
        side, pieces = "service", talk.received
    else:
        return
    if packet.payload and side not in talk.ends:
        # The same place twice is a retransmission.
        pieces[packet.number] = packet.payload
    if packet.flags & RST:
        talk.ends |= {"client", "service"}
    elif packet.flags & FIN:
        talk.ends.add(side)
    if "client" in talk.ends and talk.left is None:
        talk.left = packet.at
    if len(talk.ends) == 2 and talk.ended is None:
        talk.ended = packet.at


def _joined(pieces: dict[int, bytes]) -> bytes:
    """Put a stream together; a sequence number that wrapped comes last."""
    if not pieces:
        return b""
    first = min(pieces)
    if max(pieces) - first > WRAP // 2:
        pieces = {n if n > WRAP // 2 else n + WRAP: part for n, part in pieces.items()}
    whole, end = b"", None
    for number in sorted(pieces):
        part = pieces[number]
        skip = 0 if end is None else max(0, end - number)
        whole += part[skip:]
        end = max(end or 0, number + len(part))
    return whole


def _lost(plug: socket.socket) -> int:
    """Return how many packets the kernel had no room for."""
    packet, statistics = 263, 6
    return int(struct.unpack("II", plug.getsockopt(packet, statistics, 8))[1])
