"""What a browser has asked identity providers, and who waits to be linked: its session."""

import secrets
import time
import uuid
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest

from tenants.models import IdentityProvider

ASKED, WAITING = "sign_on_asked", "sign_on_waiting"
LASTS, MOST = 600, 5  # seconds; questions of one browser


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: whom, for what page, and what the answer has to fit."""

    provider: str
    onward: str
    again: bool
    at: float
    nonce: str = ""
    verifier: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whom an identity provider named, and who is not linked yet."""

    provider: str
    subject: str
    email: str
    name: str
    onward: str
    at: float  # when the provider had asked for the password; 0 if it does not say
    contexts: list[str]
    until: float


def new_secret() -> str:
    """Return a random text that an answer has to bring back, or to know."""
    return secrets.token_urlsafe(48)


def remember(request: HttpRequest, name: str, asked: Asked) -> None:
    """Keep a question until its answer comes, for ten minutes, and five at most."""
    rows = _rows(request)
    kept = sorted(rows.items(), key=lambda each: each[1]["at"])[-(MOST - 1) :]
    request.session[ASKED] = {**dict(kept), name: asdict(asked)}


def take(request: HttpRequest, name: str, row: IdentityProvider) -> Asked | None:
    """Return the question that an answer names, once, if it went to this provider.

    An answer of one provider that comes back at another one's address finds nothing.
    """
    rows = _rows(request)
    found = rows.get(name)
    if found is None or found["provider"] != str(row.pk):
        return None
    del rows[name]
    request.session[ASKED] = rows
    return Asked(**found)


def let_wait(request: HttpRequest, waiting: Waiting) -> None:
    """Keep who waits to be linked in this browser."""
    request.session[WAITING] = asdict(waiting)


def waiting(request: HttpRequest) -> Waiting | None:
    """Return who waits to be linked in this browser."""
    found = request.session.get(WAITING)
    if not isinstance(found, dict) or found["until"] < time.time():
        return None
    return Waiting(**found)


def wait_no_more(request: HttpRequest) -> None:
    """Forget who waits."""
    request.session.pop(WAITING, None)


def safe_onward(wanted: str, *, slug: str) -> str:
    r"""Return a path inside the workspace, or of an invitation to it; else its first page.

    >>> safe_onward("/w/northmill/runs/", slug="northmill")
    '/w/northmill/runs/'
    >>> safe_onward("//evil.example/", slug="northmill")
    '/w/northmill/'
    """
    inside = wanted.startswith((f"/w/{slug}/", f"/join/{slug}/", f"/sso/{slug}/link/"))
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    if inside and plain and "//" not in wanted.partition("?")[0] and len(wanted) < 1000:
        return wanted
    return f"/w/{slug}/"


def provider_id(asked: Asked | Waiting) -> uuid.UUID:
    """Return which identity provider it is about."""
    return uuid.UUID(asked.provider)


def _rows(request: HttpRequest) -> dict[str, dict[str, Any]]:
    found = request.session.get(ASKED)
    if not isinstance(found, dict):
        return {}
    young = time.time() - LASTS
    return {name: row for name, row in found.items() if row["at"] > young}
