"""The rows of the page about what changes cost, as its templates read them."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from exposure.logic.paths.plans.costs import ChangeKind
from exposure.logic.paths.plans.items import Candidate
from exposure.models import ChangeCost, Line, MaintenanceWindow
from exposure.services.change_offers import Offer
from exposure.services.hours import zone_of
from exposure.views.stop_money import StopRow, stop_rows

HUNDRED = 100
MOST_TEXT = 120
KINDS = {
    ChangeKind.PATCH: "Fix a weakness",
    ChangeKind.CONTROL: "Guard with a control",
    ChangeKind.REMOVE: "Turn a service off",
    ChangeKind.CLOSE: "Close a conduit",
    ChangeKind.SEGMENT: "Split a zone",
    ChangeKind.MFA: "Second factor",
    ChangeKind.VENDOR: "Open only on request",
}
VIEWS = {
    "all": "All",
    "assumed": "Assumed",
    "said": "Said by the plant",
    "cannot": "Cannot be made",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader chose; anything unknown is the default."""

    view: str = "all"
    kind: str = ""
    text: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Asked":
        """Return what a query asks for, without what is no choice."""
        view, kind = asked.get("view", ""), asked.get("kind", "")
        text = " ".join(asked.get("q", "").replace("\0", "").split())[:MOST_TEXT]
        return cls(
            view if view in VIEWS else "all",
            kind if kind in {each.value for each in KINDS} else "",
            text,
        )

    def query(self, **changed: str) -> str:
        """Return it as a query string, with some of it changed."""
        values = {"view": self.view, "kind": self.kind, "q": self.text} | changed
        return "?" + urlencode({name: each for name, each in values.items() if each})

    def fits(self, change: Candidate, said: ChangeCost | None) -> bool:
        """Whether a change is one of those asked for."""
        return (
            self._shows(said)
            and self.kind in ("", change.kind)
            and self.text.casefold() in change.label.casefold()
        )

    def _shows(self, said: ChangeCost | None) -> bool:
        if self.view == "assumed":
            return is_assumed(said)
        if self.view == "cannot":
            return said is not None and bool(said.cannot)
        return self.view == "all" or said is not None


@dataclass(frozen=True, slots=True)
class SaidRow:
    """What the plant says; None and empty is as the table. `leaves` in percent."""

    hours: float | None
    stops: list[StopRow] | None
    leaves: float | None
    needs: list[str]
    windows: list[tuple[MaintenanceWindow, str]]
    windows_over: int
    cannot: str
    note: str
    by: str
    side: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class CostRow:
    """One change: as the table has it, and as the plant does."""

    id: str
    token: str
    label: str
    kind: str
    hours: float
    stops: list[StopRow]
    leaves: float
    said: SaidRow | None
    url: str = ""


class Names:
    """What a row needs besides itself, read once for a page."""

    def __init__(self, offers: Mapping[str, Offer]) -> None:
        self.lines = {
            str(pk): name for pk, name in Line.objects.values_list("pk", "name")
        }
        self.labels = {key: row.change.label for key, row in offers.items()}
        rows = MaintenanceWindow.objects.select_related("line", "site__workspace")
        self.windows = {str(row.pk): row for row in rows.order_by("begins_at", "pk")}

    def stops(self, downtime: Mapping[str, float]) -> list[StopRow]:
        """Return the lines that the reader may see, by name."""
        return stop_rows(downtime, names=self.lines, rates={})


def is_assumed(said: ChangeCost | None) -> bool:
    """Whether some of the hours are those of the table."""
    return said is None or said.hours is None or said.downtime is None


def token_of(change: str) -> str:
    """Return what stands for a change in names of fields and parts of a page."""
    return hashlib.sha256(change.encode()).hexdigest()[:12]


def cost_row(
    change: Candidate, said: ChangeCost | None, *, names: Names, url: str
) -> CostRow:
    """Return one row of the list."""
    return CostRow(
        id=change.id,
        token=token_of(change.id),
        label=change.label,
        kind=KINDS[change.kind],
        hours=change.hours,
        stops=names.stops(change.downtime),
        leaves=HUNDRED * max(change.edit.keep.values(), default=0.0),
        said=None if said is None else _said(said, names),
        url=url,
    )


def _said(row: ChangeCost, names: Names) -> SaidRow:
    windows = [names.windows[each] for each in row.only_in if each in names.windows]
    return SaidRow(
        hours=row.hours,
        stops=None if row.downtime is None else names.stops(row.downtime),
        leaves=None if row.keep is None else HUNDRED * row.keep,
        needs=[names.labels[each] for each in row.needs if each in names.labels],
        windows=[(each, zone_of(each.site)) for each in windows],
        windows_over=len(row.only_in) - len(windows),
        cannot=row.cannot,
        note=row.note,
        by=row.said_by.name,
        side=row.get_side_display(),
        at=row.said_at,
    )


def counts_of(number: int, said: Iterable[ChangeCost]) -> dict[str, int]:
    """Return how many of a number of changes each view has; `said` is of these."""
    rows = list(said)
    return {
        "all": number,
        "assumed": number - sum(not is_assumed(row) for row in rows),
        "said": len(rows),
        "cannot": sum(bool(row.cannot) for row in rows),
    }
