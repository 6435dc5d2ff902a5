"""Every page of a workspace asks the database at most fifteen things."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exposure.models import Finding
from tenants.models import User
from tests.workflows.conftest import answer, content, member
from tests.workflows.views.conftest import PLACE, visitor
from workflows.services import decisions

MOST = 15
PAGES = [
    "",
    "exposures/",
    "exposures/?q=plc",
    "exposures/?view=needs-ot",
    "exposures/SL-1/",
    "exposures/SL-2/",
    "paths/",
    "plant/",
    "runs/",
    "runs/1/",
    "scope/",
    "people/",
    "ledger/",
]
# What stands around a page in a test and not in life: the test's own transaction, and a
# visit that is remembered when a transaction ends.
AROUND = ("SAVEPOINT", "RELEASE", "SELECT current_setting", "SELECT set_config")


def asked(user: User, path: str) -> list[str]:
    """Return the statements of a page that is opened for the second time."""
    browser = visitor(user)
    browser.get(path)
    with CaptureQueriesContext(connection) as context:
        assert browser.get(path).status_code == 200
    return [
        row["sql"]
        for row in context.captured_queries
        if not row["sql"].startswith(AROUND) and "tenants_visit" not in row["sql"]
    ]


@pytest.fixture
def proposed(seen: Finding, ana: User, ida: User) -> None:
    """One proposal, answered by one side."""
    decision = decisions.propose("SL-1", by=member(ana), content=content())
    answer(decision, ida)


@pytest.mark.parametrize(
    ("who", "page"),
    [
        *(("ana", page) for page in [*PAGES, "notifications/"]),
        *(("otto", page) for page in PAGES),
    ],
)
def test_a_page_needs_few_queries(
    who: str, page: str, proposed: None, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)

    statements = asked(user, PLACE + page)

    # One more names the workspace at the beginning of the transaction.
    assert len(statements) + 1 <= MOST, "\n".join(each[:150] for each in statements)
