"""The words beside a path: its claim, its caveats, how each hop is known."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from exposure.logic.grades import Grade
from exposure.logic.paths.results import (
    CauseRow,
    ChangeValue,
    FoundPath,
    LineResult,
    PathAnalysis,
)
from exposure.logic.paths.snapshot import FindingRow
from exposure.logic.paths.weakest import weakest
from exposure.logic.priority import (
    Automatable,
    Exploitation,
    Exposure,
    HumanImpact,
    asked,
    consequence_points,
    indicated,
    worst,
)
from exposure.services.making import Making

NOT_SHOWN = {"assumed": "assumed", "E0": "theoretical", "E1": "only reachable"}
"""What is known of a step without anybody having shown that it works."""

HALF = 0.5
IMPACTS = {consequence_points(impact): impact for impact in HumanImpact}


def claim_of(analysis: PathAnalysis, *, cannot: Collection[str] = ()) -> str:
    """Return the heading: the most useful fact about the paths.

    A change in `cannot` (ids) is not named: nobody can make it.
    """
    if not any(line.best for line in analysis.lines):
        return "No path reaches production"
    removing = [row for row in analysis.changes if row.removes > 0]
    first = next((row for row in removing if row.id not in cannot), None)
    if first is None:
        made = "that can be made here " if removing else ""
        return f"No single change {made}removes exposure"
    share = first.removes / analysis.exposure if analysis.exposure else 0.0
    what = f"{first.label} carries"
    if share > 0.995:
        return f"{what} all of the exposure"
    if share >= HALF:
        return f"{what} {_part(share)} of the exposure"
    reached = sum(1 for line in analysis.lines if line.best)
    return f"{reached} of {len(analysis.lines)} lines can be reached from the internet"


def _part(share: float) -> str:
    """Return a share from a half on as people say it."""
    if share < 0.6:
        return "half"
    return "two thirds" if share < 0.72 else "most"


def names_of(path: FoundPath) -> list[str]:
    """Return the assets that are passed, in order."""
    names = [hop.to_name for hop in path.hops if hop.to_kind == "asset"]
    return list(dict.fromkeys(names))


def caveat(path: FoundPath, causes: Mapping[str, CauseRow]) -> str:
    """Return which steps nobody has shown; "" when all are known.

    A step is known no better than the worst of what it rests on; `causes` are by id.
    """
    words = [
        cause.word for hop in path.hops if (cause := weakest(hop, causes)) is not None
    ]
    return ", ".join(
        _steps(words, word, said) for word, said in NOT_SHOWN.items() if word in words
    )


def _steps(words: Sequence[str], word: str, said: str) -> str:
    count = words.count(word)
    if count > 1:
        return f"{count} steps {said}"
    return f"{'last' if words[-1] == word else 'one'} step {said}"


def band_of(
    path: FoundPath, line: LineResult, findings: Mapping[str, FindingRow]
) -> str:
    """Return when to act on a path: the worst over the findings (by id) it uses."""
    impact = IMPACTS.get(line.points, HumanImpact.LOW)
    bands = []
    for hop in path.hops:
        finding = findings.get(hop.finding_id)
        if finding is None:
            continue
        outside = hop.from_kind == "internet"
        most = indicated(
            Exploitation(finding.threat),
            exposure=Exposure.OPEN if outside else Exposure.CONTROLLED,
            automatable=Automatable.YES,
            impact=impact,
        )
        bands.append(asked(most, grade=Grade(finding.grade), kev=False))
    return worst(bands).value if bands else ""


def cut_words(
    changes: Iterable[ChangeValue],
    known: Mapping[str, Making],
    lines: Mapping[str, str],
) -> str:
    """Return what cutting at a hop removes, most first; "" when nothing can be cut.

    `known` says by id how a change could be made, or why it cannot be; `lines` are the
    names of those that may stand still for it, as far as the reader knows them.
    """
    return "; ".join(_cut(row, known.get(row.id), lines) for row in changes)


def _cut(row: ChangeValue, making: Making | None, lines: Mapping[str, str]) -> str:
    words = (
        f"{row.removes:.1f} by {row.label}"
        if row.removes > 0
        else f"nothing by {row.label} alone"
    )
    if making is None:
        return words
    if making.cannot:
        return f"{words} ({making.cannot})"
    assumed = ", assumed" if making.is_assumed else ""
    return f"{words}, {_stops(making, lines)}{assumed}"


def _stops(making: Making, lines: Mapping[str, str]) -> str:
    stops = sorted(
        (lines.get(line, "another line"), hours)
        for line, hours in making.downtime.items()
    )
    words = " and ".join(f"{hours:g} h stop of {name}" for name, hours in stops)
    return words or "no downtime"
