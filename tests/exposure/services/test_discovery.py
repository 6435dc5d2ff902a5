"""A run against real loopback services: what is found, and what is never touched."""

from contextlib import ExitStack

import pytest

from exposure.models import (
    Finding,
    ProbeRecord,
    RunState,
    ServiceState,
    Stage,
    TargetState,
)
from exposure.services import discovery, runs
from exposure.services import scope as service
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import (
    PAGE,
    SCREEN,
    endless,
    free_port,
    saying,
    serve,
    silent,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

MOST_KEPT = 600_000  # bytes of one conversation, as hexadecimal digits of both sides


def test_it_finds_a_service_and_says_what_it_sent(yard: Yard) -> None:
    yard.permit("127.79.1.1")

    with serve("127.79.1.1", yard.port, saying(PAGE)) as server:
        run = yard.discover()

    (found,) = yard.services()
    with workspace_scope():
        ledger = list(ProbeRecord.objects.order_by("at").values_list("probe", "result"))
        states = set(run.targets.values_list("state", flat=True))
    assert (found.protocol, found.address) == ("http", "127.79.1.1")
    assert (found.state, found.asset.described) == (ServiceState.NEW, False)
    assert ledger == [("connect", "open"), ("http", "identified")]
    assert server.connections == len(ledger)
    assert (run.state, run.stage) == (RunState.RUNNING, Stage.VALIDATE)
    assert states == {TargetState.DONE}
    assert run.stage_seconds.keys() == {"scope", "sweep", "identify"}


def test_it_opens_a_finding_where_a_check_says_so(yard: Yard) -> None:
    yard.permit("127.79.1.1")

    with serve("127.79.1.1", yard.port, saying(SCREEN)):
        run = yard.discover()

    with workspace_scope():
        found = Finding.objects.get()
    assert (found.check_id, found.state) == ("hmi-no-login", "validating")
    assert "SL-1" in yard.log(run)


def test_a_neighbour_outside_the_scope_sees_nothing(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    yard.permit("127.79.1.4/30")  # .5 and .6

    with ExitStack() as stack:
        mine = stack.enter_context(serve("127.79.1.1", yard.port, saying(PAGE)))
        others = [
            stack.enter_context(serve(f"127.79.1.{last}", yard.port, saying(PAGE)))
            for last in (2, 3, 4, 7)
        ]
        yard.discover()

    assert mine.connections == 2
    assert [each.connections for each in others] == [0, 0, 0, 0]


def test_an_excluded_address_sees_nothing(yard: Yard) -> None:
    yard.permit("127.79.1.0/30")
    with workspace_scope():
        service.add_exclusion(
            yard.authorisation.pk,
            value="127.79.1.2",
            port=None,
            reason="Furnace",
            by=factories.membership_of(yard.ida),
        )

    with (
        serve("127.79.1.1", yard.port, saying(PAGE)) as mine,
        serve("127.79.1.2", yard.port, saying(PAGE)) as furnace,
    ):
        yard.discover()

    assert mine.connections == 2
    assert furnace.connections == 0


def test_an_excluded_port_sees_nothing_and_the_log_says_so(yard: Yard) -> None:
    other = free_port()
    yard.permit("127.79.1.1")
    yard.permit("127.79.1.2", port=other)
    with workspace_scope():
        service.add_exclusion(
            yard.authorisation.pk,
            value="127.79.1.0/29",
            port=other,
            reason="Furnace",
            by=factories.membership_of(yard.ida),
        )

    with (
        serve("127.79.1.1", yard.port, saying(PAGE)) as mine,
        serve("127.79.1.2", other, saying(PAGE)) as furnace,
    ):
        run = yard.discover()

    assert mine.connections == 2
    assert furnace.connections == 0
    assert "127.79.1.2 refused by scope, 1 ports, nothing sent" in yard.log(run)


def test_a_target_that_never_ends_is_cut_short(yard: Yard) -> None:
    yard.permit("127.79.1.1")

    with serve("127.79.1.1", yard.port, endless):
        run = yard.discover()

    (found,) = yard.services()
    kept = sum(len(row["hex"]) for row in found.observation.exchanges) // 2
    assert run.stage == Stage.VALIDATE
    assert 0 < kept < MOST_KEPT


def test_a_target_that_says_nothing_does_not_hold_the_run(yard: Yard) -> None:
    yard.permit("127.79.1.1", hint="banner")

    with serve("127.79.1.1", yard.port, silent):
        run = yard.discover()

    (found,) = yard.services()
    assert run.stage == Stage.VALIDATE
    assert (found.protocol, found.product) == ("tcp", "")


def test_a_run_that_is_over_is_not_done_again(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    with workspace_scope():
        runs.fail_run(run.pk, error="Given up.")

    with serve("127.79.1.1", yard.port, saying(PAGE)) as server:
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert server.connections == 0
    assert yard.fresh(run).state == RunState.FAILED


def test_a_signature_that_is_gone_before_the_start_ends_the_run(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    with workspace_scope():
        type(yard.authorisation).objects.update(signed_at=None)

    with serve("127.79.1.1", yard.port, saying(PAGE)) as server:
        discovery.discover(run.pk, heartbeat=lambda: None)

    ended = yard.fresh(run)
    assert server.connections == 0
    assert ended.state == RunState.FAILED
    assert "is not signed" in ended.error
