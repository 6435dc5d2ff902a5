"""The page of scope and authorisation: what is added, excluded and signed."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from exposure.models import Authorisation, Exclusion, Finding, ScopeEntry, Vantage
from exposure.services.scope import fingerprint
from tenants.models import User
from tests.exposure.views.conftest import MOST_QUERIES, Visit


@pytest.fixture
def scope(finding: Finding) -> Authorisation:
    """Northmill's signed scope of one address."""
    return Authorisation.objects.get()


def add(
    visit: Visit, user: User, scope: Authorisation, value: str, *, htmx: bool = False
) -> Any:
    return visit(
        user,
        f"scope/{scope.pk}/entries/add/",
        post={"value": value, "vantage": str(Vantage.objects.get().pk)},
        htmx=htmx,
    )


def exclude(visit: Visit, user: User, scope: Authorisation, **values: str) -> Any:
    filled = {"value": "127.77.1.14", "port": "", "reason": "Furnace control"} | values
    post = {f"not-{key}": value for key, value in filled.items()}
    return visit(user, f"scope/{scope.pk}/exclusions/add/", post=post)


def test_it_says_what_may_be_tested_and_until_when(
    visit: Visit, ida: User, scope: Authorisation
) -> None:
    response = visit(ida, "scope/")

    assert response.context["claim"].startswith("Sightline may test 1 address until")
    assert "127.77.1.14" in response.content.decode()


def test_a_workspace_without_an_authorisation_says_so(visit: Visit, ida: User) -> None:
    assert "there is no authorisation" in visit(ida, "scope/").content.decode()


def test_an_added_entry_takes_the_signature_away(
    visit: Visit, ana: User, scope: Authorisation
) -> None:
    response = add(visit, ana, scope, "127.77.1.0/28")
    page = visit(ana, "scope/")

    scope.refresh_from_db()
    assert response["Location"] == "/w/northmill/scope/"
    assert scope.signed_at is None
    assert page.context["claim"] == "Nothing may be tested: no valid authorisation"
    assert "Not signed" in page.content.decode()


def test_htmx_loads_the_page_again_when_an_entry_was_taken(
    visit: Visit, ana: User, scope: Authorisation
) -> None:
    response = add(visit, ana, scope, "127.77.1.0/28", htmx=True)

    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_entry_is_answered_in_place(
    visit: Visit, ana: User, scope: Authorisation, *, htmx: bool
) -> None:
    response = add(visit, ana, scope, "0.0.0.0/0", htmx=htmx)

    page = response.content.decode()
    assert response.status_code == 422
    assert ("<!doctype" not in page) is htmx
    assert "too wide" in page
    assert 'value="0.0.0.0/0"' in page
    assert ScopeEntry.objects.count() == 1
    assert Authorisation.objects.get().signed_at is not None


def test_an_exclusion_keeps_the_signature(
    visit: Visit, ana: User, scope: Authorisation
) -> None:
    exclude(visit, ana, scope, port="102")

    scope.refresh_from_db()
    page = visit(ana, "scope/").content.decode()
    assert scope.signed_at is not None
    assert Exclusion.objects.get().port == 102
    assert "Furnace control" in page


@pytest.mark.parametrize(
    "values",
    [
        {"port": "0"},
        {"port": "65536"},
        {"port": "x"},
        {"reason": ""},
        {"value": "plant.example"},
        {"value": "999.1.1.1"},
    ],
)
def test_a_refused_exclusion_is_answered_in_place(
    visit: Visit, ana: User, scope: Authorisation, values: dict[str, str]
) -> None:
    response = exclude(visit, ana, scope, **values)

    assert response.status_code == 422
    assert 'class="errors' in response.content.decode()
    assert Exclusion.objects.count() == 0


def test_the_customer_signs_what_the_page_showed(
    visit: Visit, otto: User, scope: Authorisation
) -> None:
    Authorisation.objects.update(signed_by=None, signed_at=None)
    form = visit(otto, "scope/").context["authorise_form"]

    visit(
        otto,
        f"scope/{scope.pk}/sign/",
        post={"agreed": "on", "seen": form.initial["seen"]},
    )

    scope.refresh_from_db()
    assert scope.signed_by == otto


def test_a_scope_that_changed_meanwhile_is_not_signed(
    visit: Visit, ana: User, otto: User, scope: Authorisation
) -> None:
    seen = fingerprint(scope)
    add(visit, ana, scope, "127.77.1.0/28")

    response = visit(
        otto, f"scope/{scope.pk}/sign/", post={"agreed": "on", "seen": seen}
    )

    scope.refresh_from_db()
    assert response.status_code == 409
    assert "has changed since you opened it" in response.content.decode()
    assert scope.signed_at is None


def test_a_signature_needs_the_tick(
    visit: Visit, otto: User, scope: Authorisation
) -> None:
    Authorisation.objects.update(signed_by=None, signed_at=None)

    response = visit(otto, f"scope/{scope.pk}/sign/", post={"seen": fingerprint(scope)})

    assert response.status_code == 422
    assert "Tick this to sign." in response.content.decode()


def test_the_provider_is_not_even_asked_to_sign(
    visit: Visit, ana: User, scope: Authorisation
) -> None:
    Authorisation.objects.update(signed_by=None, signed_at=None)

    assert "authorise_form" not in visit(ana, "scope/").context


def test_it_asks_the_database_little(
    visit: Visit,
    ana: User,
    scope: Authorisation,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        ScopeEntry.objects.create(
            authorisation=scope,
            vantage=Vantage.objects.get(),
            value=f"127.77.2.{number + 1}",
            added_by=ana,
        )

    visit(ana, "scope/")  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(ana, "scope/")
