"""Order and positions of points that stand in rows and are linked from row to row."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SWEEPS = 12
PASSES = 10

# What pulls a point towards its neighbour: the selected way most, then long edges,
# which look better straight than short.
SPINE_PULL = 32.0
LONG_PULL = 8.0
PLAIN_PULL = 1.0


@dataclass(frozen=True, slots=True)
class Rows:
    """Points 0..n-1 in rows; `up` and `down` name the linked points one row away.

    `widths` are the widths of the points. A point in `dummies` only carries an edge,
    one in `spine` belongs to the selected way.
    """

    rows: list[list[int]]
    up: list[list[int]]
    down: list[list[int]]
    widths: list[float]
    dummies: frozenset[int]
    spine: frozenset[int]
    gap: float


def ordered(rows: Rows) -> tuple[Rows, int]:
    """Return the rows in the best order found, and its number of crossings.

    Twelve barycentre sweeps, down and up in turns: each row is sorted by the mean
    place of the neighbours of each point. Ties keep their order, so the same input
    gives the same drawing.
    """
    current = [list(row) for row in rows.rows]
    best, fewest = current, crossings(current, rows.down)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        links = rows.down if sweep % 2 else rows.up
        numbers = range(len(current))
        current = _sweep(current, links, reversed(numbers) if sweep % 2 else numbers)
        count = crossings(current, rows.down)
        if count < fewest:
            best, fewest = current, count
    return (
        Rows(
            rows=best,
            up=rows.up,
            down=rows.down,
            widths=rows.widths,
            dummies=rows.dummies,
            spine=rows.spine,
            gap=rows.gap,
        ),
        fewest,
    )


def _sweep(
    rows: list[list[int]], links: list[list[int]], numbers: Iterable[int]
) -> list[list[int]]:
    swept = [list(row) for row in rows]
    place = {point: spot for row in swept for spot, point in enumerate(row)}
    for number in numbers:
        centre = {
            point: sum(place[other] for other in links[point]) / len(links[point])
            if links[point]
            else float(place[point])
            for point in swept[number]
        }
        swept[number].sort(key=centre.__getitem__)
        place.update((point, spot) for spot, point in enumerate(swept[number]))
    return swept


def crossings(rows: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> int:
    """Return how many pairs of links between neighbouring rows cross."""
    place = {point: spot for row in rows for spot, point in enumerate(row)}
    total = 0
    for row in rows:
        links = sorted(
            (place[start], place[end]) for start in row for end in down[start]
        )
        seen: list[int] = []
        for _, end in links:
            total += len(seen) - bisect_right(seen, end)
            insort(seen, end)
    return total


def placed(rows: Rows) -> list[float]:
    """Return the x of each point: near its neighbours, in order, never overlapping.

    The selected way comes out as one straight vertical line, as far as it has only
    one point in a row.
    """
    x = _side_by_side(rows)
    for number in range(PASSES):
        for row in rows.rows if number % 2 == 0 else rows.rows[::-1]:
            wanted = [_wanted(rows, point, x) for point in row]
            weights = [_weight(rows, point) for point in row]
            _set(x, row, _spread(rows, row, wanted, weights))
    fixed = [point for row in rows.rows for point in row if point in rows.spine]
    if fixed:
        _straighten(rows, x, at=sum(x[point] for point in fixed) / len(fixed))
    return x


def _side_by_side(rows: Rows) -> list[float]:
    x = [0.0] * len(rows.widths)
    for row in rows.rows:
        middle = _offsets(rows, row)
        centre = middle[-1] / 2 if middle else 0.0
        _set(x, row, [offset - centre for offset in middle])
    return x


def _set(x: list[float], row: list[int], values: list[float]) -> None:
    for point, value in zip(row, values, strict=True):
        x[point] = value


def _wanted(rows: Rows, point: int, x: list[float]) -> float:
    pulls = [
        (_pull(rows, point, other), x[other])
        for other in (*rows.up[point], *rows.down[point])
    ]
    total = sum(pull for pull, _ in pulls)
    return sum(pull * at for pull, at in pulls) / total if total else x[point]


def _pull(rows: Rows, one: int, other: int) -> float:
    if one in rows.spine and other in rows.spine:
        return SPINE_PULL
    if one in rows.dummies and other in rows.dummies:
        return LONG_PULL
    return PLAIN_PULL


def _weight(rows: Rows, point: int) -> float:
    if point in rows.spine:
        return SPINE_PULL
    return 2.0 if point in rows.dummies else 1.0


def _offsets(rows: Rows, row: list[int]) -> list[float]:
    """Return how far right of the first each point stands when all touch."""
    offsets: list[float] = []
    for spot, point in enumerate(row):
        if not spot:
            offsets.append(0.0)
            continue
        half = (rows.widths[row[spot - 1]] + rows.widths[point]) / 2
        offsets.append(offsets[-1] + half + rows.gap)
    return offsets


def _spread(
    rows: Rows, row: list[int], wanted: list[float], weights: list[float]
) -> list[float]:
    """Return the positions nearest to `wanted` that keep order and distance.

    Weighted least squares by pooling adjacent violators, O(n).
    """
    offsets = _offsets(rows, row)
    blocks: list[tuple[float, float, int]] = []
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        mean, total, count = want - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            left, left_total, left_count = blocks.pop()
            mean = (left * left_total + mean * total) / (left_total + total)
            total, count = total + left_total, count + left_count
        blocks.append((mean, total, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _straighten(rows: Rows, x: list[float], *, at: float) -> None:
    """Put the first point of the way in each row at `at`, and push the others aside."""
    for row in rows.rows:
        spots = [spot for spot, point in enumerate(row) if point in rows.spine]
        if not spots:
            continue
        offsets = _offsets(rows, row)
        for spot, point in enumerate(row):
            limit = at + offsets[spot] - offsets[spots[0]]
            x[point] = min(x[point], limit) if spot < spots[0] else max(x[point], limit)
        x[row[spots[0]]] = at
