"""Zone transfers: given, refused, endless, broken off."""

from exposure.collectors.names.transfer import (
    Transfer,
    TransferLimits,
    Transferred,
    transfer,
)
from exposure.services.resolving import never
from tests.name_server import SERVERS, NameServer


def moved(server: NameServer, **limits: float) -> Transfer:
    return transfer(
        "plant.example",
        (SERVERS[0], server.port),
        should_stop=never,
        limits=TransferLimits(wait=0.3, **limits),  # type: ignore[arg-type]  # numbers
    )


def test_a_zone_that_is_given_away_is_seen(server: NameServer) -> None:
    server.transfers_to.add(SERVERS[0])

    found = moved(server)

    assert found.outcome is Transferred.GIVEN
    assert "scada.plant.example" in {record.name for record in found.records}


def test_a_server_that_refuses_is_closed(server: NameServer) -> None:
    assert moved(server).outcome is Transferred.REFUSED


def test_an_endless_transfer_is_cut_and_counts_as_open(server: NameServer) -> None:
    server.transfers_to.add(SERVERS[0])
    for number in range(300):
        server.know(f"n{number}.plant.example. 60 IN A 127.79.2.1")

    found = moved(server, records=100)

    assert found.outcome is Transferred.CUT
    assert len(found.records) == 100
