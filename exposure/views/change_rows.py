"""The rows of the changes that could be made, and of what they leave together."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.template.defaultfilters import pluralize

from exposure.logic.paths.results import ChangeValue
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.services.making import Making
from exposure.services.what_if import Left, Tried
from exposure.views.path_words import names_of

ABOUT = {
    "conduit": "Close this way through the plant",
    "vendor": "End this remote access",
    "credential": "Take this sign-in away",
    "same_zone": "Filter between the devices of this zone",
}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What one change removes, counted alone; `ticked`: it is tried at the moment.

    `token` stands for its id, which a reader of some sites may not learn. `cannot` says
    why nobody can make it, "" if somebody can.
    """

    token: str
    label: str
    about: str
    removes: float
    leaves: float
    works_with: str
    cannot: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class LeftRow:
    """What is left of one line: units before and after, and the way that still leads."""

    name: str
    before: float
    after: float
    names: list[str]
    is_closed: bool


@dataclass(frozen=True, slots=True)
class TriedRows:
    """Figures of `number` changes together; `percent` of the exposure is removed."""

    number: int
    before: float
    after: float
    removed: float
    percent: int
    lines: list[LeftRow]


def change_rows(
    changes: Iterable[ChangeValue],
    snapshot: PlantSnapshot,
    *,
    known: Mapping[str, Making],
    most: int,
    ticked: Collection[str] = (),
) -> list[ChangeRow]:
    """Return the changes that do something, alone or with others, and the ticked ones.

    `known` says by id how a change could be made.
    """
    changes = list(changes)
    titles = {row.id: row.title for row in snapshot.findings}
    labels = {change.id: change.label for change in changes}
    told = [row for row in changes if row.removes > 0 or row.works_with]
    shown = told[:most]
    shown += [row for row in changes if row.id in ticked and row not in shown]
    return [
        ChangeRow(
            token=token_of(row),
            label=row.label,
            about=titles.get(row.subject_id, ABOUT.get(row.kind, "")),
            removes=row.removes,
            leaves=row.leaves,
            works_with=_together([labels[key] for key in row.works_with]),
            cannot=known[row.id].cannot if row.id in known else "",
            ticked=row.id in ticked,
        )
        for row in shown
    ]


def token_of(change: ChangeValue) -> str:
    """Return what stands for a change in an address: the same in every revision."""
    return hashlib.sha256(change.id.encode()).hexdigest()[:16]


def tried_rows(tried: Tried) -> TriedRows:
    """Return what the page shows of some changes together; lines that lose first."""
    lines = [_left(row) for row in tried.lines if row.figures.before or row.way]
    return TriedRows(
        number=len(tried.changes),
        before=tried.before,
        after=tried.after,
        removed=tried.removed,
        percent=round(100 * tried.removed / tried.before) if tried.before else 0,
        lines=lines,
    )


def _left(row: Left) -> LeftRow:
    return LeftRow(
        name=row.name,
        before=row.figures.before,
        after=row.figures.after,
        names=names_of(row.way) if row.way else [],
        is_closed=row.way is None,
    )


def _together(labels: list[str]) -> str:
    shown = ", ".join(labels[:2])
    more = len(labels) - 2
    return f"{shown} and {more} other{pluralize(more)}" if more > 0 else shown
