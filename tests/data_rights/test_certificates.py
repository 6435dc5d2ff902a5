import hashlib
import io

import pytest
from django.core import mail
from django.core.management import call_command
from pytest_django import Settings

from tenants.logic.proofs import Unreadable
from tenants.scope import bind_workspace
from tenants.services import certificates, file_disk, installation_key
from tenants.tasks import close_workspace
from tests.data_rights.conftest import Cast, asked_for_deletion, deleted, rows_left

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_the_certificate_says_what_was_there_and_its_signature_holds(
    cast: Cast,
) -> None:
    row = asked_for_deletion(cast, cast.ida, days_ago=15)
    counts = rows_left(cast.northmill.pk)

    made = deleted(cast.northmill)

    assert made is not None
    facts = certificates.facts_of(made)
    assert facts["workspace"] == str(cast.northmill.pk)
    assert facts["name_sha256"] == hashlib.sha256(b"Northmill Dairy").hexdigest()
    assert facts["asked_by"] == str(cast.ida.pk)
    assert facts["rows"]["exposure_finding"] == counts["exposure_finding"] == 1
    assert facts["rows"]["tenants_ledgerentry"] >= counts["tenants_ledgerentry"]
    assert facts["rows"]["tenants_membership"] == 3
    assert facts["files"] == counts["tenants_storedfile"] == 2
    assert len(facts["ledger"]["head"]) == len(facts["ledger"]["checkpoint_sha256"])
    assert "Northmill" not in made.note
    assert row.reason not in made.note
    made.note = made.note.replace('"files":2', '"files":0')
    with pytest.raises(Unreadable):
        certificates.facts_of(made)


def test_it_can_be_made_after_the_master_key_was_replaced(
    cast: Cast, settings: Settings
) -> None:
    before = installation_key.signer()
    settings.MASTER_KEYS_BEFORE = [settings.MASTER_KEY]
    settings.MASTER_KEY = b"\7" * 32
    call_command("rotate_master_key", stdout=io.StringIO())
    settings.MASTER_KEYS_BEFORE = []

    assert installation_key.signer() == before


def test_what_a_process_left_undone_is_done_by_the_next_job(
    cast: Cast, settings: Settings
) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    settings.EMAIL_BACKEND = "tests.data_rights.test_certificates.NoServer"
    deleted(cast.northmill)
    left = file_disk.folder_of(cast.northmill.pk)
    left.mkdir()
    (left / "sealed").write_bytes(b"x")

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with bind_workspace(cast.eastholm.pk):
        close_workspace()

    assert not left.exists()
    assert len(mail.outbox) == 1
    assert file_disk.folder_of(cast.eastholm.pk).exists()


def test_it_is_sent_to_who_asked_and_the_address_goes(
    cast: Cast, settings: Settings
) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    settings.EMAIL_BACKEND = "tests.data_rights.test_certificates.NoServer"
    made = deleted(cast.northmill)
    assert made is not None
    made.refresh_from_db()
    assert made.send_to == "ida@northmill.example"

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert (certificates.send_waiting(), certificates.send_waiting()) == (1, 0)

    assert [each.to for each in mail.outbox] == [["ida@northmill.example"]]
    assert made.note in mail.outbox[0].body
    made.refresh_from_db()
    assert made.send_to == ""


class NoServer:
    """A mail server that is away."""

    def __init__(self, **_: object) -> None:
        """Take what Django gives."""

    def send_messages(self, _: object) -> int:
        """Fail as a connection does."""
        raise ConnectionRefusedError


def test_what_is_signed_at_the_end_covers_the_whole_ledger(cast: Cast) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)

    made = deleted(cast.northmill)

    assert made is not None
    told = certificates.facts_of(made)["ledger"]
    assert told["entries"] == told["checkpoint_entries"]
