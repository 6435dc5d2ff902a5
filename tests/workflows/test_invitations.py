"""Invitations: by mail, to one address, for exactly the place that was offered."""

import re
import uuid

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from common.errors import Conflict, DomainError, InvalidInput, NotAllowed
from tenants.models import (
    Invitation,
    LedgerDetail,
    Membership,
    Staff,
    User,
    Workspace,
)
from tenants.services import invitations
from tenants.services.people import Offer
from tests import factories
from tests.workflows.conftest import member

pytestmark = pytest.mark.usefixtures("in_northmill")
NONE: frozenset[uuid.UUID] = frozenset()
PORTAL = Offer(role="portal")
NEW = "nora@northmill.example"
WORDS = "quince gable turnip 41 harbour"


def admin(user: User) -> Membership:
    Membership.objects.filter(user=user).update(is_admin=True)
    return member(user)


def invite(by: Membership, email: str = NEW, offer: Offer = PORTAL) -> Invitation:
    return invitations.invite(email, offer, name="", by=by, sites=NONE)


def link_of(row: Invitation) -> str:
    """Let the mail go out and return the path in it."""
    invitations.send(row.pk)
    found = re.search(r"(/join/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def told() -> str:
    return " ".join(bytes(row.body).decode() for row in LedgerDetail.objects.all())


def test_an_invited_person_gets_an_account_and_exactly_the_place(ida: User) -> None:
    row = invite(admin(ida), offer=Offer(role="owner", side="ot"))
    link, browser = link_of(row), Client()

    page = browser.get(link)
    assert "owner for OT" in page.content.decode()
    assert not User.objects.filter(
        email=NEW
    ).exists()  # looking changes nothing: row 22
    fields = {
        "name": "Nora Lind",
        "password": WORDS,
        "role": "manager",
        "is_admin": "1",
    }
    answer = browser.post(link, fields)

    assert answer["Location"] == "/w/northmill/"
    made = Membership.objects.get(user__email=NEW)
    assert (made.role, made.side, made.is_admin) == ("owner", "ot", False)
    assert Client().get(link).status_code == 404
    assert NEW in told()


def test_no_table_holds_the_token(ida: User) -> None:
    row = invite(admin(ida))
    token = link_of(row).split("/")[-2]

    row.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM tenants_job t")
        jobs = str(cursor.fetchone())
    assert token not in str(vars(row)) + jobs + told()


@pytest.mark.parametrize("ending", ["withdrawn", "late", "wrong", "sent anew"])
def test_a_link_that_works_no_more_says_nothing(
    ending: str, ida: User, eastholm: Workspace
) -> None:
    row = invite(admin(ida))
    link = link_of(row)
    if ending == "withdrawn":
        invitations.withdraw(row.pk, by=member(ida))
    elif ending == "late":
        Invitation.objects.update(expires_at=timezone.now())
    elif ending == "wrong":
        link = link[:-3] + "xx/"
    else:
        invitations.send(row.pk)

    for answer in (
        Client().get(link),
        Client().post(link, {"name": "N", "password": WORDS}),
    ):
        assert answer.status_code == 404
        assert b"works no more" in answer.content
    assert not User.objects.filter(email=NEW).exists()


def test_somebody_else_cannot_take_the_place(ida: User, mallory: User) -> None:
    link = link_of(invite(admin(ida)))

    factories.signed_in(Client(), mallory).post(link)

    assert not Membership.objects.filter(
        user=mallory, workspace__slug="northmill"
    ).exists()
    assert Invitation.objects.get().state == "sent"


def test_who_has_an_account_signs_in_first(ida: User, mallory: User) -> None:
    link = link_of(invite(admin(ida), mallory.email))

    page = Client().get(link).content.decode()
    assert "Sign in to accept" in page
    refused = Client().post(link, {"name": "M", "password": WORDS})
    assert refused.status_code == 422

    factories.signed_in(Client(), mallory).post(link)
    assert Membership.objects.filter(user=mallory, workspace__slug="northmill").exists()


def test_a_weak_password_makes_no_account(ida: User) -> None:
    link = link_of(invite(admin(ida)))

    answer = Client().post(link, {"name": "Nora", "password": "passwordpassword1"})

    assert answer.status_code == 422
    assert not User.objects.filter(email=NEW).exists()


def test_the_provider_invites_freely_only_until_somebody_leads(
    ana: User, ida: User, otto: User
) -> None:
    first = invite(
        member(ana), "first@northmill.example", Offer("approver", is_admin=True)
    )
    assert first.state == "sent"
    boss = admin(ida)

    held = invite(member(ana))

    assert held.state == "held"
    invitations.send(held.pk)
    assert mail.outbox == []
    for somebody in (member(ana), member(otto)):
        with pytest.raises(NotAllowed, match="may not confirm invitations"):
            invitations.confirm(held.pk, by=somebody)
    assert invitations.confirm(held.pk, by=boss).state == "sent"
    with pytest.raises(NotAllowed, match="makes administrators"):
        invite(member(ana), "x@northmill.example", Offer("approver", is_admin=True))


@pytest.mark.parametrize("role", ["analyst", "manager", "root", ""])
def test_nobody_is_invited_into_the_provider(role: str, ida: User) -> None:
    with pytest.raises(DomainError):
        invite(admin(ida), offer=Offer(role=role))


def test_people_of_the_provider_get_no_place_at_the_customer(
    ida: User, northmill: Workspace
) -> None:
    """Row 6: the provider never signs for the customer, not by a second hat either."""
    nia = factories.make_user("nia@northgate.example", "Nia Holm")
    Staff.objects.create(provider=northmill.provider, user=nia, role="analyst")

    with pytest.raises(NotAllowed, match="People of the provider"):
        invite(admin(ida), nia.email)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        "a@b",
        "n\u00f6ra@northmill.example",
        "nora@n\u043erthmill.example",
        "a@b.example\r\nBcc: c@d.example",
        "x" * 250 + "@northmill.example",
    ],
)
def test_a_strange_address_is_refused(address: str, ida: User) -> None:
    """Rows 28 and 32."""
    with pytest.raises(InvalidInput):
        invite(admin(ida), address)


def test_an_address_is_invited_once_whatever_its_case(ida: User, otto: User) -> None:
    boss = admin(ida)
    invite(boss)

    with pytest.raises(Conflict, match="invited already"):
        invite(boss, " NORA@Northmill.example ")
    with pytest.raises(Conflict, match="a member already"):
        invite(boss, otto.email.upper())


def test_sites_of_another_customer_are_refused(ida: User, eastholm: Workspace) -> None:
    """T2: a foreign key in the body."""
    theirs = uuid.uuid4()
    browser = factories.signed_in(Client(), ida)
    admin(ida)

    answer = browser.post(
        "/w/northmill/people/invite/",
        {"email": NEW, "role": "portal", "sites": [str(theirs)]},
    )

    assert answer.status_code == 422
    assert not Invitation.objects.exists()
    with pytest.raises(InvalidInput, match="sites of this workspace"):
        invite(member(ida), offer=Offer("portal", site_ids=(theirs,)))
