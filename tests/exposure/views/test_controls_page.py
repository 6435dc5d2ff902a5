"""The pages of controls: described by an owner, tested by another one, told everywhere."""

import datetime as dt

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exposure.models import Conduit, Control, Finding, Line
from tenants.models import User
from tests.controls import make_control, make_test
from tests.exposure.services.conftest import member
from tests.exposure.views.conftest import MOST_QUERIES, Visit
from tests.plans import make_change, make_plan

NAME = "<b>Rule review</b>"


def test_a_control_is_described_tested_by_somebody_else_and_retired(
    visit: Visit, ida: User, otto: User, ana: User, paths: Line
) -> None:
    way = Conduit.objects.get()
    asked = visit(otto, f"controls/?on=conduit:{way.pk}")
    assert asked.context["form"]["conduit"].value() == "Panel to cell"
    assert visit(ana, "controls/").context["form"] is None
    sent = {
        "site": str(way.site_id),
        "name": NAME,
        "conduit": way.name,
        "does": "Lets the jump host through only.",
        "how_tested": "Connect from the office.",
        "owner": str(otto.pk),
        "cadence_days": "30",
    }

    added = visit(otto, "controls/add/", post=sent)

    row = Control.objects.get()
    assert added["Location"].endswith(f"/controls/{row.pk}/")
    here = f"controls/{row.pk}/"
    assert "never tested" in visit(ana, here).content.decode()
    seen = f"{timezone.now() - dt.timedelta(hours=2):%Y-%m-%dT%H:%M}"
    said = {"tested_at": seen, "passed": "passed", "result": NAME}
    refused = visit(otto, f"{here}test/", post=said)
    assert refused.status_code == 422
    assert "somebody else records a test that it passed." in refused.content.decode()
    assert visit(ida, f"{here}test/", post=said).status_code == 302
    page = visit(otto, here).content.decode()
    for text in (page, visit(otto, "controls/").content.decode()):
        assert "&lt;b&gt;Rule review&lt;/b&gt;" in text
        assert NAME not in text
        assert "verified</span> until" in text
    assert "by Ida Larsen" in page
    plant = visit(otto, "plant/").content.decode()
    assert f'href="/w/northmill/{here}"' in plant
    visit(otto, f"{here}retire/", post={})
    assert "retired on" in visit(otto, here).content.decode()
    assert f'href="/w/northmill/{here}"' not in visit(otto, "plant/").content.decode()


def test_the_form_says_what_is_wrong(
    visit: Visit, otto: User, finding: Finding
) -> None:
    page = visit(otto, "controls/add/", post={"finding": "SL-1", "name": "x"})

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {
        "site",
        "does",
        "how_tested",
        "owner",
        "cadence_days",
    }


def test_a_plan_leads_from_a_guard_to_its_control(
    visit: Visit, otto: User, ana: User, paths: Line
) -> None:
    on = f"conduit:{Conduit.objects.get().pk}"
    guard = make_change(paths, 1, f"control:{on}")
    plan = make_plan(paths, by=otto, changes=(guard,))

    page = visit(otto, f"plans/{plan.pk}/").content.decode()

    assert page.count("counted after its control passed a test") == 1
    assert f'href="/w/northmill/controls/?on={on}#add"' in page
    theirs = visit(ana, f"plans/{plan.pk}/").content.decode()
    assert "counted after its control passed a test" in theirs
    assert "/controls/?on=" not in theirs


def test_a_list_of_many_asks_the_database_little(
    visit: Visit,
    otto: User,
    finding: Finding,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        row = make_control(finding, owner=member(otto), name=f"Rule {number}")
        make_test(row, by=otto, passed=bool(number % 2), days_ago=5 * number)

    with django_assert_max_num_queries(MOST_QUERIES):
        page = visit(otto, "controls/").content.decode()

    assert page.count("test failed") == 6
    assert page.count("test overdue since") == 3
    assert page.count("verified</span> until") == 3
