"""The job that looks up names: stopped by people, given up by the queue, fenced by the scope."""

import pytest
from pytest_django import Settings

from exposure.models import Holding, NameSearch, ProbeRecord, SearchState
from exposure.services import name_searches
from exposure.services.find_names import find_for_run, find_names
from exposure.services.giving_up import give_up_search
from exposure.services.resolving import never
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.services.conftest import Yard
from tests.name_server import NameServer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def asked(yard: Yard) -> NameSearch:
    """Ask for a look at one domain and one range."""
    for value in ("plant.example", "127.79.2.0/28"):
        yard.permit(value)
    with workspace_scope():
        return name_searches.start(yard.authorisation.pk, by=yard.ida)


def fresh(search: NameSearch) -> NameSearch:
    with workspace_scope():
        return NameSearch.objects.get(pk=search.pk)


def test_the_job_looks_and_ends(yard: Yard, server: NameServer) -> None:
    search = asked(yard)

    find_names(search.pk, heartbeat=lambda: None)

    done = fresh(search)
    assert done.state == SearchState.FINISHED
    assert done.counts["names"] > 5
    assert done.zones_done == ["plant.example"]


def test_a_stop_by_a_person_ends_it_and_nothing_more_is_asked(
    yard: Yard, server: NameServer, settings: Settings
) -> None:
    search = asked(yard)

    def press() -> None:
        if len(server.heard) > 20:
            with workspace_scope():
                name_searches.request_stop(search.pk, by=yard.ida)

    settings.DNS_QUERIES_PER_SECOND = 50  # several seconds of work
    find_names(search.pk, heartbeat=press)

    heard = len(server.heard)
    find_names(search.pk, heartbeat=lambda: None)
    assert fresh(search).state == SearchState.STOPPED
    assert len(server.heard) == heard


def test_a_signature_that_falls_while_it_looks_ends_it(
    yard: Yard, server: NameServer, settings: Settings
) -> None:
    search = asked(yard)

    def unsign() -> None:
        with workspace_scope():
            yard.authorisation.signed_at = None
            yard.authorisation.save()

    settings.DNS_QUERIES_PER_SECOND = 20
    find_names(search.pk, heartbeat=unsign)

    done = fresh(search)
    assert done.state == SearchState.STOPPED
    assert "is not signed" in done.error
    with workspace_scope():
        assert not ProbeRecord.objects.exists()


def test_a_search_that_failed_too_often_is_given_up(yard: Yard) -> None:
    search = asked(yard)

    give_up_search(str(search.pk))
    find_names(search.pk, heartbeat=lambda: None)

    assert fresh(search).state == SearchState.FAILED
    with workspace_scope():
        assert not Holding.objects.exists()


def test_a_run_that_died_leaves_no_search_that_blocks_the_next(
    yard: Yard, server: NameServer
) -> None:
    with workspace_scope():
        run = factories.make_run(yard.authorisation)
        left = NameSearch.objects.create(
            site=yard.site,
            authorisation=yard.authorisation,
            run=run,
            state=SearchState.RUNNING,
            started_at=run.requested_at,
        )
        again = factories.make_run(yard.authorisation)

    find_for_run(again, should_stop=never)

    assert fresh(left).state == SearchState.FAILED
    with workspace_scope():
        assert NameSearch.objects.get(run=again).state == SearchState.FINISHED
