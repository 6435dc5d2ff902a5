"""A run that is stopped, and one whose worker died: nothing more, and nothing twice."""

from collections.abc import Callable

import pytest

from exposure.models import ProbeRecord, Run, RunState, RunTarget, Stage, TargetState
from exposure.services import discovery, runs
from tenants.scope import workspace_scope
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve, silent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

SLOW = 40  # connections a second: 126 addresses take three seconds


class Killed(RuntimeError):
    """The worker is gone."""


def once(run: Run, state: TargetState, act: Callable[[], None]) -> Callable[[], None]:
    """Return a heartbeat that acts as soon as one address has come that far."""

    def beat() -> None:
        with workspace_scope():
            reached = run.targets.filter(state=state).exists()
        if reached:
            act()

    return beat


def killed() -> None:
    raise Killed


def swept(run: Run, address: str) -> int:
    with workspace_scope():
        return ProbeRecord.objects.filter(
            run=run, address=address, probe="connect"
        ).count()


def test_a_stop_in_the_middle_leaves_the_rest_alone(yard: Yard) -> None:
    yard.permit("127.79.2.0/25")
    yard.hurry(SLOW)
    run = yard.new_run()

    def stop() -> None:
        with workspace_scope():
            runs.request_stop(run.pk, by=yard.ida)

    with (
        serve("127.79.2.1", yard.port, saying(PAGE)) as first,
        serve("127.79.2.126", yard.port, saying(PAGE)) as last,
    ):
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, stop))

    ended = yard.fresh(run)
    with workspace_scope():
        left = run.targets.exclude(state=TargetState.DONE).count()
    assert first.connections == 1  # swept; nobody asked who it is
    assert last.connections == 0
    assert (ended.state, ended.stage) == (RunState.STOPPED, Stage.SWEEP)
    assert left > 60
    assert f"Stopped. {left} addresses were not looked at." in yard.log(run)
    assert ended.finished_at is not None
    assert ended.stop_requested_at is not None
    assert ended.finished_at > ended.stop_requested_at


def test_a_stop_ends_a_conversation_that_drags_on(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()

    def stop() -> None:
        with workspace_scope():
            runs.request_stop(run.pk, by=yard.ida)

    with serve("127.79.1.1", yard.port, silent) as server:
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, stop))

    with workspace_scope():
        counted = sum(ProbeRecord.objects.values_list("connections", flat=True))
    assert yard.fresh(run).state == RunState.STOPPED
    assert yard.services() == []
    assert counted == server.connections  # what was broken off was sent all the same


def test_a_killed_sweep_goes_on_where_it_was(yard: Yard) -> None:
    yard.permit("127.79.3.0/26")
    yard.hurry(SLOW)
    run = yard.new_run()

    with serve("127.79.3.1", yard.port, saying(PAGE)) as first:
        with pytest.raises(Killed):
            discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, killed))
        interrupted = yard.fresh(run)
        before = first.connections
        discovery.discover(run.pk, heartbeat=lambda: None)

    ended = yard.fresh(run)
    with workspace_scope():
        open_ends = RunTarget.objects.exclude(state=TargetState.DONE).count()
    assert (interrupted.state, before) == (RunState.RUNNING, 1)
    assert swept(run, "127.79.3.1") == 1
    assert swept(run, "127.79.3.62") == 1
    assert first.connections == 2  # the sweep before, the question after
    assert (ended.resumed, ended.stage, open_ends) == (1, Stage.VALIDATE, 0)
    assert "Going on with what was not done." in yard.log(run)


def test_a_killed_identification_does_not_ask_a_finished_host_again(
    yard: Yard,
) -> None:
    yard.permit("127.79.1.0/30")
    run = yard.new_run()

    with (
        serve("127.79.1.1", yard.port, saying(PAGE)) as quick,
        serve("127.79.1.2", yard.port, silent) as slow,
    ):
        with pytest.raises(Killed):
            discovery.discover(run.pk, heartbeat=once(run, TargetState.DONE, killed))
        before = quick.connections
        slow.answer = saying(PAGE)
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert before == 2
    assert quick.connections == 2
    assert [service.protocol for service in yard.services()] == ["http", "http"]
    assert yard.fresh(run).stage == Stage.VALIDATE


def test_a_worker_that_cannot_ask_whether_to_stop_stops(yard: Yard) -> None:
    yard.permit("127.79.2.0/25")
    yard.hurry(SLOW)
    run = yard.new_run()

    with (
        serve("127.79.2.126", yard.port, saying(PAGE)) as last,
        pytest.raises(Killed),
    ):
        discovery.discover(run.pk, heartbeat=killed)

    assert last.connections == 0
