"""What one decision of the fence costs among 1000 ranges, beside asking each range.

Run with `pytest -m bench -s tests/bench/test_fence_bench.py`; prints, asserts no time. Both
sides give the same answers.
"""

import ipaddress
from datetime import UTC, datetime, time, timedelta

import pytest

from exposure.logic.hours import Opening, Weekly
from exposure.logic.scope import CompiledScope, Permit, ScopeRule
from exposure.logic.scope_text import why_not_a_target
from tests.bench.measured import load, timed

RANGES, ROUNDS, PEER_ROUNDS = 1000, 50, 1
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

pytestmark = pytest.mark.bench


def test_a_decision_among_a_thousand_ranges() -> None:
    networks = tuple(
        ipaddress.ip_network(f"9.{n // 250}.{n % 250}.0/28") for n in range(RANGES)
    )
    hours = Weekly(frozenset(range(7)), time(0), time(23))
    rule = ScopeRule(
        "A-1",
        NOW - timedelta(days=1),
        NOW + timedelta(days=1),
        networks,
        opening=Opening("Europe/Vienna", (hours,)),
    )
    asked = [str(each[3]) for each in networks] + ["9.200.1.1"] * 10
    fences: list[CompiledScope] = []

    def ask() -> list[bool]:
        decisions = (fences[0].decide(each, 502, now=NOW) for each in asked)
        return [isinstance(each, Permit) for each in decisions]

    def one_by_one() -> list[bool]:
        literals = [ipaddress.ip_address(each) for each in asked]
        return [
            not why_not_a_target(each) and any(each in network for network in networks)
            for each in literals
        ]

    compiled = timed(lambda: fences.append(CompiledScope([rule])))
    first = timed(ask) * 1000 / len(asked)
    known = timed(lambda: [ask() for _ in range(ROUNDS)]) * 1000 / len(asked) / ROUNDS
    peer = timed(one_by_one) * 1000 / len(asked)
    assert ask() == one_by_one()
    print(  # noqa: T201 - a bench prints
        f"\n{RANGES} ranges: compiled in {compiled:.1f} ms; a new address {first:.1f} us, "
        f"a known one {known:.2f} us; each range asked {peer:.1f} us "
        f"({peer / first:.0f} and {peer / known:.0f} times as much); {load()}"
    )
