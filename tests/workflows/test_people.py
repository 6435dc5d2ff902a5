"""Places: changed, removed and let in for a time, by the rules only."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from common.errors import DomainError, InvalidInput, NotAllowed
from exposure.models import Site
from tenants.models import (
    LedgerDetail,
    Membership,
    Provider,
    Role,
    Side,
    Staff,
    User,
    Visit,
    Workspace,
)
from tenants.services import people, workspaces
from tenants.services.people import Offer
from tests import factories
from tests.workflows.conftest import member

pytestmark = pytest.mark.usefixtures("in_northmill")
NONE: frozenset[uuid.UUID] = frozenset()
NEW = "nora@northmill.example"


def admin(user: User) -> Membership:
    Membership.objects.filter(user=user).update(is_admin=True)
    return member(user)


def told() -> str:
    return " ".join(bytes(row.body).decode() for row in LedgerDetail.objects.all())


def test_nobody_promotes_themselves(ida: User, otto: User) -> None:
    """P2: the privilege ladder."""
    boss = admin(ida)
    for offer in (Offer("approver", is_admin=True), Offer("portal")):
        with pytest.raises(NotAllowed, match="the own place"):
            people.change(ida.pk, offer, by=boss, sites=NONE)
    with pytest.raises(NotAllowed):
        people.change(
            otto.pk, Offer("approver", is_admin=True), by=member(otto), sites=NONE
        )


def test_the_last_administrator_stays(ida: User, otto: User, ana: User) -> None:
    boss = admin(ida)
    with pytest.raises(NotAllowed, match="last administrator"):
        people.leave(by=boss)
    other = people.change(
        otto.pk, Offer("owner", "ot", is_admin=True), by=boss, sites=NONE
    )

    people.remove(ida.pk, by=member(otto))

    assert other.is_admin
    with pytest.raises(NotAllowed, match="last administrator"):
        people.leave(by=member(otto))


def test_the_provider_decides_nothing_about_people_once_somebody_leads(
    ida: User, otto: User, northmill: Workspace
) -> None:
    mia = factories.make_user("mia@northgate.example", "Mia Sand")
    factories.make_member(northmill, mia, role=Role.MANAGER)
    people.change(otto.pk, Offer("owner", "it"), by=member(mia), sites=NONE)
    admin(ida)

    with pytest.raises(NotAllowed, match="administrators decide"):
        people.change(otto.pk, Offer("owner", "ot"), by=member(mia), sites=NONE)
    with pytest.raises(NotAllowed, match="administrators decide"):
        people.remove(otto.pk, by=member(mia))


def test_a_removed_person_is_out_at_once_with_a_session_open(
    ida: User, otto: User
) -> None:
    """Row 18: session kept after role loss."""
    browser = factories.signed_in(Client(), otto)
    assert browser.get("/w/northmill/").status_code == 200

    factories.signed_in(Client(), ida)
    admin(ida)
    people.remove(otto.pk, by=member(ida))

    assert browser.get("/w/northmill/").status_code == 404


def test_an_administrator_ends_access_of_the_provider_at_once(
    ida: User, ana: User, otto: User
) -> None:
    browser = factories.signed_in(Client(), ana)
    assert browser.get("/w/northmill/").status_code == 200
    with pytest.raises(NotAllowed):
        people.end_access(ana.pk, by=member(otto))

    people.end_access(ana.pk, by=admin(ida))

    assert browser.get("/w/northmill/").status_code == 404
    assert "ended the access of Ana Torres" in told()


def test_access_ends_by_itself_without_any_job(ana: User) -> None:
    browser = factories.signed_in(Client(), ana)
    Membership.objects.filter(user=ana).update(expires_at=timezone.now())

    assert browser.get("/w/northmill/").status_code == 404


def test_the_customer_reads_who_was_here_and_why(ana: User, otto: User) -> None:
    factories.signed_in(Client(), ana).get("/w/northmill/exposures/")

    page = factories.signed_in(Client(), otto).get("/w/northmill/people/")

    assert Visit.objects.get().user == ana
    assert "Ana Torres, in the hour from" in page.content.decode()
    assert "Looks after the plant." in page.content.decode()
    assert "Ana Torres of Northgate was here." in told()


def staff(user: User) -> Staff:
    return Staff.objects.select_related("user", "provider").get(user=user)


def let_in(by: User, to: User, workspace: Workspace, **values: object) -> Membership:
    given = {"role": "analyst", "time": dt.timedelta(hours=8), "reason": "Alarm 12."}
    return people.open_access(workspace, to=to, by=staff(by), **{**given, **values})  # type: ignore[arg-type]  # test values


def test_the_own_access_takes_a_reason_and_lasts_a_day_at_most(
    ana: User, northmill: Workspace
) -> None:
    row = let_in(ana, ana, northmill)
    assert row.expires_at is not None
    assert row.expires_at - timezone.now() < dt.timedelta(hours=8)

    for wrong in (
        {"reason": "  "},
        {"time": dt.timedelta(days=2)},
        {"time": dt.timedelta(0)},
    ):
        with pytest.raises(InvalidInput):
            let_in(ana, ana, northmill, **wrong)
    with pytest.raises(NotAllowed, match="above the own level"):
        let_in(ana, ana, northmill, role="manager")


def test_an_analyst_lets_no_colleague_in_and_nobody_lets_a_customer_in(
    ana: User, ida: User, northmill: Workspace, eastholm: Workspace
) -> None:
    nia = factories.make_user("nia@northgate.example", "Nia Holm")
    Staff.objects.create(provider=northmill.provider, user=nia, role="manager")
    with pytest.raises(NotAllowed):
        let_in(ana, nia, northmill)
    with pytest.raises(Staff.DoesNotExist):
        let_in(nia, ida, northmill)
    southgate = Provider.objects.create(slug="southgate", name="Southgate")
    theirs = factories.make_workspace(southgate, "Southmill")
    with pytest.raises(NotAllowed):
        let_in(nia, nia, theirs)


@pytest.mark.parametrize(
    ("name", "slug", "zone"),
    [
        ("", "x", "UTC"),
        ("X", "UPPER", "UTC"),
        ("X", "a/b", "UTC"),
        ("X", "-x", "UTC"),
        ("X", "northmill", "UTC"),
        ("X", "x", "Mars/Base"),
        ("x" * 200, "x", "UTC"),
        ("X\u202ey", "x", "UTC"),
    ],
)
def test_a_workspace_that_cannot_be_is_refused(
    name: str, slug: str, zone: str, ana: User
) -> None:
    with pytest.raises(DomainError):
        workspaces.create(name, slug=slug, time_zone=zone, by=staff(ana))


def test_a_place_of_one_site_is_kept(ida: User, otto: User) -> None:
    site = Site.objects.create(name="Ridge plant")
    people.change(
        otto.pk,
        Offer("owner", "ot", site_ids=(site.pk,)),
        by=admin(ida),
        sites=frozenset({site.pk}),
    )

    row = Membership.objects.get(user=otto)
    assert row.site_ids == [site.pk]
    assert row.side == Side.OT


def test_another_customers_person_is_not_found(
    ida: User, mallory: User, eastholm: Workspace
) -> None:
    browser = factories.signed_in(Client(), ida)
    admin(ida)

    for act in ("change", "remove", "end"):
        found = browser.post(
            f"/w/northmill/people/{mallory.pk}/{act}/", {"role": "portal"}
        )
        assert found.status_code == 404


def test_everything_is_in_the_ledger_of_its_own_workspace_only(
    ida: User, otto: User, eastholm: Workspace
) -> None:
    people.remove(otto.pk, by=admin(ida))

    assert "Ida Larsen removed Otto Brandt." in told()
    assert uuid.UUID(str(eastholm.pk)) not in set(
        LedgerDetail.objects.values_list("workspace_id", flat=True)
    )
