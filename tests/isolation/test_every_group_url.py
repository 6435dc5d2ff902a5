"""Every address of a group, with every method, as everybody who should not get in."""

from typing import Any

import pytest
from django.test import Client

from tenants.group_access import GROUP_RIGHTS, GroupRight
from tenants.models import (
    Group,
    GroupRole,
    GroupSeat,
    Provider,
    ProviderRole,
    Staff,
    User,
    Workspace,
)
from tests import factories
from tests.isolation.conftest import SECRET_NAME, Place
from tests.isolation.walking import (
    GROUP,
    METHODS,
    Address,
    ask,
    changed,
    every_group_address,
    every_workspace_address,
    picture,
)

each_address = pytest.mark.parametrize("address", every_group_address(), ids=str)


def answers(user: User | None, path: str) -> list[Any]:
    return [ask(user, method, path) for method in METHODS]


def sit(group: Group, name: str) -> User:
    """Give somebody a seat in a group."""
    user = factories.make_user(f"{name.lower()}@{group.slug}.example", name)
    GroupSeat.objects.create(group=group, user=user)
    return user


@pytest.fixture
def dairies(place: Place) -> Group:
    """A group that Northmill shares its counts with, and Eastholm does not."""
    group = Group.objects.create(
        provider=place.northmill.provider, slug="dairies", name="Dairy Holding"
    )
    Workspace.objects.update(group=group)
    Workspace.objects.filter(pk=place.northmill.pk).update(shares_with_group=True)
    return group


@pytest.fixture
def lena(dairies: Group) -> User:
    """Lena sits in it."""
    return sit(dairies, "Lena")


def test_each_page_asks_for_a_right() -> None:
    assert every_group_address()
    for address in every_group_address():
        assert GroupRight(getattr(address.view, "right", "")) in GROUP_RIGHTS


@each_address
def test_strangers_cannot_tell_it_from_a_group_that_is_not_there(
    address: Address, place: Place, dairies: Group
) -> None:
    provider = place.northmill.provider
    brewers = Group.objects.create(provider=provider, slug="brewers", name="Brewers")
    southgate = Provider.objects.create(slug="southgate", name="Southgate")
    strangers = [place.ida, place.mallory, place.ana, sit(brewers, "Bruno")]
    for number, role in enumerate(ProviderRole):
        for employer in (provider, southgate):
            user = factories.make_user(f"{number}@{employer.slug}.example", "Nia Holm")
            Staff.objects.create(provider=employer, user=user, role=role)
            strangers.append(user)

    for user in strangers:
        there = answers(user, address.at("", {GROUP: "dairies"}))
        nowhere = answers(user, address.at("", {GROUP: "nowhere"}))
        assert {each.status_code for each in there} == {404}
        assert [each.content for each in there] == [each.content for each in nowhere]
    for each in answers(None, address.at("", {GROUP: "dairies"})):
        assert each["Location"].startswith("/accounts/login/")


@each_address
@pytest.mark.parametrize("role", GroupRole)
def test_it_is_read_only_and_names_nothing_of_a_workspace(
    address: Address, role: GroupRole, place: Place, lena: User
) -> None:
    before = picture(place.northmill, place.eastholm)

    found = {
        method: ask(lena, method, address.at("", {GROUP: "dairies"}))
        for method in METHODS
    }

    able = role in GROUP_RIGHTS[GroupRight(address.view.right)]  # type: ignore[attr-defined]  # set by the guard
    assert (found["get"].status_code == found["head"].status_code == 200) is able
    assert {found[each].status_code for each in METHODS[2:]} == {405}
    page = found["get"].content.decode()
    assert "Northmill Dairy" in page
    for secret in (SECRET_NAME, "Eastholm", "SL-1", "/w/", "Ida", "127.77"):
        assert secret not in page
    assert changed(before, picture(place.northmill, place.eastholm)) == set()


def test_a_seat_opens_no_workspace(place: Place, lena: User) -> None:
    for address in every_workspace_address():
        for method in METHODS:
            found = ask(lena, method, address.at("northmill", place.rows))
            assert found.status_code == 404, address


@each_address
def test_a_seat_that_ended_is_a_stranger_with_the_session_open(
    address: Address, place: Place, lena: User
) -> None:
    browser = factories.signed_in(Client(), lena)
    path = address.at("", {GROUP: "dairies"})
    assert browser.get(path).status_code == 200

    GroupSeat.objects.filter(user=lena).delete()

    assert browser.get(path).status_code == 404
