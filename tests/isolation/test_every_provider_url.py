"""Every address of a provider, with every method, as everybody who should not get in."""

from typing import Any

import pytest

from tenants.access import PROVIDER_RIGHTS
from tenants.models import Provider, ProviderRole, Staff, User
from tests import factories
from tests.isolation.conftest import Place
from tests.isolation.walking import (
    METHODS,
    PROVIDER,
    Address,
    ask,
    changed,
    every_provider_address,
    picture,
)

each_address = pytest.mark.parametrize("address", every_provider_address(), ids=str)


def path_of(address: Address, place: Place, provider: str = "northgate") -> str:
    rows = {PROVIDER: provider, "<uuid:workspace_id>": place.northmill.pk}
    return address.at("", rows)


def answers(user: User | None, path: str) -> list[Any]:
    return [ask(user, method, path) for method in METHODS]


@pytest.fixture
def elsewhere(place: Place) -> User:
    """The administrator of another provider."""
    other = Provider.objects.create(slug="southgate", name="Southgate")
    user = factories.make_user("sam@southgate.example", "Sam Reed")
    Staff.objects.create(provider=other, user=user, role=ProviderRole.ADMIN)
    return user


@each_address
def test_strangers_cannot_tell_it_from_a_provider_that_is_not_there(
    address: Address, place: Place, elsewhere: User
) -> None:
    before = picture(place.northmill)

    for user in (place.otto, place.mallory, elsewhere):
        there = answers(user, path_of(address, place))
        nowhere = answers(user, path_of(address, place, "nowhere"))
        assert {each.status_code for each in there} == {404}
        assert [each.content for each in there] == [each.content for each in nowhere]
    for each in answers(None, path_of(address, place)):
        assert each["Location"].startswith("/accounts/login/")
    assert changed(before, picture(place.northmill)) == set()


@each_address
@pytest.mark.parametrize("role", ProviderRole)
def test_a_role_does_exactly_what_it_has_the_right_to(
    address: Address, role: ProviderRole, place: Place
) -> None:
    user = factories.make_user("new@northgate.example", "Nia Holm")
    Staff.objects.create(provider=place.northmill.provider, user=user, role=role)
    able = role in PROVIDER_RIGHTS[address.staff_right]
    is_page = address.name == "provider"

    found = ask(user, "get" if is_page else "post", path_of(address, place))

    assert (b"Your role may not" in found.content) is not able
    assert found.status_code in ({200, 302, 404} if able else {403})


@pytest.mark.parametrize(
    "address",
    [each for each in every_provider_address() if "<uuid:" in each.route],
    ids=str,
)
def test_a_customer_of_another_provider_is_not_found(
    address: Address, place: Place, elsewhere: User
) -> None:
    before = picture(place.northmill)

    found = ask(elsewhere, "post", path_of(address, place, "southgate"))

    assert found.status_code == 404
    assert changed(before, picture(place.northmill)) == set()
