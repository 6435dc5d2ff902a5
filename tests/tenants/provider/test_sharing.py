"""What a group sees of a customer: counts, while an administrator of it agrees."""

import pytest
from django.test import Client

from common.errors import Conflict
from tenants.models import (
    Group,
    GroupSeat,
    Membership,
    Portal,
    Provider,
    User,
    Workspace,
)
from tenants.scope import workspace_scope
from tenants.services import groups, seats, sharing
from tests import factories
from tests.tenants.provider.conftest import (
    LENA,
    PAGE,
    agree,
    browser_of,
    join,
    link_of,
    post_of,
    recorded,
    seen,
    told,
)


def test_a_customer_appears_when_its_administrator_agrees_and_no_sooner(
    dairies: Group, lena: User, boss: Client, northmill: Workspace
) -> None:
    assert "No company shares its counts yet" in seen(lena)

    agree(boss, dairies)

    page = seen(lena)
    assert "Northmill Dairy" in page
    assert "Eastholm" not in page
    assert "lets the group see the counts: Dairy Holding" in told(northmill)


def test_it_is_gone_the_moment_it_is_withdrawn(
    dairies: Group, lena: User, boss: Client, northmill: Workspace
) -> None:
    agree(boss, dairies)

    boss.post("/w/northmill/group/withdraw/")

    assert "Northmill" not in seen(lena)
    assert "does not let the group see the counts" in told(northmill)


@pytest.mark.parametrize("level", [Portal.READ, Portal.OFF])
def test_consent_can_be_withdrawn_however_far_the_portal_is_closed(
    level: Portal, dairies: Group, lena: User, boss: Client, northmill: Workspace
) -> None:
    """The provider closes the portal: it must not be able to hold the consent fast."""
    agree(boss, dairies)
    Workspace.objects.filter(pk=northmill.pk).update(portal=level)
    assert agree(boss, dairies).status_code == 403
    assert "Stop sharing" in boss.get("/w/northmill/group/").content.decode()

    assert boss.post("/w/northmill/group/withdraw/").status_code == 302

    assert "Northmill" not in seen(lena)


@pytest.mark.parametrize("who", ["ana", "otto", "mia", "mallory"])
def test_nobody_but_an_administrator_of_the_customer_agrees(
    who: str, dairies: Group, request: pytest.FixtureRequest, northmill: Workspace
) -> None:
    """The provider cannot consent for its customer, and neither can another customer."""
    user = request.getfixturevalue(who)

    assert agree(browser_of(user), dairies).status_code in {403, 404}

    northmill.refresh_from_db()
    assert not northmill.shares_with_group


def test_consent_is_for_one_group(
    dairies: Group,
    lena: User,
    boss: Client,
    petra: User,
    northmill: Workspace,
    northgate: Provider,
) -> None:
    agree(boss, dairies)
    other = groups.make("Breweries", slug="breweries", by=post_of(petra))

    groups.place(northmill, other, by=post_of(petra))

    northmill.refresh_from_db()
    assert not northmill.shares_with_group
    assert "Northmill" not in seen(lena)
    agree(boss, dairies)  # an old page
    northmill.refresh_from_db()
    assert not northmill.shares_with_group


def test_the_page_counts_what_the_provider_counts(
    dairies: Group, lena: User, boss: Client, northmill: Workspace
) -> None:
    agree(boss, dairies)
    with workspace_scope(northmill.pk):
        site = factories.make_site()
        factories.make_run(factories.make_authorisation(site, signed_by=None))

    row = browser_of(lena).get(PAGE).context["rows"][0]

    assert (row.name, row.lines, row.units, row.waits) == (
        "Northmill Dairy",
        None,
        None,
        0,
    )
    assert row.authorised.text == "not signed"


def test_who_sits_in_the_group_is_in_the_ledger_of_who_shares(
    dairies: Group, boss: Client, petra: User, northmill: Workspace, eastholm: Workspace
) -> None:
    agree(boss, dairies)
    row = seats.invite(LENA, dairies, name="", by=post_of(petra))
    join(link_of(row), name="Lena Moser")
    seat = GroupSeat.objects.select_related("user", "group__provider").get()

    assert "Lena Moser" in boss.get("/w/northmill/group/").content.decode()
    seats.end(seat, by=post_of(petra))

    assert "Lena Moser sees the counts in Dairy Holding." in told(northmill)
    assert "Lena Moser sees the counts in Dairy Holding no more." in told(northmill)
    assert "Lena" not in told(eastholm)
    assert "Petra Voss ended the seat of Lena Moser." in recorded()


def test_sharing_with_nobody_is_refused(
    boss: Client, northmill: Workspace, dairies: Group, petra: User, ida: User
) -> None:
    groups.place(northmill, None, by=post_of(petra))
    row = Membership.objects.select_related("workspace", "user").get(user=ida)

    with workspace_scope(northmill.pk), pytest.raises(Conflict):
        sharing.share(dairies.pk, by=row)
    page = boss.get("/w/northmill/group/").content.decode()
    assert "Northmill Dairy is in no group" in page
