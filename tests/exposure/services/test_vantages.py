"""Vantages: a worker each, waited for in words, and inside the plant held back."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from common.errors import Conflict, InvalidInput
from exposure.models import (
    PartState,
    Run,
    RunPart,
    RunState,
    ScopeEntry,
    Stage,
    Vantage,
)
from exposure.services import (
    discovery,
    inside,
    parts,
    pausing,
    runs,
    schedules,
    vantages,
)
from tenants.models import Membership
from tenants.models.jobs import Job
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard, member
from tests.exposure.services.servers import PAGE, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

OUTSIDE, INSIDE = "127.79.1.1", "127.79.2.1"


def nothing() -> None:
    """Keep no lease."""


@pytest.fixture
def elsewhere(yard: Yard) -> Vantage:
    """A vantage in the plant's DMZ with a worker of its own, and a scope for both."""
    yard.permit(OUTSIDE)
    with workspace_scope():
        dmz = factories.make_zone(yard.site, "DMZ", level=3.5)
        vantage = factories.make_vantage("Plant sensor", dmz)
        Vantage.objects.filter(pk=vantage.pk).update(own_worker=True)
        entry = factories.make_entry(yard.authorisation, INSIDE, vantage=vantage)
        entry.port_hints = {str(yard.port): "http"}
        entry.save()
        yard.authorisation.all_from_inside = True
        yard.authorisation.save()
        return Vantage.objects.get(pk=vantage.pk)


def comes(vantage: Vantage) -> bool:
    """Let the worker of a vantage say that it is there."""
    with workspace_scope():
        return vantages.saw_worker(vantage.pk, name="dmz-1", now=timezone.now())


def works(run: Run, vantage: Vantage) -> None:
    """Let the worker of a vantage do its part."""
    discovery.discover(run.pk, heartbeat=nothing, vantage_id=vantage.pk)


def queued(queue: str) -> list[str]:
    with workspace_scope():
        return list(
            Job.objects.filter(queue=queue, state=0).values_list("task", flat=True)
        )


def test_a_part_goes_to_the_queue_of_its_vantage_and_the_run_ends_with_the_last(
    yard: Yard, elsewhere: Vantage
) -> None:
    comes(elsewhere)
    with (
        serve(OUTSIDE, yard.port, saying(PAGE)) as outside,
        serve(INSIDE, yard.port, saying(PAGE)) as inside,
    ):
        run = yard.discover()
        halfway = (run.stage, outside.connections, inside.connections)
        asked = queued(elsewhere.queue)
        works(run, elsewhere)

    assert halfway == (Stage.IDENTIFY, 2, 0)
    assert asked == ["exposure.discover_from"]
    assert inside.connections == 2
    assert yard.fresh(run).stage == Stage.VALIDATE
    assert [row.vantage_id for row in yard.services()][1] == elsewhere.pk


def test_without_its_worker_the_run_says_whom_it_waits_for(
    yard: Yard, elsewhere: Vantage
) -> None:
    run = yard.discover()
    before = queued(elsewhere.queue)
    comes(elsewhere)

    with workspace_scope():
        part = RunPart.objects.get(vantage=elsewhere)
    assert before == []  # nothing piles up for a worker that is not there
    assert queued(elsewhere.queue) == ["exposure.discover_from"]
    assert (run.state, part.state) == (RunState.RUNNING, PartState.WAITING)
    assert "Waits for the worker of Plant sensor." in yard.log(run)


@pytest.mark.parametrize("how", ["stop", "pause"])
def test_nobody_waits_for_a_missing_worker_to_halt(
    yard: Yard, elsewhere: Vantage, how: str
) -> None:
    run = yard.discover()

    with workspace_scope():
        if how == "stop":
            runs.request_stop(run.pk, by=yard.ida)
        else:
            pausing.request_pause(run.pk, by=yard.ida)

    wanted = RunState.STOPPED if how == "stop" else RunState.PAUSED
    assert yard.fresh(run).state == wanted


def test_a_worker_that_vanished_in_the_middle_holds_no_stop_up(
    yard: Yard, elsewhere: Vantage
) -> None:
    comes(elsewhere)
    run = yard.discover()
    with workspace_scope():
        RunPart.objects.filter(vantage=elsewhere).update(state=PartState.WORKING)
        runs.request_stop(run.pk, by=yard.ida)
    while_heard_of = yard.fresh(run).state
    with workspace_scope():
        Vantage.objects.update(seen_at=timezone.now() - dt.timedelta(hours=1))

    schedules.mind()

    assert while_heard_of == RunState.RUNNING
    assert yard.fresh(run).state == RunState.STOPPED


def test_resuming_calls_every_worker_that_has_something_left(
    yard: Yard, elsewhere: Vantage
) -> None:
    comes(elsewhere)
    run = yard.discover()
    with workspace_scope():
        Job.objects.all().delete()
        pausing.request_pause(run.pk, by=yard.ida)
        pausing.resume_run(run.pk, by=yard.ida)

    assert queued(elsewhere.queue) == ["exposure.discover_from"]
    assert queued("discovery") == []  # its own part was done
    with serve(INSIDE, yard.port, saying(PAGE)):
        works(run, elsewhere)
    assert yard.fresh(run).stage == Stage.VALIDATE


def test_two_workers_never_talk_to_one_address_at_a_time(
    yard: Yard, elsewhere: Vantage
) -> None:
    with workspace_scope():
        ScopeEntry.objects.filter(value=INSIDE).update(value=OUTSIDE)
    comes(elsewhere)
    run = yard.discover()
    with workspace_scope():
        RunPart.objects.filter(vantage=None).update(state=PartState.WORKING)
        run.targets.update(state="pending")
        Job.objects.all().delete()

    with serve(OUTSIDE, yard.port, saying(PAGE)) as heard:
        works(run, elsewhere)

    assert heard.connections == 0
    assert queued(elsewhere.queue) == ["exposure.discover_from"]  # a little later


def test_a_retest_waits_for_the_worker_that_has_the_address_in_hand(
    yard: Yard, elsewhere: Vantage
) -> None:
    comes(elsewhere)
    with (
        serve(OUTSIDE, yard.port, saying(PAGE)),
        serve(INSIDE, yard.port, saying(PAGE)),
    ):
        run = yard.discover()
        works(run, elsewhere)
    with workspace_scope():
        free = parts.talks_to(INSIDE, besides=factories.make_vantage())
        RunPart.objects.filter(vantage=elsewhere).update(state=PartState.WORKING)
        run.targets.filter(address=INSIDE).update(state="swept")
        busy = parts.talks_to(INSIDE, besides=factories.make_vantage())
        own = parts.talks_to(INSIDE, besides=elsewhere)

    assert (free, busy, own) == (False, True, False)


def test_more_from_inside_must_be_signed_again_and_less_holds_at_once(
    yard: Yard,
) -> None:
    with workspace_scope():
        more = inside.set_from_inside(
            yard.authorisation.pk, everything=True, by=member(yard.ida)
        )
        unsigned = more.signed_at
        more.signed_at, more.signed_by = timezone.now(), yard.ida
        more.save()
        less = inside.set_from_inside(
            yard.authorisation.pk, everything=False, by=member(yard.ida)
        )

    assert unsigned is None
    assert less.signed_at is not None


def test_a_retired_vantage_is_left_out_and_its_worker_ends(
    yard: Yard, elsewhere: Vantage
) -> None:
    with workspace_scope():
        vantages.retire(elsewhere.pk, by=member(yard.ida))

    run = yard.discover()

    assert comes(elsewhere) is False
    assert run.stage == Stage.VALIDATE
    assert "nobody looks from Plant sensor any more" in yard.log(run)


def test_a_vantage_at_work_is_not_retired(yard: Yard, elsewhere: Vantage) -> None:
    yard.discover()

    with workspace_scope(), pytest.raises(Conflict, match="Stop it first"):
        vantages.retire(elsewhere.pk, by=member(yard.ida))


@pytest.fixture
def me(yard: Yard) -> Membership:
    """Ida, as a member."""
    with workspace_scope():
        return member(yard.ida)


def test_names_are_told_apart(yard: Yard, elsewhere: Vantage, me: Membership) -> None:
    with workspace_scope():
        other = vantages.add("Branch", zone_id=None, own_worker=True, by=me)
        with pytest.raises(InvalidInput, match="already"):
            vantages.add("Branch", zone_id=None, own_worker=False, by=me)
        with pytest.raises(InvalidInput, match="already"):
            vantages.rename(other.pk, name="Plant sensor", by=me)
        with pytest.raises(InvalidInput, match="Choose a zone"):
            vantages.add("X", zone_id=uuid.uuid4(), own_worker=False, by=me)

    assert other.queue != elsewhere.queue
    assert len(other.queue) <= 20
