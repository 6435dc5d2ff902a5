"""A name server on a loopback address, made with dnslib; it also lies, where a test says so.

It is resolver and zone server in one: with "recursion desired" it follows CNAMEs and fails
where a resolver would; without, it answers for its zones and gives transfers.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dnslib import QTYPE, RCODE, RR, DNSHeader, DNSRecord

# What a lie does: it gets the question as bytes and gives the whole answer, or None for
# silence.
Lie = Callable[[bytes], bytes | None]
Key = tuple[str, str]

# The zone of the tests: everything that a search for names has to tell apart.
PLANT = """
$ORIGIN plant.example.
$TTL 300
@ IN SOA ns1 hostmaster 1 3600 600 86400 300
@ IN NS ns1
@ IN NS ns2
@ IN MX 10 mail
@ IN TXT "v=spf1 +all"
@ IN CAA 0 issue "ca.example"
_dmarc IN TXT "v=DMARC1; p=none"
ns1 IN A 127.78.53.1
ns2 IN A 127.78.53.2
mail IN A 127.79.2.1
vpn IN CNAME edge
edge IN CNAME remote
remote IN A 127.79.2.2
scada IN A 127.79.2.3
sixth IN AAAA 2001:db8::6
old-portal IN CNAME plant-portal.azurewebsites.net.
loop1 IN CNAME loop2
loop2 IN CNAME loop1
*.cust IN A 127.79.2.9
known.cust IN A 127.79.2.8
rebind IN A 127.79.2.4
rebind IN A 127.90.0.4
out IN A 127.90.0.7
www IN CNAME www.elsewhere.example.
sub IN NS ns.sub
ns.sub IN A 127.78.53.9
"""
ELSEWHERE = """
$ORIGIN elsewhere.example.
@ IN SOA ns hostmaster 1 3600 600 86400 300
www IN A 127.90.0.8
"""
REVERSE = """
5.2.79.127.in-addr.arpa. 300 IN PTR historian.plant.example.
6.2.79.127.in-addr.arpa. 300 IN PTR gateway.contractor.example.
7.2.79.127.in-addr.arpa. 300 IN PTR host-127-79-2-7.isp.example.
"""
SERVERS = ("127.78.53.1", "127.78.53.2")


@dataclass
class NameServer:
    """What the server knows and what it heard; tests change `records` and `lies`."""

    port: int
    records: dict[Key, list[RR]] = field(default_factory=dict)
    lies: dict[Key, Lie] = field(default_factory=dict)
    dead_zones: set[str] = field(default_factory=set)  # their servers are gone
    transfers_to: set[str] = field(default_factory=set)  # own addresses that give AXFR
    heard: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # address, name, type

    def know(self, text: str) -> None:
        """Add records, written as in a zone file."""
        for record in RR.fromZone(text):
            key = (str(record.rname).rstrip(".").lower(), QTYPE[record.rtype])
            self.records.setdefault(key, []).append(record)

    def forget(self, name: str, type_: str) -> None:
        """Take records away."""
        self.records.pop((name, type_), None)

    def names(self) -> set[str]:
        """Return the names that were asked for."""
        return {name for _, name, _ in self.heard}

    def answer(self, data: bytes, address: str, *, tcp: bool) -> list[bytes]:
        """Return the messages that answer a question."""
        query = DNSRecord.parse(data)
        name = str(query.q.qname).rstrip(".").lower()
        type_ = QTYPE[query.q.qtype]
        self.heard.append((address, name, type_))
        if type_ == "AXFR":
            return self._transfer(query, name, address) if tcp else []
        if lie := self.lies.get((name, type_)) or self.lies.get((name, "*")):
            made = lie(data)
            return [made] if made is not None else []
        reply = DNSRecord(
            DNSHeader(id=query.header.id, qr=1, aa=1, ra=1, rd=query.header.rd),
            q=query.q,
        )
        self._fill(reply, name, type_)
        return [reply.pack()]

    def _fill(self, reply: DNSRecord, name: str, type_: str) -> None:
        if not reply.header.rd and (dead := self._dead(name)):
            for record in self.records[dead, "NS"]:
                reply.add_auth(record)
            reply.header.aa = 0
            return
        for _ in range(16):
            if reply.header.rd and self._dead(name):
                reply.header.rcode = RCODE.SERVFAIL
                return
            own = self._at(name, type_)
            for record in own:
                reply.add_answer(record)
            onward = [] if own else self._at(name, "CNAME")
            if not onward:
                if not own and not reply.rr and not self._exists(name):
                    reply.header.rcode = RCODE.NXDOMAIN
                return
            reply.add_answer(onward[0])
            name = str(onward[0].rdata.label).rstrip(".").lower()
        reply.rr.clear()
        reply.header.rcode = RCODE.SERVFAIL  # a loop

    def _dead(self, name: str) -> str:
        found = [z for z in self.dead_zones if name == z or name.endswith(f".{z}")]
        return found[0] if found else ""

    def _at(self, name: str, type_: str) -> list[RR]:
        if found := self.records.get((name, type_)):
            return found
        star = f"*.{name.partition('.')[2]}"
        if self._exists(name):
            return []
        return [
            RR(name, record.rtype, rdata=record.rdata, ttl=record.ttl)
            for record in self.records.get((star, type_), ())
        ]

    def _exists(self, name: str) -> bool:
        return any(own == name or own.endswith(f".{name}") for own, _ in self.records)

    def _transfer(self, query: DNSRecord, zone: str, address: str) -> list[bytes]:
        reply = DNSRecord(DNSHeader(id=query.header.id, qr=1, aa=1), q=query.q)
        soa = self.records.get((zone, "SOA"))
        if address not in self.transfers_to or soa is None:
            reply.header.rcode = RCODE.REFUSED
            return [reply.pack()]
        inside = [
            record
            for (name, type_), records in self.records.items()
            if (name == zone or name.endswith(f".{zone}")) and type_ != "SOA"
            for record in records
        ]
        reply.add_answer(*soa, *inside, *soa)
        return [reply.pack()]


@contextlib.contextmanager
def serve_names(*addresses: str) -> Iterator[NameServer]:
    """Serve on all these addresses, at one port, over UDP and TCP."""
    lines = _bind(addresses or SERVERS)
    server = NameServer(lines[0][0].getsockname()[1])
    stop = threading.Event()
    threads = [
        threading.Thread(target=work, args=(line, server, stop), daemon=True)
        for datagrams, streams in lines
        for line, work in ((datagrams, _serve_udp), (streams, _serve_tcp))
    ]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        stop.set()
        for pair in lines:
            for line in pair:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(timeout=10)
        for pair in lines:
            for line in pair:
                line.close()


def _bind(addresses: tuple[str, ...]) -> list[tuple[socket.socket, socket.socket]]:
    for _ in range(50):
        port = 0
        found: list[tuple[socket.socket, socket.socket]] = []
        try:
            for address in addresses:
                streams = socket.create_server((address, port))
                port = streams.getsockname()[1]
                datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                found.append((datagrams, streams))
                datagrams.bind((address, port))
        except OSError:
            for pair in found:
                for line in pair:
                    line.close()
            continue
        for datagrams, streams in found:
            datagrams.settimeout(0.2)
            streams.settimeout(0.2)
        return found
    raise OSError("no port is free on all of them")


def _serve_udp(line: socket.socket, server: NameServer, stop: threading.Event) -> None:
    address = line.getsockname()[0]
    while not stop.is_set():
        try:
            data, asker = line.recvfrom(4096)
        except TimeoutError:
            continue
        except OSError:
            return
        for message in server.answer(data, address, tcp=False):
            with contextlib.suppress(OSError):
                line.sendto(message, asker)


def _serve_tcp(line: socket.socket, server: NameServer, stop: threading.Event) -> None:
    address = line.getsockname()[0]
    while not stop.is_set():
        try:
            conn, _ = line.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        with conn, contextlib.suppress(OSError):
            conn.settimeout(5)
            size = int.from_bytes(conn.recv(2), "big")
            data = conn.recv(size, socket.MSG_WAITALL)
            for message in server.answer(data, address, tcp=True):
                conn.sendall(len(message).to_bytes(2, "big") + message)
