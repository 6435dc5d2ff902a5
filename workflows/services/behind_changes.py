"""Which findings stand behind the changes of a plan."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from exposure.logic.paths.plans.answer import ChangeRow
from exposure.models import COUNTED, Finding
from workflows.services.cases import with_answers

Port = tuple[str, str]


class Found:
    """The findings behind some changes, read together, with what tells them apart."""

    def __init__(self, changes: Sequence[ChangeRow]) -> None:
        ids = {key for row in changes for key in _named(row)}
        ports = {_port_of(row) for row in changes if row.subject_kind == "service"}
        ports = {(asset, port) for asset, port in ports if is_id(asset)}
        at_ports = Q(
            asset_id__in={asset for asset, _ in ports},
            service__port__in={port for _, port in ports},
            state__in=COUNTED,
        )
        rows = Finding.objects.filter(
            Q(pk__in=ids) | at_ports if ports else Q(pk__in=ids)
        )
        # Thousands may stand behind a conduit: all but a few are told by number only.
        rows = rows.select_related("service").only(
            "number", "asset_id", "service__port"
        )
        self._by_id: dict[str, Finding] = {}
        self._at: dict[Port, list[Finding]] = defaultdict(list)
        for row in rows.order_by("-urgency", "-through", "number"):
            self._by_id[str(row.pk)] = row
            self._at[str(row.asset_id), str(row.service.port)].append(row)

    def is_direct(self, row: ChangeRow) -> bool:
        """Whether a change is about findings, and not about what leads to them."""
        if row.subject_kind == "service":
            return bool(self._at.get(_port_of(row)))
        return row.subject_kind == "finding"

    def of(self, row: ChangeRow) -> list[Finding]:
        """Return the findings behind a change, those to act on first."""
        if row.subject_kind == "service" and self.is_direct(row):
            return self._at[_port_of(row)]
        named = set(_named(row))
        return [each for key, each in self._by_id.items() if key in named]


def _named(row: ChangeRow) -> Iterable[str]:
    ids = [row.subject_id] if row.subject_kind == "finding" else row.behind
    return [key for key in ids if is_id(key)]


def is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _port_of(row: ChangeRow) -> Port:
    asset, _, port = row.subject_id.rpartition(":")
    return asset, port


def sorted_out(
    row: ChangeRow, found: Found, taken: Mapping[str, int]
) -> tuple[list[Finding], dict[str, int]]:
    """Return the findings that a change treats, and the places that treat the others."""
    mine, treated = [], {}
    for finding in found.of(row):
        place = taken.get(finding.ref, row.place) if row.place else row.place
        if place == row.place:
            mine.append(finding)
        else:
            treated[finding.ref] = place
    return mine, treated


def in_full(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Finding]:
    """Return findings with their cases and decisions."""
    rows = Finding.objects.select_related("asset", "service", "case")
    rows = rows.filter(pk__in={*ids}).prefetch_related(with_answers("case__decisions"))
    return {row.pk: row for row in rows}
