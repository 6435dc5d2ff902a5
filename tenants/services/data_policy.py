"""How long a workspace keeps what, and the hold that stops all deletion."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from common.plain_text import reads_as_stored
from tenants.access import may
from tenants.logic import retention
from tenants.models import DataPolicy, Membership
from tenants.rights import Right
from tenants.services import ledger
from tenants.services.fresh import Authenticated

MAX_REASON = 300


def check_right(by: Membership, shown: Authenticated | None = None) -> None:
    """Raise NotAllowed for who may not decide about the data, or has not shown who it is."""
    if not may(by, Right.DATA):
        raise NotAllowed(
            f"Only an administrator of the customer may {Right.DATA.label}."
        )
    if shown is not None and not shown.is_fresh:
        raise NotAllowed("Confirm that it is you, then ask once more.")


def checked_reason(text: str) -> str:
    """Return a reason as it is kept; raises InvalidInput for none or a strange one."""
    reason = " ".join(text.replace("\0", "").split())
    if not 0 < len(reason) <= MAX_REASON or not reads_as_stored(reason):
        raise InvalidInput("reason", f"Say why, in at most {MAX_REASON} characters.")
    return reason


def days_in_force() -> dict[str, int]:
    """Return how many days the current workspace keeps each class."""
    row = DataPolicy.objects.first()
    return retention.in_force(row.days if row else {})


def hold_now() -> DataPolicy | None:
    """Return the hold of the current workspace; None if there is none."""
    return DataPolicy.objects.exclude(hold="").select_related("hold_by").first()


def refuse_on_hold() -> None:
    """Raise Conflict while there is a hold."""
    row = hold_now()
    if row is not None:
        raise Conflict(f"All deletion is on hold: {row.hold}")


@transaction.atomic
def keep_for(days: Mapping[str, int], *, by: Membership) -> None:
    """Choose how long classes are kept; what is not named stays as it is.

    Raises NotAllowed without the right, InvalidInput beyond the limits of a class.
    """
    check_right(by)
    if not set(days) <= retention.NAMES:
        raise InvalidInput("class", "Choose among the classes.")
    for each in retention.CLASSES:
        wrong = retention.problem(each, days.get(each.name, each.days))
        if wrong:
            raise InvalidInput(each.name, wrong)
    row = _locked()
    before, chosen = days_in_force(), {**row.days, **days}
    if retention.in_force(chosen) == before:
        return
    row.days = chosen
    row.save(update_fields=["days"])
    ledger.append(
        "data.retention_changed",
        about="data",
        by=by,
        text=f"{by.user} changed how long data are kept.",
        change=ledger.Change(before=before, after=days_in_force()),
    )


@transaction.atomic
def hold(reason: str, *, by: Membership) -> None:
    """Stop all deletion until somebody lifts it: retention, erasure, the workspace."""
    check_right(by)
    reason, row = checked_reason(reason), _locked()
    if row.hold:
        raise Conflict("There is a hold already.")
    row.hold, row.hold_since, row.hold_by = reason, timezone.now(), by.user
    row.save(update_fields=["hold", "hold_since", "hold_by"])
    ledger.append(
        "data.held",
        about="data",
        by=by,
        text=f"{by.user} stopped all deletion: {reason}",
        change=ledger.Change(after={"reason": reason}),
    )


@transaction.atomic
def lift(*, by: Membership) -> None:
    """Let deletion go on."""
    check_right(by)
    row = _locked()
    if not row.hold:
        raise Conflict("There is no hold.")
    before, row.hold, row.hold_since, row.hold_by = row.hold, "", None, None
    row.save(update_fields=["hold", "hold_since", "hold_by"])
    ledger.append(
        "data.hold_lifted",
        about="data",
        by=by,
        text=f"{by.user} let deletion go on.",
        change=ledger.Change(before={"reason": before}),
    )


def _locked() -> DataPolicy:
    DataPolicy.objects.get_or_create()
    return DataPolicy.objects.select_for_update().get()
