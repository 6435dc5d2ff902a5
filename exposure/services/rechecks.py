"""A revision can be counted again by whoever doubts it, and its graph taken away."""

import datetime as dt
import json
from dataclasses import dataclass

from django.db.models.functions import Length

from common.errors import DomainError
from exposure.logic.paths.blob import digest_of, unpack
from exposure.logic.paths.export import as_graphml
from exposure.logic.paths.recheck import Recheck, Stored, recheck
from exposure.models import PathRevision
from exposure.services import paths
from tenants.models import LedgerDetail, LedgerEntry, Membership, User
from tenants.scope import whole_workspace
from tenants.services import ledger
from tenants.services.jobs import enqueue

AT_ONCE = 1_000_000
"""Bytes of a stored graph, about 100 000 steps: two seconds. More is checked by a job."""

CHECKED = "paths.checked"
MOST_NAMED = 3


class NoGraph(DomainError):
    """A revision of before graphs were kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger says of the last check of a revision."""

    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a check; `same` is None while a job is at it."""

    text: str
    same: bool | None


def check(number: int, *, by: Membership) -> Said:
    """Count a revision again; return what came of it, which the ledger says too.

    A very large one is checked by a job. Raises `PathRevision.DoesNotExist`, and
    `NoGraph` for one that was stored before there was anything to count again.
    """
    size = (
        PathRevision.objects.filter(number=number)
        .values_list(Length("graph"), flat=True)
        .get()
    )
    if size is None:
        raise NoGraph("This revision was stored before its graph was kept.")
    if size > AT_ONCE:
        args = {"number": number, "by": str(by.user_id)}
        enqueue("exposure.check_revision", args=args, key=f"{number}")
        text = f"Revision {number} is being checked. Look again in a minute."
        return Said(text, same=None)
    return check_now(number, by=by)


def check_now(number: int, *, by: Membership | User) -> Said:
    """Count a revision again, however long it takes, and write down what came of it."""
    row = PathRevision.objects.get(number=number)
    if row.graph is None:
        raise NoGraph("This revision was stored before its graph was kept.")
    stored = Stored(
        snapshot=bytes(row.snapshot),
        result=bytes(row.result),
        graph=bytes(row.graph),
        snapshot_sha256=row.snapshot_hash,
        policy_sha256=row.policy_hash,
    )
    found = recheck(stored, paths.policy())
    text = words_of(number, found)
    with whole_workspace():
        ledger.append(
            CHECKED,
            about=about(number),
            by=by,
            text=text,
            change=ledger.Change(
                after={"same": not found.differs, "graph_sha256": found.graph_sha256}
            ),
        )
    return Said(text, same=not found.differs)


def give_up(number: int) -> None:
    """Write down that a check could not be made."""
    ledger.append(
        CHECKED,
        about=about(number),
        text=f"Revision {number} could not be checked; that says nothing about it.",
    )


def about(number: int) -> str:
    """Return what the ledger calls a revision."""
    return f"revision {number}"


def last_check(number: int) -> Told | None:
    """Return what the last check of a revision said; None before one."""
    rows = LedgerEntry.objects.filter(action=CHECKED, object_ref=about(number))
    entry = rows.order_by("-seq").first()
    detail = LedgerDetail.objects.filter(pk=entry.pk).first() if entry else None
    if entry is None or detail is None:
        return None
    return Told(json.loads(bytes(detail.body))["text"], entry.at)


def words_of(number: int, found: Recheck) -> str:
    """Return what came of a check, in a sentence or two."""
    also = " It compiles to the same graph." if found.compiled else ""
    if not found.differs:
        return (
            f"Revision {number}: the same bits. Reach and exposure of {found.lines} "
            f"line{'' if found.lines == 1 else 's'}, counted again in {found.worlds} "
            f"worlds.{also} Graph SHA-256 {found.graph_sha256}."
        )
    named = "; ".join(found.differs[:MOST_NAMED])
    more = len(found.differs) - MOST_NAMED
    rest = f"; and {more} more" if more > 0 else ""
    return (
        f"Revision {number} does not come out the same: {named}{rest}. "
        f"Graph SHA-256 {found.graph_sha256}."
    )


def graph_of(number: int) -> tuple[str, int] | None:
    """Return SHA-256 and size in bytes of the stored graph; None without one."""
    row = PathRevision.objects.only("graph").get(number=number)
    return (digest_of(bytes(row.graph)), len(row.graph)) if row.graph else None


def graphml_of(number: int, *, by: Membership) -> bytes:
    """Return the graph of a revision as GraphML; the ledger says who took it.

    Raises `PathRevision.DoesNotExist`, `NoGraph`, and `GraphTooLarge`.
    """
    row = PathRevision.objects.only("graph").get(number=number)
    if row.graph is None:
        raise NoGraph("This revision was stored before its graph was kept.")
    content = as_graphml(unpack(bytes(row.graph)), paths.snapshot_of(row.pk))
    text = f"{by.user} took the graph of revision {number}."
    ledger.append("paths.graph_taken", about=about(number), by=by, text=text)
    return content
