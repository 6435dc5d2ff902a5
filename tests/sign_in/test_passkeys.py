"""Passkeys: open the account they were made for, at our address, once for each asking."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tenants.models import User, Workspace
from tests import factories
from tests.sign_in.conftest import confirmed, inside, shown, sign_in, with_app
from tests.sign_in.soft_key import PRESENT, SoftKey, b64

ADD, LOGIN = "/accounts/passkeys/add/", "/accounts/passkeys/sign-in/"
SECOND, CONFIRM = "/accounts/second-factor/", "/accounts/passkeys/confirm/"
FETCH = {"accept": "application/json", "x-requested-with": "XMLHttpRequest"}
HOSTILE = [
    "null",
    "7",
    "[]",
    '"x"',
    "{}",
    "{",
    '{"response":null}',
    '{"response":[]}',
    '{"response":{"userHandle":5}}',
    '{"response":{"userHandle":"_w"}}',
    '{"id":"\\u0000","rawId":"\\u0000","type":"public-key","response":{}}',
    "[" * 2000,
    "9" * 5000,
    "x" * 100_000,
]


def add_key(user: User, **ways: Any) -> SoftKey:
    """Let a person add a passkey by the form."""
    browser, key = confirmed(user), SoftKey(**ways)
    options = browser.get(ADD).context["js_data"]["creation_options"]
    sent = key.create(json.loads(json.dumps(options, default=dict)))
    fields = {"name": "Key", "credential": json.dumps(sent), "passwordless": "on"}
    assert browser.post(ADD, fields).status_code == 302
    return key


def asked(browser: Client) -> dict[str, Any]:
    """Return the options that the sign-in page fetches."""
    found: dict[str, Any] = browser.get(LOGIN, headers=FETCH).json()["request_options"]
    return found


def show(browser: Client, sent: dict[str, Any], path: str = LOGIN) -> Any:
    """Send what the key said."""
    return browser.post(path, {"credential": json.dumps(sent)})


def test_it_signs_in_alone(otto: User, client: Client) -> None:
    key = add_key(otto)

    show(client, key.get(asked(client)))

    assert inside(client)


def test_it_is_the_second_step_after_a_password(otto: User, client: Client) -> None:
    key = add_key(otto)
    assert sign_in(client, otto)["Location"] == SECOND
    assert not inside(client)

    options = client.get(SECOND).context["js_data"]["request_options"]
    show(client, key.get(json.loads(json.dumps(options, default=dict))), SECOND)

    assert inside(client)


def test_what_it_said_once_is_not_taken_again(otto: User, client: Client) -> None:
    """Row 36: replay."""
    key = add_key(otto)
    sent = key.get(asked(client))
    show(client, sent)
    other = Client()

    show(other, sent)
    asked(other)
    show(other, sent)

    assert inside(client)
    assert not inside(other)


@pytest.mark.parametrize("lie", ["another person", "another key", "another site"])
def test_a_lie_is_not_believed(
    lie: str, otto: User, ida: User, northmill: Workspace, client: Client
) -> None:
    """Row 36: passkey of another user."""
    key, hers = add_key(otto), add_key(ida)
    liar = {
        "another person": replace(key, handle=hers.handle),
        "another key": replace(key, secret=SoftKey().secret),
        "another site": replace(key, origin="https://testserver.evil.example"),
    }[lie]

    show(client, liar.get(asked(client)))

    assert not inside(client)


def test_alone_it_needs_a_pin_or_a_finger(otto: User, client: Client) -> None:
    key = add_key(otto)

    show(client, replace(key, flags=PRESENT).get(asked(client)))

    assert not inside(client)


def test_the_second_step_takes_the_own_one_only(
    otto: User, ida: User, client: Client
) -> None:
    add_key(otto)
    hers = add_key(ida)
    sign_in(client, otto)

    options = client.get(SECOND).context["js_data"]["request_options"]
    show(client, hers.get(json.loads(json.dumps(options, default=dict))), SECOND)

    assert not inside(client)


def test_a_removed_one_and_a_closed_account_stay_out(
    otto: User, ida: User, northmill: Workspace
) -> None:
    removed, closed = add_key(otto), add_key(ida)
    row = Authenticator.objects.get(user=otto, type="webauthn")
    confirmed(otto).post(f"/accounts/passkeys/{row.pk}/remove/")
    User.objects.filter(pk=ida.pk).update(is_active=False)

    for key in (removed, closed):
        browser = Client()
        show(browser, key.get(asked(browser)))
        assert not inside(browser)


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_nonsense_is_refused_and_breaks_nothing(
    sent: str, otto: User, client: Client
) -> None:
    with_app(otto)
    known, second = confirmed(otto), Client()
    sign_in(second, otto)
    for browser, path in (
        (client, LOGIN),
        (second, SECOND),
        (known, CONFIRM),
        (known, ADD),
    ):
        browser.get(path, headers=FETCH)
        answer = browser.post(path, {"name": "Key", "credential": sent})
        assert answer.status_code in {200, 302}, path

    assert not inside(client)
    assert not inside(second)
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_half_a_credential_is_not_added(otto: User) -> None:
    browser, key = confirmed(otto), SoftKey()
    options = browser.get(ADD).context["js_data"]["creation_options"]
    whole = key.create(json.loads(json.dumps(options, default=dict)))

    for half in ("", "AA", "oA", whole["response"]["attestationObject"][:120]):
        whole["response"]["attestationObject"] = half
        page = browser.post(ADD, {"name": "Key", "credential": json.dumps(whole)})
        assert page.status_code == 200
        assert "Incorrect code" in shown(page)
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_it_is_renamed(otto: User) -> None:
    add_key(otto)
    row = Authenticator.objects.get(user=otto, type="webauthn")
    browser = confirmed(otto)

    browser.post(f"/accounts/passkeys/{row.pk}/edit/", {"name": "<b>Blue</b> key"})

    page = shown(browser.get("/accounts/passkeys/"))
    assert "&lt;b&gt;Blue&lt;/b&gt; key" in page


def test_pages_offer_passkeys_at_an_address_with_a_name(
    otto: User, settings: Any
) -> None:
    """Browsers refuse passkeys at a bare IP address."""
    for named, count in ((True, 1), (False, 0)):
        settings.PASSKEYS = named
        page = shown(Client().get("/accounts/login/"))
        assert page.count("Sign in with a passkey") == count
        page = shown(factories.signed_in(Client(), otto).get("/accounts/factors/"))
        assert ("Passkeys" in page) is named


def test_what_a_stranger_makes_up_of_a_known_key_is_refused(
    otto: User, client: Client
) -> None:
    """The readers of keys stumble over nesting and ends; the page does not."""
    key = add_key(otto)
    for made_up in (b"\x81" * 20_000, b"\xc1", b"", b"\x00" * 36 + b"\x81"):
        sent = key.get(asked(client))
        data = hashlib.sha256(b"testserver").digest() + b"\x85" + bytes(4) + made_up
        sent["response"]["authenticatorData"] = b64(data)

        assert show(client, sent).status_code == 302
        assert not inside(client)
