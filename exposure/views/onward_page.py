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
    """One line that is lost in some worlds; see exposure/paths/onward.html."""

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
    lines_never: int
    assets: list[AssetRow]
    more_assets: int


def onward_page(
    radius: BlastRadius,
    plant: PlantSnapshot,
    *,
    taken_now: float,
    asset_url: Callable[[str], str],
    onward_url: Callable[[str], str],
) -> OnwardPage:
    """Return the page; `taken_now` is the share of worlds in which the asset is taken.

    The functions give the addresses of an asset: of its row in the plant, and of what
    follows from it.
    """
    names = {row.id: row.name for row in plant.assets}
    lines = {row.id: row.name for row in plant.lines}
    lost = [row for row in radius.lines.lines if row.reach_after]
    lost.sort(key=lambda row: (row.before - row.after, -row.after, lines[row.line_id]))
    return OnwardPage(
        lead=_lead(radius, taken_now),
        lines=[_line(row, lines[row.line_id]) for row in lost],
        lines_never=len(radius.lines.lines) - len(lost),
        assets=[
            AssetRow(
                name=names[row.asset_id],
                url=asset_url(row.asset_id),
                onward_url=onward_url(row.asset_id),
                reached=share_words(row.reached),
                taken=share_words(row.controlled),
            )
            for row in radius.assets[:MOST]
        ],
        more_assets=max(0, len(radius.assets) - MOST),
    )


def _lead(radius: BlastRadius, taken_now: float) -> str:
    before, after = radius.lines.before, radius.lines.after
    lines = sum(1 for row in radius.lines.lines if row.reach_after > row.reach_before)
    taken = sum(1 for row in radius.assets if row.controlled)
    if lines:
        text = (
            f"{lines} line{pluralize(lines)} would be lost more often: {after:.1f} "
            f"units instead of {before:.1f}."
        )
    else:
        text = f"No line would be lost more often than now, {before:.1f} units."
    others = f"{taken or 'No'} other asset{'s' if taken > 1 else ''}"
    return f"{text} {others} can be taken from it. {_now(taken_now, moves=bool(lines))}"


def _now(share: float, *, moves: bool) -> str:
    if not share:
        return "By what is known, nobody outside takes it now."
    if share == 1.0:  # where that is a foothold alone, to control it may add something
        so = "." if moves else ", so no figure moves."
        return f"It is taken in every world now already{so}"
    return f"Now it is taken in {share_words(share)} of the worlds."


def _line(row: LineChange, name: str) -> LineRow:
    return LineRow(
        name=name,
        before=row.before,
        after=row.after,
        share_before=share_words(row.reach_before),
        share_after=share_words(row.reach_after),
    )


def share_words(value: float) -> str:
    """Return a share of the worlds as text.

    >>> share_words(0.0), share_words(0.001), share_words(0.324), share_words(0.999), share_words(1.0)
    ('0', '< 0.01', '0.32', '> 0.99', '1')
    """
    if value in (0.0, 1.0):
        return f"{value:.0f}"
    if value < 0.005:
        return "< 0.01"
    return "> 0.99" if value > 0.995 else f"{value:.2f}"
