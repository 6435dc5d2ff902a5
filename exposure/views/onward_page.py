"""What the page about one asset shows: what follows once somebody has it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.template.defaultfilters import pluralize

from exposure.logic.paths.blast import BlastRadius
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.whatif import LineChange

MOST = 100


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line that is lost more often; see exposure/paths/onward.html."""

    name: str
    before: float
    after: float
    share_before: str
    share_after: str


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One asset that follows; see exposure/paths/onward.html."""

    name: str
    url: str
    onward_url: str
    reached: str
    taken: str


@dataclass(frozen=True, slots=True)
class OnwardPage:
    """The context of exposure/paths/onward.html, beside the asset and addresses."""

    lead: str
    lines: list[LineRow]
    lines_as_before: int
    assets: list[AssetRow]
    more_assets: int


def onward_page(
    radius: BlastRadius,
    plant: PlantSnapshot,
    *,
    asset_url: Callable[[str], str],
    onward_url: Callable[[str], str],
) -> OnwardPage:
    """Return the page; the functions give the address of an asset's row and page."""
    names = {row.id: row.name for row in plant.assets}
    lines = {row.id: row.name for row in plant.lines}
    more = [row for row in radius.lines.lines if row.after > row.before]
    more.sort(key=lambda row: (row.before - row.after, lines[row.line_id]))
    return OnwardPage(
        lead=_lead(radius, len(more)),
        lines=[_line(row, lines[row.line_id]) for row in more],
        lines_as_before=len(radius.lines.lines) - len(more),
        assets=[
            AssetRow(
                name=names[row.asset_id],
                url=asset_url(row.asset_id),
                onward_url=onward_url(row.asset_id),
                reached=_share(row.reached),
                taken=_share(row.controlled),
            )
            for row in radius.assets[:MOST]
        ],
        more_assets=max(0, len(radius.assets) - MOST),
    )


def _lead(radius: BlastRadius, lines: int) -> str:
    before, after = radius.lines.before, radius.lines.after
    if not lines and not radius.assets:
        return f"No known step leads on from it: the exposure stays {before:.1f} units."
    taken = sum(1 for row in radius.assets if row.controlled)
    text = f"No line would be lost more often than now, {before:.1f} units."
    if lines:
        text = (
            f"{lines} line{pluralize(lines)} would be lost more often: {after:.1f} "
            f"units instead of {before:.1f}."
        )
    return f"{text} {taken} other asset{pluralize(taken)} can be taken from it."


def _line(row: LineChange, name: str) -> LineRow:
    return LineRow(
        name=name,
        before=row.before,
        after=row.after,
        share_before=_share(row.reach_before),
        share_after=_share(row.reach_after),
    )


def _share(value: float) -> str:
    """Return a share of the worlds as text.

    >>> _share(0.0), _share(0.001), _share(0.324), _share(0.999), _share(1.0)
    ('0', '< 0.01', '0.32', '> 0.99', '1')
    """
    if value in (0.0, 1.0):
        return f"{value:.0f}"
    if value < 0.005:
        return "< 0.01"
    return "> 0.99" if value > 0.995 else f"{value:.2f}"
