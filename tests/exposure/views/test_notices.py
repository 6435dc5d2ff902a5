"""Pages say when their figures are not those of the plant as it is now, and why."""

import pytest

from exposure.models import Asset, Finding, Line
from exposure.services import standing
from exposure.services.standing import Standing
from exposure.views.notices import notices_of
from exposure.views.path_page import COMES
from tenants.models import Membership, User
from tenants.services.jobs import enqueue
from tests.exposure.views.conftest import Visit

WHY = "Zone <b>Cell 1</b>: 77.0 is not a Purdue level."
SAID = "Zone &lt;b&gt;Cell 1&lt;/b&gt;: 77.0 is not a Purdue level."
PAGES = [
    "",
    "paths/",
    "paths/what-if/",
    "paths/history/",
    "paths/to/{line}/",
    "paths/from/{asset}/",
]


def where(page: str, line: Line) -> str:
    return page.format(line=line.pk, asset=Asset.objects.get(name="HMI-F1").pk)


@pytest.mark.parametrize("page", PAGES)
def test_a_plant_that_cannot_be_counted_is_said_in_a_sentence(
    visit: Visit, otto: User, paths: Line, page: str
) -> None:
    standing.refuse(WHY)

    refused = visit(otto, where(page, paths)).content.decode()
    standing.accept()
    counted = visit(otto, where(page, paths)).content.decode()

    assert "The plant cannot be counted." in refused
    assert SAID in refused
    assert "The figures are of revision 1 of " in refused
    assert "The plant cannot be counted" not in counted


def test_a_page_says_that_it_is_being_counted_anew(
    visit: Visit, otto: User, paths: Line
) -> None:
    enqueue("exposure.rebuild_paths", key="flow")

    page = visit(otto, "paths/").content.decode()

    assert "The figures are being counted anew." in page
    assert "Something has changed since." in page


def test_who_sees_one_site_reads_that_but_not_why(
    visit: Visit, otto: User, paths: Line
) -> None:
    Membership.objects.filter(user=otto).update(site_ids=[paths.site_id])
    standing.refuse(WHY)

    page = visit(otto, "paths/").content.decode()

    assert "The plant cannot be counted." in page
    assert SAID not in page
    assert standing.ELSEWHERE in page


def test_a_plant_that_was_never_counted_does_not_promise_it_for_the_next_run(
    visit: Visit, otto: User, finding: Finding
) -> None:
    before = visit(otto, "paths/").content.decode()
    standing.refuse(WHY)

    page = visit(otto, "paths/").content.decode()

    assert COMES in before
    assert COMES not in page
    assert SAID in page


def test_a_plant_without_a_revision_does_not_speak_of_one() -> None:
    never = {"number": None, "at": None}
    refused = Standing("No.", is_due=False, is_looked_at=False, **never)
    due = Standing("", is_due=True, is_looked_at=False, **never)
    looked_at = Standing("", is_due=True, is_looked_at=True, **never)

    said = [notices_of(each)[0] for each in (refused, due, looked_at)]

    assert [each.text for each in said] == [
        "No. There are no figures yet.",
        "There are no figures yet.",
        "The figures are counted when it is over. There are no figures yet.",
    ]
    assert [each.kind for each in said] == ["now", "", ""]
