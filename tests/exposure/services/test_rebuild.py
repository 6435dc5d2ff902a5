"""A new path revision only when something changed; runs end when it is there."""

from typing import Any

import pytest
from pytest_django import Settings

from exposure.logic.paths.analyse import ENGINE, analyse_compiled
from exposure.logic.paths.blob import unpack
from exposure.models import (
    Conduit,
    Finding,
    FindingState,
    PathRevision,
    Run,
    RunState,
    Service,
    Stage,
)
from exposure.services import paths, rebuild, revisions
from exposure.services.snapshot import take_snapshot
from tenants.models import Job
from tests import factories


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 256


def test_the_first_one_answers(finding: Finding) -> None:
    rebuild.rebuild_paths()

    answer = paths.latest()
    assert answer is not None
    assert (answer.revision.number, answer.revision.reachable_lines) == (1, 1)
    assert answer.analysis.exposure == answer.revision.exposure_units == 10.0
    assert answer.snapshot == take_snapshot()


def test_nothing_changed_nothing_new(finding: Finding) -> None:
    rebuild.rebuild_paths()
    Service.objects.update(product="Another version text")

    rebuild.rebuild_paths()

    assert PathRevision.objects.count() == 1


def test_a_closed_finding_gives_a_new_one(finding: Finding) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)

    rebuild.rebuild_paths()

    answer = paths.latest()
    assert answer is not None
    assert (answer.revision.number, answer.analysis.exposure) == (2, 0.0)


def test_the_seed_stays_so_that_before_and_after_compare(finding: Finding) -> None:
    rebuild.rebuild_paths()
    before = paths.latest()
    Conduit.objects.all().delete()
    factories.make_zone(finding.asset.site, "New cell")

    rebuild.rebuild_paths()

    after = paths.latest()
    assert before is not None
    assert after is not None
    assert before.analysis.seed == after.analysis.seed == str(finding.workspace_id)
    assert before.analysis.exposure == after.analysis.exposure


def test_another_number_of_worlds_gives_a_new_one(
    finding: Finding, settings: Settings
) -> None:
    rebuild.rebuild_paths()
    settings.PATH_WORLDS = 512

    rebuild.rebuild_paths()

    assert PathRevision.objects.count() == 2


def test_findings_get_a_revision_only_for_what_is_material(finding: Finding) -> None:
    rebuild.rebuild_paths()
    finding.refresh_from_db()
    first = finding.revision, finding.evidence_hash
    rebuild.rebuild_paths()
    finding.refresh_from_db()
    again = finding.revision, finding.evidence_hash
    Finding.objects.update(grade="E2")

    rebuild.rebuild_paths()

    finding.refresh_from_db()
    assert again == first
    assert finding.revision == first[0] + 1
    assert finding.evidence_hash != first[1]


@pytest.mark.parametrize(
    ("stopped", "state"), [(False, RunState.FINISHED), (True, RunState.STOPPED)]
)
def test_the_run_that_waited_for_it_ends(
    finding: Finding, *, stopped: bool, state: RunState
) -> None:
    run = factories.make_run(Run.objects.get().authorisation, state=RunState.RUNNING)
    run.stage = Stage.PATHS
    run.stop_requested_at = run.requested_at if stopped else None
    run.save()

    rebuild.rebuild_paths()

    run.refresh_from_db()
    assert run.state == state
    assert "paths" in run.stage_seconds


def test_the_units_of_a_finding_come_from_the_newest(finding: Finding) -> None:
    before = paths.units_through(finding), paths.change_value(finding)

    rebuild.rebuild_paths()

    assert before == (0.0, (0.0, 0.0))
    assert paths.units_through(finding) == 10.0
    assert paths.change_value(finding) == (10.0, 0.0)


def test_without_assumed_ways_the_rest_stays(finding: Finding) -> None:
    rebuild.rebuild_paths()
    answer = paths.latest()
    assert answer is not None

    evidenced = paths.latest(paths.EVIDENCED)

    assert evidenced.revision == answer.revision
    assert evidenced.analysis.exposure == answer.analysis.exposure
    assert evidenced.analysis.policy_sha256 != answer.analysis.policy_sha256


def test_mail_is_a_way_in_when_somebody_asks_for_it(finding: Finding) -> None:
    site = finding.asset.site
    office = factories.make_zone(site, "Office", level=4)
    factories.make_conduit(
        site, "Office to cell", from_zone=office, to_zone=finding.asset.zone
    )
    Service.objects.update(vantage=factories.make_vantage("Sensor", office))
    rebuild.rebuild_paths()
    answer = paths.latest()
    assert answer is not None

    mailed = paths.latest(paths.PHISHING)

    assert answer.analysis.exposure == 0.0
    assert mailed.analysis.exposure > 0.0
    (best,) = (line.best for line in mailed.analysis.lines)
    assert best is not None
    assert "Mail gives a foothold in Office, which is assumed" in best.hops[0].how
    assert best.hops[0].basis == "assumed"


def test_an_older_picture_never_becomes_the_newest_revision(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*args: Any, **kwargs: Any) -> Any:
        answer = analyse_compiled(*args, **kwargs)
        monkeypatch.setattr(revisions, "analyse_compiled", analyse_compiled)
        Finding.objects.update(state=FindingState.CLOSED)
        rebuild.rebuild_paths()  # somebody quicker, with the newer picture
        return answer

    monkeypatch.setattr(revisions, "analyse_compiled", slowly)

    rebuild.rebuild_paths()

    newest = paths.latest()
    assert newest is not None
    assert (newest.revision.number, newest.revision.exposure_units) == (1, 0.0)
    assert Job.objects.filter(task="exposure.rebuild_paths").count() == 1


def test_two_at_once_store_the_same_picture_once(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(revisions, "analyse_compiled", analyse_compiled)
        rebuild.rebuild_paths()
        return analyse_compiled(*args, **kwargs)

    monkeypatch.setattr(revisions, "analyse_compiled", slowly)

    rebuild.rebuild_paths()

    assert PathRevision.objects.count() == 1


def test_a_run_that_came_later_is_not_ended_by_an_earlier_picture(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.objects.get()

    def slowly(*args: Any, **kwargs: Any) -> Any:
        Run.objects.update(state=RunState.RUNNING, stage=Stage.PATHS)
        return analyse_compiled(*args, **kwargs)

    monkeypatch.setattr(revisions, "analyse_compiled", slowly)

    rebuild.rebuild_paths()

    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_a_revision_holds_the_graph_that_its_answer_came_from(finding: Finding) -> None:
    rebuild.rebuild_paths()

    row = PathRevision.objects.get()
    graph = unpack(bytes(row.graph or b""))
    assert set(graph.line_ids) == set(row.by_line)
    assert graph.cause_ids
    assert row.engine == ENGINE
    assert (row.reason, row.because) == (revisions.FIRST, [])


def test_a_revision_says_why_there_is_another_one(finding: Finding) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)

    rebuild.rebuild_paths()

    row = PathRevision.objects.latest("number")
    assert row.reason == revisions.PLANT_CHANGED
    assert {"subject": str(finding.asset_id), "words": f"{finding.ref} is closed"} in [
        {"subject": each["subject_id"], "words": each["words"]} for each in row.because
    ]


def test_a_newer_engine_counts_once_more(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild.rebuild_paths()
    for place in ("exposure.services.revisions", "exposure.logic.paths.analyse"):
        monkeypatch.setattr(f"{place}.ENGINE", "paths-99")

    rebuild.rebuild_paths()
    rebuild.rebuild_paths()

    row = PathRevision.objects.latest("number")
    assert (row.number, row.reason) == (2, revisions.ENGINE_CHANGED)
