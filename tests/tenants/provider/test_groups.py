"""Groups: the provider makes them, and each customer decides what they see."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from common.errors import Conflict, DomainError, NotAllowed
from tenants.models import (
    Group,
    ProviderInvitation,
    ProviderRole,
    Role,
    User,
    Workspace,
)
from tenants.services import groups, provider_invitations, seats
from tests import factories
from tests.tenants.provider.conftest import (
    LENA,
    PAGE,
    agree,
    browser_of,
    employ,
    link_of,
    post_of,
    told,
)


def test_people_of_the_provider_have_no_seat_and_the_reverse(
    dairies: Group, petra: User, lena: User, ana: User
) -> None:
    with pytest.raises(NotAllowed, match="People of the provider"):
        seats.invite(ana.email, dairies, name="", by=post_of(petra))
    page = browser_of(petra).post(
        "/p/northgate/people/invite/", {"email": LENA, "role": "admin"}
    )
    assert page.status_code == 403
    row = seats.invite("new@northgate.example", dairies, name="", by=post_of(petra))
    nia = employ(dairies.provider, "New Person", ProviderRole.ANALYST)
    with pytest.raises(NotAllowed), transaction.atomic():
        seats.accept(row, user=nia)


def test_an_analyst_looks_after_no_group(ana: User, dairies: Group) -> None:
    by = post_of(ana)
    for act in (
        lambda: groups.make("X", slug="x", by=by),
        lambda: groups.rename(dairies, "X", by=by),
        lambda: groups.remove(dairies, by=by),
        lambda: seats.invite(LENA, dairies, name="", by=by),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_lower_role_withdraws_invitations_to_groups(
    dairies: Group, petra: User, mia: User
) -> None:
    row = seats.invite(LENA, dairies, name="", by=post_of(mia))

    browser_of(petra).post(
        f"/p/northgate/people/{post_of(mia).pk}/change/", {"role": "analyst"}
    )

    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_a_dissolved_group_shows_nothing_to_anybody(
    dairies: Group, lena: User, boss: Client, petra: User, northmill: Workspace
) -> None:
    agree(boss, dairies)
    row = seats.invite("otto@x.example", dairies, name="", by=post_of(petra))

    groups.remove(dairies, by=post_of(petra))

    assert browser_of(lena).get(PAGE).status_code == 404
    assert not ProviderInvitation.objects.filter(pk=row.pk).exists()
    northmill.refresh_from_db()
    assert (northmill.group_id, northmill.shares_with_group) == (None, False)
    assert "put the workspace into no group" in told(northmill)


def test_another_name_is_told_to_each_customer(
    dairies: Group, petra: User, northmill: Workspace
) -> None:
    groups.rename(dairies, "  Milk   Holding ", by=post_of(petra))

    assert "renamed the group Dairy Holding to Milk Holding" in told(northmill)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("", "x"),
        ("X" * 121, "x"),
        ("X\u202ey", "x"),
        ("X\0", "x"),
        ("X", ""),
        ("X", "../x"),
        ("X", "UPPER"),
        ("X", "x" * 10_000),
        ("X", "dairies"),
    ],
)
def test_a_group_that_cannot_be_is_refused(
    name: str, slug: str, petra: User, dairies: Group
) -> None:
    with pytest.raises(DomainError):
        groups.make(name, slug=slug, by=post_of(petra))


def test_the_database_keeps_groups_to_one_provider(
    dairies: Group, northmill: Workspace
) -> None:
    southgate = factories.make_provider("Southgate")
    theirs = Group.objects.create(provider=southgate, slug="theirs", name="Theirs")

    Workspace.objects.filter(pk=northmill.pk).update(group=theirs)

    with (
        pytest.raises(IntegrityError, match="group_of_the_same_provider"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Workspace.objects.filter(pk=northmill.pk).update(group=dairies)


def test_a_seat_is_taken_once(dairies: Group, lena: User, petra: User) -> None:
    with pytest.raises(Conflict):
        seats.invite(LENA, dairies, name="", by=post_of(petra))


def test_a_person_with_a_seat_starts_at_the_group(lena: User, dairies: Group) -> None:
    browser = browser_of(lena)

    assert browser.get("/")["Location"] == PAGE
    assert "Dairy Holding" in browser.get("/switch/").content.decode()


def test_the_roll_up_of_the_provider_shows_one_group(
    dairies: Group, ana: User, petra: User, eastholm: Workspace
) -> None:
    factories.make_member(eastholm, ana, role=Role.ANALYST)
    groups.place(eastholm, None, by=post_of(petra))
    browser = browser_of(ana)

    both, one, unknown = (
        [row.name for row in browser.get(f"/customers/{asked}").context["customers"]]
        for asked in ("", "?group=dairies", "?group=nowhere")
    )

    assert sorted(both) == sorted(unknown) == ["Eastholm Brewing", "Northmill Dairy"]
    assert one == ["Northmill Dairy"]


def test_an_invitation_to_a_group_says_what_it_shows(
    dairies: Group, petra: User
) -> None:
    row = seats.invite(LENA, dairies, name="", by=post_of(petra))

    page = Client().get(link_of(row)).content.decode()

    assert "Northgate invites you to Dairy Holding" in page
    assert "and no workspace" in page
    provider_invitations.withdraw(row, by=petra)


def test_a_group_that_is_gone_meanwhile_takes_nobody(
    dairies: Group, petra: User, northmill: Workspace
) -> None:
    """Two administrators at once: one dissolves what the other fills."""
    row = seats.invite(LENA, dairies, name="", by=post_of(petra))
    known = Group.objects.get(pk=dairies.pk)
    lena = factories.make_user(LENA, "Lena")
    groups.remove(dairies, by=post_of(petra))

    with pytest.raises(Conflict), transaction.atomic():
        groups.place(northmill, known, by=post_of(petra))
    with pytest.raises(Conflict), transaction.atomic():
        seats.accept(row, user=lena)
