"""What targets and plans are called, on its way from the socket to every reader."""

import csv
import html
import io
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from exposure.models import (
    Asset,
    Finding,
    FindingState,
    Run,
    RunEvent,
    RunTarget,
    Service,
)
from exposure.probes.base import Outcome, ProbeResult, Target
from exposure.services import rebuild, recording
from tenants.models import User, Workspace
from tenants.rights import LOOKING
from tenants.scope import workspace_scope
from tests.isolation.conftest import Place
from tests.isolation.walking import ask, every_workspace_address
from tests.workflows.conftest import learn
from workflows.models import Channel, Delivery, Event
from workflows.services import deliveries, routing
from workflows.services.announcements import announce

PAGES = [each for each in every_workspace_address() if each.right in LOOKING]
HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": "\" autofocus onfocus='alert(1)' x=`",
    "svg": "]]></text><svg onload=alert(1)>",
    "template": "{{ 7919|add:7907 }}{% debug %}{0.__class__}%(password)s",
    "direction": "PLC\u202e\u2066gnp.exe\u200f",
    "nul": "PLC\0\0-P21",
    "lines": "PLC\r\nBcc: all@evil.example\r\n\r\nX",
    "escape": "\x1b[2J\x1b]0;owned\x07",
    "formula": '=HYPERLINK("https://evil.example","x")',
    "long": "A" * 10_000,
    "surrogate": "PLC\ud800",
}
RAW = ("<script>alert", "<img src=x", "<svg onload", "\" autofocus onfocus='")
HIDDEN = ("\0", "\x1b", "\x07", "\u202e", "\u2066", "\u200f", "\ud800")

each_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def heard(text: str, **more: Any) -> ProbeResult:
    """Return what a controller answered: open to all, and called what it likes."""
    facts: dict[str, Any] = {
        "read_answered": True,
        "key_switch": 1,
        "protection_level": 0,
        "vendor": text,
        "product": text,
        "order_number": text,
        "version": text,
        "title": text,
        "banner": text,
        "names": [text, text],
        **more,
    }
    target = Target("127.77.1.14", 102)
    return ProbeResult("s7", 1, target, Outcome.IDENTIFIED, "L3", facts, detail=text)


@pytest.fixture
def scanned(place: Place) -> Any:
    """Let a run hear something from a controller whose plan calls it something."""

    def hear(text: str, *, name: str = "PLC-X") -> None:
        with workspace_scope(place.northmill.id):
            run = Run.objects.select_related("site").get()
            known = Asset.objects.get()
            Service.objects.update(port=1)  # the port of these tests is a new one
            known.name = name[:120]
            known.save()
            target = RunTarget.objects.create(
                run=run,
                vantage_id=place.of("vantage"),
                address="127.77.1.14",
                open_ports=[102],
            )
            result = heard(text)
            found = recording.record_result(target, run, result, site=run.site)
            recording.log_result(run, result, found)
            Finding.objects.update(state=FindingState.OPEN)
            rebuild.rebuild_paths()
            for finding in Finding.objects.all():
                learn(finding)
            routing.route_open_findings()

    return hear


def pages(place: Place) -> dict[str, str]:
    """Return every page that shows the new finding or anything beside it."""
    rows = {**place.rows, "<str:ref>": "SL-2"}
    return {
        str(each): ask(place.otto, "get", each.at("northmill", rows)).content.decode()
        for each in PAGES
    }


@each_text
def test_what_a_target_says_is_text_on_every_page(
    place: Place, scanned: Any, text: str
) -> None:
    scanned(text)

    for where, page in pages(place).items():
        assert not [each for each in (*RAW, *HIDDEN) if each in page], where
        assert "A" * 1000 not in page, where
        assert "15826" not in page, where
    shown = " ".join(pages(place).values())
    assert text != HOSTILE["script"] or "&lt;script&gt;alert(1)" in shown
    with workspace_scope(place.northmill.id):
        line = RunEvent.objects.get(text__contains="SL-2")
        assert "\n" not in line.text + line.target
        assert len(Service.objects.get(port=102).product) <= 200


@pytest.mark.parametrize(
    "text", [HOSTILE[each] for each in ("script", "attribute", "svg", "template")]
)
def test_what_a_plan_calls_an_asset_is_text_on_every_page(
    place: Place, scanned: Any, text: str
) -> None:
    scanned("an S7", name=text)

    for where, page in pages(place).items():
        assert not [each for each in RAW if each in page], where
        assert "15826" not in page, where


@each_text
def test_what_a_target_says_leaves_the_house_in_no_message(
    place: Place, scanned: Any, mailoutbox: list[EmailMultiAlternatives], text: str
) -> None:
    with workspace_scope(place.northmill.id):
        for row in Delivery.objects.all():
            deliveries.deliver(row.pk)
    mailoutbox.clear()
    scanned(text, name="PLC-HIDDEN")

    with workspace_scope(place.northmill.id):
        announce()
        mails = Channel.objects.filter(member__isnull=False)
        for row in Delivery.objects.filter(channel__in=mails, state="waiting"):
            deliveries.deliver(row.pk)
        told = [str(event.data) for event in Event.objects.all()]

    assert mailoutbox
    for mail in mailoutbox:
        subject, parts = str(mail.subject), [str(mail.body), str(mail.alternatives)]
        assert "\n" not in subject
        assert "\r" not in subject
        for part in (subject, *parts, *told):
            assert "PLC" not in part
            assert "evil" not in part
            assert "alert(1)" not in part


@each_text
def test_a_ledger_calculates_nothing(place: Place, scanned: Any, text: str) -> None:
    scanned(text)
    _call_the_vantage(place, text)

    page = ask(place.otto, "get", "/w/northmill/runs/1/ledger.csv")

    text = html.unescape(page.content.decode())
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 2
    for cell in rows[1]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def _call_the_vantage(place: Place, text: str) -> None:
    """Give the vantage a name as hostile as a database takes it."""
    name = text.replace("\0", "").encode("utf-8", "replace").decode()[:120]
    with workspace_scope(place.northmill.id):
        run = Run.objects.get()
        vantage = run.records.get().vantage
        vantage.name = name
        vantage.save()


def test_a_customer_and_a_person_with_hostile_names_are_text(
    place: Place, scanned: Any
) -> None:
    text = HOSTILE["script"]
    Workspace.objects.filter(pk=place.northmill.pk).update(name=text)
    User.objects.filter(pk=place.ana.pk).update(name=text)

    scanned("an S7")

    for where, page in pages(place).items():
        assert not [each for each in RAW if each in page], where
    for path in ("/customers/", "/customers/sites/", "/customers/having/?q=s7"):
        roll_up = ask(place.ana, "get", path).content.decode()
        assert not [each for each in RAW if each in roll_up], path
