"""The look of a provider: on its customers' pages and mails, and on nobody else's."""

import io
import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pytest_django import Settings

from common.errors import NotAllowed
from tenants.models import Membership, Provider, ProviderLogo, Role, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import branding, groups, invitations, seats, staffing
from tenants.services.branding import Look
from tenants.services.people import Offer
from tests import factories
from tests.tenants.provider.conftest import browser_of, link_of, post_of, recorded

SET, PAGE = "/p/northgate/brand/set/", "/p/northgate/brand/"
HOSTILE = "<b>{{ 7919|add:1 }}{% debug %}"
LOOK = {
    "product_name": "Northgate Watch",
    "accent": "#7b2cbf",
    "mail_name": "Northgate Security",
}


def logo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (200, 50), "#7b2cbf").save(out, format="PNG")
    return SimpleUploadedFile("../../x.svg", out.getvalue(), "image/svg+xml")


@pytest.fixture
def branded(petra: User, northgate: Provider) -> Provider:
    """Northgate has a name, a colour, a logo and a sender."""
    browser_of(petra).post(SET, {**LOOK, "logo": logo()})
    northgate.refresh_from_db()
    return northgate


def files(page: str) -> list[str]:
    return re.findall(r'"(/brand/[^"]+)"', page)


def test_customers_see_it_and_strangers_do_not(
    branded: Provider, otto: User, ana: User
) -> None:
    for user, path in ((otto, "/w/northmill/"), (ana, "/p/northgate/")):
        page = browser_of(user).get(path).content.decode()
        assert "Northgate Watch</title>" in page
        assert len(files(page)) == 2
        assert "Sightline</title>" not in page
    southgate = factories.make_provider("Southgate")
    sam = factories.make_user("sam@southmill.example", "Sam Reed")
    other = factories.make_workspace(southgate, "Southmill")
    factories.make_member(other, sam, role=Role.AUDITOR)
    for found in (
        browser_of(sam).get("/w/southmill/"),
        browser_of(sam).get("/w/northmill/"),
        Client().get("/accounts/login/"),
    ):
        page = found.content.decode()
        assert "Northgate" not in page
        assert "Sightline" in page
        assert files(page) == []


def test_error_pages_of_a_workspace_have_it_too(branded: Provider, otto: User) -> None:
    browser = browser_of(otto)

    missing = browser.get("/w/northmill/exposures/SL-999/")
    refused = browser.post("/w/northmill/runs/start/")

    for found, status in ((missing, 404), (refused, 403)):
        assert found.status_code == status
        assert "Northgate Watch</title>" in found.content.decode()


def test_its_files_are_small_final_and_need_no_session(
    branded: Provider, otto: User
) -> None:
    page = browser_of(otto).get("/w/northmill/").content.decode()

    css, png = (Client().get(path) for path in sorted(files(page)))
    if css["Content-Type"] == "image/png":
        css, png = png, css

    assert "--act:#7b2cbf" in css.content.decode()
    assert png.content.startswith(b"\x89PNG")
    assert len(css.content) + len(png.content) < 10_000
    for found, kind in ((css, "text/css; charset=utf-8"), (png, "image/png")):
        assert found["Content-Type"] == kind
        assert found["X-Content-Type-Options"] == "nosniff"
        assert found["Cache-Control"] == "private, max-age=31536000, immutable"


def test_nobody_can_tell_from_the_files_which_providers_there_are(
    branded: Provider, otto: User
) -> None:
    page = browser_of(otto).get("/w/northmill/").content.decode()
    southgate = factories.make_provider("Southgate")
    nowhere = Client().get(f"/brand/{southgate.pk}/{'0' * 40}.css")

    for path in files(page):
        key = path.rpartition("/")[2].partition(".")[0]
        for wrong in (
            path.replace(key, "0" * 40),
            path.replace(key, branded.logo_hash[:40]),
            path.replace(str(branded.pk), str(southgate.pk)),
            path.replace(".css", ".svg").replace(".png", ".svg"),
            path.replace(key, key[:-1]),
            path.replace(".css", ".png") if path.endswith("css") else path + "x",
        ):
            found = Client().get(wrong)
            assert (found.status_code, found.content) == (404, nowhere.content)
        assert Client().post(path).status_code in {403, 405}


def test_an_old_address_ends_with_another_look(
    branded: Provider, petra: User, otto: User
) -> None:
    old = files(browser_of(otto).get("/w/northmill/").content.decode())

    browser_of(petra).post(SET, {**LOOK, "accent": "#005f5f", "no_logo": "on"})

    assert [Client().get(path).status_code for path in old] == [404, 404]
    assert not ProviderLogo.objects.exists()
    page = browser_of(otto).get("/w/northmill/").content.decode()
    assert len(files(page)) == 1


@pytest.mark.parametrize(
    "name", [HOSTILE, '" autofocus onfocus="x', "%s {0.__class__}"]
)
def test_a_name_is_shown_as_it_is_and_runs_nothing(
    name: str, petra: User, otto: User, northgate: Provider
) -> None:
    """Row 26 and stored XSS: page, title, mail."""
    name = name[:40]
    browser_of(petra).post(SET, {"product_name": name})
    northgate.refresh_from_db()
    assert northgate.product_name == name

    page = browser_of(otto).get("/w/northmill/").content.decode()
    row = staffing.invite("x@y.example", "analyst", name="", by=post_of(petra))
    join = Client().get(link_of(row)).content.decode()

    for text in (page, join):
        assert "<b>" not in text
        assert 'autofocus onfocus="x' not in text
        assert "7920" not in text
        assert "SECRET_KEY" not in text
    sent = mail.outbox[-1]
    assert name in str(sent.body)
    assert "\n" not in sent.subject
    assert "<b>" not in str(sent.alternatives)


def test_an_invited_person_sees_whom_the_invitation_is_from(
    branded: Provider, petra: User
) -> None:
    row = staffing.invite("x@y.example", "analyst", name="", by=post_of(petra))

    page = Client().get(link_of(row)).content.decode()

    assert "Northgate Watch</title>" in page
    assert "in Northgate Watch as provider analyst" in str(mail.outbox[-1].body)
    gone = Client().get("/join-provider/northgate/x/").content.decode()
    assert "Northgate" not in gone


def test_mails_have_the_sender_and_our_address(
    branded: Provider, ida: User, northmill: Workspace
) -> None:
    Membership.objects.filter(user=ida).update(is_admin=True)
    with workspace_scope(northmill.pk):
        by = Membership.objects.select_related("user", "workspace__provider").get(
            user=ida
        )
        row = invitations.invite(
            "new@northmill.example", Offer("portal"), name="", by=by, sites=frozenset()
        )
        invitations.send(row.pk)

    assert mail.outbox[-1].from_email == "Northgate Security <sightline@localhost>"
    assert "invites you to Northgate Watch" in str(mail.outbox[-1].body)


def test_account_mails_have_the_look_of_the_one_provider_a_person_knows(
    branded: Provider, otto: User
) -> None:
    Client().post("/accounts/password/reset/", {"email": otto.email})

    sent = mail.outbox[-1]
    assert sent.subject == "Choose a new password for Northgate Watch"
    assert sent.from_email == "Northgate Security <sightline@localhost>"
    mail.outbox.clear()
    southgate = factories.make_provider("Southgate")
    other = factories.make_workspace(southgate, "Southmill")
    factories.make_member(other, otto, role=Role.AUDITOR)
    Client().post("/accounts/password/reset/", {"email": otto.email})
    assert mail.outbox[-1].subject == "Choose a new password for Sightline"


def test_an_address_needs_a_domain_that_the_operator_lists(
    petra: User, northgate: Provider, settings: Settings
) -> None:
    fields = {**LOOK, "mail_address": "soc@northgate.example"}
    page = browser_of(petra).post(SET, fields)
    assert page.status_code == 422
    assert "Mails cannot be sent from this domain" in page.content.decode()

    settings.SENDER_DOMAINS = frozenset({"northgate.example"})
    browser_of(petra).post(SET, fields)

    northgate.refresh_from_db()
    assert branding.sender_of(northgate) == "Northgate Security <soc@northgate.example>"
    settings.SENDER_DOMAINS = frozenset()
    assert branding.sender_of(northgate) == "Northgate Security <sightline@localhost>"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "#ff8800"),
        ("accent", "red"),
        ("accent_dark", "#000000"),
        ("mail_name", "ceo@bank.example"),
        ("mail_name", "X\r\nBcc: all@evil.example"),
        ("mail_address", "nobody"),
        ("mail_address", "a@b.example\r\nBcc: x@evil.example"),
        ("product_name", "x" * 41),
        ("product_name", "A\0B"),
    ],
)
def test_what_will_not_do_changes_nothing_and_is_named(
    field: str, value: str, branded: Provider, petra: User
) -> None:
    page = browser_of(petra).post(SET, {**LOOK, field: value})

    assert page.status_code == 422
    assert "Nothing was changed" in page.content.decode()
    assert f'name="{field}"' in page.content.decode()
    assert len(recorded()) == 1
    kept = Provider.objects.get(pk=branded.pk)
    assert (kept.product_name, kept.accent) == ("Northgate Watch", "#7b2cbf")


def test_a_picture_that_is_none_is_refused_on_the_page(
    petra: User, northgate: Provider
) -> None:
    svg = SimpleUploadedFile("x.png", b"<svg onload='alert(1)'/>", "image/png")

    page = browser_of(petra).post(SET, {**LOOK, "logo": svg})

    assert page.status_code == 422
    assert "This is no PNG, JPEG or WebP picture." in page.content.decode()
    assert not ProviderLogo.objects.exists()


def test_only_administrators_set_it(branded: Provider, mia: User, ana: User) -> None:
    for user in (mia, ana):
        assert browser_of(user).get(PAGE).status_code == 403
        assert browser_of(user).post(SET, LOOK).status_code == 403
        with pytest.raises(NotAllowed):
            branding.set_look(Look(), by=post_of(user))
    assert recorded() == ["Petra Voss changed the look."]


def test_it_costs_no_question_to_the_database(petra: User, otto: User) -> None:
    browser, path = browser_of(otto), "/w/northmill/people/"
    browser.get(path)  # the session knows from now on when it was seen
    with CaptureQueriesContext(connection) as plain:
        browser.get(path)
    browser_of(petra).post(SET, {**LOOK, "logo": logo()})

    with CaptureQueriesContext(connection) as branded:
        assert len(files(browser.get(path).content.decode())) == 2

    assert len(branded) == len(plain)


def test_a_group_has_the_look_of_its_provider(
    branded: Provider, petra: User, northmill: Workspace
) -> None:
    group = groups.make("Dairy Holding", slug="dairies", by=post_of(petra))
    row = seats.invite("lena@d.example", group, name="", by=post_of(petra))
    lena = factories.make_user(row.email, "Lena")
    seats.accept(row, user=lena)

    assert (
        "Northgate Watch</title>"
        in browser_of(lena).get("/g/dairies/").content.decode()
    )
