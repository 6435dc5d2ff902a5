"""What both sides read: every item in the order it was found, each with a letter."""

import datetime as dt
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exposure.logic.checks import BY_ID
from exposure.logic.grades import Grade
from exposure.logic.paths.results import Hop
from exposure.models import Authorisation, Conduit, Evidence, Finding
from exposure.services.evidence import evidence_hash
from workflows.views.transcript import effort, transcript


@dataclass(frozen=True, slots=True)
class Item:
    """One item of evidence; see the template of the list.

    `opened` shows the exchange at once: the newest proof is read first. `missing` is True when what is stored does not have the hash it was sealed with.
    """

    letter: str
    title: str
    proof: str
    text: str = ""
    transcript: str = ""
    replay: str = ""
    at: dt.datetime | None = None
    source: str = ""
    cost: str = ""
    sha256: str = ""
    conduit_id: str = ""
    opened: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """The authorisation under which the items were gathered."""

    name: str
    url: str
    until: dt.datetime


def letter(number: int) -> str:
    """Return A to Z, then AA, AB: a letter cannot be read as a grade or a step.

    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    first, second = divmod(number, len(string.ascii_uppercase))
    more = letter(first - 1) if first else ""
    return more + string.ascii_uppercase[second]


def evidence_of(rows: Sequence[Evidence], hops: Iterable[Hop]) -> list[Item]:
    """Return the sealed items of a finding, then the ways through the plant to it."""
    proofs = [row.pk for row in rows if row.grade == Grade.E4]
    items = [
        _item(row, letter(place), opened=row.pk in proofs[-1:])
        for place, row in enumerate(rows)
    ]
    ids = [hop.conduit_id for hop in hops if hop.conduit_id]
    if not ids:
        return items
    found = {str(row.pk): row for row in Conduit.objects.filter(pk__in=ids)}
    known = [hop for hop in hops if hop.conduit_id in found]
    return items + [
        _conduit(found[hop.conduit_id], hop, letter(len(items) + place))
        for place, hop in enumerate(known)
    ]


def not_done(finding: Finding, rows: Iterable[Evidence]) -> str:
    """Return what the checks left out on purpose."""
    said = [row.not_done for row in rows if row.not_done]
    if said:
        return said[-1]
    check = BY_ID.get(finding.check_id)
    return check.not_done if check else "Nothing was written and no sign-in was tried."


def permission(authorisation: Authorisation, *, url: str) -> Permission:
    """Return the authorisation as the list names it."""
    return Permission(authorisation.reference, url, authorisation.valid_until)


def _item(row: Evidence, mark: str, *, opened: bool) -> Item:
    check = f"check {row.check_id}/{row.check_version}, " if row.check_id else ""
    return Item(
        letter=mark,
        title=row.title,
        proof=row.grade,
        text=row.text,
        transcript=transcript(row.exchanges),
        replay=row.replay,
        at=row.at,
        source=f"{check}from {row.vantage_name}",
        cost=effort(row.exchanges),
        sha256=row.sha256,
        opened=opened,
        missing=evidence_hash(row) != row.sha256,
    )


def _conduit(row: Conduit, hop: Hop, mark: str) -> Item:
    # The first sentence of a hop says who lets whom through.
    title = hop.how.partition(". ")[0].rstrip(".")
    return Item(
        letter=mark,
        title=title,
        proof=row.basis,
        source=row.source,
        conduit_id=hop.conduit_id,
    )
