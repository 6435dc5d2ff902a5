"""What both sides read: every item in the order it was found, each with a letter."""

import datetime as dt
import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from exposure.logic.checks import BY_ID
from exposure.logic.grades import Grade
from exposure.logic.paths.results import Hop
from exposure.logic.paths.sight import ELSEWHERE
from exposure.models import Authorisation, Conduit, Evidence, Finding, Vantage
from exposure.services.evidence import evidence_hash
from exposure.services.transcripts import parser_words
from tenants.scope import site_limit
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
    veil = _veil(rows)
    items = [
        _item(row, letter(place), opened=row.pk in proofs[-1:], veil=veil)
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


def _veil(rows: Iterable[Evidence]) -> Callable[[str], str]:
    """Return what takes the names out of a text of places inside sites out of sight."""
    if site_limit() is None:
        return str
    known = set(Vantage.objects.values_list("name", flat=True))
    hidden = {row.vantage_name for row in rows} - known

    def veil(text: str) -> str:
        return reduce(lambda rest, name: rest.replace(name, ELSEWHERE), hidden, text)

    return veil


def _item(
    row: Evidence, mark: str, *, opened: bool, veil: Callable[[str], str]
) -> Item:
    check = f"check {row.check_id}/{row.check_version}, " if row.check_id else ""
    return Item(
        letter=mark,
        title=veil(row.title),
        proof=row.grade,
        text=" ".join(filter(None, (veil(row.text), _read_by(row)))),
        transcript=transcript(row.exchanges),
        replay=row.replay,
        at=row.at,
        source=veil(f"{check}from {row.vantage_name}"),
        cost=effort(row.exchanges),
        sha256=row.sha256,
        opened=opened,
        missing=evidence_hash(row) != row.sha256,
    )


def _read_by(row: Evidence) -> str:
    """Return what to know before the bytes are read again; "" where nothing."""
    # None: a run of a site that is not the reader's saw it.
    seen = row.observation
    return parser_words(seen.probe, seen.probe_version) if seen else ""


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
