"""Plans side by side, what comes along from What if, and the drawn calendar."""

import datetime as dt

import pytest
from django.utils import timezone

from exposure.models import Blackout, Line, Plan
from exposure.services import rebuild
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import Visit
from tests.exposure.views.test_planner_page import ids, real
from tests.plans import make_plan, make_window

__all__ = ["real"]


def test_plans_stand_side_by_side(
    visit: Visit, otto: User, real: Plan, paths: Line
) -> None:
    other = make_plan(paths, by=otto, label="Fix <i>nine</i>")

    response = visit(otto, f"plans/compare/?plan={real.pk}&plan={other.pk}")

    page = response.content.decode()
    assert [each.plan.number for each in response.context["columns"]] == [1, 2]
    assert "Fix &lt;i&gt;nine&lt;/i&gt;" in page
    assert "counted in different worlds" in page
    first = ids(real, made=True)
    assert sum(row.ticks[0] for row in response.context["changes"]) == len(first)
    rebuild_with_another_line(paths)
    third = make_plan(paths, by=otto)
    page = visit(otto, f"plans/compare/?plan={other.pk}&plan={third.pk}")
    assert "different states of the plant" in page.content.decode()


@pytest.mark.parametrize(
    "query", ["", "?plan=x&plan=%00", "?plan={0}", "?plan={0}" * 5]
)
def test_too_few_or_too_many_plans_are_refused_in_words(
    visit: Visit, otto: User, paths: Line, query: str
) -> None:
    row = make_plan(paths, by=otto)
    query = query.format(row.pk).replace("?plan", "&plan").replace("&plan", "?plan", 1)

    page = visit(otto, f"plans/compare/{query}").content.decode()

    assert "Choose 2 to 4 plans that are ready" in page


def test_what_was_ticked_in_what_if_comes_along(
    visit: Visit, otto: User, paths: Line
) -> None:
    changes = visit(otto, "paths/what-if/").context["changes"]
    tokens = [row.token for row in changes]

    page = visit(otto, f"paths/what-if/?off={'&off='.join(tokens)}")
    url = page.context["plan_with_url"]
    form = visit(otto, url.removeprefix("/w/northmill/"))

    assert "Plan with these" in page.content.decode()
    fixed = form.context["fixed"]
    assert len(fixed) == len(tokens)
    assert any(row.id for row in fixed)
    assert form.content.decode().count('name="say" value="fixed:') == sum(
        bool(row.id) for row in fixed
    )
    refused = visit(otto, "plans/make/", post={"off": tokens, "hours": "-1"})
    assert refused.context["fixed"] == fixed
    assert "Plan changes" in visit(otto, "paths/").content.decode()


def test_the_calendar_tells_windows_and_freezes_also_as_a_table(
    visit: Visit, otto: User, paths: Line
) -> None:
    make_window(paths, by=otto)
    begins = timezone.now() + dt.timedelta(days=3)
    Blackout.objects.create(
        site=paths.site,
        begins_at=begins,
        ends_at=begins + dt.timedelta(days=2),
        reason="Cheese <b>",
    )

    page = visit(otto, "plans/").content.decode()

    assert "Cheese &lt;b&gt;" in page
    assert 'class="freeze"' in page
    assert "freeze: Cheese &lt;b&gt;" in page


def rebuild_with_another_line(line: Line) -> None:
    factories.make_line(line.site, "Filler 2")
    rebuild.rebuild_paths()
