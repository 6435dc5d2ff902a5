"""Finds every address of the API, with the scope of each method, and asks it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.test import Client

from tenants.key_scopes import RIGHT_OF, KeyScope
from tenants.rights import Right
from tests.isolation.conftest import SECRET_NAME, Place
from tests.isolation.walking import (
    Address,
    changed,
    every_address,
    guarded,
    picture,
)

ADDRESSES = [each for each in every_address() if hasattr(each.view, "takes_key")]
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
READING, DOING = ("get", "head"), ("post",)
BODIES = {"runs/": {"authorisation": f"Permission of {SECRET_NAME}"}}
OK, UNKNOWN_KEY, FORBIDDEN, NOT_FOUND, NOT_ALLOWED = {200, 201, 202}, 401, 403, 404, 405
PROBLEM = "application/problem+json"


def scope_of(address: Address, method: str) -> KeyScope | None:
    """Return what a method of an address asks for, after the table of the docs."""
    scopes: Mapping[str, KeyScope | None] = address.view.scopes  # type: ignore[attr-defined]  # of the API
    return scopes["POST" if method == "post" else "GET"]


def methods_of(address: Address) -> tuple[str, ...]:
    """Return the methods that the table of the docs has for an address."""
    scopes: Mapping[str, KeyScope | None] = address.view.scopes  # type: ignore[attr-defined]  # see above
    return (READING if "GET" in scopes else ()) + (DOING if "POST" in scopes else ())


def every_act() -> Iterator[tuple[Address, str, KeyScope | None]]:
    """Yield every address with every method of its own and the scope of that."""
    for address in ADDRESSES:
        for method in methods_of(address):
            yield address, method, scope_of(address, method)


def right_of(scope: KeyScope | None) -> Right:
    """Return the right behind a scope; whoever has a place may ask what the key is."""
    return RIGHT_OF[scope] if scope else Right.READ


def ask(
    secret: str | None,
    method: str,
    address: Address,
    place: Place,
    *,
    at: str = "northmill",
    client: Client | None = None,
) -> Any:
    """Ask one address with a secret; no answer may be a page or a fault."""
    path = address.at(at, place.rows)
    more: dict[str, Any] = {}
    if method not in {"get", "head", "options"}:
        end = address.route.removeprefix("api/v1/w/<slug:workspace>/")
        more = {"data": BODIES.get(end, {}), "content_type": "application/json"}
    if secret is not None:
        more["headers"] = {"authorization": f"Bearer {secret}"}
    response = getattr(client or Client(), method)(path, **more)
    guarded(response)
    wanted = PROBLEM if response.status_code >= 400 else "application/json"
    assert response.headers["Content-Type"] == wanted
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    return response


def said(response: Any) -> tuple[int, bytes, dict[str, str]]:
    return response.status_code, response.content, dict(response.headers)


def untouched(before: Mapping[str, object], place: Place) -> bool:
    """Whether all is as it was, but for the hour in which a key was used."""
    after = picture(place.northmill, place.eastholm)
    return {each for each in changed(before, after) if "apikey" not in each} == set()
