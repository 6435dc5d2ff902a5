"""What a packet from outside reaches without anybody knowing a weakness of it."""

import heapq
from collections import defaultdict
from dataclasses import dataclass

from exposure.logic.paths.reasons import in_ports
from exposure.logic.paths.results import UnknownService
from exposure.services.paths import PathAnswer
from exposure.views.hop_rows import Pages
from exposure.views.onward_page import share_words

MOST = 10


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """One asset with such ports; see exposure/paths/_unknown.html."""

    name: str
    url: str
    onward_url: str
    ports: str
    reached: str


@dataclass(frozen=True, slots=True)
class UnknownPage:
    """The context of exposure/paths/_unknown.html: the first rows, and how many more."""

    rows: list[UnknownRow]
    more: int


def unknown_page(answer: PathAnswer, pages: Pages) -> UnknownPage:
    """Return the assets with such ports, those that are reached most often first."""
    assets: dict[str, list[UnknownService]] = defaultdict(list)
    for each in answer.analysis.unknown_services:
        assets[each.asset_id].append(each)
    found = heapq.nsmallest(
        MOST,
        assets.values(),
        key=lambda ports: (-_most(ports), ports[0].asset_name, ports[0].asset_id),
    )
    return UnknownPage(
        rows=[
            UnknownRow(
                name=ports[0].asset_name,
                url=pages.asset(ports[0].asset_id),
                onward_url=pages.onward(ports[0].asset_id),
                ports=in_ports(sorted(each.port for each in ports)),
                reached=share_words(_most(ports)),
            )
            for ports in found
        ],
        more=len(assets) - len(found),
    )


def _most(ports: list[UnknownService]) -> float:
    return max(each.reached for each in ports)
