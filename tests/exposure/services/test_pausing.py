"""A run that is put aside and goes on: nothing more, nothing twice, nothing for ever."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from common.errors import Conflict
from exposure.models import (
    Authorisation,
    Finding,
    FindingState,
    Run,
    RunState,
    Stage,
    TargetState,
)
from exposure.services import discovery, pausing, run_flow, runs, schedules, validation
from tenants.models import LedgerEntry
from tenants.models.jobs import Job
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve
from tests.exposure.services.test_stopping import SLOW, once

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def pausing_by(yard: Yard, run: Run) -> Callable[[], None]:
    def act() -> None:
        with workspace_scope():
            pausing.request_pause(run.pk, by=yard.ida)

    return act


def resume(yard: Yard, run: Run) -> Run:
    with workspace_scope():
        pausing.resume_run(run.pk, by=yard.ida)
        assert Job.objects.filter(task="exposure.discover", state=0).exists()
    discovery.discover(run.pk, heartbeat=lambda: None)
    return yard.fresh(run)


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> dict[str, dt.datetime | None]:
    """The hours of every authorisation: when they open next, None while they are open."""
    opens: dict[str, dt.datetime | None] = {"at": None}

    def next_opening(_: Authorisation, *, now: dt.datetime) -> dt.datetime | None:
        return opens["at"]

    for module in (runs, run_flow, pausing, schedules, validation):
        monkeypatch.setattr(module, "next_opening", next_opening)
    return opens


def test_a_pause_leaves_the_rest_alone_and_resuming_does_only_the_rest(
    yard: Yard,
) -> None:
    yard.permit("127.79.2.0/25")
    yard.hurry(SLOW)
    run = yard.new_run()

    with (
        serve("127.79.2.1", yard.port, saying(PAGE)) as first,
        serve("127.79.2.126", yard.port, saying(PAGE)) as last,
    ):
        pause = pausing_by(yard, run)
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, pause))
        paused = yard.fresh(run)
        before = (first.connections, last.connections)
        yard.hurry(1000)
        ended = resume(yard, run)

    assert before == (1, 0)
    assert (paused.state, paused.stage) == (RunState.PAUSED, Stage.SWEEP)
    assert paused.pause_requested_at is not None
    assert paused.last_packet_at is not None
    assert paused.closed_at is not None
    assert paused.last_packet_at <= paused.closed_at
    assert "addresses are still to be looked at" in yard.log(run)
    # Swept once before the pause, asked once after it; the last one wholly after.
    assert (first.connections, last.connections) == (2, 2)
    assert (ended.stage, ended.resumed, ended.paused_at) == (Stage.VALIDATE, 1, None)


def test_a_pause_before_the_first_packet_holds_at_once(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()

    pausing_by(yard, run)()
    with serve("127.79.1.1", yard.port, saying(PAGE)) as heard:
        discovery.discover(run.pk, heartbeat=lambda: None)  # the job that waited
        before = heard.connections
        resume(yard, run)

    assert before == 0
    assert heard.connections == 2


def test_a_run_paused_at_its_second_check_goes_on_there(yard: Yard) -> None:
    yard.permit("127.79.1.1", hint="vnc")
    greeting = b"RFB 003.008\n"
    with serve("127.79.1.1", yard.port, lambda plug: _vnc(plug, greeting)):
        run = yard.discover()
        pausing_by(yard, run)()
        validation.validate_findings(heartbeat=lambda: None)
        paused = yard.fresh(run)
        with workspace_scope():
            waiting = Finding.objects.get().state
            pausing.resume_run(run.pk, by=yard.ida)
        validation.validate_findings(heartbeat=lambda: None)

    assert (paused.state, paused.stage) == (RunState.PAUSED, Stage.VALIDATE)
    assert waiting == FindingState.VALIDATING
    with workspace_scope():
        assert Finding.objects.get().state == FindingState.OPEN
    assert yard.fresh(run).stage == Stage.PATHS


def _vnc(plug: object, greeting: bytes) -> None:
    plug.sendall(greeting)  # type: ignore[attr-defined]  # a socket
    plug.recv(12)  # type: ignore[attr-defined]  # a socket
    plug.sendall(b"\x01\x01")  # type: ignore[attr-defined]  # a socket
    plug.recv(1)  # type: ignore[attr-defined]  # a socket


def test_hours_that_close_pause_the_run_and_the_clock_takes_it_up(
    yard: Yard, hours: dict[str, dt.datetime | None]
) -> None:
    yard.permit("127.79.2.0/25")
    yard.hurry(SLOW)
    run = yard.new_run()
    opening = timezone.now() + dt.timedelta(hours=9)

    def close() -> None:
        hours["at"] = opening

    with serve("127.79.2.1", yard.port, saying(PAGE)) as first:
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, close))
        paused = yard.fresh(run)
        schedules.mind()
        still = yard.fresh(run).state
        hours["at"] = None
        schedules.mind()
        yard.hurry(1000)
        discovery.discover(run.pk, heartbeat=lambda: None)

    assert (paused.state, paused.goes_on_at) == (RunState.PAUSED, opening)
    assert paused.pause_requested_by is None
    assert "Waits for the hours to open at" in yard.log(run)
    assert still == RunState.PAUSED
    assert first.connections == 2
    assert yard.fresh(run).stage == Stage.VALIDATE


def test_hours_that_close_hold_the_second_check_and_a_retest_up(
    yard: Yard, hours: dict[str, dt.datetime | None]
) -> None:
    yard.permit("127.79.1.1", hint="vnc")
    opening = timezone.now() + dt.timedelta(hours=9)
    with serve(
        "127.79.1.1", yard.port, lambda plug: _vnc(plug, b"RFB 003.008\n")
    ) as heard:
        run = yard.discover()
        before = heard.connections
        hours["at"] = opening
        validation.validate_findings(heartbeat=lambda: None)
        with workspace_scope():
            finding = Finding.objects.get()
            waiting = finding.state
            Finding.objects.update(state=FindingState.VERIFYING)
        validation.retest(finding.pk, heartbeat=lambda: None)

    paused = yard.fresh(run)
    assert heard.connections == before
    assert waiting == FindingState.VALIDATING
    assert (paused.state, paused.goes_on_at) == (RunState.PAUSED, opening)
    with workspace_scope():
        assert Job.objects.get(task="exposure.retest").run_after == opening


def test_a_run_asked_for_outside_its_hours_waits_without_a_packet(
    yard: Yard, hours: dict[str, dt.datetime | None]
) -> None:
    yard.permit("127.79.1.1")
    hours["at"] = timezone.now() + dt.timedelta(hours=1)

    with serve("127.79.1.1", yard.port, saying(PAGE)) as heard:
        run = yard.discover()

    assert (run.state, run.started_at) == (RunState.PAUSED, None)
    assert heard.connections == 0


def test_hours_do_not_take_up_what_a_person_paused(
    yard: Yard, hours: dict[str, dt.datetime | None]
) -> None:
    yard.permit("127.79.1.1")
    hours["at"] = timezone.now() + dt.timedelta(hours=1)
    run = yard.discover()

    pausing_by(yard, run)()
    hours["at"] = None
    schedules.mind()

    assert yard.fresh(run).state == RunState.PAUSED


def test_a_paused_run_is_stopped_at_once(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    pausing_by(yard, run)()

    with workspace_scope():
        runs.request_stop(run.pk, by=yard.ida)

    assert yard.fresh(run).state == RunState.STOPPED
    assert yard.new_run().state == RunState.QUEUED  # the site is free again


def test_a_paused_run_holds_its_site_and_no_other(
    yard: Yard,
) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    pausing_by(yard, run)()

    with workspace_scope():
        other = factories.make_authorisation(
            factories.make_site("Millbrook"), signed_by=yard.ida, reference="MB-1"
        )
        with pytest.raises(Conflict, match=f"Run {run.number} of this site is paused"):
            runs.start_run(yard.authorisation.pk, by=yard.ida)
        assert runs.start_run(other.pk, by=yard.ida).state == RunState.QUEUED


def test_a_forgotten_pause_ends_with_its_authorisation(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    pausing_by(yard, run)()
    with workspace_scope():
        Authorisation.objects.update(valid_until=timezone.now())

    schedules.mind()

    ended = yard.fresh(run)
    assert ended.state == RunState.FAILED
    assert "has ended. The run was paused until then." in ended.error


def test_without_a_signature_nothing_goes_on(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    pausing_by(yard, run)()
    with workspace_scope():
        Authorisation.objects.update(signed_at=None, signed_by=None)
        with pytest.raises(runs.NotAuthorised, match="is not signed"):
            pausing.resume_run(run.pk, by=yard.ida)

    assert yard.fresh(run).state == RunState.PAUSED


def test_at_the_end_there_is_nothing_to_pause(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    with workspace_scope():
        Run.objects.update(state=RunState.RUNNING, stage=Stage.PATHS)
        with pytest.raises(Conflict, match="Nothing is sent any more"):
            pausing.request_pause(run.pk, by=yard.ida)


def test_asking_again_changes_nothing_and_the_ledger_has_it_once(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()
    with workspace_scope():
        pausing.request_pause(run.pk, by=yard.ida)
        first = pausing.request_pause(run.pk, by=yard.ida)
        again = pausing.resume_run(run.pk, by=yard.ida)
        twice = pausing.resume_run(run.pk, by=yard.ida)

    assert first.state == RunState.PAUSED
    assert (again.resumed, twice.resumed) == (1, 1)
    with workspace_scope():
        told = LedgerEntry.objects.values_list("action", flat=True).order_by("seq")
        assert list(told) == ["run.asked", "run.pause_asked", "run.resumed"]
