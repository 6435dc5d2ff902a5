"""Northgate's people: Petra leads it, Mia is a manager, Ana an analyst."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tenants.models import (
    LedgerDetail,
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
from tenants.services import provider_invitations
from tests import factories

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
    found = re.search(r"(/join/\S+)", str(mail.outbox[-1].body))
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
