"""What an invitation rests on: somebody who administers now, or nobody leads yet (P2)."""

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from common.errors import Conflict, NotAllowed
from tenants.models import Invitation, Membership, Role, User, Workspace
from tenants.services import invitations, people
from tenants.services.people import Offer
from tests import factories
from tests.workflows.conftest import member
from tests.workflows.test_invitations import WORDS, admin, invite, link_of

pytestmark = pytest.mark.usefixtures("in_northmill")
NONE: frozenset[uuid.UUID] = frozenset()
OWNER, BOSS = Offer("owner", side="ot"), Offer("approver", is_admin=True)
GONE, UNPROCESSABLE = 404, 422


def state_of(row: Invitation) -> str:
    row.refresh_from_db()
    return row.state


def take(link: str) -> int:
    fields = {"name": "Nora Lind", "password": WORDS}
    return Client().post(link, fields).status_code


def test_places_the_provider_offered_wait_as_soon_as_somebody_leads(ana: User) -> None:
    first = invite(member(ana), "boss@northmill.example", BOSS)
    second = invite(member(ana), "second@northmill.example", BOSS)
    owner = invite(member(ana), "owner@northmill.example", OWNER)
    links = {row.pk: link_of(row) for row in (first, second, owner)}

    assert take(links[first.pk]) == 302

    assert [state_of(row) for row in (second, owner)] == ["held", "held"]
    assert [take(links[row.pk]) for row in (second, owner)] == [GONE, GONE]
    boss = Membership.objects.get(user__email="boss@northmill.example")
    invitations.confirm(owner.pk, by=boss)
    assert take(link_of(owner)) == 302


def test_making_a_member_administrator_holds_them_too(
    ana: User, otto: User, northmill: Workspace
) -> None:
    mia = factories.make_user("mia@northgate.example", "Mia Sand")
    factories.make_member(northmill, mia, role=Role.MANAGER)
    row = invite(member(ana), offer=OWNER)

    people.change(
        otto.pk, Offer("owner", "ot", is_admin=True), by=member(mia), sites=NONE
    )

    assert state_of(row) == "held"


@pytest.mark.parametrize("fall", ["removed", "demoted", "leaves", "closed"])
def test_an_invitation_falls_with_the_administrator_who_made_it(
    fall: str, ida: User, otto: User
) -> None:
    boss, other = admin(ida), admin(otto)
    link = link_of(row := invite(boss, offer=BOSS))

    if fall == "removed":
        people.remove(ida.pk, by=other)
    elif fall == "demoted":
        people.change(ida.pk, Offer("owner", "it"), by=other, sites=NONE)
    elif fall == "leaves":
        people.leave(by=boss)
    else:
        User.objects.filter(pk=ida.pk).update(is_active=False)

    assert take(link) == GONE
    assert not User.objects.filter(email=row.email).exists()
    with pytest.raises(Conflict):
        invitations.accept(link.split("/")[-2], user=otto)
    if fall != "closed":
        invitations.confirm(row.pk, by=other)
        assert take(link_of(row)) == 302


def test_what_has_run_out_is_not_mailed_and_blocks_nobody(ida: User) -> None:
    boss = admin(ida)
    old = invite(boss)
    Invitation.objects.update(expires_at=timezone.now())

    invitations.send(old.pk)
    page = factories.signed_in(Client(), ida).get("/w/northmill/people/")
    new = invite(boss)

    assert "Ended by itself" in page.content.decode()
    assert state_of(old) == "expired"
    assert new.state == "sent"


def test_the_provider_takes_back_its_own_invitations_only(ana: User, ida: User) -> None:
    boss = admin(ida)
    theirs, ours = invite(boss), invite(member(ana), "own@northmill.example")
    confirmed = invite(member(ana), "both@northmill.example")
    invitations.confirm(confirmed.pk, by=boss)

    for row in (theirs, confirmed):
        with pytest.raises(NotAllowed, match="administrator of the customer decides"):
            invitations.withdraw(row.pk, by=member(ana))
    invitations.withdraw(ours.pk, by=member(ana))
    invitations.withdraw(theirs.pk, by=boss)


def test_what_the_page_knew_does_not_count(ida: User, otto: User) -> None:
    """A right that was taken away between reading the page and the click."""
    stale, other = admin(ida), admin(otto)
    held = invite(other)
    people.change(ida.pk, Offer("owner", "it"), by=other, sites=NONE)

    for act in (
        lambda: invite(stale, "x@northmill.example"),
        lambda: invitations.withdraw(held.pk, by=stale),
        lambda: invitations.confirm(held.pk, by=stale),
        lambda: people.remove(otto.pk, by=stale),
        lambda: people.change(otto.pk, OWNER, by=stale, sites=NONE),
    ):
        with pytest.raises(NotAllowed, match="Your role may not"):
            act()


def test_a_manager_ends_no_other_managers_access(
    ana: User, northmill: Workspace
) -> None:
    mia = factories.make_user("mia@northgate.example", "Mia Sand")
    max_ = factories.make_user("max@northgate.example", "Max Rudd")
    for user in (mia, max_):
        factories.make_member(northmill, user, role=Role.MANAGER)

    with pytest.raises(NotAllowed, match="a manager that of an analyst"):
        people.end_access(max_.pk, by=member(mia))
    people.end_access(ana.pk, by=member(mia))

    assert Membership.objects.filter(user=max_).exists()
    assert not Membership.objects.filter(user=ana).exists()


@pytest.mark.parametrize("level", ["read", "off"])
def test_an_administrator_shows_the_provider_out_however_closed_the_portal_is(
    level: str, ana: User, ida: User, otto: User, northmill: Workspace
) -> None:
    admin(ida)
    held = invite(member(ana))
    Workspace.objects.filter(pk=northmill.pk).update(portal=level)
    browser = factories.signed_in(Client(), ida)

    page = browser.get("/w/northmill/people/")
    confirmed = browser.post(f"/w/northmill/people/invitations/{held.pk}/confirm/")
    ended = browser.post(f"/w/northmill/people/{ana.pk}/end/")

    assert (page.status_code, confirmed.status_code, ended.status_code) == (
        200,
        302,
        302,
    )
    assert state_of(held) == "sent"
    assert not Membership.objects.filter(user=ana).exists()
    other = factories.signed_in(Client(), otto)
    assert other.post(f"/w/northmill/people/{ana.pk}/end/").status_code == 403
    assert (other.get("/w/northmill/people/").status_code == 403) is (level == "off")
    assert browser.post("/w/northmill/people/invite/").status_code == 403
