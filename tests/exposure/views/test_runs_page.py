"""The list of runs, and how one is started."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exposure.models import Authorisation, Finding, Run, RunState
from tenants.models import User
from tenants.models.jobs import Job
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit, say


def start(visit: Visit, user: User, authorisation: Authorisation) -> Any:
    return visit(user, "runs/start/", post={"authorisation": str(authorisation.pk)})


def test_it_counts_what_each_run_did(visit: Visit, ana: User, run: Run) -> None:
    say(run, "refused by scope, 3 ports, nothing sent: 127.0.0.1 is excluded.")

    response = visit(ana, "runs/")

    row = response.context["page"].object_list[0]
    assert (row.services, row.new, row.refused) == (1, 1, 1)


def test_an_operator_starts_a_run_and_sees_it(
    visit: Visit, ana: User, run: Run
) -> None:
    response = start(visit, ana, run.authorisation)

    assert response.status_code == 302
    assert response["Location"] == "/w/northmill/runs/2/"
    assert Run.objects.get(number=2).requested_by == ana
    assert Job.objects.get().task == "exposure.discover"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"signed_at": None, "signed_by": None}, "is not signed"),
        ({"valid_until": timezone.now() - dt.timedelta(hours=1)}, "has ended"),
        ({"valid_from": timezone.now() + dt.timedelta(hours=1)}, "has not begun"),
    ],
)
def test_a_run_without_a_valid_authorisation_is_refused_in_words(
    visit: Visit, ana: User, run: Run, values: dict[str, object], words: str
) -> None:
    Authorisation.objects.update(**values)

    response = start(visit, ana, run.authorisation)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert Run.objects.count() == 1
    assert Job.objects.count() == 0


def test_the_reason_stands_on_the_page_before_anybody_tries(
    visit: Visit, ana: User, run: Run
) -> None:
    Authorisation.objects.update(signed_at=None, signed_by=None)

    response = visit(ana, "runs/")

    assert "is not signed" in response.context["blocked"]
    assert response.context["start_form"] is None


def test_a_second_run_of_the_site_is_a_conflict(
    visit: Visit, ana: User, run: Run
) -> None:
    factories.make_run(run.authorisation, state=RunState.RUNNING)

    response = start(visit, ana, run.authorisation)

    assert response.status_code == 409
    assert "under way" in response.content.decode()


@pytest.mark.parametrize("pk", ["", "x", "01990000-0000-7000-8000-000000000000"])
def test_an_authorisation_that_is_not_there_is_refused(
    visit: Visit, ana: User, run: Run, pk: str
) -> None:
    response = visit(ana, "runs/start/", post={"authorisation": pk})

    assert response.status_code == 422
    assert Run.objects.count() == 1


def test_who_may_not_start_one_gets_no_button(
    visit: Visit, ida: User, run: Run
) -> None:
    response = visit(ida, "runs/")

    assert response.context["start_form"] is None
    assert "Start a run" not in response.content.decode()


@pytest.mark.parametrize("number", ["0", "999", "x", "-1"])
def test_a_page_that_is_not_there_is_the_nearest(
    visit: Visit, ana: User, run: Run, number: str
) -> None:
    assert visit(ana, f"runs/?page={number}").status_code == 200


def test_it_asks_the_database_little(
    visit: Visit,
    ana: User,
    finding: Finding,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    authorisation = Authorisation.objects.get()
    for _ in range(20):
        factories.make_run(authorisation)

    visit(ana, "runs/")  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(ana, "runs/")


def test_the_profile_is_chosen_at_the_start_and_shown(
    visit: Visit, ana: User, run: Run
) -> None:
    asked = {"authorisation": str(run.authorisation.pk), "profile": "gentle"}

    visit(ana, "runs/start/", post=asked)
    refused = visit(ana, "runs/start/", post={**asked, "profile": "furious"})

    started = Run.objects.get(number=2)
    assert (started.profile, started.profile_version) == ("gentle", 1)
    assert refused.status_code == 422
    assert visit(ana, "runs/").context["page"].object_list[0].profile == "Gentle"
