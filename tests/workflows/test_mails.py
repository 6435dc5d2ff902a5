"""A mail names a reference, a band and a page; no device, no address, no way in."""

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import resolve

from exposure.models import Run
from tenants.models import User, Workspace
from tests.workflows.conftest import content, member
from workflows.models import Case, Delivery, Event
from workflows.services import channels, decisions, deliveries
from workflows.services.announcements import announce
from workflows.services.events import About, record

HERE = About(object_ref="SL-1", path="exposures/SL-1/")


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    """The address under which people reach this installation."""
    settings.SITE_URL = "https://sightline.example"


def send_only() -> None:
    announce()
    deliveries.deliver(Delivery.objects.get().pk)


def mail_of(mailoutbox: list[EmailMultiAlternatives]) -> tuple[str, str, str]:
    mail = mailoutbox[0]
    return str(mail.subject), str(mail.body), str(mail.alternatives[0][0])


def test_a_mail_holds_reference_band_and_link_only(
    case: Case, ana: User, ida: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    hostile = "Stop\r\nBcc: all@evil.example <script>alert(1)</script> PLC-P21"
    decisions.propose("SL-1", by=member(ana), content=content(action=hostile))
    channels.add_email(member(ida))
    announce()
    delivery = Delivery.objects.get(
        channel__member=ida, event__type="decision.proposed"
    )

    deliveries.deliver(delivery.pk)

    subject, text, html = mail_of(mailoutbox)
    assert subject == "[Northmill Dairy] SL-1, version 1: a treatment is proposed"
    assert "Act: Next window" in text
    assert "https://sightline.example/w/northmill/exposures/SL-1/" in text
    assert "https://sightline.example/w/northmill/exposures/SL-1/" in html
    for part in (subject, text, html):
        for word in ("PLC-P21", "Bcc", "script", "127.77", "Pasteuriser", "Cell 2"):
            assert word not in part


def test_a_customer_name_adds_no_header_and_no_markup(
    in_northmill: Workspace, ida: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    Workspace.objects.filter(pk=in_northmill.pk).update(
        name="Mill\r\nBcc: all@evil.example\r\n<b>&"
    )
    record("scan.finished", text="A sentence.", about=About("run 3", "runs/3/"))

    send_only()

    subject, text, html = mail_of(mailoutbox)
    assert subject == "[Mill Bcc: all@evil.example <b>&] run 3: the run has finished"
    assert mailoutbox[0].recipients() == ["ida@northmill.example"]
    assert "<b>&" in text
    assert "<b>" not in html


@pytest.mark.parametrize(
    "event_type",
    ["decision.signed", "finding.closed", "scan.failed", "retest.completed"],
)
def test_every_group_has_a_mail(
    in_northmill: Workspace,
    ida: User,
    mailoutbox: list[EmailMultiAlternatives],
    event_type: str,
) -> None:
    record(event_type, text="A sentence.", about=HERE, data={"band": "immediate"})

    send_only()

    subject, text, html = mail_of(mailoutbox)
    assert "SL-1" in subject
    assert "\n\n\n" not in text
    assert html.startswith("<!DOCTYPE html>")


def test_the_link_leads_to_a_page(case: Case) -> None:
    record("scan.finished", text="A sentence.", about=About.run(Run.objects.get()))

    paths = Event.objects.order_by("at").values_list("path", flat=True)

    assert [resolve(path).view_name for path in paths] == [
        "workflows:finding",
        "exposure:run",
    ]
