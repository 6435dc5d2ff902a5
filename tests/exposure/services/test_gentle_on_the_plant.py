"""The whole of a run against controllers nobody here wrote, and their own records."""

from collections import Counter
from collections.abc import Callable

import pytest

from exposure.models import Finding, RunState
from exposure.services import rebuild, validation
from tenants.scope import workspace_scope
from tests.exposure.services.conftest import Yard
from tests.plant.conftest import plant_python, start
from tests.plant.running import Running

pytestmark = [
    pytest.mark.plant,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
__all__ = ["plant_python", "start"]

# What the servers' own codes are for: libsnap7's started, client added, client gone,
# PDU size, system list read; Modbus functions 43 and 3 (one register); EtherNet/IP
# identity, session opened and closed, data of a request.
READS = {
    "RTR-UTIL": {1, 8, 0x80, 0x80000, 0x100000},
    "PLC-B1M": {0, 3, 43},
    "PLC-F11": {0, 0x63, 0x65, 0x66, 0x6F},
}
PROTOCOLS = {"RTR-UTIL": "s7", "PLC-B1M": "modbus", "PLC-F11": "enip"}
CHECKS = {"s7-open", "modbus-open", "enip-open"}
OPENS = {"RTR-UTIL": "Client added", "PLC-B1M": "Client connected"}
CLOSES = {"RTR-UTIL": "Client disconnected", "PLC-B1M": "Client disconnected"}


def test_controllers_were_only_asked_who_they_are_one_at_a_time(
    yard: Yard, start: Callable[[str], Running]
) -> None:
    hosts = {key: start(key) for key in READS}
    for key, host in hosts.items():
        address, port = host.where(PROTOCOLS[key])
        yard.permit(address, hint=PROTOCOLS[key], port=port)

    run = yard.discover()
    validation.validate_findings(heartbeat=lambda: None)
    rebuild.rebuild_paths()

    with workspace_scope():
        found = dict(Finding.objects.values_list("check_id", "grade"))
    assert yard.fresh(run).state == RunState.FINISHED
    assert found == dict.fromkeys(CHECKS, "E4")
    for key, host in hosts.items():
        assert {line["code"] for line in host.record()} <= READS[key]
        assert most_at_once(key, host) == 1


def test_a_controller_that_only_speaks_udp_is_found_and_validated(
    yard: Yard, start: Callable[[str], Running]
) -> None:
    host = start("AHU-3")
    address, port = host.where("bacnet")
    yard.permit(address, hint="bacnet", port=f"{port}/udp")

    run = yard.discover()
    validation.validate_findings(heartbeat=lambda: None)
    rebuild.rebuild_paths()

    (seen,) = yard.services()
    with workspace_scope():
        found = list(Finding.objects.values_list("check_id", "grade"))
        targets = list(run.targets.values_list("open_ports", "udp_answered"))
    assert yard.fresh(run).state == RunState.FINISHED
    assert (seen.protocol, seen.product) == (
        "bacnet",
        "Siemens Schweiz AG Desigo PXC4.E16 1.20.35",
    )
    assert found == [("bacnet-open", "E4")]
    assert targets == [([], [port])]


def most_at_once(key: str, host: Running) -> int:
    """Return the peak of open connections, as the server noted them."""
    if key not in OPENS:
        return 1  # that server notes no connections
    count: Counter[str] = Counter()
    peak = 0
    for line in host.record():
        count["open"] += OPENS[key] in line["text"]
        count["open"] -= CLOSES[key] in line["text"]
        peak = max(peak, count["open"])
    return peak
