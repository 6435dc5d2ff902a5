"""What goes on the map of attack paths: which boxes, which edges, which path in front."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from exposure.logic.grades import Grade
from exposure.logic.paths.hops import INTERNET_ID
from exposure.logic.paths.results import FoundPath, Hop, PathAnalysis
from exposure.logic.paths.sight import ELSEWHERE
from exposure.logic.paths.snapshot import AssetRow, Basis, PlantSnapshot
from exposure.logic.paths.weakest import drawn

MOST_ASSETS = 60
MOST_GHOSTS = 6
FOLD_FROM = 3

LANES = (
    ("internet", "Internet", ""),
    ("unplaced", "Not placed", "no zone yet"),
    ("5", "Level 5", "Company"),
    ("4", "Level 4", "Enterprise"),
    ("3.5", "Level 3.5", "DMZ"),
    ("3", "Level 3", "Site operations"),
    ("2", "Level 2", "Supervisory"),
    ("1", "Level 1", "Control"),
    ("0", "Level 0", "Process"),
)
"""Key, name and subtitle of each lane, from top to bottom."""

INTERNET_KEY = "internet:internet"

BEST_FIRST = [str(basis) for basis in Basis]
"""Observed, imported, assumed: of several hops between two boxes, the best known."""


@dataclass(frozen=True, slots=True)
class ChosenBox:
    """A box and its lane. `key` is unique on the map, `id` among rows of its kind; it is
    "" for a device at another site, of which the reader sees no page.

    `stands_for` counts the alike assets folded into it.
    """

    key: str
    id: str
    kind: str
    lane: str
    name: str
    subtitle: str
    is_ghost: bool = False
    stands_for: int = 1


@dataclass(frozen=True, slots=True)
class ChosenEdge:
    """An edge between the boxes with these keys, as the best known hop between them."""

    start: str
    end: str
    basis: str
    title: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice. `spine` are the box keys of the selected path; `left_out` counts
    assets on paths that did not fit.
    """

    boxes: tuple[ChosenBox, ...]
    edges: tuple[ChosenEdge, ...]
    spine: tuple[str, ...]
    selected: FoundPath | None
    drawn: int
    left_out: int


def choose(
    analysis: PathAnalysis,
    snapshot: PlantSnapshot,
    *,
    line_id: str,
    path_number: int,
) -> Chosen:
    """Return what to draw: the selected path, then the best paths, then the others.

    A path is drawn whole or not at all, as long as the map has at most 60 assets.
    Three or more assets of one kind and zone with the same neighbours become one box.
    """
    selected = _selected(analysis, line_id=line_id, path_number=path_number)
    paths = [] if selected is None else [selected]
    paths += [line.best for line in analysis.lines if line.best is not None]
    paths += [other for line in analysis.lines for other in line.others]
    fitting, left_out = _fitting(paths)
    spine = _spine(selected)
    hops = _best_hops(fitting)
    folded = _folded(snapshot, hops, keep=frozenset(spine))
    edges = _edges(hops, folded)
    stands_for: dict[str, int] = defaultdict(lambda: 1)
    for front in folded.values():
        stands_for[front] += 1
    shown = {key for edge in edges for key in (edge.start, edge.end)}
    boxes = (
        _internet(),
        *_assets(snapshot, shown, stands_for=stands_for),
        *_lines(analysis, snapshot, shown),
    )
    return Chosen(
        boxes=boxes,
        edges=edges,
        spine=spine,
        selected=selected,
        drawn=sum(box.stands_for for box in boxes if box.kind == "asset"),
        left_out=left_out,
    )


def box_key(kind: str, row_id: str) -> str:
    """Return the key of a box: a line and an asset may carry the same id."""
    return f"{kind}:{row_id}"


def _selected(
    analysis: PathAnalysis, *, line_id: str, path_number: int
) -> FoundPath | None:
    reached = [line for line in analysis.lines if line.best is not None]
    if not reached:
        return None
    line = next((row for row in reached if row.line_id == line_id), reached[0])
    ways = [line.best, *line.others]
    return ways[path_number] if 0 <= path_number < len(ways) else line.best


def _fitting(paths: Iterable[FoundPath]) -> tuple[list[FoundPath], int]:
    drawn: set[str] = set()
    missing: set[str] = set()
    fitting: list[FoundPath] = []
    for path in paths:
        assets = {hop.to_id for hop in path.hops if hop.to_kind == "asset"}
        if not fitting or len(drawn | assets) <= MOST_ASSETS:
            drawn |= assets
            fitting.append(path)
        else:
            missing |= assets
    return fitting, len(missing - drawn)


def _spine(selected: FoundPath | None) -> tuple[str, ...]:
    if selected is None:
        return ()
    keys = (INTERNET_KEY, *(_end(hop) for hop in selected.hops))
    return tuple(dict.fromkeys(keys))


def _start(hop: Hop) -> str:
    return box_key(hop.from_kind, hop.from_id)


def _end(hop: Hop) -> str:
    return box_key(hop.to_kind, hop.to_id)


def _best_hops(paths: Iterable[FoundPath]) -> dict[tuple[str, str], Hop]:
    best: dict[tuple[str, str], Hop] = {}
    for path in paths:
        for hop in path.hops:
            key = _start(hop), _end(hop)
            if key[0] != key[1] and (
                key not in best or _doubt(hop) < _doubt(best[key])
            ):
                best[key] = hop
    return best


def _doubt(hop: Hop) -> int:
    return BEST_FIRST.index(hop.basis) if hop.basis in BEST_FIRST else 0


def _folded(
    snapshot: PlantSnapshot,
    hops: dict[tuple[str, str], Hop],
    *,
    keep: frozenset[str],
) -> dict[str, str]:
    """Map the assets that are not drawn themselves to the box that stands for them."""
    before: dict[str, set[str]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    for start, end in hops:
        after[start].add(end)
        before[end].add(start)
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for asset in sorted(snapshot.assets, key=lambda row: row.id):
        key = box_key("asset", asset.id)
        if key in keep or key not in before:
            continue
        sides = frozenset(before[key]), frozenset(after[key])
        alike[(asset.zone_id, asset.kind, *sides)].append(key)
    return {
        other: group[0]
        for group in alike.values()
        if len(group) >= FOLD_FROM
        for other in group[1:]
    }


def _edges(
    hops: dict[tuple[str, str], Hop], folded: dict[str, str]
) -> tuple[ChosenEdge, ...]:
    return tuple(
        ChosenEdge(
            start=start, end=end, basis=BEST_FIRST[_doubt(hop)], title=_title(hop)
        )
        for (start, end), hop in sorted(hops.items())
        if start not in folded and end not in folded
    )


def _title(hop: Hop) -> str:
    way = f"{hop.from_name} to {hop.to_name}: {hop.way}"
    if not hop.grade:
        return f"{way}, {hop.basis}"
    # Where the weakness is what is known worst, its grade says so.
    by_grade = hop.basis != Basis.OBSERVED and drawn(hop.grade) == hop.basis
    known = "" if by_grade else f", {hop.basis}"
    return f"{way}{known}; weakness {Grade(hop.grade).label}"


def _internet() -> ChosenBox:
    return ChosenBox(
        key=INTERNET_KEY,
        id=INTERNET_ID,
        kind="internet",
        lane="internet",
        name="Internet",
        subtitle="anyone",
    )


def _assets(
    snapshot: PlantSnapshot, shown: set[str], *, stands_for: dict[str, int]
) -> Iterable[ChosenBox]:
    lanes = {zone.id: f"{zone.level:g}" for zone in snapshot.zones}
    for asset in sorted(snapshot.assets, key=lambda row: row.id):
        key = box_key("asset", asset.id)
        if key in shown:
            count = stands_for[key]
            yield ChosenBox(
                key=key,
                id="" if asset.name == ELSEWHERE else asset.id,
                kind="asset",
                lane=lanes.get(asset.zone_id, "unplaced"),
                name=asset.name,
                subtitle=_subtitle(asset, count=count),
                stands_for=count,
            )


def _subtitle(asset: AssetRow, *, count: int) -> str:
    if count > 1:
        return f"and {count - 1} alike"
    return asset.description or asset.kind.replace("_", " ")


def _lines(
    analysis: PathAnalysis, snapshot: PlantSnapshot, shown: set[str]
) -> Iterable[ChosenBox]:
    """Lines that are reached, and a few that are not: that is news as well."""
    about = {line.id: line.description for line in snapshot.lines}
    ghosts = [line.line_id for line in analysis.lines if line.best is None]
    for line in analysis.lines:
        is_ghost = line.line_id in ghosts[:MOST_GHOSTS]
        key = box_key("line", line.line_id)
        if key in shown or is_ghost:
            yield ChosenBox(
                key=key,
                id=line.line_id,
                kind="line",
                lane="0",
                name=line.name,
                subtitle="not reached" if is_ghost else about.get(line.line_id, ""),
                is_ghost=is_ghost,
            )
