"""The switcher shows where a person gets in now, whatever is asked for."""

from django.test import Client
from django.utils import timezone

from tenants.models import Membership, Role, User, Workspace
from tests import factories


def names(user: User, query: str = "") -> list[str]:
    page = factories.signed_in(Client(), user).get(f"/switch/{query}")
    return [row.workspace.name for row in page.context["rows"]]


def test_it_shows_the_own_ones_only(
    ana: User, otto: User, mallory: User, northmill: Workspace, eastholm: Workspace
) -> None:
    """T10: a search knows nothing of what the reader may not see."""
    factories.make_member(eastholm, ana, role=Role.ANALYST)

    assert names(ana) == ["Eastholm Brewing", "Northmill Dairy"]
    assert names(ana, "?q=mill") == ["Northmill Dairy"]
    assert names(otto, "?q=Eastholm") == []
    assert names(mallory) == ["Eastholm Brewing"]


def test_access_that_is_over_is_not_on_it(ana: User, northmill: Workspace) -> None:
    Membership.objects.filter(user=ana).update(expires_at=timezone.now())

    assert names(ana) == []


def test_it_shows_twenty_and_says_that_there_are_more(
    ana: User, northmill: Workspace
) -> None:
    for number in range(25):
        place = factories.make_workspace(northmill.provider, f"p{number:02} Works")
        factories.make_member(place, ana, role=Role.ANALYST)
    browser = factories.signed_in(Client(), ana)

    page = browser.get("/switch/", headers={"HX-Request": "true"})

    assert len(page.context["rows"]) == 20
    assert "There are more." in page.content.decode()
    assert "<!doctype" not in page.content.decode()
    assert names(ana, "?q=p24") == ["p24 Works"]


def test_a_wildcard_is_a_letter(ana: User, northmill: Workspace) -> None:
    """Row 35."""
    assert names(ana, "?q=%25") == []
    assert names(ana, "?q=_") == []
