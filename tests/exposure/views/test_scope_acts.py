"""What people do around a scope, by its forms and without a script."""

import ipaddress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from exposure.models import (
    Authorisation,
    Blackout,
    Exclusion,
    Finding,
    OwnershipLetter,
    OwnershipProof,
    StopOrder,
    WeeklyHours,
)
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import Visit

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\n"
    b"SUMMARY:<b>Rush</b>\r\nDTSTART;VALUE=DATE:20990101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def scope(finding: Finding) -> Authorisation:
    """Northmill's signed scope of one address."""
    return Authorisation.objects.get()


def test_one_button_stops_everything_and_the_top_bar_says_so(
    visit: Visit, otto: User, scope: Authorisation
) -> None:
    page = visit(otto, "stop/").content.decode()
    assert "Stop now" in page

    response = visit(
        otto, "stop/order/", post={"level": "workspace", "reason": "<i>Smoke</i>"}
    )

    after = visit(otto, "runs/").content.decode()
    told = visit(otto, "stop/").content.decode()
    assert response["Location"] == "/w/northmill/stop/"
    assert 'Stop<span class="vh"> sending</span> · 1' in after
    assert "Everything has been stopped since" in after
    assert "&lt;i&gt;Smoke&lt;/i&gt;" in told
    assert "<i>Smoke</i>" not in told


def test_a_refused_stop_is_answered_in_place(
    visit: Visit, otto: User, scope: Authorisation
) -> None:
    response = visit(otto, "stop/order/", post={"level": "range", "network": "hall 2"})

    assert response.status_code == 422
    assert "Type an address or a range" in response.content.decode()
    assert not StopOrder.objects.exists()


def test_the_provider_sees_why_it_does_not_lift(
    visit: Visit, ana: User, otto: User, scope: Authorisation
) -> None:
    visit(otto, "stop/order/", post={"level": "workspace"})
    order = StopOrder.objects.get()

    page = visit(ana, "stop/").content.decode()
    refused = visit(ana, f"stop/{order.pk}/lift/", post={})
    visit(otto, f"stop/{order.pk}/lift/", post={})

    order.refresh_from_db()
    assert "only its owners and approvers lift it" in page
    assert refused.status_code == 403
    assert order.lifted_by == otto


def test_a_first_authorisation_is_written_and_signed_with_its_consents(
    visit: Visit, ana: User, otto: User, in_northmill: object
) -> None:
    site = factories.make_site()
    terms = {
        "new-site": str(site.pk),
        "new-reference": "TH-1",
        "new-statement": "You may look.",
        "new-valid_from": "2026-01-01",
        "new-valid_until": "2027-01-31",
        "new-packets_per_second": "50",
    }
    assert "Write a first authorisation" in visit(ana, "scope/").content.decode()

    visit(ana, "scope/create/", post=terms)
    row = Authorisation.objects.get()
    form = visit(otto, "scope/").context["authorise_form"]
    visit(
        otto,
        f"scope/{row.pk}/sign/",
        post={
            "agreed": "on",
            "seen": form.initial["seen"],
            "consents": ["hartip_session"],
        },
    )

    row.refresh_from_db()
    assert (row.signed_by, row.consents) == (otto, ["hartip_session"])
    assert "takes one of the few places" in visit(otto, "scope/").content.decode()
    visit(
        otto, f"scope/{row.pk}/consents/withdraw/", post={"consent": "hartip_session"}
    )
    row.refresh_from_db()
    assert (row.signed_by, row.consents) == (otto, [])


def test_a_renewal_asks_for_a_signature(
    visit: Visit, ana: User, scope: Authorisation
) -> None:
    post = {
        "terms-statement": "You may look.",
        "terms-valid_from": "2026-01-01",
        "terms-valid_until": "2027-01-31",
        "terms-packets_per_second": "50",
    }

    visit(ana, f"scope/{scope.pk}/terms/", post=post)
    refused = visit(
        ana,
        f"scope/{scope.pk}/terms/",
        post=post | {"terms-packets_per_second": "999999"},
    )

    scope.refresh_from_db()
    assert (scope.signed_at, scope.packets_per_second) == (None, 50)
    assert refused.status_code == 422


def test_hours_blackouts_and_calendars_are_typed_by_the_plants_clock(
    visit: Visit, ana: User, otto: User, scope: Authorisation
) -> None:
    where = f"scope/{scope.pk}"
    visit(ana, f"{where}/hours/zone/", post={"zone": "Europe/Vienna"})
    visit(
        ana,
        f"{where}/hours/add/",
        post={"days": ["5", "6"], "begins": "06:00", "ends": "18:00"},
    )
    visit(
        otto,
        f"{where}/blackouts/add/",
        post={
            "not-begins_at": "2099-07-01T06:00",
            "not-ends_at": "2099-07-01T08:00",
            "not-reason": "Audit",
            "not-line": "",
        },
    )
    upload = SimpleUploadedFile("plan.ics", CALENDAR)
    visit(otto, f"{where}/blackouts/import/", post={"ics-file": upload, "ics-line": ""})

    page = visit(ana, f"{where}/hours/").content.decode()
    row = Blackout.objects.get(reason="Audit")
    assert row.begins_at.hour == 4  # 06:00 in Vienna, in summer
    assert "Saturday and Sunday 06:00 to 18:00" in page
    assert "&lt;b&gt;Rush" in page

    visit(otto, f"{where}/blackouts/{row.pk}/lift/", post={})
    hours = WeeklyHours.objects.get()
    visit(ana, f"{where}/hours/{hours.pk}/remove/", post={})
    assert not Blackout.objects.filter(pk=row.pk).exists()
    assert not WeeklyHours.objects.exists()


@pytest.mark.parametrize(
    ("act", "post"),
    [
        ("hours/add", {"days": ["9"], "begins": "x", "ends": ""}),
        ("hours/zone", {"zone": "Mars"}),
        ("blackouts/add", {"not-begins_at": "never"}),
        ("blackouts/import", {}),
        ("letters/add", {}),
    ],
)
def test_what_is_refused_is_answered_in_place(
    visit: Visit, ana: User, scope: Authorisation, act: str, post: dict[str, Any]
) -> None:
    response = visit(ana, f"scope/{scope.pk}/{act}/", post=post)

    assert response.status_code == 422
    assert 'class="errors' in response.content.decode()


def test_ownership_is_asked_for_and_vouched_for_on_one_page(
    visit: Visit, ana: User, ida: User, otto: User, scope: Authorisation
) -> None:
    entry = factories.make_entry(scope, "vpn.northmill.example")
    where = f"scope/{scope.pk}"
    visit(ana, f"{where}/entries/{entry.pk}/prove/", post={"kind": "dns"})
    refused = visit(
        ana, f"{where}/entries/{entry.pk}/prove/", post={"kind": "nonsense"}
    )
    visit(
        ana,
        f"{where}/letters/add/",
        post={
            "file": SimpleUploadedFile("deed.txt", b"We hold it."),
            "covers": ["vpn.northmill.example"],
        },
    )

    page = visit(otto, f"{where}/ownership/").content.decode()
    letter = OwnershipLetter.objects.get()
    assert refused.status_code == 422
    assert OwnershipProof.objects.get().token in page
    assert "1 of 2 entries are not proven" in page
    for user in (ida, otto):
        visit(user, f"{where}/letters/{letter.pk}/approve/", post={})
    assert "Every entry is proven" in visit(ana, f"{where}/ownership/").content.decode()


def test_an_exclusion_is_taken_back_by_the_customer(
    visit: Visit, ana: User, otto: User, scope: Authorisation
) -> None:
    visit(
        ana,
        f"scope/{scope.pk}/exclusions/add/",
        post={"not-probe": "s7", "not-reason": "Furnace"},
    )
    row = Exclusion.objects.get()
    page = visit(otto, "scope/").content.decode()
    assert "probe s7 only" in page

    visit(otto, f"scope/exclusions/{row.pk}/lift/", post={})

    assert not Exclusion.objects.exists()


def test_strangers_read_who_we_are_without_signing_in(
    client: Client, db: None, settings: Settings
) -> None:
    settings.SCAN_SOURCE_ADDRESSES = [ipaddress.ip_network("203.0.113.7")]
    settings.SCAN_ABUSE_CONTACT = "abuse@northgate.example"

    response = client.get("/about-our-probes/")

    page = response.content.decode()
    assert response.status_code == 200
    assert "203.0.113.7<" in page
    assert "abuse@northgate.example" in page
    assert "exposure-check (+" in page
    assert "sessionid" not in response.cookies
