"""The trail of everything that was found: who said so, from what, and how sure we are."""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from exposure.logic import attribution as logic
from exposure.logic.names.labels import canonical
from exposure.models import HoldingKind, Site
from exposure.services.trails import Book

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a source names: the contract of everything that discovers.

    `kind` is "name", "address" or "range"; `source` is one of the keys of
    `exposure.logic.attribution.WEIGHTS`; `derived_from_value` is what the source was
    asked about, "" for a root. Values may come as the source wrote them: what is no
    name, address or range of its kind is refused, and everything is made harmless.
    """

    kind: str
    value: str
    source: str
    derived_from_value: str
    seen_at: dt.datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of some finds: how many holdings are new, known, and refused."""

    new: int = 0
    known: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class _Clean:
    """A find in canonical form."""

    key: tuple[str, str]
    parent: str
    found: Found


def note(found: Iterable[Found], *, site: Site) -> Noted:
    """Keep what was found at a site, with its trail; the same again changes nothing.

    Call it inside a workspace scope. What is new is no target: that takes an entry of the
    signed scope. A find whose origin is unknown here, or that is more than five hops from
    a root, is refused, and so is what is no name, address or range.
    """
    new = known = refused = 0
    rest = iter(found)
    while part := list(islice(rest, AT_ONCE)):
        clean = [each for each in map(_clean, part) if each is not None]
        made, met, lost = _note(clean, site=site)
        new, known = new + made, known + met
        refused += lost + len(part) - len(clean)
    return Noted(new, known, refused)


def _clean(found: Found) -> _Clean | None:
    value = canonical_value(found.kind, found.value)
    if value is None:
        return None
    parent = found.derived_from_value
    if parent:
        parent = canonical(parent) or _literal(parent) or ""
        if not parent or parent == value:
            return None
    elif found.source not in logic.ROOTS:
        return None
    return _Clean((found.kind, value), parent, found)


def canonical_value(kind: str, text: str) -> str | None:
    """Return a value as it is kept; None if it is none of its kind.

    >>> canonical_value("range", "192.0.2.0/24"), canonical_value("address", "::1%eth0")
    ('192.0.2.0/24', None)
    """
    if kind == HoldingKind.NAME:
        return canonical(text)
    value = _literal(text)
    is_range = value is not None and "/" in value
    wanted: dict[str, bool] = {
        HoldingKind.RANGE: is_range,
        HoldingKind.ADDRESS: not is_range,
    }
    return value if wanted.get(kind) else None


def _literal(text: str) -> str | None:
    if "%" in text:
        return None
    try:
        if "/" in text:
            return str(ipaddress.ip_network(text.strip(), strict=False))
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


@transaction.atomic
def _note(clean: list[_Clean], *, site: Site) -> tuple[int, int, int]:
    # One writer a site: two of them would make the same holding twice.
    Site.objects.select_for_update().get(pk=site.pk)
    values = {each.key[1] for each in clean} | {each.parent for each in clean}
    book = Book(site, values)
    lost = 0
    for each in clean:
        origin = book.best(each.parent) if each.parent else None
        too_far = origin is not None and origin.depth >= logic.MOST_HOPS
        if too_far or (each.parent and origin is None):
            lost += 1
            continue
        book.sight(
            each.key,
            source=each.found.source,
            origin=origin,
            seen_at=each.found.seen_at,
            detail=each.found.detail,
        )
    return *book.save(), lost
