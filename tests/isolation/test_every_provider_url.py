"""Every address of a provider, with every method, as everybody who should not get in."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tenants.models import (
    Group,
    GroupRole,
    GroupSeat,
    Provider,
    ProviderEvent,
    ProviderInvitation,
    ProviderRole,
    Staff,
    User,
    Workspace,
)
from tenants.rights import PROVIDER_RIGHTS
from tests import factories
from tests.isolation.conftest import Place
from tests.isolation.together import together
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
PAGES = {"provider", "staff", "provider-record", "groups", "brand"}
each_address = together(every_provider_address())


def path_of(address: Address, place: Place, provider: str = "northgate") -> str:
    ana = Staff.objects.get(user=place.ana, provider__slug="northgate")
    group = group_of(place)
    of_a_group = group if address.name.endswith("-seat") else None
    rows = {
        PROVIDER: provider,
        "<uuid:workspace_id>": place.northmill.pk,
        "<uuid:staff_id>": ana.pk,
        "<uuid:invitation_id>": invited(ana, of_a_group).pk,
        "<uuid:group_id>": group.pk,
        "<uuid:seat_id>": GroupSeat.objects.get(group=group).pk,
    }
    return address.at("", rows)


def group_of(place: Place) -> Group:
    """Return a group that Northmill is in and shares with, and somebody who sits there."""
    provider = place.northmill.provider
    group, made = Group.objects.get_or_create(
        provider=provider, slug="dairies", defaults={"name": "Dairy Holding"}
    )
    if made:
        Workspace.objects.filter(pk=place.northmill.pk).update(
            group=group, shares_with_group=True
        )
        lena = factories.make_user("lena@dairies.example", "Lena Moser")
        GroupSeat.objects.create(group=group, user=lena)
    return group


def invited(by: Staff, group: Group | None) -> ProviderInvitation:
    """Return the open invitation of a colleague, or of somebody to a group."""
    return ProviderInvitation.objects.get_or_create(
        provider=by.provider,
        group=group,
        email="zoe@northgate.example",
        defaults={
            "role": GroupRole.VIEWER if group else ProviderRole.ANALYST,
            "token_hash": ("f" if group else "d") * 64,
            "invited_by": by.user,
            "expires_at": timezone.now() + dt.timedelta(days=7),
        },
    )[0]


def at_the_provider() -> list[Any]:
    """Picture what is stored about providers and their people."""
    models = (
        Provider,
        Staff,
        ProviderInvitation,
        ProviderEvent,
        Group,
        GroupSeat,
        Workspace,
    )
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


@pytest.mark.parametrize("role", ProviderRole)
@each_address
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


def test_a_group_of_another_provider_takes_no_customer_of_ours(
    place: Place, elsewhere: User
) -> None:
    """T2: a foreign id in the body."""
    theirs = Group.objects.create(
        provider=Provider.objects.get(slug="southgate"), slug="theirs", name="Theirs"
    )
    boss = factories.make_user("new@northgate.example", "Nia Holm")
    Staff.objects.create(
        provider=place.northmill.provider, user=boss, role=ProviderRole.ADMIN
    )
    path = f"/p/northgate/groups/place/{place.northmill.pk}/"

    for named in (theirs.pk, "x", "00000000-0000-0000-0000-000000000000", "\0"):
        assert ask(boss, "post", path, {"group": str(named)}).status_code == 404

    place.northmill.refresh_from_db()
    assert place.northmill.group_id is None


@together([each for each in every_provider_address() if "<uuid:" in each.route])
def test_what_belongs_to_another_provider_is_not_found(
    address: Address, place: Place, elsewhere: User
) -> None:
    path = path_of(address, place, "southgate")
    before, ours = picture(place.northmill), at_the_provider()

    fields = {"role": ProviderRole.ADMIN, "name": "Ours", "email": "x@evil.example"}
    found = ask(elsewhere, "post", path, fields)

    assert found.status_code == 404
    assert changed(before, picture(place.northmill)) == set()
    assert at_the_provider() == ours
