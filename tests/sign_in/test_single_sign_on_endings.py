"""How sessions end that came through a company; row 38 of the threats."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from tenants.models import Identity, IdentityProvider, Membership, Role, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import people
from tests import factories
from tests.sign_in.company import come, linked
from tests.sign_in.conftest import inside
from tests.sign_in.openid_partner import OpenIdPartner


def test_it_sees_and_ends_only_sessions_of_its_own_door(
    through: Client, both: User
) -> None:
    own = Client()
    own.post("/accounts/login/", {"login": both.email, "password": factories.PASSWORD})
    mine = own.session.session_key
    row = UserSession.objects.get(session_key=mine)

    page = through.get("/accounts/sessions/").content.decode()

    assert page.count("<li>") == 1
    assert through.post(f"/accounts/sessions/{row.pk}/end/").status_code == 404
    assert through.post("/accounts/sessions/").status_code == 403
    assert own.get("/w/eastholm/").status_code == 200
    assert own.get("/accounts/sessions/").content.decode().count("<li>") == 2


@pytest.mark.parametrize("how", ["person", "provider", "link", "row", "account"])
def test_what_is_taken_away_ends_the_session(
    how: str, through: Client, company: IdentityProvider, both: User, ida: User
) -> None:
    """Row 38: session kept after the person, the provider or the link is gone."""
    boss = factories.signed_in(Client(), ida)
    path = "/w/northmill/sign-in/"
    with workspace_scope(company.workspace_id):
        link = Identity.objects.get(user=both)
    if how == "person":
        boss.post(f"/w/northmill/people/{both.pk}/remove/")
    elif how == "provider":
        boss.post(f"{path}{company.pk}/remove/")
    elif how == "link":
        boss.post(f"{path}people/{link.pk}/unlink/")
    elif how == "row":
        with workspace_scope(company.workspace_id):
            Identity.objects.all().delete()
    else:
        User.objects.filter(pk=both.pk).update(is_active=False)

    assert not inside(through)
    assert through.get("/w/northmill/")["Location"].startswith("/accounts/login/")
    assert through.get("/accounts/sessions/").status_code == 302


def test_who_was_removed_and_comes_back_is_linked_anew(
    company: IdentityProvider, partner: OpenIdPartner, northmill: Workspace, otto: User
) -> None:
    linked(company, otto)
    row = Membership.objects.select_related("workspace").get(user=otto)
    with workspace_scope(northmill.pk):
        people.leave(by=row)
    factories.make_member(northmill, otto, role=Role.PORTAL)
    browser = Client()

    come(browser, partner, company)

    assert not inside(browser)


def test_access_that_has_ended_is_over_here_too(
    company: IdentityProvider, partner: OpenIdPartner, otto: User
) -> None:
    linked(company, otto)
    otto.memberships.update(expires_at=timezone.now() - dt.timedelta(days=1))

    assert come(Client(), partner, company).status_code == 403
