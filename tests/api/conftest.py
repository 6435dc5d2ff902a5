"""A plant, a proposal and keys at Northmill; programs that ask with them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tenants.key_scopes import KeyScope
from tenants.models import ApiKey, Membership, User, Workspace
from tenants.scope import workspace_scope
from tests.isolation.conftest import Place, place, signed  # noqa: F401 - fixtures
from tests.keys import make_key as make_key_of

API = "/api/v1/w/northmill/"
MakeKey = Callable[..., "Program"]


class Program:
    """Something that asks the API with a secret and no cookie."""

    def __init__(self, secret: str, key: ApiKey) -> None:
        """Keep the secret."""
        self.secret, self.key, self.client = secret, key, Client()

    def get(self, path: str = "", parameters: Any = None) -> Any:
        """Read something; `path` is below Northmill unless it is a whole one."""
        return self.ask("get", path, data=parameters)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Do something; `name` is the Idempotency-Key, `kind` the type of the body."""
        headers = {"Idempotency-Key": more["name"]} if "name" in more else {}
        return self.ask(
            "post",
            path,
            data={} if body is None else body,
            content_type=more.get("kind", "application/json"),
            headers=headers,
        )

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Send one request."""
        where = path if path.startswith("/") else API + path
        headers = {"authorization": f"Bearer {self.secret}", **more.pop("headers", {})}
        return getattr(self.client, method)(where, headers=headers, **more)


@pytest.fixture
def make_key(northmill: Workspace) -> MakeKey:
    """Make keys at Northmill, or at another workspace."""

    def make(user: User, *scopes: KeyScope, **values: Any) -> Program:
        where = values.pop("workspace", northmill)
        with workspace_scope(where.id):
            row, secret = make_key_of(user, *scopes, **values)
        return Program(secret, row)

    return make


@pytest.fixture
def boss(place: Place) -> User:  # noqa: F811 - the fixture
    """Ida, who administers Northmill."""
    Membership.objects.filter(user=place.ida).update(is_admin=True)
    return place.ida


@pytest.fixture
def program(place: Place, make_key: MakeKey) -> Program:  # noqa: F811 - the fixture
    """Ana's key, which may do everything that a key can."""
    return make_key(place.ana, name="Tickets")
