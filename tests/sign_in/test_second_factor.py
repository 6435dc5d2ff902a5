"""A second factor: set up, asked for, sealed, used once, and not guessed."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from tenants.models import User, Workspace
from tests import factories
from tests.sign_in.conftest import (
    code_for,
    code_of,
    confirmed,
    inside,
    shown,
    sign_in,
    with_app,
)

SECOND = "/accounts/second-factor/"
APP = "/accounts/app/on/"


def test_an_app_is_set_up_and_then_asked_for(otto: User) -> None:
    client = confirmed(otto)
    secret = client.get(APP).context["form"].secret

    answer = client.post(APP, {"code": code_for(secret)})

    assert answer.status_code == 302
    other = Client()
    assert sign_in(other, otto)["Location"] == SECOND
    assert not inside(other)
    cache.clear()  # the code was used to switch the app on, and works once
    other.post(SECOND, {"code": code_of(otto)})
    assert inside(other)


def test_its_seed_is_sealed_in_the_database(otto: User) -> None:
    row = with_app(otto)

    assert "JBSWY3DPEHPK3PXP" not in str(row.data)
    assert code_of(otto).isdigit()


def test_a_code_works_once(otto: User) -> None:
    """Row 36: MFA code replay."""
    with_app(otto)
    code, first, second = code_of(otto), Client(), Client()
    sign_in(first, otto)
    sign_in(second, otto)

    first.post(SECOND, {"code": code})
    second.post(SECOND, {"code": code})

    assert inside(first)
    assert not inside(second)


def test_codes_are_not_guessed(otto: User, client: Client) -> None:
    """Row 36: TOTP brute."""
    with_app(otto)
    sign_in(client, otto)

    answers = [client.post(SECOND, {"code": f"{n:06}"}) for n in range(12)]

    assert any("Too many" in shown(each) or each.status_code == 429 for each in answers)
    client.post(SECOND, {"code": code_of(otto)})
    assert not inside(client)


def test_a_recovery_code_opens_once(otto: User) -> None:
    with_app(otto)
    browser = confirmed(otto)
    browser.post("/accounts/recovery-codes/new/")
    code = browser.get("/accounts/recovery-codes/").context["unused_codes"][0]
    first, second = Client(), Client()
    sign_in(first, otto)
    sign_in(second, otto)

    first.post(SECOND, {"code": code})
    second.post(SECOND, {"code": code})

    assert inside(first)
    assert not inside(second)


def test_recovery_codes_are_sealed_in_the_database(otto: User) -> None:
    with_app(otto)
    browser = confirmed(otto)
    browser.post("/accounts/recovery-codes/new/")
    codes = browser.get("/accounts/recovery-codes/").context["unused_codes"]

    row = Authenticator.objects.get(user=otto, type="recovery_codes")

    assert not any(code in str(row.data) for code in codes)


@pytest.mark.parametrize(
    "path", [APP, "/accounts/passkeys/add/", "/accounts/recovery-codes/new/"]
)
def test_factors_change_after_confirming_only(
    path: str, otto: User, client: Client
) -> None:
    with_app(otto)
    client.force_login(otto)

    answer: Any = client.post(path)

    assert answer.status_code == 302
    assert "/confirm/" in answer["Location"]


def test_nobody_touches_the_passkey_of_another(
    otto: User, ida: User, northmill: Workspace
) -> None:
    """Row 36: passkey for another user."""
    row = Authenticator.objects.create(
        user=ida, type="webauthn", data={"name": "Key of Ida", "credential": {}}
    )
    client = confirmed(otto)

    for act in ("remove", "edit"):
        path = f"/accounts/passkeys/{row.pk}/{act}/"
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=row.pk).exists()


def test_the_account_page_counts_the_codes_that_are_left(otto: User) -> None:
    with_app(otto)
    browser = confirmed(otto)
    browser.post("/accounts/recovery-codes/new/")

    assert "10 left" in shown(browser.get("/accounts/factors/"))


def test_the_seed_is_on_no_page_once_the_app_is_on(otto: User) -> None:
    """P5: secrets in answers."""
    with_app(otto)
    browser = confirmed(otto)
    browser.post("/accounts/recovery-codes/new/")
    codes = browser.get("/accounts/recovery-codes/").context["unused_codes"]

    for path in (
        "factors",
        "app/on",
        "app/off",
        "passkeys",
        "passkeys/add",
        "sessions",
    ):
        page = shown(browser.get(f"/accounts/{path}/", follow=True))
        assert "JBSWY3DPEHPK3PXP" not in page
        assert not any(code in page for code in codes)


@pytest.mark.parametrize("path", ["recovery-codes/", "recovery-codes/file/"])
def test_codes_are_shown_after_confirming_only(path: str, otto: User) -> None:
    with_app(otto)
    confirmed(otto).post("/accounts/recovery-codes/new/")

    answer: Any = factories.signed_in(Client(), otto).get(f"/accounts/{path}")

    assert answer.status_code == 302
    assert "/confirm/" in answer["Location"]
