"""A name server on loopback that says what a test wants, and says something else later."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from dnslib import QTYPE, RR, DNSRecord
from dnslib.server import BaseResolver, DNSServer

HOST = "127.0.0.1"


@dataclass
class Zone(BaseResolver):  # type: ignore[misc]  # dnslib has no types
    """Answers by name and kind; of several answers, one for each time it is asked.

    An answer is a list of lines in zone file form without the name, such as "A 127.0.0.1".
    """

    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def resolve(self, request: DNSRecord, _handler: object) -> DNSRecord:
        """Answer one question, with the names that it leads on to."""
        reply, name = request.reply(), str(request.q.qname).removesuffix(".").lower()
        kind = QTYPE[request.q.qtype]
        self.asked.append(f"{name} {kind}")
        for owner, line in self._chain(name, kind):
            reply.add_answer(*RR.fromZone(f"{owner}. 0 IN {line}"))
        return reply

    def _chain(self, name: str, kind: str) -> Iterator[tuple[str, str]]:
        turns = self.answers.get(f"{name} {kind}") or self.answers.get(name, [])
        lines = turns[0] if turns else []
        if len(turns) > 1:
            turns.pop(0)
        for line in lines:
            said, _, value = line.partition(" ")
            if said == "CNAME":
                yield name, line
                yield from self._chain(value.removesuffix("."), kind)
            elif said == kind:
                yield name, line


@contextlib.contextmanager
def name_server(**answers: list[list[str]]) -> Iterator[tuple[Zone, tuple[str, int]]]:
    """Serve on a free port while the block runs; yield the zone and its address."""
    zone = Zone(dict(answers))
    server = DNSServer(zone, address=HOST, port=0)
    port = server.server.server_address[1]
    server.start_thread()
    try:
        yield zone, (HOST, port)
    finally:
        server.stop()
        server.server.server_close()
        server.thread.join(5)
