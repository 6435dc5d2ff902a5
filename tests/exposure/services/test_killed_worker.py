"""A worker process that is killed with signal 9: finished targets are not asked again."""

import os
import signal
import sys
from collections.abc import Callable

import pytest
from django.db import connections

from exposure.models import RunState, RunTarget, Stage, TargetState
from exposure.services import discovery
from tenants.scope import workspace_scope
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve, silent
from tests.exposure.services.test_stopping import SLOW, once

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work_in_a_process(work: Callable[[], None]) -> int:
    """Do it in a process of its own and return the signal that ended it, 0 for none."""
    connections.close_all()  # no two processes may speak over one
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            sys.stderr.flush()
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status)


def test_a_sweep_goes_on_after_kill_9(yard: Yard) -> None:
    yard.permit("127.79.3.0/26")
    yard.hurry(SLOW)
    run = yard.new_run()

    with (
        serve("127.79.3.1", yard.port, saying(PAGE)) as first,
        serve("127.79.3.62", yard.port, saying(PAGE)) as last,
    ):
        ended_by = work_in_a_process(
            lambda: discovery.discover(
                run.pk, heartbeat=once(run, TargetState.SWEPT, kill_myself)
            )
        )
        killed = yard.fresh(run)
        before = (first.connections, last.connections)
        yard.hurry(1000)
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert ended_by == signal.SIGKILL
    assert (killed.state, killed.stage) == (RunState.RUNNING, Stage.SWEEP)
    assert before == (1, 0)
    # Each is swept once and asked once, whoever did it.
    assert (first.connections, last.connections) == (2, 2)
    assert (yard.fresh(run).resumed, yard.fresh(run).stage) == (1, Stage.VALIDATE)


def test_an_identification_goes_on_after_kill_9(yard: Yard) -> None:
    yard.permit("127.79.1.0/30")
    run = yard.new_run()

    with (
        serve("127.79.1.1", yard.port, saying(PAGE)) as quick,
        serve("127.79.1.2", yard.port, silent) as slow,
    ):
        ended_by = work_in_a_process(
            lambda: discovery.discover(
                run.pk, heartbeat=once(run, TargetState.DONE, kill_myself)
            )
        )
        before = quick.connections
        slow.answer = saying(PAGE)
        discovery.discover(run.pk, heartbeat=lambda: None)

    with workspace_scope():
        open_ends = RunTarget.objects.exclude(state=TargetState.DONE).count()
    assert ended_by == signal.SIGKILL
    assert (before, quick.connections) == (2, 2)
    assert [service.protocol for service in yard.services()] == ["http", "http"]
    assert (yard.fresh(run).resumed, open_ends) == (1, 0)
