"""Is a zone signed, and do the signatures hold: with keys that the tests made."""

import datetime as dt
from collections.abc import Callable

import dns.dnssec
import dns.message
import dns.name
import dns.rdataset
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exposure.collectors.names.dnssec import dnssec_state
from exposure.services.resolving import never
from tests.name_server import SERVERS, NameServer

ZONE = dns.name.from_text("plant.example")
SOA = "ns1.plant.example. hostmaster.plant.example. 1 3600 600 86400 300"
Change = Callable[["Signed"], None]


class Signed:
    """The answers of a signed zone, which a test may spoil before they are served."""

    def __init__(self) -> None:
        """Sign a zone with one new key."""
        private = Ed25519PrivateKey.generate()
        key = dns.dnssec.make_dnskey(
            private.public_key(), dns.dnssec.Algorithm.ED25519, flags=257
        )
        self.now = dt.datetime.now(dt.UTC)
        self.sets = {
            "DNSKEY": dns.rrset.from_rdata(ZONE, 300, key),
            "SOA": dns.rrset.from_text(ZONE, 300, "IN", "SOA", SOA),
            "DS": dns.rrset.from_rdata(
                ZONE, 300, dns.dnssec.make_ds(ZONE, key, "SHA256")
            ),
        }
        self._private, self._key = private, key
        self.signatures: dict[str, dns.rrset.RRset] = {}
        self.sign(until=self.now + dt.timedelta(days=1))

    def sign(self, *, until: dt.datetime) -> None:
        """Sign keys and SOA record."""
        for name in ("DNSKEY", "SOA"):
            signature = dns.dnssec.sign(
                self.sets[name],
                self._private,
                ZONE,
                self._key,
                inception=until - dt.timedelta(days=30),
                expiration=until,
            )
            self.signatures[name] = dns.rrset.from_rdata(ZONE, 300, signature)

    def answer(self, data: bytes) -> bytes:
        """Answer as a resolver does that is told not to check."""
        query = dns.message.from_wire(data)
        name = dns.rdatatype.to_text(query.question[0].rdtype)
        reply = dns.message.make_response(query)
        for found in (self.sets.get(name), self.signatures.get(name)):
            if found is not None:
                reply.answer.append(found)
        return reply.to_wire()


def drop(*names: str) -> Change:
    def change(zone: Signed) -> None:
        for name in names:
            zone.sets.pop(name)
            zone.signatures.pop(name, None)

    return change


def other_key(zone: Signed) -> None:
    zone.sets["DS"] = Signed().sets["DS"]


def other_record(zone: Signed) -> None:
    changed = SOA.replace(" 1 ", " 2 ")
    zone.sets["SOA"] = dns.rrset.from_text(ZONE, 300, "IN", "SOA", changed)


def out_of_date(zone: Signed) -> None:
    zone.sign(until=zone.now - dt.timedelta(days=1))


def no_signature(zone: Signed) -> None:
    zone.signatures.clear()


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda _: None, "valid"),
        (drop("DS", "DNSKEY"), "unsigned"),
        (drop("DS"), "island"),
        (drop("DNSKEY"), "broken"),
        (other_key, "broken"),
        (other_record, "broken"),
        (out_of_date, "broken"),
        (no_signature, "broken"),
    ],
)
def test_the_state_of_a_zone(server: NameServer, change: Change, state: str) -> None:
    zone = Signed()
    change(zone)
    server.lies["plant.example", "*"] = zone.answer

    found = dnssec_state("plant.example", (SERVERS[0], server.port), should_stop=never)

    assert found.state == state


@pytest.mark.parametrize("lie", [b"", b"\xff" * 50], ids=["nothing", "garbage"])
def test_an_answer_that_cannot_be_read_says_nothing(
    server: NameServer, lie: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exposure.collectors.names.dnssec.WAIT", 0.2)
    server.lies["plant.example", "*"] = lambda data: data[:2] + lie

    found = dnssec_state("plant.example", (SERVERS[0], server.port), should_stop=never)

    assert found.state == "unknown"
