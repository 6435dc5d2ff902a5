"""Why a line is reached no oftener: what every route passes, and the cut that bounds it."""

from collections import Counter
from dataclasses import dataclass

from django.utils.text import capfirst

from exposure.logic.paths.every_route import every_route
from exposure.logic.paths.results import LineResult
from exposure.logic.paths.weakest import by_doubt
from exposure.services.paths import PathAnswer
from exposure.views.by_hand import printed
from exposure.views.hop_rows import Links, Pages

MOST_CAUSES = 12


@dataclass(frozen=True, slots=True)
class PassRow:
    """One thing that every route passes; see exposure/paths/_routes.html."""

    name: str
    url: str
    how: str


@dataclass(frozen=True, slots=True)
class CutRow:
    """One cause of the cut, or `times` that are called the same; see _routes.html."""

    label: str
    url: str
    word: str
    chance: str
    times: int


@dataclass(frozen=True, slots=True)
class Routes:
    """The context of exposure/paths/_routes.html."""

    line: str
    passes: list[PassRow]
    bound: str
    is_bounded: bool
    cut: list[CutRow]
    more: int


def routes_of(
    answer: PathAnswer, line: LineResult | None, pages: Pages
) -> Routes | None:
    """Return what explains the reach of a line; None for one without a way."""
    if line is None or line.best is None:
        return None
    cut = _cut(answer, line, pages)
    return Routes(
        line=line.name,
        passes=_passes(answer, line, pages),
        bound=printed(line.cut_bound),
        is_bounded=line.cut_bound < 1.0,
        cut=cut[:MOST_CAUSES],
        more=sum(row.times for row in cut[MOST_CAUSES:]),
    )


def _passes(answer: PathAnswer, line: LineResult, pages: Pages) -> list[PassRow]:
    url_of = {"asset": pages.onward, "credential": pages.credential}
    return [
        PassRow(
            name=row.name,
            url=url_of[row.kind](row.id) if row.kind in url_of else "",
            how=row.how,
        )
        for row in every_route(
            line.choke_points,
            answer.plant,
            seen=answer.sight.ids if answer.sight else None,
        )
    ]


def _cut(answer: PathAnswer, line: LineResult, pages: Pages) -> list[CutRow]:
    """Causes at other sites are called alike; they are told as one, with their number."""
    wanted = frozenset(line.cut_cause_ids)
    causes = [row for row in answer.analysis.causes if row.id in wanted]
    links = Links(answer.snapshot, pages)
    rows = Counter(
        (capfirst(row.label), links.of(row), row.word, printed(row.p))
        for row in by_doubt(causes)
    )
    return [CutRow(*row, times=times) for row, times in rows.items()]
