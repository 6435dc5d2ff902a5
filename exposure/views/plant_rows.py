"""What the page of zones and assets is made of; see exposure/plant/detail.html."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page

from exposure.views.control_rows import ControlMark


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """What answers on one port."""

    port: str
    words: str
    gone: bool


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One open finding."""

    ref: str
    url: str
    title: str
    grade: str
    controls: list[ControlMark]


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One asset; the fields are described in exposure/plant/detail.html."""

    id: str
    name: str
    kind: str
    addresses: str
    line: str
    services: list[ServiceRow]
    findings: list[FindingRow]
    exposed: bool
    onward_url: str
    seen: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone with its assets."""

    name: str
    is_safety: bool
    assets: list[AssetRow]


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A Purdue level with its zones."""

    name: str
    sub: str
    zones: list[ZoneRow]


@dataclass(frozen=True, slots=True)
class ConduitRow:
    """Who may talk to whom, and who says so."""

    name: str
    source: str
    target: str
    service: str
    basis: str
    said_by: str
    controls: list[ControlMark]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line, what an hour of it costs, and what its loss means."""

    name: str
    description: str
    points: int
    cost_per_hour: int
    currency: str
    assets: list[str]
    more: int
    consequence: str


@dataclass(frozen=True, slots=True)
class PlantPage:
    """The context of exposure/plant/detail.html."""

    claim: str
    lead: str
    levels: list[LevelRow]
    unplaced: list[AssetRow]
    page: Page[Any]
    conduits: list[ConduitRow]
    lines: list[LineRow]
