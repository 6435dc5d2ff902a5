"""Every address of a workspace, with every method, as everybody who should not get in."""

import uuid
from typing import Any

import pytest
from django.urls import URLPattern

from tenants.models import Membership, Role, Side, User
from tenants.rights import LOOKING, RIGHTS, Right
from tests import factories
from tests.isolation.conftest import SECRET_NAME, Place, fill, owner
from tests.isolation.together import together
from tests.isolation.walking import (
    HTMX,
    METHODS,
    WORKSPACE,
    Address,
    answers,
    ask,
    changed,
    every_address,
    every_workspace_address,
    methods_of,
    picture,
)

ADDRESSES = every_workspace_address()
WITH_ROWS = [each for each in ADDRESSES if each.parameters]
SAFE = ("get", "head")
MISSING = {"<str:ref>": "SL-404", "<int:number>": 404, "<int:revision>": 404}
WAYS_IN = [{}, HTMX]
# What has to work before anybody has signed in.
PUBLIC = {
    "about-our-probes",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "sso",
}
NOWHERE = {"<slug:uidb36>": "x", "<slug:key>": "y", "<int:pk>": 1}
NOT_FOUND, NOT_ALLOWED, FORBIDDEN, REDIRECT = 404, 405, 403, 302

# Who leaves is gone, so these are walked without it; tests/workflows/test_people.py.
STAYING = [each for each in ADDRESSES if each.right != Right.LEAVE]

each_address = together(ADDRESSES)
each_staying = together(STAYING)


def head_and_body(response: Any) -> tuple[int, bytes, dict[str, str]]:
    return response.status_code, response.content, dict(response.headers)


def test_there_are_addresses_to_walk() -> None:
    assert len(ADDRESSES) > 20
    assert {Right.READ, Right.SIGN} < {each.right for each in ADDRESSES}


def test_a_parameter_that_nobody_fills_is_named() -> None:
    strange = URLPattern  # any callable stands for the view
    address = Address(f"w/{WORKSPACE}/reports/<int:year>/", "reports", strange)

    with pytest.raises(AssertionError, match=r"no test fills: \['<int:year>'\]"):
        address.at("northmill", {})


@pytest.mark.parametrize(
    "address",
    [
        each
        for each in every_address()
        # Of invitations, looks and a company's sign-in: see tests/sign_in, tests/tenants.
        if not each.route.startswith(
            ("w/", "p/", "g/", "join/", "join-provider/", "brand/", "api/", "sso/<")
        )
    ],
    ids=lambda each: each.route or "/",
)
def test_outside_a_workspace_only_signing_in_is_public(
    address: Address, db: None
) -> None:
    response = ask(None, "get", address.at("", NOWHERE))

    away = response.headers.get("Location", "").startswith("/accounts/login/")
    assert away is (address.name not in PUBLIC or address.name == "account_logout")


@each_address
def test_nobody_in_particular_is_asked_to_sign_in(
    address: Address, place: Place
) -> None:
    before = picture(place.northmill)

    for response in answers(None, address.at("northmill", place.rows)):
        assert response.status_code == REDIRECT
        assert response["Location"].startswith("/accounts/login/?next=/w/northmill/")
    assert changed(before, picture(place.northmill)) == set()


@each_address
def test_a_stranger_cannot_tell_it_from_a_workspace_that_is_not_there(
    address: Address, place: Place
) -> None:
    before = picture(place.northmill)

    there = answers(place.mallory, address.at("northmill", place.rows))
    nowhere = answers(place.mallory, address.at("nowhere", place.rows))

    assert {each.status_code for each in there} == {NOT_FOUND}
    assert [head_and_body(r) for r in there] == [head_and_body(r) for r in nowhere]
    assert changed(before, picture(place.northmill)) == set()


@each_staying
def test_rows_of_another_customer_are_not_found_at_the_own_one(
    address: Address, place: Place
) -> None:
    before = picture(place.northmill)

    for user, role in ((place.mallory, Role.OWNER), (place.ana, Role.ANALYST)):
        found = answers(user, address.at("eastholm", place.rows))

        assert not any(SECRET_NAME in each.content.decode() for each in found)
        if address.parameters:
            # Method and role are looked at before anything is looked for.
            answer = NOT_FOUND if role in RIGHTS[address.right] else FORBIDDEN
            codes = {each.status_code for each in found}
            assert codes == {answer, NOT_ALLOWED}
    assert changed(before, picture(place.northmill)) == set()


@together([each for each in WITH_ROWS if "<uuid:" in each.route])
def test_their_id_below_our_own_reference_is_not_found(
    address: Address, place: Place
) -> None:
    owner(place.eastholm, "irma@eastholm.example", side=Side.IT)
    own = fill(
        place.eastholm, name="Kettle", signed_by=place.mallory, proposer=place.ana
    )
    mixed = {
        name: place.of(name) if "<uuid:" in name else value
        for name, value in own.items()
    }
    before = picture(place.northmill, place.eastholm)

    for user in (place.mallory, place.ana):
        found = answers(user, address.at("eastholm", mixed))
        codes = {each.status_code for each in found}
        assert codes <= {NOT_FOUND, NOT_ALLOWED, FORBIDDEN}
    assert changed(before, picture(place.northmill, place.eastholm)) == set()


@together(WITH_ROWS)
def test_a_row_that_is_not_there_is_not_found(address: Address, place: Place) -> None:
    rows = {name: MISSING.get(name, uuid.uuid4()) for name in place.rows}
    able = [
        place.people[each] for each in place.people if each in RIGHTS[address.right]
    ]

    found = answers((able or [place.boss])[0], address.at("northmill", rows))

    assert {each.status_code for each in found} == {NOT_FOUND, NOT_ALLOWED}


@each_staying
def test_looking_changes_nothing_and_is_all_that_a_page_takes(
    address: Address, place: Place
) -> None:
    path, before = address.at("northmill", place.rows), picture(place.northmill)
    # Pages are read, and acts need a right of their own.
    is_page = address.right in LOOKING

    for number, (role, user) in enumerate(place.people.items()):
        methods = methods_of(number)
        codes = {method: ask(user, method, path).status_code for method in methods}
        looked = {codes.pop(each) for each in SAFE if each in codes}

        assert looked == {200 if is_page else NOT_ALLOWED}, role
        assert (codes.pop("post") == NOT_ALLOWED) is is_page, role
        assert set(codes.values()) <= {NOT_ALLOWED}, role
        if is_page:
            assert changed(before, picture(place.northmill)) == set(), role


@together([each for each in ADDRESSES if each.right not in LOOKING])
def test_a_role_does_exactly_what_it_has_the_right_to(
    address: Address, place: Place
) -> None:
    path, before = address.at("northmill", place.rows), picture(place.northmill)
    able = RIGHTS[address.right]

    # Those who may not come first: nobody else has changed anything by then.
    for role in sorted(Role, key=lambda each: each in able):
        for headers in WAYS_IN:
            response = ask(place.people[role], "post", path, headers=headers)
            lacking = b"Your role may not" in response.content
            assert lacking is (role not in able), role
            assert not lacking or response.status_code == FORBIDDEN
        if role not in able:
            assert changed(before, picture(place.northmill)) == set(), role


@each_address
def test_an_account_that_was_closed_is_signed_out(
    address: Address, place: Place, client: Any
) -> None:
    factories.signed_in(client, place.ana)
    before_it, path = picture(place.northmill), address.at("northmill", place.rows)
    User.objects.filter(pk=place.ana.pk).update(is_active=False)

    for method in METHODS:
        response = getattr(client, method)(path)
        assert response["Location"].startswith("/accounts/login/")
    assert changed(before_it, picture(place.northmill)) == {"accounts"}


@each_address
def test_a_member_who_was_removed_is_a_stranger(
    address: Address, place: Place, client: Any
) -> None:
    factories.signed_in(client, place.otto)
    before_it, path = picture(place.northmill), address.at("northmill", place.rows)
    Membership.objects.filter(user=place.otto, workspace=place.northmill).delete()

    for method in METHODS:
        assert getattr(client, method)(path).status_code == NOT_FOUND
    assert changed(before_it, picture(place.northmill)) == {"members"}
