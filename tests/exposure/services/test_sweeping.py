"""What a run's sweep writes down, and that it goes on in the middle of a host."""

from collections import Counter

import pytest
from pytest_django import Settings

from exposure.logic.ports import hints_of
from exposure.logic.profiles import Profile
from exposure.models import ProbeRecord, Run, RunTarget, TargetState
from exposure.services import discovery, looking, scope, sweeping
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

PORTS = range(1, 81)


class Killed(RuntimeError):
    """The worker is gone."""


@pytest.fixture
def many_ports(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """The yard, where a run looks at eighty ports and the one that it hints at."""

    def ports_to_try(target: RunTarget, profile: Profile) -> list[int]:
        return sorted({*PORTS, *hints_of(target.port_hints, "tcp")})

    monkeypatch.setattr(looking, "ports_to_try", ports_to_try)
    return yard


def asked(run: Run) -> Counter[int]:
    """Return how often each port was knocked at."""
    with workspace_scope():
        knocks = ProbeRecord.objects.filter(run=run, probe="connect")
        return Counter(knocks.values_list("port", flat=True))


def test_a_killed_sweep_goes_on_in_the_middle_of_a_host(many_ports: Yard) -> None:
    yard = many_ports
    yard.permit("127.79.5.1")
    run = yard.new_run()

    def beat() -> None:
        if sum(asked(run).values()) > 10:
            raise Killed

    with serve("127.79.5.1", yard.port, saying(PAGE)) as server:
        with pytest.raises(Killed):
            discovery.discover(run.pk, heartbeat=beat)
        before = asked(run)
        with workspace_scope():
            waiting = RunTarget.objects.get().state
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert waiting == TargetState.PENDING
    assert 10 < len(before) < 80
    assert asked(run) == Counter([*PORTS, yard.port])
    assert server.connections == 2  # the sweep, and the question who it is
    assert [service.protocol for service in yard.services()] == ["http"]


def test_knocks_are_in_the_ledger_with_the_time_they_were_sent(
    many_ports: Yard,
) -> None:
    yard = many_ports
    yard.permit("127.79.5.1")

    run = yard.discover()

    with workspace_scope():
        times = sorted(ProbeRecord.objects.values_list("at", flat=True))
    assert run.started_at is not None
    assert times[0] > run.started_at
    # Forty a second: not all of them at the moment they were written down.
    assert (times[-1] - times[0]).total_seconds() > 1.5


def test_a_port_that_was_excluded_meanwhile_is_refused(many_ports: Yard) -> None:
    yard = many_ports
    yard.permit("127.79.5.1")
    run = yard.new_run()
    excluded: list[int] = []

    def beat() -> None:
        if excluded or len(asked(run)) < 10:
            return
        excluded.append(max(set(PORTS) - set(asked(run))))
        with workspace_scope():
            scope.add_exclusion(
                yard.authorisation.pk,
                value="127.79.5.1",
                port=None,
                reason="Furnace",
                by=factories.membership_of(yard.ida),
            )

    discovery.discover(run.pk, heartbeat=beat)

    assert len(asked(run)) < 80
    assert "nothing sent: 127.79.5.1 is excluded" in yard.log(run)


def test_the_lowest_ceiling_holds(yard: Yard, settings: Settings) -> None:
    yard.permit("127.79.5.1")
    settings.SWEEP_CUSTOMER_RATE, settings.SWEEP_CUSTOMER_HALF_OPEN = 300, 70
    settings.SWEEP_OT_HOST_RATE = 2

    rates = []
    for signed in (200, 4000):
        yard.hurry(signed)
        run = yard.new_run()
        with workspace_scope():
            limits = sweeping.limits_of(run)
        rates.append(limits.rate_per_second)
        yard.end(run)

    assert rates == [200, 300]
    assert (limits.max_half_open, limits.rate_per_ot_host) == (70, 2)


def test_a_second_process_comes_where_one_is_not_enough(
    settings: Settings,
) -> None:
    settings.SWEEP_PROCESSES = 4

    rates = (1, 500, 10_000, 10_001, 1e9)

    assert [sweeping.processes_for(rate) for rate in rates] == [1, 1, 1, 2, 4]
