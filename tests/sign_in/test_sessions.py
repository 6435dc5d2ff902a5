"""Sessions: seen and ended by their owner, ended by time and by a new password."""

from allauth.usersessions.models import UserSession
from django.test import Client
from pytest_django import Settings

from tenants.models import User, Workspace
from tests import factories
from tests.sign_in.conftest import NEW, inside, shown, sign_in


def test_a_changed_password_ends_the_other_sessions(otto: User) -> None:
    """Row 38: session kept after a password change."""
    mine, stolen = Client(), Client()
    sign_in(mine, otto)
    sign_in(stolen, otto)

    mine.post(
        "/accounts/password/change/",
        {"oldpassword": factories.PASSWORD, "password1": NEW, "password2": NEW},
    )

    assert mine.get("/w/northmill/").status_code == 200
    assert stolen.get("/w/northmill/").status_code == 302


def test_sessions_end_by_themselves(
    otto: User, client: Client, settings: Settings
) -> None:
    factories.signed_in(client, otto)
    assert client.get("/w/northmill/").status_code == 200
    session = client.session
    session["seen_at"] -= settings.SESSION_IDLE_SECONDS
    session.save()
    assert client.get("/w/northmill/").status_code == 302

    factories.signed_in(client, otto)
    client.get("/w/northmill/")
    session = client.session
    session["began_at"] -= settings.SESSION_COOKIE_AGE
    session.save()
    assert client.get("/w/northmill/").status_code == 302


def test_people_end_one_session_of_their_own_only(
    otto: User, ida: User, northmill: Workspace
) -> None:
    mine, lost, hers = Client(), Client(), Client()
    for browser, user in ((mine, otto), (lost, otto), (hers, ida)):
        sign_in(browser, user)
    of = {row.session_key: row.pk for row in UserSession.objects.all()}

    def end(of_whom: Client) -> int:
        pk = of[of_whom.session.session_key]
        return mine.post(f"/accounts/sessions/{pk}/end/").status_code

    assert end(hers) == 404
    assert inside(hers)
    assert (
        mine.get(f"/accounts/sessions/{of[lost.session.session_key]}/end/").status_code
        == 405
    )
    assert inside(lost)
    assert end(lost) == 302
    assert not inside(lost)
    assert inside(mine)
    assert end(mine) == 302
    assert not inside(mine)


def test_people_see_and_end_their_sessions(otto: User) -> None:
    mine, lost = (
        Client(headers={"user-agent": "Mine"}),
        Client(headers={"user-agent": "Lost tablet"}),
    )
    sign_in(lost, otto)
    sign_in(mine, otto)
    mine.get("/")
    assert "Lost tablet" in shown(mine.get("/accounts/sessions/"))

    mine.post("/accounts/sessions/")

    assert lost.get("/w/northmill/").status_code == 302
    assert mine.get("/w/northmill/").status_code == 200
