"""The page of attack paths."""

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from exposure.models import (
    Finding,
    FindingState,
    Line,
)
from exposure.services import rebuild
from exposure.services.change_costs import CostText, say_cost
from tenants.models import User
from tests.exposure.services.conftest import member
from tests.exposure.views.conftest import MOST_QUERIES, Visit


def test_it_says_that_nothing_was_computed_yet(
    visit: Visit, ana: User, finding: Finding
) -> None:
    page = visit(ana, "paths/").content.decode()

    assert "No path is computed yet" in page
    assert "counted-h" not in page


def test_it_opens_with_the_line_that_loses_most(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, "paths/")

    assert response.context["chosen"].label == "Pasteuriser 2"
    assert [hop.to_name for hop in response.context["hops"]] == [
        "PLC-P21",
        "Pasteuriser 2",
    ]
    assert "Anyone can program" in response.content.decode()


def test_it_shows_the_path_that_was_chosen(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, f"paths/?line={paths.pk}")

    assert response.context["chosen"].label == "Filler 1"
    assert response.context["map"].selected.hops[0].to_name == "HMI-F1"
    assert [row.label for row in response.context["paths"] if row.current] == [
        "Filler 1"
    ]
    assert "last step assumed" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["line=nobody", "way=99", "way=-1", "way=%C2%B2", "line=%00", "grade=%3Cb%3E"],
)
def test_a_choice_that_is_not_there_falls_back_to_the_first(
    visit: Visit, otto: User, paths: Line, query: str
) -> None:
    response = visit(otto, f"paths/?{query}")

    assert response.status_code == 200
    assert response.context["chosen"].label == "Pasteuriser 2"


def test_htmx_gets_list_map_and_hops_and_the_switch_that_belongs_to_them(
    visit: Visit, otto: User, paths: Line
) -> None:
    piece = visit(otto, f"paths/?line={paths.pk}", htmx=True).content.decode()

    assert "<!doctype" not in piece
    assert 'id="paths"' in piece
    assert 'id="hops"' in piece
    assert 'hx-swap-oob="true"' in piece
    assert f"?line={paths.pk}&amp;grade=evidenced" in piece


def test_without_assumed_it_counts_again_and_says_why_a_line_is_safe(
    visit: Visit, otto: User, paths: Line
) -> None:
    everything = visit(otto, "paths/")
    evidenced = visit(otto, f"paths/?line={paths.pk}&grade=evidenced")

    assert {row.label for row in everything.context["paths"]} == {
        "Pasteuriser 2",
        "Filler 1",
    }
    assert {row.label for row in evidenced.context["paths"]} == {"Pasteuriser 2"}
    assert evidenced.context["total"] < everything.context["total"]
    assert evidenced.context["reasons"]


def test_the_best_place_to_cut_stands_on_the_map_and_in_the_table(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, "paths/")

    cut = response.context["map"].cut
    best = [hop for hop in response.context["hops"] if hop.best]
    assert [hop.number for hop in best] == [1]
    assert f"{response.context['changes'][0].removes:.1f}" in cut.label
    assert best[0].cut == "10.0 by SL-1, 4 h stop of Pasteuriser 2, assumed"


def test_changes_say_what_they_take_and_are_sorted_by_the_hour_of_downtime(
    visit: Visit, otto: User, paths: Line
) -> None:
    plain = visit(otto, f"paths/?line={paths.pk}&order=no-such")
    sorted_page = visit(otto, f"paths/?line={paths.pk}&order=per-hour")

    first = {row.label: row for row in plain.context["changes"]}["SL-1"]
    assert (first.hours, first.downtime, first.is_assumed) == (8.0, 4.0, True)
    assert first.per_hour == first.removes / 4
    assert plain.context["changes"][0] == first
    assert sorted_page.context["changes"][0].downtime == 0
    assert sorted_page.context["changes"][-1].label == "Panel to cell"
    page = sorted_page.content.decode()
    assert "stands still 4 h" in page
    assert f"?line={paths.pk}#changes" in page
    assert '<input type="hidden" name="order" value="per-hour">' in page


def test_what_cannot_be_made_here_is_never_named_as_the_best(
    visit: Visit, otto: User, paths: Line, finding: Finding
) -> None:
    change = f"patch:finding:{finding.pk}"
    say_cost(change, CostText(cannot="The vendor is gone."), by=member(otto))

    response = visit(otto, "paths/")

    context, page = response.context, response.content.decode()
    told = {row.label: row.cannot for row in context["changes"]}
    assert told["SL-1"] == "cannot be made here: The vendor is gone."
    assert told["Panel to cell"] == "the process uses it"
    assert "The process uses it; the figure says" in page
    assert context["claim"] == "2 of 2 lines can be reached from the internet"
    assert context["map"].cut is None
    assert not any(hop.best for hop in context["hops"])
    assert context["hops"][0].cut == (
        "10.0 by SL-1 (cannot be made here: The vendor is gone.)"
    )


def test_it_says_how_the_number_was_made(visit: Visit, otto: User, paths: Line) -> None:
    response = visit(otto, "paths/")

    counted = response.context["counted"]
    page = response.content.decode()
    assert counted.worlds == 512
    assert counted.seed in page
    assert counted.policy_hash in page
    assert "/w/northmill/paths/method/" in page


def test_the_method_shows_the_tables_in_force(visit: Visit, otto: User) -> None:
    page = visit(otto, "paths/method/").content.decode()

    assert "prio-2" in page
    assert "the credential that opens it" in page
    assert "A password that is the same on many devices" in page
    assert page.count("<tr>") >= 20


def test_a_plant_without_a_path_says_why(visit: Visit, otto: User, paths: Line) -> None:
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    response = visit(otto, "paths/")

    page = response.content.decode()
    assert "No path reaches production" in page
    assert response.context["reasons"]
    assert all(reason.split(" ")[0] in page for reason in response.context["reasons"])


def test_names_from_the_plant_are_text(visit: Visit, otto: User, paths: Line) -> None:
    Line.objects.filter(pk=paths.pk).update(name="<script>alert(1)</script>")
    rebuild.rebuild_paths()

    page = visit(otto, f"paths/?line={paths.pk}").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_it_asks_the_database_little(
    visit: Visit,
    otto: User,
    paths: Line,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(otto, "paths/")  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(otto, "paths/")


def test_a_line_that_few_worlds_lose_says_how_seldom_that_is(
    visit: Visit, otto: User, paths: Line, settings: Settings
) -> None:
    usual = visit(otto, f"paths/?line={paths.pk}")
    settings.PATH_WORLDS = 16  # far too few for a share
    rebuild.rebuild_paths()

    rare = visit(otto, f"paths/?line={paths.pk}")

    assert "attempt in" not in usual.content.decode()
    assert "about 1 attempt in 2" in rare.content.decode()


def test_it_says_what_to_find_out_first_and_who_could_settle_it(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, "paths/")

    first, *others = response.context["questions"]
    page = response.content.decode()
    assert "What to find out first" in page
    assert (first.label, first.word, first.chance) == ("Panel to cell", "assumed", 0.4)
    assert first.if_false < response.context["total"] < first.if_true
    assert "whoever runs the firewall" in page
    assert all(row.doubt <= first.doubt for row in others)


def test_an_exposure_that_is_in_doubt_leads_to_its_page(
    visit: Visit, otto: User, paths: Line
) -> None:
    Finding.objects.filter(check_id="hmi-no-login").update(grade="E2")
    rebuild.rebuild_paths()

    response = visit(otto, "paths/")

    row = next(each for each in response.context["questions"] if each.url)
    assert row.about == "HMI-F1 is open to all"
    assert row.settled_by == "Ask for a test of it."
    assert f'href="{row.url}"' in response.content.decode()


def test_nothing_in_doubt_asks_nothing(visit: Visit, otto: User, paths: Line) -> None:
    page = visit(otto, "paths/?grade=evidenced").content.decode()

    assert "What to find out first" not in page
