"""Writes down that the provider was here, once an hour, for the customer to read."""

from django.utils import timezone

from common.once import is_news
from tenants.models import Membership, Visit
from tenants.origin import named
from tenants.services import ledger

HOUR = 3600


def note_visit(membership: Membership) -> None:
    """Record that a person of the provider opened the workspace; inside its scope.

    The row is unique per hour; the cache only saves the question.
    """
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    seen = f"visit:{membership.workspace_id}:{membership.user_id}:{hour:%Y%m%d%H}"
    if not is_news(seen, seconds=HOUR):
        return
    _, is_new = Visit.objects.get_or_create(user=membership.user, hour=hour)
    if is_new:
        ledger.append(
            "access.visited",
            about=f"person {membership.user_id}",
            by=membership,
            text=f"{named(membership.user)} of {membership.workspace.provider} was here.",
            change=ledger.Change(
                after={"role": membership.role, "reason": membership.reason}
            ),
        )
