"""What the page of attack paths shows: the list, the map, the hops and the changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils import dateformat, timezone

from exposure.logic.path_map import path_map
from exposure.logic.paths.results import (
    CauseRow,
    FoundPath,
    LineResult,
    PathAnalysis,
)
from exposure.logic.paths.snapshot import FindingRow
from exposure.logic.paths.words import rarely
from exposure.services.making import makings, not_made
from exposure.services.paths import EVIDENCED, PHISHING, PathAnswer
from exposure.views.by_hand import by_hand
from exposure.views.change_rows import change_rows
from exposure.views.hop_rows import Pages, hop_rows, trust_words
from exposure.views.path_questions import questions_of
from exposure.views.path_rows import (
    Choice,
    ChosenRow,
    PathPage,
    PathRow,
    ViewRow,
    counted_row,
)
from exposure.views.path_words import band_of, caveat, claim_of, names_of
from exposure.views.route_rows import routes_of
from exposure.views.unknown_rows import unknown_page

MOST_CHANGES = 8
MOST_OTHERS, MOST_LISTED = 6, 100
VIEWS = (
    ("All evidence", ""),
    ("Without assumed", EVIDENCED),
    ("With phishing", PHISHING),
)
COMES = "The paths are computed when a run has finished and the plant is described."
VISIBLE = 0.1  # units; numbers are shown with one decimal

UrlOf = Callable[[str], str]


def empty_page(why: str = "") -> PathPage:
    """Return the page of a plant whose paths were never computed; `why` if it is known."""
    return PathPage(
        claim="No path is computed yet",
        lead=why or COMES,
        views=[],
        paths=[],
        others=[],
        more=0,
        more_url="",
        map=None,
        hops=[],
        chosen=None,
        safe=[],
        changes=[],
        questions=[],
        reasons=[why] if why else [],
        counted=None,
        hand=None,
        routes=None,
        unknown=None,
        total=0.0,
    )


def path_page(
    answer: PathAnswer,
    choice: Choice,
    *,
    pages: Pages,
    ending_url: UrlOf,
) -> PathPage:
    """Return the page of one answer.

    `ending_url` gives the address of what ends every way to a line (by its id).

    What is asked for and not there falls back to the line with most exposure.
    """
    analysis, snapshot = answer.analysis, answer.snapshot
    known = makings(answer)
    cannot = not_made(known)
    drawn = path_map(
        analysis,
        snapshot,
        line_id=choice.line_id,
        path_number=choice.number,
        cannot=cannot,
    )
    line = _line_of(analysis, drawn.selected)
    findings = {row.id: row for row in snapshot.findings}
    causes = {row.id: row for row in analysis.causes}
    listed = _List(analysis, findings, causes, choice, drawn.selected)
    return PathPage(
        claim=claim_of(analysis, cannot=cannot),
        lead=_lead(answer),
        views=view_rows(
            choice.counted,
            query=lambda counted: Choice(
                choice.line_id, choice.number, counted
            ).query(),
        ),
        paths=listed.best(),
        others=listed.others(),
        more=listed.more(),
        more_url="" if choice.all_ways else replace(choice, all_ways=True).query(),
        map=drawn,
        hops=hop_rows(drawn, answer, pages, known=known),
        chosen=_chosen(
            drawn.selected, line, answer, pages=pages, ending_url=ending_url
        ),
        safe=[
            (row.name, ending_url(row.line_id))
            for row in analysis.lines
            if row.best is None
        ],
        changes=change_rows(
            analysis.changes,
            snapshot,
            known=known,
            most=MOST_CHANGES,
            order=choice.order,
        ),
        questions=questions_of(analysis, snapshot, finding_url=pages.finding),
        reasons=list(
            dict.fromkeys(reason for row in analysis.lines for reason in row.reasons)
        ),
        counted=counted_row(answer),
        hand=by_hand(answer, drawn.selected, line),
        routes=routes_of(answer, line, pages),
        unknown=unknown_page(answer, pages),
        total=analysis.exposure,
    )


def _line_of(analysis: PathAnalysis, path: FoundPath | None) -> LineResult | None:
    if path is None:
        return None
    return next(row for row in analysis.lines if path in (row.best, *row.others))


def _lead(answer: PathAnswer) -> str:
    analysis = answer.analysis
    day = dateformat.format(timezone.localtime(answer.revision.created_at), "j F")
    spread = ""
    if analysis.exposure:
        spread = (
            f" By the evidence it is {analysis.exposure_low:.1f} to "
            f"{analysis.exposure_high:.1f}."
        )
    return f"{analysis.sentence}{spread} Drawn by Purdue level from evidence of {day}."


def view_rows(current: str, *, query: UrlOf) -> list[ViewRow]:
    """Return the ways to count; `query` gives the query string of each."""
    return [
        ViewRow(url=query(counted), label=label, current=current == counted)
        for label, counted in VIEWS
    ]


@dataclass(frozen=True, slots=True)
class _List:
    """The paths that are listed, and what their rows are made from."""

    analysis: PathAnalysis
    findings: Mapping[str, FindingRow]
    causes: Mapping[str, CauseRow]
    choice: Choice
    selected: FoundPath | None

    def best(self) -> list[PathRow]:
        """Return the best way to each line."""
        return [
            self._row(line, line.best, 0)
            for line in self.analysis.lines
            if line.best is not None
        ]

    def others(self) -> list[PathRow]:
        """Return the next best ways, and the one that was asked for."""
        rows = [
            self._row(line, way, number)
            for line in self.analysis.lines
            for number, way in enumerate(line.others, start=1)
        ]
        first, most = sorted(rows, key=lambda row: -row.units), self._most()
        return first[:most] + [row for row in first[most:] if row.current]

    def more(self) -> int:
        """Return how many next best ways are known and not listed."""
        known = sum(len(line.others) for line in self.analysis.lines)
        return known - len(self.others())

    def _most(self) -> int:
        return MOST_LISTED if self.choice.all_ways else MOST_OTHERS

    def _row(self, line: LineResult, way: FoundPath, number: int) -> PathRow:
        through = self._through(way) if number else ""
        confidence, _ = trust_words(way, self.causes)
        return PathRow(
            url=replace(self.choice, line_id=line.line_id, number=number).query(),
            label=line.name,
            units=line.points * way.p if number else line.exposure,
            band="" if number else band_of(way, line, self.findings),
            names=names_of(way),
            note=", ".join(
                filter(
                    None,
                    (through, f"{confidence} confidence", caveat(way, self.causes)),
                )
            ),
            current=way is self.selected,
        )

    def _through(self, way: FoundPath) -> str:
        """Return what tells a next best way from the best one over the same assets."""
        ids = [hop.finding_id for hop in way.hops]
        used = [self.findings[each].ref for each in ids if each in self.findings]
        return f"by {' and '.join(used)}" if used else ""


def _chosen(
    path: FoundPath | None,
    line: LineResult | None,
    answer: PathAnswer,
    *,
    pages: Pages,
    ending_url: UrlOf,
) -> ChosenRow | None:
    if path is None or line is None:
        return None
    refs = {row.id: row.ref for row in answer.snapshot.findings}
    causes = {row.id: row for row in answer.analysis.causes}
    confidence, why = trust_words(path, causes)
    ref = next((refs[h.finding_id] for h in path.hops if h.finding_id in refs), "")
    best = path is line.best
    spread = best and line.points * (line.high - line.low) >= VISIBLE
    return ChosenRow(
        label=line.name if best else f"{line.name}, this way alone",
        units=line.exposure if best else line.points * path.p,
        low=line.points * line.low if spread else None,
        high=line.points * line.high if spread else None,
        ref=ref,
        ref_url=pages.finding(ref) if ref else "",
        rarely=rarely(line.rare) if best and line.rare else "",
        ending_url=ending_url(line.line_id),
        confidence=confidence,
        why=why,
    )
