"""Looking at the portal with somebody else's eyes: for a reason, loudly, changing nothing."""

import datetime as dt
import hashlib
import uuid

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from common.once import is_news
from tenants.access import may
from tenants.models import ActingAs, Membership, User
from tenants.rights import Right
from tenants.scope import workspace_scope
from tenants.services import ledger

LONGEST = dt.timedelta(hours=1)
MAX_REASON = 300


@transaction.atomic
def begin(person_id: uuid.UUID, *, by: Membership, reason: str) -> ActingAs:
    """Let somebody of the provider see what a person of the customer sees, for an hour.

    Raises NotAllowed without the right or for people of the provider, InvalidInput
    without a reason, Conflict while another look is open, and Membership.DoesNotExist
    for somebody who is no member here.
    """
    if not may(by, Right.ACT_AS):
        raise NotAllowed("Your role may not look with somebody else's eyes.")
    other = (
        Membership.objects.current()
        .select_related("user")
        .get(user_id=person_id, workspace_id=by.workspace_id)
    )
    if other.is_provider:
        raise NotAllowed("Look with the eyes of the customer's people only.")
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInput("reason", "Say why, in at most 300 characters.")
    now = timezone.now()
    _end_overdue(now)
    try:
        with transaction.atomic():
            look = ActingAs.objects.create(
                actor=by.user,
                person=other.user,
                reason=reason,
                started_at=now,
                ends_at=now + LONGEST,
            )
    except IntegrityError as error:
        raise Conflict("You look with somebody else's eyes already.") from error
    ledger.append(
        "access.impersonation_started",
        about=f"person {other.user_id}",
        by=by,
        text=f"{by.user} looks at the portal as {other.user}: {reason}",
        change=ledger.Change(
            after={"reason": reason, "until": look.ends_at.isoformat()}
        ),
    )
    return look


@transaction.atomic
def end(*, by: Membership) -> None:
    """End the look of this person; without one nothing happens."""
    end_looks_of(by.user, by=by)


def end_looks_of(actor: User, *, by: Membership | User) -> None:
    """End what somebody looks at with other eyes in the current workspace."""
    now = timezone.now()
    for look in _open_looks().filter(actor=actor):
        _close(look, at=min(now, look.ends_at), by=by)


def end_overdue() -> None:
    """Write down the end of looks whose hour is over."""
    with workspace_scope():
        _end_overdue(timezone.now())


def current(look_id: uuid.UUID, *, by: Membership) -> ActingAs | None:
    """Return the look if it is this person's and open now, with the other person."""
    rows = ActingAs.objects.select_related("person").filter(
        pk=look_id, actor_id=by.user_id, ended_at=None, ends_at__gt=timezone.now()
    )
    return rows.first()


def note_page(look: ActingAs, *, by: Membership, path: str) -> None:
    """Write down that a page was seen with the other person's eyes, once in each look.

    Pages that follow a run ask for themselves every two seconds; that is no news.
    """
    seen = f"seen-as:{look.pk}:{hashlib.sha256(path.encode()).hexdigest()}"
    if not is_news(seen, seconds=LONGEST // dt.timedelta(seconds=1)):
        return
    ledger.append(
        "access.seen_as",
        about=f"person {look.person_id}",
        by=by,
        text=f"{by.user} saw {path} as {look.person}.",
    )


def _open_looks() -> QuerySet[ActingAs]:
    rows = ActingAs.objects.select_for_update(of=("self",))
    return rows.select_related("actor", "person").filter(ended_at=None)


def _end_overdue(now: dt.datetime) -> None:
    for look in _open_looks().filter(ends_at__lte=now):
        _close(look, at=look.ends_at, by=None)


def _close(look: ActingAs, *, at: dt.datetime, by: Membership | User | None) -> None:
    look.ended_at = at
    look.save(update_fields=["ended_at"])
    ledger.append(
        "access.impersonation_ended",
        about=f"person {look.person_id}",
        by=by,
        text=f"{look.actor} looks at the portal as {look.person} no more.",
    )
