"""The fence of a sweep process decides as the scope does, and travels."""

import ipaddress
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from exposure.collectors import fence as module
from exposure.collectors.fence import ScopeFence
from exposure.logic.scope import Permit, ScopeRule, decide

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = (
    ScopeRule(
        "A",
        NOON - HOUR,
        NOON + HOUR,
        (
            ipaddress.ip_network("198.51.100.0/28"),
            ipaddress.ip_network("2001:4860::/112"),
        ),
        excluded_ports=frozenset({23}),
        excluded_networks=(ipaddress.ip_network("198.51.100.4/32"),),
        excluded_sockets={502: (ipaddress.ip_network("8.8.8.0/30"),)},
    ),
    ScopeRule("B", NOON + HOUR, NOON + 3 * HOUR, (ipaddress.ip_network("8.8.8.0/28"),)),
)
ADDRESSES = (
    "198.51.100.1",
    "198.51.100.4",
    "8.8.8.1",
    "8.8.8.9",
    "9.9.9.9",
    "2001:4860::1",
    "::ffff:8.8.8.9",
    "169.254.169.254",
    "0.0.0.0",  # noqa: S104 - as a target
    "localhost",
    "fe80::1%lo",
    "",
)
PORTS = (0, 1, 23, 443, 502, 65535, 65536, 70_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the fence takes for now."""
    now = [NOON]

    class Clock(datetime):
        @classmethod
        def now(cls, _: object = None) -> datetime:  # type: ignore[override] # as asked here
            return now[0]

    monkeypatch.setattr(module, "datetime", Clock)
    return now


def test_it_decides_as_the_scope_does_at_every_hour(clock: list[datetime]) -> None:
    allowed = [ipaddress.ip_network("198.51.100.0/24")]
    fence = pickle.loads(pickle.dumps(ScopeFence(RULES, allowed)))  # noqa: S301 - our own
    permitted = 0

    for half_hours in range(-3, 9):
        clock[0] = NOON + half_hours * HOUR / 2
        for address in ADDRESSES:
            for port in PORTS:
                verdict = fence.permit(address, port)
                assert verdict == decide(
                    address, port, now=clock[0], rules=RULES, allowed_private=allowed
                )
                permitted += isinstance(verdict, Permit)

    assert permitted > 20
