"""The ledger's pages: read, filtered, verified, and taken home with its verifier."""

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client

from exposure.models import Site
from tenants.models import Membership, Role, User, Workspace
from tenants.services import checkpoints, ledger
from tests import factories
from tests.workflows.conftest import answer
from workflows.models import Decision, Event
from workflows.services import ledger_watch

PAGE = "/w/northmill/ledger/"


def shown(user: User, query: str = "") -> str:
    browser = factories.signed_in(Client(), user)
    return browser.get(PAGE + query).content.decode()


@pytest.fixture
def audra(northmill: Workspace) -> User:
    """Northmill's auditor."""
    user = factories.make_user("audra@northmill.example", "Audra Finch")
    factories.make_member(northmill, user, role=Role.AUDITOR)
    return user


def test_it_tells_who_did_what_with_before_and_after(
    in_northmill: Workspace, ida: User
) -> None:
    ledger.append(
        "people.changed",
        about="person 1",
        by=ida,
        text="Ida made <b>Otto</b> an approver.",
        change=ledger.Change(before={"role": "owner"}, after={"role": "approver"}),
    )
    factories.commit()

    page = shown(ida)

    assert "Ida made &lt;b&gt;Otto&lt;/b&gt; an approver." in page
    assert ">owner<" in page
    assert ">approver<" in page


def test_it_filters_by_what_and_about(agreed: Decision, ida: User) -> None:
    ledger.append("run.asked", about="run 7", text="Asked for run 7.")
    factories.commit()

    assert "Asked for run 7." not in shown(ida, "?action=decision.")
    assert "Asked for run 7." in shown(ida, "?about=run+7")
    assert "signed version 1" not in shown(ida, "?about=run+7")
    assert "No entry here" in shown(ida, "?action=%25")


def test_people_of_one_site_read_nothing_of_another(
    in_northmill: Workspace, ida: User, otto: User
) -> None:
    ridge = Site.objects.create(name="Ridge plant")
    Membership.objects.filter(user=otto).update(site_ids=[ridge.pk])
    thornby = Site.objects.create(name="Thornby")
    for site in (ridge, thornby):
        ledger.append("run.asked", about="run", text=f"At {site}.", site_id=site.pk)
    factories.commit()

    assert "At Thornby." in shown(ida)
    assert "At Ridge plant." in shown(otto)
    assert "At Thornby." not in shown(otto)
    browser = factories.signed_in(Client(), otto)
    assert browser.get(f"{PAGE}export/").status_code == 403


def test_an_auditor_verifies_and_others_may_not(
    agreed: Decision, audra: User, otto: User
) -> None:
    factories.commit()
    browser = factories.signed_in(Client(), audra)

    said = browser.post(f"{PAGE}verify/", follow=True).content.decode()

    assert "The ledger holds:" in said
    denied = factories.signed_in(Client(), otto).post(f"{PAGE}verify/")
    assert denied.status_code == 403


def test_what_is_taken_home_verifies_there(
    agreed: Decision, audra: User, tmp_path: Path
) -> None:
    factories.commit()
    checkpoints.sign_now()
    factories.commit()
    checkpoints.sign_now()
    browser = factories.signed_in(Client(), audra)

    response = browser.get(f"{PAGE}export/")

    path = tmp_path / "ledger.zip"
    path.write_bytes(response.getvalue())
    with zipfile.ZipFile(BytesIO(path.read_bytes())) as archive:
        archive.extract("verify_ledger.py", tmp_path)
        signatures = archive.read("signatures.jsonl").splitlines()
    program, key = tmp_path / "verify_ledger.py", checkpoints.public_key()
    assert key is not None
    done = subprocess.run(  # noqa: S603 - the program we just exported
        [sys.executable, "-I", "-S", str(program), str(path), "--key", key.text()],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 checkpoints" in done.stdout
    assert len(signatures) == 2


def test_the_auditor_gets_a_checkpoint_once_a_day(
    in_northmill: Workspace, audra: User
) -> None:
    ledger.append("run.asked", about="run 1")
    factories.commit()
    checkpoints.sign_now()

    assert ledger_watch.tell_checkpoint() is True
    assert ledger_watch.tell_checkpoint() is False
    assert "sightline/" in Event.objects.get(type="audit.checkpoint").data["note"]


def test_access_is_told_once(in_northmill: Workspace, ana: User) -> None:
    ledger.append("access.granted", about="person 1", text="Ana may come in.")
    ledger.append("run.asked", about="run 1")
    factories.commit()

    assert ledger_watch.follow() == 1
    assert ledger_watch.follow() == 0
    assert Event.objects.get(type="access.granted").text == "Ana may come in."


def test_a_signature_is_in_the_ledger_with_its_hash(
    proposal: Decision, ida: User
) -> None:
    signature = answer(proposal, ida)
    factories.commit()

    page = shown(ida, "?action=decision.signed")

    assert signature.payload_hash in page
