"""A run starts only under a signed authorisation that is valid now, one at a time."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from common.errors import Conflict
from exposure.models import Authorisation, Run, RunState
from exposure.services import runs
from tenants.models import User
from tenants.models.jobs import Job
from tests import factories

HOUR = dt.timedelta(hours=1)


def test_it_waits_for_a_worker(scope: Authorisation, ana: User) -> None:
    run = runs.start_run(scope.pk, by=ana)

    assert (run.number, run.state) == (1, RunState.QUEUED)
    assert Job.objects.get().args == {"run_id": str(run.pk)}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"signed_at": None}, "TH-2026-04 is not signed. Nothing was sent."),
        ({"valid_from": timezone.now() + HOUR}, "has not begun"),
        ({"valid_until": timezone.now() - HOUR}, "has ended"),
    ],
)
def test_it_is_refused_in_words(
    scope: Authorisation, ana: User, values: dict[str, Any], words: str
) -> None:
    Authorisation.objects.filter(pk=scope.pk).update(**values)

    with pytest.raises(runs.NotAuthorised, match=words):
        runs.start_run(scope.pk, by=ana)

    assert not Run.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_a_second_one_of_the_site_is_refused(
    scope: Authorisation, ana: User, state: RunState
) -> None:
    factories.make_run(scope, state=state)

    with pytest.raises(Conflict, match="under way already"):
        runs.start_run(scope.pk, by=ana)

    assert not Job.objects.exists()


def test_another_site_is_not_in_the_way(scope: Authorisation, ana: User) -> None:
    other = factories.make_authorisation(
        factories.make_site("Dairy 2"), signed_by=ana, reference="D2-1"
    )
    factories.make_run(other, state=RunState.RUNNING)

    assert runs.start_run(scope.pk, by=ana).state == RunState.QUEUED


def test_one_that_waits_is_stopped_at_once(
    scope: Authorisation, ana: User, otto: User
) -> None:
    run = runs.start_run(scope.pk, by=ana)

    stopped = runs.request_stop(run.pk, by=otto)

    assert stopped.state == RunState.STOPPED
    assert stopped.finished_at is not None
    assert runs.must_halt(run.pk)


def test_stopping_twice_names_the_first(
    scope: Authorisation, ana: User, otto: User
) -> None:
    run = factories.make_run(scope, state=RunState.RUNNING)

    runs.request_stop(run.pk, by=otto)
    again = runs.request_stop(run.pk, by=ana)

    assert again.stop_requested_by == otto
