"""What the page of one run shows: figures, stages, what is new, the log."""

import datetime as dt
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat, pluralize

from common.words import GRADE
from exposure.logic.run_states import LIVE
from exposure.models import (
    Run,
    RunEvent,
    RunState,
    Service,
    Stage,
)
from exposure.services.drift import summary_of
from exposure.services.probe_ledger import RATE_WINDOW
from exposure.services.run_counts import Tally, tally_of
from exposure.views.run_rows import (
    ChangeRow,
    PartRow,
    ReasonRow,
    changes_of,
    compared,
    parts_of,
    refusals_of,
)
from exposure.views.run_words import Ended, claim_of, ended_of, lead_of
from exposure.views.service_words import words_of

NEWEST_LINES = 200
MOST_NEW = 8
WEAKEST = "E1"
GRADES = list(GRADE)  # best first


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the large figures; with a `limit` above zero it also has a bar."""

    label: str
    value: str
    small: str = ""
    done: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage; `took` in seconds. See exposure/runs/_live.html."""

    number: int
    title: str
    detail: str
    state: str
    done: int
    total: int
    took: float | None
    note: str


@dataclass(frozen=True, slots=True)
class NewRow:
    """One service that no earlier run had seen."""

    address: str
    proof: str
    text: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the log."""

    at: dt.datetime
    address: str
    text: str
    quiet: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The run itself; `url` is what a live run is asked for."""

    number: int
    url: str
    live: bool
    claim: str
    lead: str
    stop_url: str
    pause_url: str
    resume_url: str
    ended: Ended | None


@dataclass(frozen=True, slots=True)
class RunPage:
    """The context of exposure/runs/detail.html."""

    run: Head
    kpis: list[Figure]
    stages: list[StageRow]
    new: list[NewRow]
    new_count: int
    log: list[LineRow]
    record_url: str
    targets: str
    parts: list[PartRow]
    refused: list[ReasonRow]
    compared: str
    changes: list[ChangeRow]
    changes_url: str


@dataclass(frozen=True, slots=True)
class Links:
    """Where the page leads; "" for what the reader may not do."""

    live: str
    stop: str
    pause: str
    resume: str
    record: str
    changes: str


def run_page(run: Run, *, links: Links) -> RunPage:
    """Return the page of one run, which comes from `counted_runs`."""
    live = run.state in LIVE
    tally = tally_of(run)
    free = live and run.stop_requested_at is None
    asked = run.pause_requested_at is not None
    paused = run.state == RunState.PAUSED
    summary = summary_of(run, seen=tally.counts.services)
    return RunPage(
        run=Head(
            number=run.number,
            url=links.live,
            live=live,
            claim=claim_of(run, addresses=tally.total, new=tally.counts.new),
            lead=lead_of(run),
            stop_url=links.stop if free else "",
            pause_url=links.pause
            if free and not asked and run.stage != Stage.PATHS
            else "",
            resume_url=links.resume if free and paused else "",
            ended=ended_of(run, left=tally.left, total=tally.total),
        ),
        kpis=_figures(run, tally),
        stages=_stages(run, tally),
        new=_new(run),
        new_count=tally.counts.new,
        log=_log(run),
        record_url=links.record if tally.connections else "",
        targets=_targets(tally),
        parts=parts_of(run),
        refused=refusals_of(run) if tally.counts.refused else [],
        # A run of before changes were noted cannot be compared.
        compared=compared(summary, _before(run)) if run.checks and not live else "",
        changes=changes_of(run, summary),
        changes_url=links.changes
        if any((summary.new, summary.changed, summary.gone))
        else "",
    )


def _before(run: Run) -> Run | None:
    earlier = Run.objects.filter(
        site=run.site_id, number__lt=run.number, state=RunState.FINISHED
    )
    return earlier.order_by("-number").first()


def _targets(tally: Tally) -> str:
    """Return the addresses by how far they are; "" before any is known."""
    if not tally.total:
        return ""
    waiting = tally.total - tally.swept
    known = tally.swept - tally.done
    return f"{waiting} waiting, {known} with ports known, {tally.done} done"


def _figures(run: Run, tally: Tally) -> list[Figure]:
    limit = run.packets_per_second
    if run.state in LIVE:
        window = min(RATE_WINDOW.total_seconds(), max(1.0, tally.seconds))
        rate = f"{tally.recent / window:.0f}"
        label = f"Connections a second, limit {limit}"
        speed = Figure(label, rate, done=min(limit, int(rate)), limit=limit)
    else:
        count = f"{tally.connections:,}".replace(",", "\N{NO-BREAK SPACE}")
        speed = Figure("Connections made", count, f"at most {limit} a second")
    return [
        Figure("Addresses done", str(tally.done), f"of {tally.total}"),
        speed,
        Figure("Services found", str(tally.counts.services), f"{tally.counts.new} new"),
        Figure("Refused by scope", str(tally.counts.refused), "not sent"),
        Figure(
            "Connections to level 2 and below",
            str(tally.deep),
            f"{_size(tally.bytes_out)} sent in all",
        ),
    ]


def _size(count: int) -> str:
    return filesizeformat(count)


def _stages(run: Run, tally: Tally) -> list[StageRow]:
    now = list(Stage).index(Stage(run.stage))
    progress = {
        Stage.SWEEP: (tally.swept, tally.total),
        Stage.IDENTIFY: (tally.identified, tally.answering),
    }
    details = {
        Stage.SCOPE: f"{tally.total} allowed" if tally.total else "",
        Stage.SWEEP: f"{tally.answering} answer" if tally.answering else "",
        Stage.IDENTIFY: f"{tally.counts.services} service{pluralize(tally.counts.services)}",
        Stage.VALIDATE: f"{tally.counts.checked} finding{pluralize(tally.counts.checked)}",
        Stage.PATHS: "",
    }
    rows = []
    for index, stage in enumerate(Stage):
        state = _state_of(run, index, now)
        done, total = progress.get(stage, (0, 0)) if state == "now" else (0, 0)
        rows.append(
            StageRow(
                number=index + 1,
                title=stage.label,
                detail=details[stage],
                state=state,
                done=done,
                total=total,
                took=run.stage_seconds.get(stage.value),
                note=_note(run, index, now),
            )
        )
    return rows


def _state_of(run: Run, index: int, now: int) -> str:
    if run.state == RunState.FINISHED or index < now:
        return "done"
    if index == now and run.state == RunState.RUNNING:
        return "now"
    return "waiting" if run.state in LIVE else "skipped"


def _note(run: Run, index: int, now: int) -> str:
    if run.state == RunState.PAUSED and index == now:
        return "paused here"
    if run.state in LIVE:
        return ""
    return f"{run.get_state_display().lower()} here" if index == now else "not done"


def _new(run: Run) -> list[NewRow]:
    rows = list(
        Service.objects.filter(first_run=run)
        .select_related("asset", "observation")
        .defer("observation__exchanges", "observation__facts")
        .prefetch_related("findings")
        .order_by("address", "port")[:MOST_NEW]
    )
    return [
        NewRow(
            address=f"{row.address} : {row.port_name}",
            proof=_proof(row),
            text=_about(row),
        )
        for row in rows
    ]


def _proof(row: Service) -> str:
    """Return the best grade of what was found there; it answers, at least."""
    grades = [each.grade for each in row.findings.all() if each.grade in GRADES]
    return min([*grades, WEAKEST], key=GRADES.index)


def _about(row: Service) -> str:
    what = f"{row.asset.name}: {words_of(row)}"
    if not row.asset.described:
        return f"{what}. Not in your asset list."
    return what


def _log(run: Run) -> list[LineRow]:
    events = RunEvent.objects.filter(run=run).order_by("-at", "-id")[:NEWEST_LINES]
    return [
        LineRow(at=row.at, address=row.target, text=row.text, quiet=not row.notable)
        for row in events
    ]
