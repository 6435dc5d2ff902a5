"""A closed exposure says whether the lines it led to are still reached."""

import datetime as dt
from dataclasses import replace

import pytest

from exposure.models import Finding, FindingState, Run, Zone
from exposure.services import rebuild
from exposure.services.aftermath import Aftermath, LineAfter
from tenants.models import Role, User, Workspace
from tests import factories
from tests.workflows.conftest import retest
from tests.workflows.views.conftest import PLACE, look, text
from workflows.views.after_close import AfterClose, after_close

PANEL = f"{PLACE}exposures/SL-2/"
LINE = LineAfter(
    id="7",
    name="Filler 1",
    before=8.0,
    after=5.0,
    now=5.0,
    is_reached=True,
    ways=2,
    through=("HMI-P3", "", "", "PLC-P21"),
)
FOUND = Aftermath(
    after=2,
    now=2,
    at=dt.datetime(2026, 11, 28, tzinfo=dt.UTC),
    lines=(LINE,),
    units=(9.0, 6.0, 6.0),
)


@pytest.fixture
def another(seen: Finding) -> None:
    """A second panel beside HMI-P2 that leads to the same line."""
    zone = Zone.objects.get(name="Supervisory network")
    panel = factories.make_asset(zone, "HMI-P3", kind="hmi")
    service = factories.make_service(
        panel, Run.objects.get(), port=80, protocol="http", address="127.77.1.16"
    )
    factories.make_finding(service, check_id="hmi-open", title="HMI-P3 is open.")
    rebuild.rebuild_paths()


def close(ref: str = "SL-2") -> None:
    rows = Finding.objects.filter(number=int(ref.removeprefix("SL-")))
    rows.update(state=FindingState.VERIFYING)
    retest(rows.get(), holds=False)


def panel(user: User) -> AfterClose:
    found: AfterClose = look(user, PANEL).context["after_close"]
    return found


def page(found: Aftermath) -> AfterClose:
    return after_close(found, line_url=lambda key: f"?line={key}")


def test_an_open_one_has_no_such_panel(seen: Finding, otto: User) -> None:
    assert look(otto, PANEL).context["after_close"] is None


def test_the_way_is_gone_as_soon_as_a_newer_revision_says_so(
    seen: Finding, otto: User
) -> None:
    close()
    before = panel(otto)
    rebuild.rebuild_paths()

    after = look(otto, PANEL)

    assert (before.claim, before.total) == ("Not counted yet.", None)
    told = after.context["after_close"]
    assert told.claim == "The way is gone:"
    assert told.text == "no way leads to Pasteuriser 2 any more."
    (line,) = told.lines
    assert (line.after, line.now, line.still) == (0.0, 0.0, "No way any more")
    assert line.before > 0
    assert told.total.before == line.before
    assert "The way is gone:" in text(after)


def test_a_line_that_is_reached_by_another_way_is_named_with_it(
    another: None, otto: User
) -> None:
    close()
    rebuild.rebuild_paths()
    factories.make_zone(Zone.objects.all()[0].site, "Another zone")
    rebuild.rebuild_paths()

    told = panel(otto)

    assert told.kind == "next"
    assert told.claim == "Closed, but Pasteuriser 2 is still reached."
    (line,) = told.lines
    assert line.still == "By 1 other way; the best through HMI-P3 and PLC-P21"
    assert line.url.startswith(f"{PLACE}paths/?line=")
    assert line.before >= line.after == line.now > 0
    assert told.revision == 4


def test_a_reader_of_another_site_is_told_of_no_line(
    another: None, northmill: Workspace, otto: User
) -> None:
    site = factories.make_site("Ridgemoor")
    zone = factories.make_zone(site, "Press")
    asset = factories.make_asset(zone, "PRESS-1", kind="hmi")
    service = factories.make_service(asset, Run.objects.get(), address="127.77.1.40")
    own = factories.make_finding(service, check_id="press-open")
    rebuild.rebuild_paths()
    close(own.ref)
    rebuild.rebuild_paths()
    rita = factories.make_user("rita@northmill.example", "Rita Voss")
    factories.make_member(northmill, rita, role=Role.AUDITOR, site_ids=[site.pk])

    response = look(rita, f"{PLACE}exposures/{own.ref}/")

    told = response.context["after_close"]
    assert told.text == "It led to none of your lines."
    assert (told.total.name, told.total.now) == ("All your lines", 0.0)
    assert "Pasteuriser" not in text(response)


def test_what_stands_at_other_sites_has_no_name(in_northmill: Workspace) -> None:
    (line,) = page(FOUND).lines

    assert line.still == (
        "By 2 other ways; the best of them through HMI-P3, another site and PLC-P21"
    )


def test_four_ways_are_at_least_four(in_northmill: Workspace) -> None:
    (line,) = page(replace(FOUND, lines=(replace(LINE, ways=4, through=()),))).lines

    assert line.still == "By at least 4 other ways"


def test_some_lines_gone_and_some_not_are_both_named(in_northmill: Workspace) -> None:
    gone = replace(LINE, name="Boiler house", is_reached=False, ways=0, now=0.0)

    told = page(replace(FOUND, lines=(gone, LINE)))

    assert told.claim == "Closed, but Filler 1 is still reached."
    assert told.text == "No way leads to Boiler house any more."


def test_what_was_not_kept_is_said(in_northmill: Workspace) -> None:
    told = page(replace(FOUND, lines=None))

    assert told.text == "It was not kept then which lines it led to."
    assert told.lines == []
