"""The sentences about one run: what it does, who asked for it, how it ended."""

import datetime as dt
from dataclasses import dataclass

from django.template.defaultfilters import pluralize
from django.utils import dateformat, timezone

from exposure.logic.run_states import LIVE
from exposure.models import Run, RunState


@dataclass(frozen=True, slots=True)
class Ended:
    """A notice above the figures; `kind` is "now", "next" or "" as in _alert.html."""

    kind: str
    strong: str
    text: str


def claim_of(run: Run, *, addresses: int, new: int) -> str:
    """Return the heading of the page."""
    where = f"{addresses} address{pluralize(addresses, 'es')} of {run.site.name}"
    if run.state == RunState.FINISHED:
        found = f"{new} new service{pluralize(new)}" if new else "nothing new"
        return f"Run {run.number} checked {where} and found {found}"
    if run.state == RunState.STOPPED:
        return f"Run {run.number} was stopped"
    if run.state == RunState.FAILED:
        return f"Run {run.number} failed"
    return f"Run {run.number} {_going_on(run, where)}"


def _going_on(run: Run, where: str) -> str:
    if run.stop_requested_at is not None:
        return "is being stopped"
    if run.state == RunState.PAUSED:
        return "is paused"
    if run.pause_requested_at is not None:
        return "is being paused"
    return "waits for a worker" if run.state == RunState.QUEUED else f"checks {where}"


def lead_of(run: Run) -> str:
    """Return who asked for the run, when it started and what allows it."""
    asked = f"by {run.requested_by.name}" if run.requested_by else "by schedule"
    inside = (
        f"inside authorisation {run.authorisation.reference}, "
        f"{run.get_profile_display().lower()} profile"
    )
    if run.started_at is None:
        return f"Asked for {asked}, {inside}."
    started = dateformat.format(timezone.localtime(run.started_at), "j F, H:i")
    again = ""
    if run.resumed:
        again = f" It went on {run.resumed} time{pluralize(run.resumed)} after a halt."
    return f"Started {started} {asked}, {inside}.{again}"


def ended_of(run: Run, *, left: int, total: int) -> Ended | None:
    """Return how the run ended, or is ending, or why it rests, when not by itself."""
    if run.state == RunState.FAILED:
        return Ended("now", "This run failed.", f"{run.error} {_left(left, total)}")
    if run.stop_requested_at is not None:
        return _stopped(run, run.stop_requested_at, left=left, total=total)
    if run.state in LIVE and run.pause_requested_at is not None:
        return _paused(run, left=left, total=total)
    return None


def _stopped(run: Run, moment: dt.datetime, *, left: int, total: int) -> Ended:
    who = run.stop_requested_by.name if run.stop_requested_by else "Sightline"
    asked = _clock(moment)
    if run.state in LIVE:
        return Ended(
            "next", f"{who} asked to stop at {asked}.", "No new packet is sent."
        )
    if run.finished_at is None or run.state != RunState.STOPPED:
        return Ended(
            "", f"{who} asked to stop at {asked}.", "The run had ended by then."
        )
    seconds = (run.finished_at - moment).total_seconds()
    return Ended(
        "next",
        f"Stopped by {who}.",
        f"Asked at {asked}, stopped at {_clock(run.finished_at)}, {seconds:.1f} s later. "
        f"{_quiet(run)}{_left(left, total)}",
    )


def _paused(run: Run, *, left: int, total: int) -> Ended:
    asked = _clock(run.pause_requested_at)
    if run.goes_on_at is not None:
        opens = dateformat.format(timezone.localtime(run.goes_on_at), "j F, H:i")
        return Ended(
            "next",
            f"It waits for the hours to open at {opens}.",
            f"It goes on then by itself. {_quiet(run)}{_left(left, total)}",
        )
    who = run.pause_requested_by.name if run.pause_requested_by else "the clock"
    if run.state != RunState.PAUSED:
        return Ended(
            "next", f"{who} asked to pause at {asked}.", "No new packet is sent."
        )
    return Ended(
        "next",
        f"Paused by {who} at {asked}.",
        f"{_quiet(run)}{_left(left, total)} The site has no other run until this one "
        "goes on or is stopped; it ends at the latest with its authorisation.",
    )


def _quiet(run: Run) -> str:
    """Return when the network fell quiet, if anything was sent."""
    if run.last_packet_at is None or run.closed_at is None:
        return ""
    return (
        f"Last connection opened at {_clock(run.last_packet_at)}, every one closed at "
        f"{_clock(run.closed_at)}. "
    )


def _left(left: int, total: int) -> str:
    if not total:
        return "Nothing was sent."
    if not left:
        return "Every address had been looked at."
    return f"{left} of {total} addresses were not looked at to the end."


def _clock(moment: object) -> str:
    return dateformat.format(timezone.localtime(moment), "H:i:s")  # type: ignore[arg-type]
