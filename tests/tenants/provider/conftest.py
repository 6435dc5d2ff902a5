"""Northgate's people: Petra leads it, Mia is a manager, Ana an analyst."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tenants.models import (
    Group,
    LedgerDetail,
    Membership,
    Provider,
    ProviderEvent,
    ProviderInvitation,
    ProviderRole,
    Role,
    Staff,
    User,
    Workspace,
)
from tenants.scope import workspace_scope
from tenants.services import groups, provider_invitations, seats
from tests import factories

LENA = "lena@dairies.example"
PAGE = "/g/dairies/"
WORDS = "quince gable turnip 41 harbour"


def employ(provider: Provider, name: str, role: ProviderRole) -> User:
    """Make somebody work for a provider."""
    first = name.split()[0].lower()
    user = factories.make_user(f"{first}@{provider.slug}.example", name)
    Staff.objects.create(provider=provider, user=user, role=role)
    return user


def post_of(user: User) -> Staff:
    """Return the one employment of a person."""
    return Staff.objects.select_related("user", "provider").get(user=user)


def told(workspace: Workspace) -> str:
    """Return all that the ledger of a customer says."""
    with workspace_scope(workspace.pk):
        return " ".join(bytes(row.body).decode() for row in LedgerDetail.objects.all())


def recorded() -> list[str]:
    """Return what the providers' records say, the oldest first."""
    return list(ProviderEvent.objects.order_by("at").values_list("text", flat=True))


def link_of(row: ProviderInvitation) -> str:
    """Let the mail go out and return the path in it."""
    assert provider_invitations.send(row.pk)
    found = re.search(r"(/join-provider/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def browser_of(user: User) -> Client:
    """Return a browser in which a person is signed in."""
    return factories.signed_in(Client(), user)


def join(link: str, *, name: str = "Nora Lind") -> Any:
    """Accept an invitation as somebody who has no account."""
    return Client().post(link, {"name": name, "password": WORDS})


@pytest.fixture
def petra(northgate: Provider) -> User:
    """An administrator of Northgate."""
    return employ(northgate, "Petra Voss", ProviderRole.ADMIN)


@pytest.fixture
def mia(northgate: Provider, northmill: Workspace) -> User:
    """A manager of Northgate, let in at Northmill as one."""
    user = employ(northgate, "Mia Sand", ProviderRole.MANAGER)
    factories.make_member(northmill, user, role=Role.MANAGER)
    return user


@pytest.fixture
def dairies(petra: User, northmill: Workspace, eastholm: Workspace) -> Group:
    """Dairy Holding owns Northmill and Eastholm."""
    group = groups.make("Dairy Holding", slug="dairies", by=post_of(petra))
    for workspace in (northmill, eastholm):
        groups.place(workspace, group, by=post_of(petra))
        workspace.refresh_from_db()
    return group


@pytest.fixture
def lena(dairies: Group, petra: User) -> User:
    """Lena has accepted a seat."""
    join(link_of(seats.invite(LENA, dairies, name="", by=post_of(petra))), name="Lena")
    return User.objects.get(email=LENA)


@pytest.fixture
def boss(ida: User) -> Client:
    """Ida administers Northmill."""
    Membership.objects.filter(user=ida).update(is_admin=True)
    return browser_of(ida)


def agree(browser: Client, group: Group) -> Any:
    return browser.post("/w/northmill/group/share/", {"group": str(group.pk)})


def seen(user: User) -> str:
    return str(browser_of(user).get(PAGE).content.decode())
