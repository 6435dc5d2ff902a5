"""Letters of ownership: uploaded by one, vouched for by two people of the customer."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.models import (
    Authorisation,
    LetterApproval,
    OwnershipLetter,
    OwnershipProof,
    ProofKind,
)
from exposure.services.scope import check_customer, record
from tenants.access import may
from tenants.models import FileKind, Membership
from tenants.rights import Right
from tenants.services import files

NEEDED = 2
LETTER_LASTS = dt.timedelta(days=365)
LARGEST = 5 * 1024 * 1024


@transaction.atomic
def add_letter(
    authorisation_id: uuid.UUID,
    content: Iterable[bytes],
    *,
    name: str,
    covers: Collection[str],
    by: Membership,
) -> OwnershipLetter:
    """Keep a letter for entries of the scope; it proves nothing before two vouch for it.

    Raises NotAllowed, and InvalidInput for "file" or "covers".
    """
    if not (may(by, Right.OPERATE) or may(by, Right.AUTHORISE)):
        raise NotAllowed("Your role may not add a letter.")
    authorisation = Authorisation.objects.get(pk=authorisation_id)
    values = {row.value for row in authorisation.entries.all()}
    chosen = sorted(set(covers) & values)
    if not chosen:
        raise InvalidInput("covers", "Choose what the letter is about.")
    stored = files.store(
        content,
        name=name,
        kind=FileKind.UPLOAD,
        about=f"authorisation {authorisation.reference}",
        by=by,
        site_id=authorisation.site_id,
        limit=LARGEST,
    )
    letter = OwnershipLetter.objects.create(
        authorisation=authorisation, file=stored, covers=chosen, uploaded_by=by.user
    )
    text = f"Added a letter about {letter}."
    record(authorisation, "scope.letter_added", by=by, text=text)
    return letter


@transaction.atomic
def approve_letter(letter_id: uuid.UUID, *, by: Membership) -> OwnershipLetter:
    """Vouch for a letter, for the customer; the second of two people proves its entries.

    Who uploaded it counts as one of the two, never as both. Raises NotAllowed, and
    Conflict when this person has vouched for it or the file was removed.
    """
    letter = OwnershipLetter.objects.select_for_update(of=("self",)).get(pk=letter_id)
    check_customer(letter.authorisation, by=by)
    if letter.file.deleted_at is not None:
        raise Conflict("The letter was removed, so nobody can read it.")
    try:
        with transaction.atomic():
            LetterApproval.objects.create(letter=letter, by=by.user)
    except IntegrityError as error:
        raise Conflict(
            "You have vouched for this letter. Another person has to."
        ) from error
    text = f"Vouched for the letter about {letter}."
    record(letter.authorisation, "scope.letter_approved", by=by, text=text)
    if letter.approvals.count() >= NEEDED:
        _prove(letter)
    return letter


def _prove(letter: OwnershipLetter) -> None:
    now = timezone.now()
    for entry in letter.authorisation.entries.filter(value__in=letter.covers):
        OwnershipProof.objects.update_or_create(
            entry=entry,
            kind=ProofKind.LETTER,
            defaults={
                "checked_at": now,
                "proven_at": now,
                "valid_until": now + LETTER_LASTS,
                "detail": "",
            },
        )
    text = f"{letter} proven by a letter."
    record(letter.authorisation, "scope.proven", by=None, text=text)
