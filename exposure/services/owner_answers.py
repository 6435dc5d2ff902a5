"""What the owner says to what was found beside the scope, and the way into the scope.

Nothing is sent to a candidate. "Ours" sends nothing either: it lets the provider add the
holding to the scope, which the customer then signs as always.
"""

import uuid

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.logic.attribution import OWNER
from exposure.models import (
    Authorisation,
    Holding,
    OwnerAnswer,
    ScopeEntry,
    Sighting,
    Vantage,
)
from exposure.services import scope
from exposure.services.attribution import Found, note
from exposure.services.trails import weigh
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.services import ledger

LONGEST_REASON = 300


@transaction.atomic
def answer(
    holding_id: uuid.UUID, *, says: OwnerAnswer, reason: str = "", by: Membership
) -> Holding:
    """Keep whether something is the customer's; "not ours" needs a reason.

    Raises NotAllowed for people who cannot permit a scan of that site, above all the
    provider's, InvalidInput without a reason, and Conflict for what is in the scope: an
    exclusion is the way out of there. The same answer again changes nothing.
    """
    if not may(by, Right.AUTHORISE):
        raise NotAllowed("Only the customer's owners and approvers say what is theirs.")
    row = Holding.objects.select_for_update(of=("self",)).get(pk=holding_id)
    if not by.covers(row.site_id):
        raise NotAllowed("You answer for your own sites only.")
    if row.in_scope and row.answer != OwnerAnswer.NOT_OURS:
        raise Conflict("This is in the authorised scope already.")
    reason = reason.strip()
    if says == OwnerAnswer.NOT_OURS and not reason:
        raise InvalidInput(
            "reason", "Say why it is not yours, for those who come after."
        )
    if row.answer == says:
        return row
    before = row.answer
    row.answer, row.answer_reason = says, reason[:LONGEST_REASON]
    row.answered_by, row.answered_at = by.user, timezone.now()
    row.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at"])
    _keep_as_a_root(row, by=by)
    ledger.append(
        f"names.{says.value}",
        about=f"{row.get_kind_display().lower()} {row.value}",
        by=by,
        text=f"{row.value} is {says.label.lower()}. {row.answer_reason}".strip(),
        change=ledger.Change(before={"answer": before}, after={"answer": says.value}),
        site_id=row.site_id,
    )
    return row


def _keep_as_a_root(row: Holding, *, by: Membership) -> None:
    """Let what hangs on a confirmed holding be found from there; else take it back."""
    if row.answer == OwnerAnswer.OURS:
        assert row.answered_at is not None  # noqa: S101 - just set
        found = Found(row.kind, row.value, OWNER, "", row.answered_at, by.user.name)
        note([found], site=row.site)
    else:
        Sighting.objects.filter(holding=row, source=OWNER).delete()
    fresh = Holding.objects.get(pk=row.pk)
    weigh([fresh])
    row.confidence = fresh.confidence


@transaction.atomic
def add_to_scope(holding_id: uuid.UUID, *, by: Membership) -> ScopeEntry:
    """Add a confirmed holding to the scope; the customer signs before anything is sent.

    Raises Conflict when the owner has not said that it is theirs, and InvalidInput as
    every entry does.
    """
    row = Holding.objects.get(pk=holding_id)
    if row.answer != OwnerAnswer.OURS:
        raise Conflict("The owner has not said that this is theirs.")
    authorisation = (
        Authorisation.objects.filter(site_id=row.site_id)
        .order_by("-valid_until", "-id")
        .first()
    )
    vantage = Vantage.objects.filter(zone=None).order_by("name").first()
    if authorisation is None or vantage is None:
        raise Conflict("There is no authorisation yet to which it could be added.")
    return scope.add_entry(
        authorisation.pk, value=row.value, vantage_id=vantage.pk, by=by
    )
