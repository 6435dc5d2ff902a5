"""Figures of lists and overviews say what the rows say, whoever changed them."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, connections
from django.db.models import Sum
from pytest_django import Settings

from exposure.models import (
    Finding,
    FindingState,
    Occurrence,
    PathRevision,
    Service,
    Tally,
)
from exposure.services import figures, rebuild, revisions
from exposure.services.snapshot import take_snapshot
from tenants.models import Workspace, next_number
from tenants.scope import workspace_scope
from tests import factories


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 256


def tallied() -> dict[str, int]:
    rows = Tally.objects.values("state").annotate(n=Sum("number")).filter(n__gt=0)
    return dict(rows.values_list("state", "n"))


def found(words: str) -> set[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT finding_id FROM exposure_search(%s)", [words])
        return {row[0] for row in cursor.fetchall()}


def test_a_new_answer_is_written_into_the_findings(finding: Finding) -> None:
    rebuild.rebuild_paths()

    finding.refresh_from_db()
    assert (finding.through, finding.steps) == (10.0, 1)
    assert finding.line_ids == [finding.asset.line_id]


def test_what_no_answer_speaks_of_any_more_says_nothing(finding: Finding) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)

    rebuild.rebuild_paths()

    finding.refresh_from_db()
    assert (finding.through, finding.steps, finding.line_ids) == (0.0, None, [])


def test_an_answer_that_says_the_same_changes_no_row(finding: Finding) -> None:
    rebuild.rebuild_paths()
    answer = PathRevision.objects.get()

    before = _row_version(finding)
    figures.tell_findings(_analysis(answer), take_snapshot(), onward={})

    assert _row_version(finding) == before


def test_overviews_read_the_sentence_and_the_lines(finding: Finding) -> None:
    rebuild.rebuild_paths()

    newest = figures.newest()

    assert newest is not None
    assert newest.sentence.startswith("1 line of 1 can be reached")
    [line] = newest.lines
    assert (line.name, line.units, line.steps) == ("Pasteuriser 2", 10.0, 1)
    assert line.assets == ("PLC-P21",)
    assert newest.revision.reached_assets == 1


def test_a_revision_of_before_is_read_and_then_written_out(finding: Finding) -> None:
    rebuild.rebuild_paths()
    kept = PathRevision.objects.get()
    kept.pk, kept.number, kept.summary = uuid.uuid4(), next_number("paths"), None
    kept.save(force_insert=True)
    Finding.objects.update(through=0.0)

    old = figures.newest()
    rebuild.rebuild_paths()

    assert old is not None
    assert [line.units for line in old.lines] == [10.0]
    assert PathRevision.objects.count() == 3
    newest = PathRevision.objects.order_by("-number")[0]
    assert newest.reason == revisions.MORE_KEPT
    assert Finding.objects.get().through == 10.0


def test_the_tally_follows_every_change(finding: Finding) -> None:
    service = Service.objects.get()
    factories.make_finding(service, check_id="second")
    factories.make_finding(service, check_id="third")
    Finding.objects.filter(check_id="second").update(state=FindingState.CLOSED)
    _delete("third")

    assert tallied() == {"open": 1, "closed": 1}


def test_counting_anew_changes_no_sum(finding: Finding) -> None:
    service = Service.objects.get()
    for number in range(5):
        factories.make_finding(service, check_id=f"check-{number}")
    before = tallied()

    figures.refresh()
    figures.refresh()

    assert tallied() == before == {"open": 6}
    assert Tally.objects.count() == 1


def test_counting_anew_mends_a_wrong_sum(finding: Finding) -> None:
    Tally.objects.update(number=77)

    figures.refresh()

    assert tallied() == {"open": 1}


def test_a_workspace_whose_tally_is_gone_can_lose_its_findings(
    finding: Finding,
) -> None:
    Tally.objects.all().delete()

    _delete(finding.check_id)

    assert Tally.objects.count() == 0


def test_what_is_there_is_listed_without_names_and_addresses(finding: Finding) -> None:
    Service.objects.update(product="Siemens S7-300")

    figures.refresh()

    service, weakness = Occurrence.objects.order_by("check_id")
    assert (service.product, service.services, service.exposures) == (
        "Siemens S7-300",
        1,
        0,
    )
    assert (weakness.title, weakness.exposures) == ("Anyone can program", 1)
    assert (weakness.grade, weakness.protocol, weakness.port) == ("E4", "s7", 102)
    kept = str(list(Occurrence.objects.values()))
    assert "PLC-P21" not in kept
    assert "127.77" not in kept


def test_what_is_gone_is_listed_no_more(finding: Finding) -> None:
    figures.refresh()
    Service.objects.update(state="gone")
    Finding.objects.update(state=FindingState.CLOSED)

    figures.refresh()

    assert not Occurrence.objects.exists()


@pytest.mark.parametrize(
    "words", ["program", "PLC-p21", "s7-open", "S7", "102", "127.77.1", "siemens"]
)
def test_the_search_finds(words: str, finding: Finding) -> None:
    Service.objects.update(product="Siemens S7-300")
    figures.refresh()

    assert found(words) == {finding.pk}


@pytest.mark.parametrize(
    "words",
    ["%", "_", "\\", "%%", "plc%p21", "27.77", "99999", "(", "'", "x" * 9999],
)
def test_the_search_takes_every_sign_literally(words: str, finding: Finding) -> None:
    assert found(words) == set()


def test_the_search_sees_one_workspace_only(
    finding: Finding, eastholm: Workspace
) -> None:
    connection.cursor().execute(
        "SELECT set_config('app.workspace_id', %s, true)", [str(eastholm.id)]
    )

    assert found("PLC-P21") == set()


def test_the_search_answers_nothing_without_a_workspace(db: None) -> None:
    with pytest.raises((DatabaseError, ProgrammingError)):
        found("PLC-P21")


@pytest.fixture
def busy(settings: Settings) -> tuple[Workspace, Service]:
    """A customer with one service, in committed rows."""
    workspace = factories.make_workspace(
        factories.make_provider("Northgate"), "Northmill Dairy"
    )
    with workspace_scope(workspace.id):
        site = factories.make_site()
        asset = factories.make_asset(factories.make_zone(site))
        run = factories.make_run(factories.make_authorisation(site, signed_by=None))
        return workspace, factories.make_service(asset, run)


def _change(workspace: Workspace, service: Service, name: str) -> None:
    """Open ten findings, one transaction each, and close every other one."""
    for number in range(10):
        with workspace_scope(workspace.id):
            row = factories.make_finding(service, check_id=f"{name}-{number}")
        with workspace_scope(workspace.id):
            state = FindingState.CLOSED if number % 2 else FindingState.OPEN
            Finding.objects.filter(pk=row.pk).update(state=state)
    connections["default"].close()


def _count(workspace: Workspace) -> None:
    """Count anew several times, as rebuilds do, one after the other."""
    for _ in range(6):
        with workspace_scope(workspace.id):
            rebuild.wait_for_turn()
            figures.refresh()
    connections["default"].close()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_rebuilds_and_changes_at_the_same_time_keep_every_count(
    busy: tuple[Workspace, Service],
) -> None:
    workspace, service = busy
    with ThreadPoolExecutor(4) as pool:
        work = [
            pool.submit(_change, workspace, service, "one"),
            pool.submit(_change, workspace, service, "two"),
            pool.submit(_count, workspace),
            pool.submit(_count, workspace),
        ]
        for each in work:
            each.result()

    with workspace_scope(workspace.id):
        assert tallied() == {"open": 10, "closed": 10}


def _delete(check_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exposure_finding WHERE check_id = %s", [check_id])


def _row_version(finding: Finding) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ctid::text FROM exposure_finding WHERE id = %s", [finding.pk]
        )
        return cursor.fetchone()


def _analysis(revision: PathRevision) -> Any:
    return figures.paths.answer_of(revision).analysis
