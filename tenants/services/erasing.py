"""Erases what the ledger and the account tell of a person, and keeps the ledger whole."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from common.errors import Conflict
from tenants.models import Invitation, Membership, Staff, User, Workspace
from tenants.scope import current_workspace_id, workspace_scope
from tenants.services import account_ends, ledger
from tenants.services.data_policy import (
    check_right,
    checked_reason,
    hold_now,
    refuse_on_hold,
)
from tenants.services.fresh import Authenticated

AT_ONCE = 2000  # entries that one "audit.erased" names
ERASED = "audit.erased"

# Where the person acted, was acted upon, lent the eyes, or is named.
ABOUT = """
SELECT e.seq FROM tenants_ledgerentry e JOIN tenants_ledgerdetail d ON d.id = e.id
WHERE e.workspace_id = %(here)s AND d.workspace_id = %(here)s AND e.action <> 'audit.erased'
  AND (e.actor_id = %(person)s OR e.object_ref = %(about)s
    OR position(convert_to(%(person_text)s, 'UTF8') in e.line) > 0
    OR position(convert_to(%(email)s, 'UTF8') in d.body) > 0
    OR (%(name)s <> '' AND position(convert_to(%(name)s, 'UTF8') in d.body) > 0))
ORDER BY e.seq
"""
OLD = """
SELECT e.seq FROM tenants_ledgerentry e JOIN tenants_ledgerdetail d ON d.id = e.id
WHERE e.workspace_id = %(here)s AND d.workspace_id = %(here)s
  AND e.at < now() - make_interval(days => %(days)s)
  AND e.action NOT IN ('audit.erased', 'decision.signed', 'decision.changes_requested',
    'decision.rejected', 'scope.signed')
ORDER BY e.seq LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of it: how many entries lost their details, how many keep them."""

    entries: int
    kept: int
    account: str  # "erased", "closed" or "open"


@transaction.atomic
def erase_person(
    person_id: uuid.UUID, reason: str, *, by: Membership, shown: Authenticated
) -> Erased:
    """Erase the personal details of somebody who has left the workspace.

    Names, addresses and sentences go from the ledger wherever the person acted or was
    acted upon; the entries stay and still verify. What tells of a signature stays
    readable: it proves a decision. The account goes with it, unless it opens something
    else. Raises NotAllowed, User.DoesNotExist for who was never here, and Conflict for
    somebody who still gets in or works for the provider, or while there is a hold.
    """
    check_right(by, shown)
    reason = checked_reason(reason)
    refuse_on_hold()
    person = _who_left(person_id)
    seqs = _about(person)
    gone = _erase(
        seqs, by=by, why=f"Erased the details of a person who has left: {reason}"
    )
    _forget_invitations(person)
    return Erased(len(gone), len(seqs) - len(gone), _forget_account(person))


def people_who_left() -> list[User]:
    """Return whom the ledger names and who gets in no more; not those already erased."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT actor_id FROM tenants_ledgerentry WHERE workspace_id = %s "
            "AND actor_id IS NOT NULL",
            [current_workspace_id()],
        )
        actors = [row[0] for row in cursor.fetchall()]
    here = Membership.objects.filter(workspace_id=current_workspace_id())
    rows = User.objects.filter(pk__in=actors).exclude(pk__in=here.values("user"))
    rows = rows.exclude(pk__in=_employed().values("user"))
    return list(rows.exclude(name=account_ends.NAMELESS).order_by("name"))


def erase_old(*, days: int, most: int) -> int:
    """Erase the details of entries that are older than some days; return how many."""
    with workspace_scope():
        if hold_now() is not None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                OLD, {"here": current_workspace_id(), "days": days, "most": most}
            )
            seqs = [row[0] for row in cursor.fetchall()]
        return len(_erase(seqs, by=None, why=f"Details are kept for {days} days."))


def _who_left(person_id: uuid.UUID) -> User:
    person = User.objects.get(pk=person_id)
    here = Membership.objects.filter(
        workspace_id=current_workspace_id(), user=person
    ).exists()
    if here:
        raise Conflict("This person still gets in. Remove the place first.")
    if _employed().filter(user=person).exists():
        raise Conflict("This person still works for your provider.")
    if person.name == account_ends.NAMELESS:
        raise Conflict("This account was erased already.")
    if not _about(person):
        raise User.DoesNotExist  # nobody learns of accounts that were never here
    return person


def _employed() -> QuerySet[Staff]:
    """Return the provider's people: what they did stays readable while they work there."""
    here = Workspace.objects.filter(pk=current_workspace_id())
    return Staff.objects.filter(provider__in=here.values("provider"))


def _about(person: User) -> list[int]:
    # A name of one word may be an everyday word: it is looked for as the actor only.
    name = person.name if " " in person.name.strip() else ""
    with connection.cursor() as cursor:
        cursor.execute(
            ABOUT,
            {
                "here": current_workspace_id(),
                "person": person.pk,
                "person_text": str(person.pk),
                "about": f"person {person.pk}",
                "email": person.email,
                "name": name,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _erase(seqs: Sequence[int], *, by: Membership | None, why: str) -> list[int]:
    """Erase the details of entries and say so in the ledger, in the same transaction."""
    gone: list[int] = []
    for part in _parts(seqs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT tenants_erase_details(%s)", [list(part)])
            erased = cursor.fetchone()[0]
        if erased:
            ledger.append(
                ERASED,
                about="ledger",
                by=by,
                text=why,
                change=ledger.Change(after={"seqs": erased}),
            )
            gone += erased
    return gone


def _parts(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(seqs), AT_ONCE):
        yield seqs[at : at + AT_ONCE]


def _forget_invitations(person: User) -> None:
    Invitation.objects.filter(email__iexact=person.email).delete()


def _forget_account(person: User) -> str:
    if account_ends.has_place(person.pk):
        return "open"
    erase = person.pk not in account_ends.named_elsewhere([person.pk])
    account_ends.close(person.pk, erase=erase)
    return "erased" if erase else "closed"
