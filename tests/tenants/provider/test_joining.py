"""A provider's invitations: one link, one use, one address, exactly the post offered."""

import datetime as dt
import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.utils import timezone

from tenants.models import ProviderInvitation, Staff, User
from tenants.services import provider_invitations, staffing
from tests import factories
from tests.tenants.provider.conftest import (
    browser_of,
    join,
    link_of,
    post_of,
    recorded,
)

NORA = "nora@northgate.example"


@pytest.fixture
def offered(petra: User) -> ProviderInvitation:
    """Nora is offered a manager's post."""
    return staffing.invite(NORA, "manager", name="Nora", by=post_of(petra))


def test_an_invited_colleague_gets_an_account_and_exactly_the_post(
    offered: ProviderInvitation,
) -> None:
    link = link_of(offered)
    page = Client().get(link).content.decode()
    assert "Northgate invites you to work with it" in page
    assert not User.objects.filter(email=NORA).exists()  # row 22: looking is no act

    answer = Client().post(
        link,
        {
            "name": "Nora Lind",
            "password": "quince gable turnip 41 harbour",
            "role": "admin",
            "is_staff": "true",
            "provider": "southgate",
        },
    )

    assert answer["Location"] == "/p/northgate/"
    assert post_of(User.objects.get(email=NORA)).role == "manager"
    assert recorded()[-1] == "Nora Lind took the post of provider manager."


def test_a_link_works_once(offered: ProviderInvitation) -> None:
    link = link_of(offered)
    join(link)

    assert Client().get(link).status_code == 404
    assert join(link, name="Somebody Else").status_code == 404
    assert Staff.objects.filter(provider=offered.provider).count() == 2


@pytest.mark.parametrize("end", ["late", "withdrawn", "renewed", "elsewhere"])
def test_a_link_that_is_over_says_nothing(
    end: str, offered: ProviderInvitation, petra: User
) -> None:
    link = link_of(offered)
    if end == "late":
        ProviderInvitation.objects.update(
            expires_at=timezone.now() - dt.timedelta(seconds=1)
        )
    elif end == "withdrawn":
        provider_invitations.withdraw(offered, by=petra)
    elif end == "renewed":
        link_of(offered)
    else:
        factories.make_provider("Southgate")
        link = link.replace("northgate", "southgate")

    found, nowhere = Client().get(link), Client().get("/join-provider/nowhere/x/")

    assert found.status_code == nowhere.status_code == 404
    assert found.content == nowhere.content
    assert join(link).status_code == 404
    assert not User.objects.filter(email=NORA).exists()


def test_only_a_hash_of_the_link_is_stored(offered: ProviderInvitation) -> None:
    token = link_of(offered).rstrip("/").rpartition("/")[2]

    row = ProviderInvitation.objects.values().get()

    assert token not in str(row)
    assert len(row["token_hash"]) == 64


def test_somebody_else_who_is_signed_in_does_not_take_it(
    offered: ProviderInvitation, ana: User
) -> None:
    link, browser = link_of(offered), browser_of(ana)
    assert "You are signed in as ana@" in browser.get(link).content.decode()

    browser.post(link)

    assert not Staff.objects.filter(user=ana, role="manager").exists()
    assert "_auth_user_id" not in browser.session
    assert Client().get(link).status_code == 200


def test_who_has_an_account_signs_in_to_accept(offered: ProviderInvitation) -> None:
    nora, link = factories.make_user(NORA, "Nora Lind"), link_of(offered)
    assert "Sign in to accept" in Client().get(link).content.decode()
    assert Client().post(link, {"name": "X", "password": "x" * 20}).status_code == 422

    assert browser_of(nora).post(link)["Location"] == "/p/northgate/"

    assert post_of(nora).role == "manager"


def test_a_weak_password_makes_no_account(offered: ProviderInvitation) -> None:
    answer = Client().post(link_of(offered), {"name": "Nora", "password": "short"})

    assert answer.status_code == 422
    assert not User.objects.filter(email=NORA).exists()


@pytest.mark.parametrize("token", ["x", "%00", "%ED%A0%80", "x" * 2000])
def test_a_made_up_link_is_not_found(token: str, petra: User) -> None:
    assert Client().get(f"/join-provider/northgate/{token}/").status_code == 404


def test_the_mail_goes_out_with_the_commit(
    petra: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    path = "/p/northgate/people/invite/"
    with django_capture_on_commit_callbacks(execute=True):
        browser_of(petra).post(path, {"email": NORA, "role": "analyst"})

    assert mail.outbox[0].to == [NORA]
    assert ProviderInvitation.objects.get().mailed_at


def test_a_mail_that_did_not_go_out_is_named_and_sent_again(
    petra: User,
    offered: ProviderInvitation,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    def away(*_: object) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(locmem.EmailBackend, "send_messages", away)
        assert not provider_invitations.send(offered.pk)
    browser = browser_of(petra)
    page = browser.get("/p/northgate/people/").content.decode()
    assert "The mail has not gone out." in page

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/p/northgate/people/invitations/{offered.pk}/send/")

    page = browser.get("/p/northgate/people/").content.decode()
    assert "The mail has not gone out." not in page
    assert len(mail.outbox) == 1


def test_an_address_is_invited_once_at_a_time(
    offered: ProviderInvitation, petra: User
) -> None:
    page = browser_of(petra).post(
        "/p/northgate/people/invite/",
        {"email": NORA.upper(), "role": "analyst"},
        follow=True,
    )

    assert "This address is invited already." in page.content.decode()
    assert ProviderInvitation.objects.count() == 1
