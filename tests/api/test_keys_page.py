"""The page "API keys": made, shown once, seen by all, revoked by who may."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from tenants.key_scopes import KeyScope
from tenants.logic.api_tokens import TOKEN, new_token, read_token
from tenants.models import (
    ApiKey,
    LedgerDetail,
    Membership,
    Portal,
    Role,
    User,
    Workspace,
)
from tenants.scope import workspace_scope
from tenants.services import keys
from tenants.services.keys import Wish
from tests import factories
from tests.api.conftest import MakeKey, Program
from tests.isolation.conftest import Place
from tests.isolation.walking import ask

PAGE = "/w/northmill/keys/"
SECRET = re.compile(r"sl_[a-z2-7]{34}_[a-z2-7]{52}")
FORM = {"name": "SIEM", "scopes": ["exposures:read", "ledger:read"], "lasts": "30"}


def here(place: Place) -> list[ApiKey]:
    """Return the keys that these tests make at Northmill."""
    with workspace_scope(place.northmill.id):
        more = ApiKey.objects.exclude(pk=place.of("<uuid:key_id>"))
        return list(more.order_by("made_at"))


def told(place: Place) -> dict[str, Any]:
    with workspace_scope(place.northmill.id):
        newest = LedgerDetail.objects.order_by("-pk").first()
        assert newest is not None
        found: dict[str, Any] = json.loads(bytes(newest.body))
        return found


def test_the_secret_is_shown_once_and_opens_what_was_chosen(
    place: Place, boss: User
) -> None:
    page = ask(boss, "post", f"{PAGE}make/", FORM)

    [secret] = set(SECRET.findall(page.content.decode()))
    [row] = here(place)
    assert (row.name, row.scopes) == ("SIEM", FORM["scopes"])
    assert row.expires_at - timezone.now() < dt.timedelta(days=30)
    program = Program(secret, row)
    assert program.get("exposures/").status_code == 200
    assert program.get("runs/").status_code == 403
    assert "no-store" in page.headers["Cache-Control"]
    again = ask(boss, "get", PAGE).content.decode()
    assert SECRET.search(again) is None
    assert row.token_hash not in again
    assert f"sl_{row.handle}" in again


def test_making_and_revoking_are_in_the_ledger_without_the_secret(
    place: Place, boss: User
) -> None:
    page = ask(boss, "post", f"{PAGE}make/", FORM)
    made = told(place)
    [row] = here(place)
    ask(boss, "post", f"{PAGE}{row.pk}/revoke/")
    revoked = told(place)

    assert made["text"] == "Ida Larsen made the key SIEM."
    assert made["after"]["scopes"] == FORM["scopes"]
    assert revoked["text"] == "Ida Larsen revoked the key SIEM."
    secret = SECRET.findall(page.content.decode())[0]
    for entry in (made, revoked):
        assert secret[-20:] not in str(entry)
        assert row.token_hash not in str(entry)


def test_a_revoked_key_opens_nothing_from_then_on(
    place: Place, boss: User, program: Program
) -> None:
    assert program.get("key/").status_code == 200

    answer = ask(boss, "post", f"{PAGE}{program.key.pk}/revoke/")

    assert answer["Location"] == PAGE
    assert program.get("key/").status_code == 401
    shown = ask(boss, "get", PAGE).content.decode()
    assert "Keys that work no more" in shown
    assert "revoked" in shown


def test_making_a_key_takes_a_factor_of_the_last_minutes(
    place: Place, boss: User
) -> None:
    browser = Client()
    browser.force_login(boss)

    answer = browser.post(f"{PAGE}make/", FORM)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/confirm/")
    assert here(place) == []


def test_everybody_sees_the_keys_and_who_decides_about_people_makes_them(
    place: Place, boss: User, program: Program
) -> None:
    makers = {boss, place.people[Role.MANAGER]}

    for user in {boss, *place.people.values()}:
        page = ask(user, "get", PAGE).content.decode()
        assert "Tickets" in page
        assert ("Make the key" in page) is (user in makers)
        assert ("Revoke" in page) is (user in makers)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"name": "x" * 10_000},
        {"name": "SIEM\0"},
        {"name": "SIEM\u202egnp"},
        {"scopes": []},
        {"scopes": ["sign"]},
        {"scopes": ["exposures:read", "people"]},
        {"lasts": "366"},
        {"lasts": ""},
        {"lasts": "9999999999"},
        {"sites": ["00000000-0000-4000-8000-000000000001"]},
        {"sites": ["x"]},
    ],
)
def test_a_form_that_does_not_fit_makes_no_key(
    place: Place, boss: User, change: dict[str, Any]
) -> None:
    answer = ask(boss, "post", f"{PAGE}make/", {**FORM, **change})

    assert answer.status_code == 422
    assert SECRET.search(answer.content.decode()) is None
    assert here(place) == []


def test_a_form_takes_its_fields_only(place: Place, boss: User) -> None:
    """P1: mass assignment."""
    more = {
        "made_by": str(place.mallory.pk),
        "token_hash": "0" * 64,
        "handle": "aaaaaaaa",
        "expires_at": "2099-01-01",
        "workspace": str(place.eastholm.pk),
    }

    ask(boss, "post", f"{PAGE}make/", {**FORM, **more})

    [row] = here(place)
    assert (row.made_by, row.workspace) == (boss, place.northmill)
    assert row.handle != "aaaaaaaa"
    assert row.expires_at < timezone.now() + dt.timedelta(days=31)


def test_two_keys_that_work_have_two_names(place: Place, boss: User) -> None:
    ask(boss, "post", f"{PAGE}make/", FORM)

    again = ask(boss, "post", f"{PAGE}make/", FORM)

    assert again.status_code == 409
    assert b"is there already" in again.content
    assert len(here(place)) == 1


def test_nobody_gives_what_they_may_not_do(place: Place, boss: User) -> None:
    """The list of the form offers it not, and the service refuses it."""
    page = ask(boss, "get", PAGE).content.decode()
    offered = set(re.findall(r'name="scopes" value="([^"]+)"', page))

    assert "runs:start" not in offered
    assert {"exposures:read", "retest", "runs:stop"} <= offered
    wish = Wish("SIEM", ["runs:start"], timezone.now() + dt.timedelta(days=1))
    with (
        workspace_scope(place.northmill.id),
        pytest.raises(NotAllowed, match="runs:start"),
    ):
        keys.make(wish, by=member_of(boss), sites=frozenset())


def test_nobody_gives_sites_that_are_not_theirs(place: Place, boss: User) -> None:
    with workspace_scope(place.northmill.id):
        own, other = factories.make_site("Own"), factories.make_site("Other")
        Membership.objects.filter(user=boss).update(site_ids=[own.pk])
        member = member_of(boss)
        sites = frozenset({own.pk, other.pk})
        until = timezone.now() + dt.timedelta(days=1)

        beyond = Wish("A", ["plant:read"], until, site_ids=[other.pk])
        wish = Wish("B", ["plant:read"], until, site_ids=[own.pk])

        with pytest.raises(NotAllowed, match="do not answer for"):
            keys.make(beyond, by=member, sites=sites)
        made = keys.make(wish, by=member, sites=sites)
    assert made.row.site_ids == [own.pk]


@pytest.mark.parametrize("days", [-1, 0, 366, 36_500])
def test_a_key_ends_within_a_year(place: Place, boss: User, days: int) -> None:
    wish = Wish("A", ["plant:read"], timezone.now() + dt.timedelta(days=days))

    with workspace_scope(place.northmill.id), pytest.raises(InvalidInput):
        keys.make(wish, by=member_of(boss), sites=frozenset())


def test_a_key_whose_maker_has_left_is_shown_as_ended(
    place: Place, boss: User, make_key: MakeKey
) -> None:
    make_key(place.otto, name="Board")
    Membership.objects.filter(user=place.otto).delete()

    page = ask(boss, "get", PAGE).content
    assert b"its maker has no access" in page
    assert b'Revoke<span class="vh"> Board' in page


def test_a_name_is_free_again_when_the_key_has_ended(
    place: Place, boss: User, make_key: MakeKey
) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    make_key(place.otto, name="SIEM", expires_at=past)

    assert ask(boss, "post", f"{PAGE}make/", FORM).status_code == 200
    assert b"expired" in ask(boss, "get", PAGE).content


def test_a_portal_that_is_read_only_makes_no_keys(place: Place, boss: User) -> None:
    Workspace.objects.update(portal=Portal.READ)

    assert ask(boss, "post", f"{PAGE}make/", FORM).status_code == 403
    assert here(place) == []


def test_a_name_from_outside_is_text(place: Place, boss: User) -> None:
    ask(boss, "post", f"{PAGE}make/", {**FORM, "name": "<script>alert(1)</script>"})

    page = ask(place.otto, "get", PAGE).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_secret_names_its_workspace_and_is_recognised_by_scanners(
    northmill: Workspace,
) -> None:
    token = new_token(northmill.id)

    read = read_token(token.text)
    assert read == token
    assert read is not None
    assert read.workspace_id == northmill.id
    assert TOKEN.fullmatch(token.text)
    assert len({new_token(northmill.id).text for _ in range(100)}) == 100
    for text in ("", "sl_", token.text + "a", token.text[:-1], " " + token.text):
        assert read_token(text) is None


def test_only_scopes_that_there_are_stand_in_a_key() -> None:
    longest = ApiKey._meta.get_field("scopes").base_field.max_length  # type: ignore[union-attr]  # an array
    assert max(len(scope) for scope in KeyScope.values) <= longest


def member_of(user: User) -> Membership:
    return Membership.objects.select_related("workspace", "user").get(user=user)
