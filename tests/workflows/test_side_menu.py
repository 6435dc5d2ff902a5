"""What the side menu counts."""

from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tenants.models import User
from tests.workflows.conftest import answer, member
from workflows.context import navigation
from workflows.models import Decision


def nav(user: User) -> dict[str, int | str | None]:
    request = RequestFactory().get("/")
    request.membership = member(user)  # type: ignore[attr-defined]  # as the middleware does
    with CaptureQueriesContext(connection) as queries:
        found = dict(navigation(request)["nav"])
    assert len(queries) <= 3
    return found


def test_it_counts_what_is_there(proposal: Decision, otto: User) -> None:
    assert nav(otto) == {
        "site_name": "Thornby plant",
        "today_count": 1,
        "exposure_count": 1,
        "path_count": None,
        "asset_count": 1,
        "run_count": None,  # only those that are under way
        "stop_count": None,
        "change_count": None,
    }


def test_it_counts_what_waits_for_the_reader(
    proposal: Decision, ana: User, ida: User, otto: User
) -> None:
    answer(proposal, ida)

    assert [nav(user)["today_count"] for user in (ana, ida, otto)] == [None, None, 1]


def test_it_counts_nothing_outside_a_workspace(db: None) -> None:
    assert navigation(RequestFactory().get("/")) == {"nav": {}}
