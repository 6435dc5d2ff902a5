"""The pages of names and ranges: what is listed, how we know, and what the owner says."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exposure.models import (
    Authorisation,
    Finding,
    Holding,
    NameRecord,
    NameSearch,
    OwnerAnswer,
    SearchState,
)
from exposure.services.attribution import Found, note
from tenants.models import LedgerEntry, User
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit

# The columns as they stand, a copy of the one row of the fixture.
TEN_THOUSAND = """
INSERT INTO exposure_holding
SELECT (jsonb_populate_record(held, jsonb_build_object(
  'id', gen_random_uuid(), 'value', n || '.plant.example', 'shown', n || '.plant.example'
))).*
FROM exposure_holding held, generate_series(1, 10000) n WHERE held.id = %s
"""
HOSTILE = '<script>alert(1)</script>"onmouseover=x \u202egpj.exe'


@pytest.fixture
def held(finding: Finding) -> Holding:
    """A candidate: a name outside the scope that a signed one leads to."""
    site, now = finding.asset.site, timezone.now()
    note(
        [
            Found("name", "plant.example", "scope entry", "", now, "TH-2026-04"),
            Found("name", "vpn.plant.example", "permutation of", "plant.example", now),
            Found(
                "name", "portal.elsewhere.example", "CNAME of", "vpn.plant.example", now
            ),
        ],
        site=site,
    )
    Holding.objects.filter(value__endswith="plant.example").update(in_scope=True)
    return Holding.objects.get(value="portal.elsewhere.example")


def say(visit: Visit, user: User, held: Holding, **values: str) -> Any:
    post = {"says": "ours", "reason": ""} | values
    return visit(user, f"names/{held.pk}/answer/", post=post)


def test_the_list_says_what_may_be_theirs_and_how_we_know(
    visit: Visit, otto: User, held: Holding
) -> None:
    response = visit(otto, "names/")

    page = response.content.decode()
    assert response.context["claim"] == "1 thing on the internet may be yours, too"
    assert "portal.elsewhere.example: CNAME of vpn.plant.example" in page
    assert "Likely" in page
    assert "3 hops" in page


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("view=candidates", {"portal.elsewhere.example"}),
        ("view=scope", {"plant.example", "vpn.plant.example"}),
        ("view=not-ours", set()),
        ("q=VPN", {"vpn.plant.example"}),
        ("q=%00vpn", {"vpn.plant.example"}),
        ("state=gone", set()),
        (
            "view=nonsense&state=nonsense&page=x",
            {"plant.example", "vpn.plant.example", "portal.elsewhere.example"},
        ),
    ],
)
def test_the_list_is_filtered(
    visit: Visit, otto: User, held: Holding, query: str, there: set[str]
) -> None:
    page = visit(otto, f"names/?{query}").context["page"]

    assert {row.shown for row in page.object_list} == there


def test_htmx_gets_the_table_alone(visit: Visit, otto: User, held: Holding) -> None:
    page = visit(otto, "names/?q=vpn", htmx=True).content.decode()

    assert "<!doctype" not in page
    assert "vpn.plant.example" in page


def test_ten_thousand_names_take_few_queries(
    visit: Visit,
    otto: User,
    held: Holding,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TEN_THOUSAND, [held.pk])
    visit(otto, "names/")

    with django_assert_max_num_queries(MOST_QUERIES):
        response = visit(otto, "names/?page=7")

    assert response.context["page"].paginator.count == 10_003


def test_the_page_of_one_shows_each_step_from_what_was_signed(
    visit: Visit, otto: User, held: Holding
) -> None:
    (way,) = visit(otto, f"names/{held.pk}/").context["ways"]

    assert [step.text for step in way.steps] == [
        "plant.example is in the authorised scope (TH-2026-04)",
        "vpn.plant.example: permutation of plant.example",
        "portal.elsewhere.example: CNAME of vpn.plant.example",
    ]
    assert way.percent == 57


def test_what_a_name_server_says_is_text_on_both_pages(
    visit: Visit, otto: User, held: Holding
) -> None:
    now = timezone.now()
    held.facts = {"dangling": HOSTILE, "spf": HOSTILE, "lame": [HOSTILE]}
    held.to_act_on = 2
    held.save()
    NameRecord.objects.create(
        holding=held, type="TXT", value=HOSTILE, ttl=1, first_seen=now, last_seen=now
    )

    for where in ("names/", f"names/{held.pk}/"):
        page = visit(otto, where).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_an_owner_says_it_is_theirs_and_the_provider_adds_it_unsigned(
    visit: Visit, otto: User, ana: User, held: Holding
) -> None:
    said = say(visit, otto, held)
    added = visit(ana, f"names/{held.pk}/add/", post={})

    held.refresh_from_db()
    authorisation = Authorisation.objects.get()
    factories.commit()
    assert said.status_code == added.status_code == 302
    assert (held.answer, held.answered_by, held.confidence) == ("ours", otto, 1.0)
    assert held.state == "new"
    assert authorisation.entries.filter(value="portal.elsewhere.example").exists()
    assert authorisation.signed_at is None
    assert LedgerEntry.objects.filter(action="names.ours").count() == 1


def test_not_ours_needs_a_reason_and_is_not_asked_again(
    visit: Visit, otto: User, held: Holding
) -> None:
    refused = say(visit, otto, held, says="not_ours")
    taken = say(visit, otto, held, says="not_ours", reason="Our caterer's.")
    note(
        [
            Found(
                "name",
                held.value,
                "CNAME of",
                "plant.example",
                timezone.now(),
            )
        ],
        site=held.site,
    )

    held.refresh_from_db()
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    assert taken.status_code == 302
    assert (held.answer, held.confidence) == (OwnerAnswer.NOT_OURS, 0.0)
    assert visit(otto, "names/?view=candidates").context["page"].paginator.count == 0


def test_the_provider_does_not_answer_for_the_customer(
    visit: Visit, ana: User, held: Holding
) -> None:
    assert say(visit, ana, held).status_code == 403
    assert "Is it yours?" not in visit(ana, f"names/{held.pk}/").content.decode()


def test_what_is_in_scope_cannot_be_disowned_here(
    visit: Visit, otto: User, held: Holding
) -> None:
    inside = Holding.objects.get(value="vpn.plant.example")

    response = say(visit, otto, inside, says="not_ours", reason="Whatever.")

    inside.refresh_from_db()
    assert response.status_code == 409
    assert inside.answer == ""


def test_what_nobody_confirmed_cannot_be_added(
    visit: Visit, ana: User, held: Holding
) -> None:
    visit(ana, f"names/{held.pk}/add/", post={})

    authorisation = Authorisation.objects.get()
    assert not authorisation.entries.filter(value=held.value).exists()
    assert authorisation.signed_at is not None


def test_a_look_is_asked_for_once_and_stopped(
    visit: Visit, ana: User, otto: User, held: Holding
) -> None:
    post = {"authorisation": str(Authorisation.objects.get().pk)}

    first = visit(ana, "names/look/", post=post)
    second = visit(ana, "names/look/", post=post)
    search = NameSearch.objects.get()
    visit(otto, f"names/searches/{search.pk}/stop/", post={})

    search.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert search.state == SearchState.STOPPED
    assert search.stop_requested_by == otto


def test_an_unsigned_scope_is_not_looked_up(
    visit: Visit, ana: User, held: Holding
) -> None:
    Authorisation.objects.update(signed_at=None)

    response = visit(
        ana,
        "names/look/",
        post={"authorisation": str(Authorisation.objects.get().pk)},
    )

    assert response.status_code == 422
    assert "is not signed. Nothing was asked." in response.content.decode()
    assert not NameSearch.objects.exists()
