"""Certificates of deletion: what is left of a workspace, signed and sent."""

import json
import logging
import smtplib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from common.canonical import canonical_bytes
from tenants.logic.ledger import signature_holds
from tenants.logic.proofs import read_key, signed_lines
from tenants.models import DeletionCertificate, Provider
from tenants.services.installation_key import signer

log = logging.getLogger(__name__)
TITLE = "certificate of deletion"
AT_ONCE = 20
MAIL = """All data of a workspace were deleted from Sightline at {site}.

{rows} rows of {tables} tables and {files} stored files are gone, with the keys that sealed
them. Below is the signed certificate. Keep it: the workspace and its ledger are no more.

{note}
It is signed with this key:

{key}

docs/data.md tells how to verify it without us.
"""


def make(
    facts: Mapping[str, Any], *, provider: Provider, send_to: str
) -> DeletionCertificate:
    """Sign what was deleted; in the transaction that deletes it."""
    key = signer()
    body = f"{key.name}\n{TITLE}\n{canonical_bytes(dict(facts)).decode()}\n"
    return DeletionCertificate.objects.create(
        provider=provider,
        deleted_id=facts["workspace"],
        made_at=facts["deleted_at"],
        note=key.sign(body),
        key=key.key.text(),
        send_to=send_to,
    )


def facts_of(certificate: DeletionCertificate) -> dict[str, Any]:
    """Return what a certificate says; raises Unreadable if its signature does not hold."""
    key = read_key(certificate.key)
    told = signed_lines(certificate.note, key, signature_holds)
    facts: dict[str, Any] = json.loads(told[2])
    return facts


def send_waiting() -> int:
    """Send certificates that were not sent yet; return how many. Then the address goes."""
    count = 0
    with transaction.atomic():
        waiting = DeletionCertificate.objects.exclude(send_to="")
        for row in waiting.select_for_update(skip_locked=True)[:AT_ONCE]:
            try:
                _mail(row).send(fail_silently=False)
            except (smtplib.SMTPException, OSError) as error:
                log.warning("Certificate %s could not be sent: %s", row.pk, error)
                continue
            row.send_to = ""
            row.save(update_fields=["send_to"])
            count += 1
    return count


def _mail(row: DeletionCertificate) -> EmailMessage:
    facts = facts_of(row)
    text = MAIL.format(
        site=settings.SITE_URL,
        rows=sum(facts["rows"].values()),
        tables=len(facts["rows"]),
        files=facts["files"],
        note=row.note,
        key=row.key,
    )
    return EmailMessage(
        "Your workspace was deleted",
        text,
        settings.DEFAULT_FROM_EMAIL,
        [row.send_to],
        headers={"Auto-Submitted": "auto-generated"},
    )
