"""Whether the figures are those of the plant as it is now; what cannot be counted says why."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from exposure.logic.paths.model import ModelRefused
from exposure.models import (
    Finding,
    FindingState,
    PartState,
    PathRefusal,
    PathRevision,
    Run,
    RunEvent,
    RunPart,
    RunState,
    Stage,
)
from exposure.services import giving_up, rebuild, revisions
from exposure.services.revisions import Picture
from exposure.services.standing import standing
from tenants.models import Job
from tenants.scope import site_scope
from tenants.services.jobs import enqueue
from tests import factories


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 256


def refuse(monkeypatch: pytest.MonkeyPatch, sentence: str) -> None:
    def refused(picture: Picture) -> None:
        raise ModelRefused(sentence)

    monkeypatch.setattr(revisions, "compute", refused)


def running(finding: Finding, stage: Stage) -> Run:
    """A run of another site, beside the one that saw the finding."""
    site = factories.make_site("Ridgemoor")
    authorisation = factories.make_authorisation(
        site, signed_by=None, reference="AUTH-OTHER"
    )
    run = factories.make_run(authorisation, state=RunState.RUNNING)
    Run.objects.filter(pk=run.pk).update(stage=stage)
    return run


def part_of(run: Run, state: PartState, *, silent: bool | None = None) -> None:
    """Give a run a part: the installation's own, or that of a worker elsewhere."""
    vantage, now = None, timezone.now()
    if silent is not None:
        vantage = factories.make_vantage("Sensor")
        vantage.own_worker = True
        vantage.seen_at = now - dt.timedelta(days=1) if silent else now
        vantage.save()
    RunPart.objects.create(run=run, vantage=vantage, state=state, since=now)


def test_a_plant_that_is_refused_keeps_its_figures_and_says_why(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)
    run = running(finding, Stage.PATHS)
    refuse(monkeypatch, "Line Filler 1: consequence 7 is not 0, 1, 3, 10 or 30.")

    rebuild.rebuild_paths()
    rebuild.rebuild_paths()

    run.refresh_from_db()
    now = standing()
    assert now.refused == "Line Filler 1: consequence 7 is not 0, 1, 3, 10 or 30."
    assert now.number == PathRevision.objects.get().number == 1
    assert PathRefusal.objects.count() == 1
    assert run.state == RunState.FAILED
    assert "consequence 7 is not 0" in run.error


def test_what_the_engine_itself_refuses_is_said_in_its_words(
    finding: Finding, settings: Settings
) -> None:
    settings.PATH_WORLDS = 0

    rebuild.rebuild_paths()

    assert standing().refused.startswith("0 worlds: choose from 1 to ")
    assert not PathRevision.objects.exists()


def test_it_goes_when_the_plant_can_be_counted_again(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)
    with monkeypatch.context() as broken:
        refuse(broken, "It cannot be counted.")
        rebuild.rebuild_paths()
    refused = standing().refused
    Finding.objects.update(state=FindingState.OPEN)  # back to what was counted before

    rebuild.rebuild_paths()

    assert refused == "It cannot be counted."
    assert standing().refused == ""
    assert PathRevision.objects.count() == 1


def test_a_plant_that_was_mended_meanwhile_is_counted_once_more(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(picture: Picture) -> None:
        Finding.objects.update(state=FindingState.CLOSED)
        raise ModelRefused("It cannot be counted.")

    monkeypatch.setattr(revisions, "compute", refused)

    rebuild.rebuild_paths()

    assert standing().refused == ""
    assert Job.objects.filter(task="exposure.rebuild_paths").count() == 1


def test_a_count_that_is_given_up_says_so(finding: Finding) -> None:
    giving_up.give_up_paths()

    assert "interrupted several times" in standing().refused


def test_who_sees_some_sites_is_not_told_what_stands_at_others(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, "Line Secret: consequence 7 is not 0, 1, 3, 10 or 30.")
    rebuild.rebuild_paths()

    with site_scope([finding.asset.site_id]):
        now = standing()

    assert now.refused
    assert "Secret" not in now.refused


def test_a_count_that_was_asked_for_is_due_until_it_is_done(finding: Finding) -> None:
    enqueue("exposure.rebuild_paths", key="tick")
    by_the_clock = standing().is_due
    enqueue("exposure.rebuild_paths", key="flow")

    assert not by_the_clock
    assert standing().is_due


@pytest.mark.parametrize(
    ("stage", "part", "silent", "waits"),
    [
        (Stage.SCOPE, PartState.WORKING, None, False),  # nothing is found yet
        (Stage.SWEEP, PartState.WORKING, None, False),
        (Stage.SWEEP, PartState.WORKING, False, True),  # a worker elsewhere is ahead
        (Stage.IDENTIFY, PartState.WORKING, None, True),
        (Stage.IDENTIFY, PartState.DONE, None, False),  # waits for somebody else
        (Stage.IDENTIFY, PartState.WORKING, True, False),  # who is not heard of
        (Stage.VALIDATE, PartState.DONE, None, True),
        (Stage.PATHS, PartState.DONE, None, False),
    ],
)
def test_a_count_waits_for_a_run_only_while_it_leaves_half_a_picture(
    finding: Finding,
    *,
    stage: Stage,
    part: PartState,
    silent: bool | None,
    waits: bool,
) -> None:
    rebuild.rebuild_paths()
    run = running(finding, stage)
    part_of(run, part, silent=silent)
    Finding.objects.update(state=FindingState.CLOSED)

    rebuild.rebuild_paths()

    assert PathRevision.objects.count() == (1 if waits else 2)
    assert standing().is_looked_at == waits


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.PAUSED])
def test_a_run_that_waits_for_hours_holds_no_count_up(
    finding: Finding, state: RunState
) -> None:
    rebuild.rebuild_paths()
    run = running(finding, Stage.IDENTIFY)
    Run.objects.filter(pk=run.pk).update(state=state)
    Finding.objects.update(state=FindingState.CLOSED)

    rebuild.rebuild_paths()

    assert PathRevision.objects.count() == 2


def test_a_first_run_that_waits_is_no_first_look(finding: Finding) -> None:
    Run.objects.update(state=RunState.QUEUED)

    rebuild.rebuild_paths()

    assert not PathRevision.objects.exists()


def test_a_run_that_ends_beside_another_look_does_not_claim_to_be_counted(
    finding: Finding,
) -> None:
    Run.objects.update(state=RunState.RUNNING, stage=Stage.PATHS)
    ends = Run.objects.get()
    part_of(running(finding, Stage.IDENTIFY), PartState.WORKING)

    rebuild.rebuild_paths()

    ends.refresh_from_db()
    assert ends.state == RunState.FINISHED
    assert RunEvent.objects.get(run=ends).text == rebuild.LATER
