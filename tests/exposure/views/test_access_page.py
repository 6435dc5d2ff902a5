"""The page of credentials and vendors' access: names, and never a secret."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exposure.models import Credential, Finding, Service, VendorAccess
from tenants.models import User
from tests import factories
from tests.accesses import make_credential, make_vendor_access
from tests.exposure.views.conftest import MOST_QUERIES, Visit

SECRET = "Milk-2027-geheim"
CREDENTIAL = {
    "name": "Local admin of the cells",
    "shared": "on",
    "held_on": "PLC-P21\r\n",
    "opens": "PLC-P21",
    "basis": "imported",
    "source": "Otto Brandt, 12 November",
}
VENDOR = {
    "vendor": "Pumpwright",
    "entry": "PLC-P21",
    "entry_port": "102",
    "to_asset": "PLC-P21",
    "ports": "102, 3389",
    "basis": "imported",
    "source": "Service contract of 2 March",
    "opened": "on_request",
    "until": "2030-03-01",
}


def sent(prefix: str, finding: Finding, fields: dict[str, str]) -> dict[str, str]:
    """Return what a filled-in form sends."""
    values = {"site": str(finding.asset.site_id), **fields}
    return {f"{prefix}-{name}": value for name, value in values.items()}


def test_it_says_that_nothing_written_down_is_not_nothing_there(
    visit: Visit, otto: User, finding: Finding
) -> None:
    page = visit(otto, "access/").content.decode()

    assert "0 credentials, 0 vendor accesses" in page
    assert "it means that nobody has written it down" in page


def test_a_credential_is_described_changed_and_removed(
    visit: Visit, ana: User, finding: Finding
) -> None:
    visit(ana, "access/credentials/add/", post=sent("credential", finding, CREDENTIAL))
    row = Credential.objects.get()
    here = f"access/credentials/{row.pk}/"
    listed = visit(ana, "access/").content.decode()
    form = visit(ana, here).context["form"]
    begun = {
        name: value for name, value in form.initial.items() if value not in (False, [])
    }
    visit(
        ana,
        f"{here}change/",
        post=sent("credential", finding, {**begun, "name": "Cell admin"}),
    )
    changed = visit(ana, here).content.decode()
    visit(ana, f"{here}remove/", post={})

    assert f'href="/w/northmill/{here}"' in listed
    assert "The same password everywhere" in listed
    assert "Cell admin" in changed
    assert "PLC-P21" in changed
    assert not Credential.objects.exists()


def test_a_vendors_access_is_registered_changed_and_taken_out(
    visit: Visit, ana: User, finding: Finding
) -> None:
    visit(ana, "access/vendors/add/", post=sent("vendor", finding, VENDOR))
    row = VendorAccess.objects.get()
    here = f"access/vendors/{row.pk}/"
    listed = visit(ana, "access/").content.decode()
    form = visit(ana, here).context["form"]
    begun = {name: str(value) for name, value in form.initial.items() if value}
    visit(ana, f"{here}change/", post=sent("vendor", finding, {**begun, "mfa": "on"}))
    changed = visit(ana, here).content.decode()
    visit(ana, f"{here}remove/", post={})

    assert "port 102, 3389" in listed
    assert "102 s7" in listed  # what its entry answers with on the internet
    assert "Opened on request" in listed
    assert "no second factor known" in listed
    assert "no second factor known" not in changed
    assert not VendorAccess.objects.exists()


@pytest.mark.parametrize("field", ["password", "secret", "pin", "PASSWORD"])
def test_a_secret_that_is_sent_along_is_thrown_away(
    visit: Visit, ana: User, finding: Finding, field: str
) -> None:
    for kind, path, fields in (
        ("credential", "access/credentials/add/", CREDENTIAL),
        ("vendor", "access/vendors/add/", VENDOR),
    ):
        answer = visit(ana, path, post=sent(kind, finding, {**fields, field: SECRET}))

        assert answer.status_code == 422
        assert "A secret was sent along" in answer.content.decode()
        assert SECRET not in answer.content.decode()
    assert not Credential.objects.exists()
    assert not VendorAccess.objects.exists()


def test_no_field_of_its_forms_takes_a_secret(
    visit: Visit, ana: User, finding: Finding
) -> None:
    page = visit(ana, "access/").content.decode()

    assert 'name="credential-name"' in page
    assert 'type="password"' not in page


@pytest.mark.parametrize(
    ("path", "kind", "fields", "field"),
    [
        ("credentials", "credential", {**CREDENTIAL, "opens": "NO-SUCH"}, "opens"),
        ("credentials", "credential", {**CREDENTIAL, "name": ""}, "name"),
        ("vendors", "vendor", {**VENDOR, "ports": "ssh"}, "ports"),
        ("vendors", "vendor", {**VENDOR, "to_asset": ""}, "to_zone"),
        ("vendors", "vendor", {**VENDOR, "until": "soon"}, "until"),
    ],
)
def test_what_is_refused_stands_beside_its_field_with_all_that_was_typed(
    visit: Visit,
    ana: User,
    finding: Finding,
    path: str,
    kind: str,
    fields: dict[str, str],
    field: str,
) -> None:
    answer = visit(ana, f"access/{path}/add/", post=sent(kind, finding, fields))

    assert answer.status_code == 422
    form = answer.context[f"{kind}_form"]
    assert list(form.errors) == [field]
    assert form["source"].value() == fields["source"]


def test_a_change_that_is_refused_leaves_the_row_and_keeps_what_was_typed(
    visit: Visit, ana: User, finding: Finding
) -> None:
    credential = make_credential(finding.asset.site, "Backup")
    vendor = make_vendor_access(finding.asset.site, to_asset=finding.asset)

    answers = [
        visit(
            ana,
            f"access/credentials/{credential.pk}/change/",
            post=sent("credential", finding, {**CREDENTIAL, "held_on": "NO-SUCH"}),
        ),
        visit(
            ana,
            f"access/vendors/{vendor.pk}/change/",
            post=sent("vendor", finding, {**VENDOR, "conduit": "Rule 99"}),
        ),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "no asset called NO-SUCH" in answers[0].content.decode()
    assert "no conduit called Rule 99" in answers[1].content.decode()
    credential.refresh_from_db()
    assert credential.name == "Backup"


def test_who_only_reads_sees_all_of_it_and_no_form(
    visit: Visit, otto: User, finding: Finding
) -> None:
    row = make_credential(finding.asset.site, opens=(finding.asset,))
    access = make_vendor_access(finding.asset.site, to_asset=finding.asset)

    pages = [
        visit(otto, page).content.decode()
        for page in (
            "access/",
            f"access/credentials/{row.pk}/",
            f"access/vendors/{access.pk}/",
        )
    ]
    refused = visit(
        otto, "access/credentials/add/", post=sent("credential", finding, CREDENTIAL)
    )

    assert all('action="/w/northmill/access/' not in page for page in pages)
    assert "Local admin of the cells" in pages[1]
    assert "Pumpwright" in pages[2]
    assert refused.status_code == 403
    assert Credential.objects.get() == row


def test_what_answers_inside_only_was_not_seen_from_the_internet(
    visit: Visit, otto: User, finding: Finding
) -> None:
    make_vendor_access(finding.asset.site, to_asset=finding.asset, entry=finding.asset)
    before = visit(otto, "access/").content.decode()
    inside = factories.make_vantage("Sensor", finding.asset.zone)
    Service.objects.update(vantage=inside)

    after = visit(otto, "access/").content.decode()

    assert "was not seen to answer" not in before
    assert "was not seen to answer" in after


@pytest.mark.parametrize(
    ("answers", "words"),
    [(True, "Past its end, still answers"), (False, "Past its end")],
)
def test_an_access_past_its_last_day_says_whether_it_still_answers(
    visit: Visit, otto: User, finding: Finding, *, answers: bool, words: str
) -> None:
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    silent = factories.make_asset(finding.asset.zone, "VPN-GW")
    make_vendor_access(
        finding.asset.site,
        to_asset=finding.asset,
        entry=finding.asset if answers else silent,
        until=yesterday,
    )

    page = visit(otto, "access/").content.decode()

    assert words in page
    assert ("still answers" in page) == answers


def test_a_long_list_of_assets_is_shortened(
    visit: Visit, otto: User, finding: Finding
) -> None:
    assets = tuple(
        factories.make_asset(finding.asset.zone, f"IO-{number:02}")
        for number in range(20)
    )
    row = make_credential(finding.asset.site, opens=assets)

    page = visit(otto, "access/").content.decode()
    alone = visit(otto, f"access/credentials/{row.pk}/").content.decode()

    assert "and 8 more" in page
    assert "IO-19" in alone


def test_it_asks_the_database_little_however_long_the_lists_are(
    visit: Visit,
    ana: User,
    finding: Finding,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        make_credential(
            finding.asset.site,
            f"Login {number}",
            held_on=(finding.asset,),
            opens=(finding.asset,),
        )
        make_vendor_access(
            finding.asset.site,
            f"Vendor {number}",
            to_asset=finding.asset,
            entry=finding.asset,
        )
    visit(ana, "access/")  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(ana, "access/")


def test_each_list_is_paged_by_itself(
    visit: Visit, otto: User, finding: Finding
) -> None:
    site = finding.asset.site
    for number in range(60):
        make_credential(site, f"Login {number:02}")
        make_vendor_access(site, f"Vendor {number:02}", to_asset=finding.asset)

    first = visit(otto, "access/").content.decode()
    second = visit(otto, "access/?page=2").content.decode()
    others = visit(otto, "access/?vendors=2").content.decode()

    assert "60 credentials, 60 vendor accesses" in first
    assert first.count("50 of 60") == 2
    assert "Login 59" in second
    assert "Login 00" not in second
    assert "Vendor 00" in second
    assert "Vendor 59" in others
    assert "Login 00" in others
