"""Who works for a provider: decided by its administrators, and undone at once."""

import datetime as dt
import uuid

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from common.errors import DomainError, InvalidInput, NotAllowed
from tenants.models import (
    ActingAs,
    Invitation,
    Membership,
    Provider,
    ProviderInvitation,
    ProviderRole,
    Role,
    Staff,
    User,
    Workspace,
)
from tenants.scope import workspace_scope
from tenants.services import acting, people, staffing
from tests import factories
from tests.sign_in.conftest import sign_in
from tests.tenants.provider.conftest import (
    browser_of,
    employ,
    post_of,
    recorded,
    told,
)

PAGE = "/p/northgate/people/"


def test_an_employee_who_is_let_go_is_out_everywhere_at_once(
    petra: User, mia: User, otto: User, northmill: Workspace, eastholm: Workspace
) -> None:
    """Row 38 and T7: a session, access or look that lives on after the role is lost."""
    factories.make_member(eastholm, mia, role=Role.ANALYST)
    browser = Client()
    sign_in(browser, mia)
    with workspace_scope(northmill.pk):
        member = Membership.objects.select_related("user", "workspace").get(
            user=mia, workspace=northmill
        )
        acting.begin(otto.pk, by=member, reason="Otto misses a finding.")
    assert browser.get("/w/eastholm/").status_code == 200

    ended = staffing.remove(post_of(mia).pk, by=post_of(petra))

    assert ended == 2
    assert browser.get("/w/northmill/")["Location"].startswith("/accounts/login/")
    again = browser_of(mia)
    for path in ("/w/northmill/", "/w/eastholm/", "/p/northgate/", PAGE):
        assert again.get(path).status_code == 404
    assert not Membership.objects.filter(user=mia).exists()
    with workspace_scope(northmill.pk):
        assert not ActingAs.objects.filter(ended_at=None).exists()
    for place in (northmill, eastholm):
        assert "Mia Sand works for Northgate no more" in told(place)
    assert recorded() == ["Petra Voss ended the employment of Mia Sand."]


def test_nobody_gets_in_on_the_word_of_somebody_who_has_left(
    petra: User, northgate: Provider, northmill: Workspace
) -> None:
    paul = employ(northgate, "Paul Birk", ProviderRole.ADMIN)
    offered = staffing.invite("puppet@evil.example", "admin", name="", by=post_of(paul))
    with workspace_scope(northmill.pk):
        Invitation.objects.create(
            email="owner@evil.example",
            role=Role.AUDITOR,
            token_hash="e" * 64,
            invited_by=paul,
            expires_at=timezone.now() + dt.timedelta(days=7),
        )

    staffing.remove(post_of(paul).pk, by=post_of(petra))

    offered.refresh_from_db()
    assert offered.state == "withdrawn"
    with workspace_scope(northmill.pk):
        assert Invitation.objects.get().state == "withdrawn"
    assert "Paul Birk has left the provider" in told(northmill)


def test_a_lower_role_lowers_open_access(
    petra: User, mia: User, northmill: Workspace
) -> None:
    staffing.change(post_of(mia).pk, "analyst", by=post_of(petra))

    assert Membership.objects.get(user=mia).role == Role.ANALYST
    assert "Mia Sand of Northgate is provider analyst from now on" in told(northmill)
    assert recorded() == ["Petra Voss made Mia Sand provider analyst."]
    with pytest.raises(NotAllowed):
        people.open_access(
            northmill,
            to=mia,
            role="manager",
            time=dt.timedelta(hours=1),
            reason="x",
            by=post_of(mia),
        )


def test_a_lower_role_withdraws_what_it_might_not_offer(
    petra: User, northgate: Provider
) -> None:
    paul = employ(northgate, "Paul Birk", ProviderRole.ADMIN)
    offered = staffing.invite("puppet@evil.example", "admin", name="", by=post_of(paul))

    staffing.change(post_of(paul).pk, "manager", by=post_of(petra))

    offered.refresh_from_db()
    assert offered.state == "withdrawn"


def test_a_person_of_a_customer_is_not_employed_and_the_reverse(
    petra: User, ida: User, ana: User, northmill: Workspace
) -> None:
    with pytest.raises(NotAllowed, match="People of a customer"):
        staffing.invite(ida.email, "analyst", name="", by=post_of(petra))
    offered = staffing.invite(
        "nora@northgate.example", "analyst", name="", by=post_of(petra)
    )
    nora = factories.make_user(offered.email, "Nora Lind")
    factories.make_member(northmill, nora, role=Role.AUDITOR)

    with pytest.raises(NotAllowed, match="People of a customer"), transaction.atomic():
        staffing.accept(offered, user=nora)
    assert not Staff.objects.filter(user=nora).exists()


@pytest.mark.parametrize(
    ("email", "role", "name"),
    [
        ("nora", "analyst", ""),
        ("nora@x.example\r\nBcc: all@evil.example", "analyst", ""),
        ("n\0ra@northgate.example", "analyst", ""),
        ("nora@northg\u0430te.example", "analyst", ""),
        ("nora@northgate.example", "root", ""),
        ("nora@northgate.example", "owner", ""),
        ("nora@northgate.example", "", ""),
        ("nora@northgate.example", "analyst", "N" * 10_000),
        ("nora@northgate.example", "analyst", "Nora\u202e"),
        ("ana@northgate.example", "analyst", ""),
        ("ANA@northgate.example ", "analyst", ""),
    ],
)
def test_a_post_that_cannot_be_is_refused(
    email: str, role: str, name: str, petra: User, ana: User
) -> None:
    with pytest.raises(DomainError), transaction.atomic():
        staffing.invite(email, role, name=name, by=post_of(petra))

    assert not ProviderInvitation.objects.exists()


def test_who_is_somebody_else_by_now_decides_nothing(
    petra: User, northgate: Provider, ana: User
) -> None:
    """The page knew an administrator; the database knows better."""
    paul = employ(northgate, "Paul Birk", ProviderRole.ADMIN)
    before = post_of(paul)
    Staff.objects.filter(user=paul).update(role=ProviderRole.ANALYST)

    with pytest.raises(NotAllowed):
        staffing.remove(post_of(ana).pk, by=before)
    with pytest.raises(NotAllowed):
        staffing.invite("x@northgate.example", "admin", name="", by=before)
    Staff.objects.filter(user=paul).delete()
    with pytest.raises(NotAllowed, match="work here"):
        staffing.change(post_of(ana).pk, "admin", by=before)


def test_the_page_is_the_administrators_to_change_and_everybodys_to_read(
    petra: User, ana: User, otto: User
) -> None:
    for user, buttons in ((petra, True), (ana, False)):
        page = browser_of(user).get(PAGE).content.decode()
        assert "Ana Torres" in page
        assert ("Invite a colleague" in page) is buttons
        assert ("End the employment" in page) is buttons
    assert browser_of(otto).get(PAGE).status_code == 404
    browser = browser_of(ana)
    path = f"{PAGE}{post_of(petra).pk}/remove/"
    assert browser.post(path).status_code == 403
    assert browser_of(petra).post(path).status_code == 403  # the own one


def test_roles_of_the_provider_need_a_second_factor_everywhere(
    petra: User, ana: User
) -> None:
    path = f"{PAGE}second-factor/"
    assert browser_of(ana).post(path, {"roles": ["analyst"]}).status_code == 403
    browser_of(petra).post(path, {"roles": ["root"]})
    browser_of(petra).post(path, {"roles": ["analyst"]})

    browser = browser_of(ana)
    for page in ("/p/northgate/", "/customers/", "/w/northmill/", PAGE):
        assert browser.get(page)["Location"] == "/accounts/factors/?required=1", page
    assert browser_of(petra).get("/p/northgate/").status_code == 200
    assert recorded() == ["Petra Voss changed which colleagues need a second factor."]


def test_the_record_is_added_to_and_read_only(petra: User, ana: User) -> None:
    staffing.remove(post_of(ana).pk, by=post_of(petra))

    for statement in (
        "UPDATE tenants_providerevent SET text = 'x'",
        "DELETE FROM tenants_providerevent",
        "TRUNCATE tenants_providerevent",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    page = browser_of(petra).get("/p/northgate/record/").content.decode()
    assert "Petra Voss ended the employment of Ana Torres." in page


def test_the_record_of_another_provider_is_not_shown(petra: User, ana: User) -> None:
    southgate = factories.make_provider("Southgate")
    sam = employ(southgate, "Sam Reed", ProviderRole.ADMIN)
    staffing.remove(post_of(ana).pk, by=post_of(petra))

    page = browser_of(sam).get("/p/southgate/record/").content.decode()

    assert "Petra Voss" not in page
    assert "Nothing was changed yet" in page


def test_an_unknown_colleague_is_not_found(petra: User) -> None:
    with pytest.raises(Staff.DoesNotExist):
        staffing.remove(uuid.uuid4(), by=post_of(petra))
    with pytest.raises(InvalidInput):
        staffing.change(uuid.uuid4(), "root", by=post_of(petra))


def test_a_browser_without_a_token_of_the_form_changes_nothing(
    petra: User, ana: User
) -> None:
    browser = factories.signed_in(Client(enforce_csrf_checks=True), petra)

    found = browser.post(f"{PAGE}{post_of(ana).pk}/remove/")

    assert found.status_code == 403
    assert Staff.objects.filter(user=ana).exists()
