"""Passwords: guessed ones are refused, resets help their owner and nobody else."""

import hashlib
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.test import Client
from pytest_django import Settings

from tenants.models import User, Workspace
from tenants.passwords import NotBreached, NotGuessed
from tests import factories
from tests.sign_in.conftest import LOGIN, NEW, inside, shown, sign_in, with_app

RESET = "/accounts/password/reset/"


def link_in_mail() -> str:
    """Return the path of the link in the newest mail."""
    found = re.search(rf"{settings.SITE_URL}(/accounts/\S+)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[1]


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword1",
        "qwertyuiopasdfgh",
        "aaaaaaaaaaaaaaaaaaaa",
        "123456789012345678",
        "northmill.example1",
    ],
)
def test_what_lists_and_names_make_guessable_is_refused(password: str) -> None:
    otto = User(email="otto.brandt@northmill.example", name="Otto Brandt")

    with pytest.raises(ValidationError, match="Several words"):
        NotGuessed().validate(password, otto)


def test_several_words_are_taken_and_endless_ones_refused() -> None:
    NotGuessed().validate(NEW)
    with pytest.raises(ValidationError, match="At most 128"):
        NotGuessed().validate("x7" * 100_000)


@pytest.mark.parametrize("length", [73, 100, 101, 128])
def test_a_long_sentence_is_taken_and_long_rubbish_refused(length: int) -> None:
    sentence = "quince gable turnip 41 harbour otter basalt lemon wharf kettle " * 3

    NotGuessed().validate(sentence[:length])
    with pytest.raises(ValidationError, match="Several words"):
        NotGuessed().validate("a" * length)


def test_a_list_of_leaked_ones_is_searched_where_it_lies(tmp_path: Path) -> None:
    leaked = [f"leaked phrase number {n}" for n in range(500)]
    digests = sorted(hashlib.sha1(each.encode()).hexdigest().upper() for each in leaked)  # noqa: S324 - the list's form
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{digest}:{7}\r\n" for digest in digests))
    validator = NotBreached(path)

    for each in leaked:
        with pytest.raises(ValidationError, match="has leaked"):
            validator.validate(each)
    validator.validate(NEW)
    validator.validate("")


def test_a_list_in_another_form_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("hunter2\n")

    with pytest.raises(
        ImproperlyConfigured, match=r"BREACHED_PASSWORDS_FILE: line 1.*such as 0{8}5AD7"
    ):
        NotBreached(path)


def test_the_list_is_looked_at_before_anybody_signs_in(
    tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "list.txt"
    path.write_text("hunter2\n")
    name = "tenants.passwords.NotBreached"
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": name, "OPTIONS": {"path": path}}]

    with pytest.raises(ImproperlyConfigured, match=r"BREACHED_PASSWORDS_FILE: line 1"):
        apps.get_app_config("tenants").ready()


def test_a_known_and_an_unknown_address_get_the_same_answer(
    otto: User, client: Client
) -> None:
    known = client.post(RESET, {"email": otto.email})
    unknown = client.post(RESET, {"email": "nobody@northmill.example"})

    assert (known.status_code, known["Location"]) == (
        unknown.status_code,
        unknown["Location"],
    )
    assert [each.to for each in mail.outbox] == [[otto.email]]
    assert "Northmill" not in mail.outbox[0].body


def test_a_wrong_password_and_an_unknown_address_look_the_same(
    otto: User, client: Client
) -> None:
    def answer(address: str) -> str:
        page = client.post(LOGIN, {"login": address, "password": "not it at all"})
        text = shown(page).replace(address, "")
        return re.sub(r'csrf\w*"[^>]*value="[^"]*"', "", text)

    assert answer(otto.email) == answer("nobody@northmill.example")


def test_a_reset_link_leads_to_us_whatever_the_request_said(
    otto: User, client: Client
) -> None:
    """Row 21: poisoned reset link."""
    headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    client.post(RESET, {"email": otto.email}, headers=headers)

    assert "evil.example" not in mail.outbox[0].body
    assert link_in_mail().startswith("/accounts/password/reset/")
    refused = client.post(
        RESET, {"email": otto.email}, headers={"host": "evil.example"}
    )
    assert refused.status_code == 400


def test_opening_the_link_changes_nothing_and_it_works_once(
    otto: User, client: Client
) -> None:
    """Row 22: a mail scanner opens links."""
    client.post(RESET, {"email": otto.email})
    link = link_in_mail()
    Client().get(link, follow=True)
    Client().get(link, follow=True)
    otto.refresh_from_db()
    assert otto.check_password(factories.PASSWORD)

    form = client.get(link, follow=True)
    path = form.redirect_chain[-1][0]
    assert "set-password" in path  # the key is not in the address any more
    client.post(path, {"password1": NEW, "password2": NEW})

    assert sign_in(Client(), otto).status_code == 200
    assert sign_in(Client(), otto, NEW).status_code == 302
    assert "works no more" in shown(Client().get(link, follow=True))


def test_a_reset_signs_nobody_in_and_leaves_the_second_factor(
    otto: User, client: Client
) -> None:
    with_app(otto)
    client.post(RESET, {"email": otto.email})
    form = client.get(link_in_mail(), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

    assert client.get("/w/northmill/").status_code == 302
    assert sign_in(client, otto, NEW)["Location"] == "/accounts/second-factor/"


def test_a_closed_account_gets_no_mail(otto: User, client: Client) -> None:
    User.objects.filter(pk=otto.pk).update(is_active=False)

    client.post(RESET, {"email": otto.email})

    assert mail.outbox == []


def test_a_flood_of_resets_is_cut_off(otto: User, client: Client) -> None:
    """Row 36: reset flood."""
    for _ in range(8):
        client.post(RESET, {"email": otto.email})

    assert len(mail.outbox) == 3


def test_guessing_one_account_is_cut_off_even_for_the_right_password(
    otto: User, client: Client
) -> None:
    """Row 36: password spray and lockout."""
    for n in range(6):
        sign_in(client, otto, f"guess number {n}")

    page = sign_in(client, otto)

    assert page.status_code == 200
    assert "Too many failed" in shown(page)


def test_a_changed_password_is_told_to_its_owner_in_our_words_only(otto: User) -> None:
    browser = Client(headers={"user-agent": "Call https://evil.example"})
    sign_in(browser, otto)

    browser.post(
        "/accounts/password/change/",
        {"oldpassword": factories.PASSWORD, "password1": NEW, "password2": NEW},
    )

    [told] = mail.outbox
    assert told.to == [otto.email]
    assert "If it was not you" in told.body
    assert "127.0.0.1" in told.body
    assert "evil.example" not in told.body + told.subject


def test_one_browser_that_tries_many_accounts_is_cut_off(
    otto: User, ida: User, northmill: Workspace
) -> None:
    """Row 36: password spray."""
    browser = Client()
    for n in range(11):
        browser.post(LOGIN, {"login": f"p{n}@northmill.example", "password": "Summer"})

    sign_in(browser, otto)

    assert not inside(browser)
