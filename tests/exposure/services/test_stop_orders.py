"""The stop button: at once, for every run it concerns, and without a broker."""

import pytest
from kombu.exceptions import OperationalError

from common.errors import Conflict, InvalidInput, NotAllowed
from config.celery import app
from exposure.models import (
    Authorisation,
    RunState,
    StopEffect,
    StopLevel,
    StopOrder,
    TargetState,
)
from exposure.services import discovery, halts, runs, stopping
from exposure.services.scope import rule_of, why_not_now
from tenants.models import Membership, User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard, member
from tests.exposure.services.servers import PAGE, saying, serve, silent
from tests.exposure.services.test_stopping import SLOW, once

transactional = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def stop_all(user: User, **values: str) -> StopOrder:
    return stopping.order_stop(by=member(user), level=StopLevel.WORKSPACE, **values)


@transactional
def test_a_stop_of_everything_ends_a_run_with_a_dead_broker(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.permit("127.79.6.0/25")
    yard.hurry(SLOW)
    run = yard.new_run()
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    with pytest.raises(OperationalError), app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0)

    def stop() -> None:
        with workspace_scope():
            if not StopOrder.objects.exists():
                stop_all(yard.ida, reason="Smoke in hall 2.")

    with (
        serve("127.79.6.1", yard.port, saying(PAGE)) as first,
        serve("127.79.6.126", yard.port, saying(PAGE)) as last,
    ):
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, stop))

    with workspace_scope():
        effect = StopEffect.objects.get(run=run)
        order = StopOrder.objects.get()
    assert (first.connections, last.connections) == (1, 0)
    assert yard.fresh(run).state == RunState.STOPPED
    assert order.at <= effect.asked_at <= effect.closed_at
    assert effect.last_sent_at is not None
    assert effect.last_sent_at <= effect.closed_at
    assert halts.in_words(effect) in yard.log(run)


@transactional
def test_the_fence_itself_obeys_an_order_that_no_run_was_told_of(yard: Yard) -> None:
    """Given an order that is only a row, when a run goes on, then it sends nothing."""
    yard.permit("127.79.7.0/25")
    yard.hurry(SLOW)
    run = yard.new_run()

    def stop() -> None:
        with workspace_scope():
            if not StopOrder.objects.exists():
                StopOrder.objects.create(
                    level=StopLevel.RANGE,
                    network="127.79.7.64/26",
                    at=run.requested_at,
                    by=yard.ida,
                    by_customer=True,
                )

    with (
        serve("127.79.7.1", yard.port, saying(PAGE)) as before,
        serve("127.79.7.126", yard.port, saying(PAGE)) as stopped,
    ):
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, stop))

    assert before.connections == 2
    assert stopped.connections == 0
    assert "refused by scope" in yard.log(run)


@transactional
def test_a_stop_closes_a_conversation_that_drags_on(yard: Yard) -> None:
    yard.permit("127.79.1.1")
    run = yard.new_run()

    def stop() -> None:
        with workspace_scope():
            if not StopOrder.objects.exists():
                stopping.order_stop(
                    by=member(yard.ida), level=StopLevel.SITE, site_id=yard.site.pk
                )

    with serve("127.79.1.1", yard.port, silent):
        discovery.discover(run.pk, heartbeat=once(run, TargetState.SWEPT, stop))

    assert yard.fresh(run).state == RunState.STOPPED
    assert yard.services() == []


@pytest.fixture
def elsewhere(scope: Authorisation, ida: User) -> Authorisation:
    """A signed scope of another plant."""
    other = factories.make_authorisation(
        factories.make_site("Ridgemoor"), signed_by=ida, reference="RM-1"
    )
    factories.make_entry(other, "127.79.9.1")
    return other


def test_while_an_order_stands_no_run_starts(
    scope: Authorisation, elsewhere: Authorisation, ida: User, otto: User
) -> None:
    order = stopping.order_stop(
        by=member(otto), level=StopLevel.SITE, site_id=scope.site_id, reason="Smoke."
    )

    with pytest.raises(runs.NotAuthorised, match="This plant has been stopped since"):
        runs.start_run(scope.pk, by=ida)
    assert runs.start_run(elsewhere.pk, by=ida).state == RunState.QUEUED

    stopping.lift_stop(order.pk, by=member(otto))
    assert runs.start_run(scope.pk, by=ida).state == RunState.QUEUED


def test_an_order_stops_the_runs_it_concerns_and_no_other(
    scope: Authorisation, elsewhere: Authorisation, ida: User
) -> None:
    here, there = (runs.start_run(each.pk, by=ida) for each in (scope, elsewhere))

    stopping.order_stop(by=member(ida), level=StopLevel.RANGE, network="127.79.1.0/24")

    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.state, there.state) == (RunState.STOPPED, RunState.QUEUED)
    assert rule_of(scope).halted == ""
    assert [str(each) for each in rule_of(scope).halted_networks] == ["127.79.1.0/24"]
    assert why_not_now(scope, now=here.requested_at) == ""


@pytest.mark.parametrize(
    ("level", "values", "words"),
    [
        (StopLevel.RANGE, {"network": "hall 2"}, "Type an address or a range"),
        (StopLevel.RANGE, {"network": ""}, "Type an address or a range"),
        (StopLevel.SITE, {}, "Choose a plant"),
    ],
)
def test_an_order_says_what_it_stops(
    scope: Authorisation,
    ida: User,
    level: StopLevel,
    values: dict[str, str],
    words: str,
) -> None:
    with pytest.raises(InvalidInput, match=words):
        stopping.order_stop(by=member(ida), level=level, **values)  # type: ignore[arg-type]  # texts only

    assert not StopOrder.objects.exists()


def test_what_the_customer_stopped_the_provider_does_not_lift(
    scope: Authorisation, ana: User, otto: User
) -> None:
    theirs, ours = stop_all(otto), stop_all(ana)

    with pytest.raises(NotAllowed, match="only its owners and approvers"):
        stopping.lift_stop(theirs.pk, by=member(ana))
    stopping.lift_stop(ours.pk, by=member(ana))
    stopping.lift_stop(theirs.pk, by=member(otto))
    with pytest.raises(Conflict, match="lifted already"):
        stopping.lift_stop(theirs.pk, by=member(otto))


def test_who_answers_for_some_plants_stops_those(
    scope: Authorisation, elsewhere: Authorisation, otto: User, northmill: Workspace
) -> None:
    Membership.objects.filter(user=otto).update(site_ids=[scope.site_id])
    me = member(otto)

    with pytest.raises(InvalidInput, match="You answer for some plants"):
        stopping.order_stop(by=me, level=StopLevel.WORKSPACE)
    with pytest.raises(InvalidInput, match="Choose a plant"):
        stopping.order_stop(by=me, level=StopLevel.SITE, site_id=elsewhere.site_id)
    order = stopping.order_stop(by=me, level=StopLevel.SITE, site_id=scope.site_id)

    assert stopping.may_lift(order, by=me)
