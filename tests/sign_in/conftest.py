"""Otto in front of the sign-in page, and the codes that his app would show."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from tenants.models import User
from tests import factories

LOGIN = "/accounts/login/"
NEW = "quince gable turnip 41 harbour"


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> Iterator[None]:
    """Limits count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


def sign_in(browser: Client, user: User, password: str = factories.PASSWORD) -> Any:
    """Send the form."""
    return browser.post(LOGIN, {"login": user.email, "password": password})


def code_of(user: User, *, steps: int = 0) -> str:
    """Return what the app shows now, or some half minutes from now."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    secret = get_adapter().decrypt(row.data["secret"])
    return code_for(secret, steps=steps)


def code_for(secret: str, *, steps: int = 0) -> str:
    """Return the code of a key."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def with_app(user: User) -> Authenticator:
    """Let a person have an authenticator app."""
    made: Authenticator = TOTP.activate(
        user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    ).instance
    return made


def shown(page: Any) -> str:
    """Return the text of a page, in one line."""
    return re.sub(r"\s+", " ", page.content.decode())


def confirmed(user: User) -> Client:
    """Return a browser whose person has just confirmed who they are."""
    browser = factories.signed_in(Client(), user)
    session = browser.session
    session["account_authentication_methods"][0]["reauthenticated"] = True
    session.save()
    return browser


def inside(browser: Client) -> bool:
    """Whether the browser gets into the workspace."""
    return browser.get("/w/northmill/").status_code == 200
