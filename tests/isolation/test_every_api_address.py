"""Every address of the API, by every method, with every key that should not get in."""

import datetime as dt
from collections.abc import Callable, Iterator

from django.test import Client
from django.utils import timezone

from tenants.key_scopes import NEVER_BY_KEY, RIGHT_OF, KeyScope
from tenants.logic.api_tokens import new_token
from tenants.models import Role, User
from tenants.rights import Right
from tenants.scope import workspace_scope
from tests import factories
from tests.isolation.conftest import SECRET_NAME, Place
from tests.isolation.walking import (
    changed,
    every_address,
    every_workspace_address,
    picture,
)
from tests.isolation.walking_api import (
    ADDRESSES,
    METHODS,
    NOT_ALLOWED,
    NOT_FOUND,
    OK,
    UNKNOWN_KEY,
    ask,
    every_act,
    methods_of,
    said,
    scope_of,
    untouched,
)

SecretOf = Callable[..., str]


def test_there_are_addresses_to_walk() -> None:
    assert len(ADDRESSES) >= 20
    assert {scope_of(a, m) for a in ADDRESSES for m in methods_of(a)} >= set(KeyScope)


def test_whatever_is_below_api_takes_a_key_or_is_the_description() -> None:
    others = [
        each.route
        for each in every_address()
        if each.route.startswith("api/") and each not in ADDRESSES
    ]

    assert others == ["api/v1/openapi.json"]


def test_no_key_signs_decides_authorises_invites_or_changes_people() -> None:
    assert {
        Right.SIGN,
        Right.AUTHORISE,
        Right.PROPOSE,
        Right.CLAIM,
        Right.INVITE,
        Right.PEOPLE,
        Right.SECURE,
        Right.KEYS,
        Right.ACT_AS,
        Right.NOTIFY,
        Right.LEAVE,
    } <= NEVER_BY_KEY
    assert set(RIGHT_OF) == set(KeyScope)


def test_it_has_exactly_the_methods_of_the_table(
    place: Place, secret_of: SecretOf, signed: None
) -> None:
    secret = secret_of(place.ana)

    for address in ADDRESSES:
        for method in METHODS:
            answer = ask(secret, method, address, place)
            if method in methods_of(address):
                assert answer.status_code in OK, (address, method, answer.content)
            else:
                assert answer.status_code == NOT_ALLOWED, (address, method)
                assert answer.headers["Allow"]


def bad_secrets(place: Place, secret_of: SecretOf) -> Iterator[str | None]:
    """Yield everything that is no valid key, each for a reason of its own."""
    past = timezone.now() - dt.timedelta(seconds=1)
    yield None
    yield ""
    yield "sl_nonsense"
    yield "x" * 10_000
    yield "sl_\ufffd"
    yield new_token(place.northmill.id).text
    yield new_token(place.eastholm.id).text
    yield secret_of(place.otto, expires_at=past)
    yield secret_of(place.otto, revoked_at=past)
    theirs = secret_of(place.mallory, workspace=place.eastholm)
    ours = secret_of(place.otto)
    yield ours[:11] + theirs[11:]  # our handle, their workspace and secret
    yield theirs[:38] + ours[38:]
    yield ours.upper()
    yield ours[:-1] + ("a" if ours[-1] != "a" else "b")
    closed = factories.make_user("closed@northmill.example", "Closed")
    factories.make_member(place.northmill, closed, role=Role.APPROVER)
    yield secret_of(closed)
    removed = factories.make_user("removed@northmill.example", "Removed")
    yield secret_of(removed)
    gone = factories.make_user("gone@northgate.example", "Gone")
    factories.make_member(place.northmill, gone, role=Role.MANAGER, expires_at=past)
    yield secret_of(gone)
    User.objects.filter(pk=closed.pk).update(is_active=False)


def test_whatever_is_no_valid_key_gets_the_same_answer(
    place: Place, secret_of: SecretOf
) -> None:
    secrets = list(bad_secrets(place, secret_of))
    before = picture(place.northmill, place.eastholm)
    session = factories.signed_in(Client(), place.ana)

    answers = [
        ask(secret, methods_of(address)[0], address, place, at=at, client=client)
        for address in ADDRESSES
        for secret in secrets
        for at, client in (("northmill", session), ("nowhere", None))
    ]

    assert len({str(said(each)) for each in answers}) == 1
    assert answers[0].status_code == UNKNOWN_KEY
    assert answers[0].headers["WWW-Authenticate"].startswith("Bearer")
    assert untouched(before, place)


def test_a_key_of_another_workspace_finds_nothing(
    place: Place, secret_of: SecretOf
) -> None:
    """T7: a token of one customer at the address of another one."""
    secret = secret_of(place.mallory, workspace=place.eastholm)
    both = secret_of(place.ana, workspace=place.eastholm)  # its maker works at both
    before = picture(place.northmill, place.eastholm)

    for address in ADDRESSES:
        for method in METHODS:
            for each in (secret, both):
                there = ask(each, method, address, place)
                nowhere = ask(each, method, address, place, at="nowhere")
                assert there.status_code == NOT_FOUND, (address, method)
                assert said(there) == said(nowhere)
    assert untouched(before, place)


def test_rows_of_another_workspace_are_not_found_at_the_own_one(
    place: Place, secret_of: SecretOf
) -> None:
    secret = secret_of(place.ana, workspace=place.eastholm)
    before = picture(place.northmill)

    for address, method, _ in every_act():
        answer = ask(secret, method, address, place, at="eastholm")
        assert SECRET_NAME not in answer.content.decode()
        if address.parameters or method == "post":
            assert answer.status_code == NOT_FOUND, (address, method)
    assert changed(before, picture(place.northmill)) == set()


def test_a_key_opens_no_page(place: Place, secret_of: SecretOf) -> None:
    headers = {"authorization": f"Bearer {secret_of(place.ana)}"}
    before = picture(place.northmill)

    for address in every_workspace_address():
        for method in ("get", "post"):
            path = address.at("northmill", place.rows)
            answer = getattr(Client(), method)(path, headers=headers)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/accounts/login/")
    assert changed(before, picture(place.northmill)) == set()


def test_a_filter_takes_an_id_of_another_workspace_for_unknown(
    place: Place, secret_of: SecretOf
) -> None:
    """T2 and row 1: a foreign id in a filter."""
    with workspace_scope(place.eastholm.id):
        site = str(factories.make_site("Theirs").pk)
    headers = {"authorization": f"Bearer {secret_of(place.ana)}"}
    walked = 0

    for address in ADDRESSES:
        filters = getattr(address.view.cls, "filters", None)  # type: ignore[attr-defined]  # of the API
        if filters is not None and "site" in filters().fields:
            path = address.at("northmill", place.rows)
            answer = Client().get(path, {"site": site}, headers=headers)
            assert answer.json()["items"] == [], address
            walked += 1
    assert walked > 5
