"""A run against third-party stacks: its own ledger, and what a capture of it shows."""

from collections import Counter
from collections.abc import Callable

import pytest

from exposure.models import Finding, ProbeRecord, RunState, RunTarget
from exposure.probes.budget import OT_BUDGET
from exposure.services import rebuild, validation
from plant.classify import Kind, Reader
from plant.classify_udp import judge
from tenants.scope import workspace_scope
from tests.capture import Capture, Socket, Talk, captured, most_at_once
from tests.exposure.services.conftest import Yard
from tests.plant.conftest import plant_python, start
from tests.plant.running import Running

pytestmark = [
    pytest.mark.plant,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
__all__ = ["plant_python", "start"]

# pymodbus, libsnap7, cpppo, asyncua, c104, aslmp and amqtt; bacpypes3, on UDP alone,
# joins them below.
CONTROLLERS = {
    "PLC-B1M": "modbus",
    "RTR-UTIL": "s7",
    "PLC-F11": "enip",
    "SCADA-01": "opcua",
    "RTU-UTIL": "iec104",
    "PLC-PAL": "melsec",
    "HIST-01": "mqtt",
}
# aiohttp over OpenSSL: what is counted over TLS is what went over the wire.
PANEL = {"HMI-P2": "https"}
SWEEP = 1  # connection to each port, beside the budget


def test_ledger_and_capture_agree_and_show_reading_only(
    yard: Yard, start: Callable[[str], Running]
) -> None:
    where = {}
    for key, protocol in {**CONTROLLERS, **PANEL}.items():
        address, port = start(key).where(protocol)
        yard.permit(address, hint=protocol, port=port)
        where[address] = protocol
    air, port = start("AHU-3").where("bacnet")
    yard.permit(air, hint="bacnet", port=f"{port}/udp")

    with captured() as capture:
        run = yard.discover()
        validation.validate_findings(heartbeat=lambda: None)
    rebuild.rebuild_paths()

    everywhere = {*where, air}
    talks = capture.talks(everywhere)
    assert capture.lost == 0
    assert yard.fresh(run).state == RunState.FINISHED
    with workspace_scope():
        assert Finding.objects.filter(grade="E4").count() >= 4
        careful = RunTarget.objects.exclude(careful_because="").count()
    assert careful == len(everywhere)  # the panel's page says that it is one
    assert ledger() == on_the_wire(capture, everywhere)
    asked = capture.payloads(Socket(air, port, "udp"))
    assert {judge("bacnet", each).kind for each in asked} == {Kind.READ}
    for address, protocol in where.items():
        own = [talk for talk in talks if talk.target.address == address]
        # amqtt keeps a connection that we ended for seconds; we wait one for its end.
        assert most_at_once(own) <= (2 if protocol == "mqtt" else 1)
        assert len(own) - SWEEP <= OT_BUDGET.connections
        if protocol != "https":
            assert judged(protocol, own) == {Kind.READ}


def ledger() -> dict[Socket, tuple[int, int, int]]:
    """Return connections, bytes out and bytes in of each socket, as we wrote them."""
    counts: dict[Socket, tuple[int, int, int]] = {}
    with workspace_scope():
        for row in ProbeRecord.objects.all():
            key = Socket(row.address, row.port, row.transport)
            a, b, c = counts.get(key, (0, 0, 0))
            counts[key] = (
                a + row.connections,
                b + row.bytes_out,
                c + row.bytes_in,
            )
    return counts


def on_the_wire(
    capture: Capture, addresses: set[str]
) -> dict[Socket, tuple[int, int, int]]:
    """Return the same of the packets: SYNs and payload, retransmissions left out."""
    connections, sent, received = Counter(), Counter(), Counter()  # type: ignore[var-annotated]  # of sockets
    for talk in capture.talks(addresses):
        connections[talk.target] += 1
        sent[talk.target] += len(talk.asked)
        received[talk.target] += len(talk.answered)
    over_tcp = {
        key: (connections[key], sent[key], received[key]) for key in connections
    }
    return over_tcp | capture.datagrams(addresses)


def judged(protocol: str, talks: list[Talk]) -> set[Kind]:
    """Return what the messages of these connections do to a device."""
    kinds = set()
    for talk in talks:
        reader = Reader(protocol)
        requests = [*reader.feed(talk.asked), *reader.close()]
        kinds |= {request.kind for request in requests}
    return kinds
