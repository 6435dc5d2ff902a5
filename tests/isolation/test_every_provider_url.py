"""Every address of a provider, with every method, as everybody who should not get in."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tenants.access import PROVIDER_RIGHTS
from tenants.models import (
    Provider,
    ProviderEvent,
    ProviderInvitation,
    ProviderRole,
    Staff,
    User,
)
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

# Pages of a provider; everything else below its address is an act.
PAGES = {"provider", "staff", "provider-record"}
each_address = pytest.mark.parametrize("address", every_provider_address(), ids=str)


def path_of(address: Address, place: Place, provider: str = "northgate") -> str:
    ana = Staff.objects.get(user=place.ana, provider__slug="northgate")
    rows = {
        PROVIDER: provider,
        "<uuid:workspace_id>": place.northmill.pk,
        "<uuid:staff_id>": ana.pk,
        "<uuid:invitation_id>": invited(ana).pk,
    }
    return address.at("", rows)


def invited(by: Staff) -> ProviderInvitation:
    """Return the open invitation of a colleague."""
    return ProviderInvitation.objects.get_or_create(
        provider=by.provider,
        email="zoe@northgate.example",
        defaults={
            "role": ProviderRole.ANALYST,
            "token_hash": "d" * 64,
            "invited_by": by.user,
            "expires_at": timezone.now() + dt.timedelta(days=7),
        },
    )[0]


def at_the_provider() -> list[Any]:
    """Picture what is stored about providers and their people."""
    models = (Provider, Staff, ProviderInvitation, ProviderEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]


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
    path = path_of(address, place)
    before, ours = picture(place.northmill), at_the_provider()

    for user in (place.otto, place.mallory, elsewhere):
        there = answers(user, path)
        nowhere = answers(user, path_of(address, place, "nowhere"))
        assert {each.status_code for each in there} == {404}
        assert [each.content for each in there] == [each.content for each in nowhere]
    for each in answers(None, path):
        assert each["Location"].startswith("/accounts/login/")
    assert changed(before, picture(place.northmill)) == set()
    assert at_the_provider() == ours


@each_address
@pytest.mark.parametrize("role", ProviderRole)
def test_a_role_does_exactly_what_it_has_the_right_to(
    address: Address, role: ProviderRole, place: Place
) -> None:
    user = factories.make_user("new@northgate.example", "Nia Holm")
    Staff.objects.create(provider=place.northmill.provider, user=user, role=role)
    able = role in PROVIDER_RIGHTS[address.staff_right]
    is_page = address.name in PAGES
    path = path_of(address, place)
    ours = at_the_provider()

    found = ask(user, "get" if is_page else "post", path)

    assert (b"Your role may not" in found.content) is not able
    assert found.status_code in ({200, 302, 404} if able else {403})
    if is_page or not able:
        assert at_the_provider() == ours


@each_address
def test_looking_changes_nothing_and_is_all_that_a_page_takes(
    address: Address, place: Place
) -> None:
    boss = factories.make_user("new@northgate.example", "Nia Holm")
    Staff.objects.create(
        provider=place.northmill.provider, user=boss, role=ProviderRole.ADMIN
    )
    path = path_of(address, place)
    before, ours = picture(place.northmill), at_the_provider()

    codes = {
        method: ask(boss, method, path).status_code
        for method in METHODS
        if method != "post" or address.name in PAGES
    }

    is_page = address.name in PAGES
    assert codes["get"] == codes["head"] == (200 if is_page else 405)
    assert {codes[each] for each in codes if each not in {"get", "head"}} == {405}
    assert changed(before, picture(place.northmill)) == set()
    assert at_the_provider() == ours


@pytest.mark.parametrize(
    "address",
    [each for each in every_provider_address() if "<uuid:" in each.route],
    ids=str,
)
def test_what_belongs_to_another_provider_is_not_found(
    address: Address, place: Place, elsewhere: User
) -> None:
    path = path_of(address, place, "southgate")
    before, ours = picture(place.northmill), at_the_provider()

    found = ask(elsewhere, "post", path, {"role": ProviderRole.ADMIN})

    assert found.status_code == 404
    assert changed(before, picture(place.northmill)) == set()
    assert at_the_provider() == ours
