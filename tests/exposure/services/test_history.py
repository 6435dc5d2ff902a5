"""How the exposure went, with what moved it, as far as the reader may know."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from exposure.models import Finding, FindingState
from exposure.services import history, paths, rebuild
from exposure.services.history import Step
from tenants.scope import site_scope
from tests import factories


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 256


def seen_at(*sites: uuid.UUID) -> list[Step]:
    with site_scope(sites):
        return history.steps()


def test_before_anything_was_computed_there_is_nothing(finding: Finding) -> None:
    assert history.steps() == []


def test_each_step_says_what_it_moved_and_why(finding: Finding) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    now, first = history.steps()

    assert (first.number, first.units, first.moved) == (1, 10.0, None)
    assert first.reason == "The first picture of the plant."
    assert (now.number, now.units, now.moved) == (2, 0.0, -10.0)
    assert (first.reachable_lines, now.reachable_lines) == (1, 0)
    assert now.because == (f"{finding.ref} is closed",)
    assert now.elsewhere == 0


def test_the_last_one_shown_still_knows_the_one_before(finding: Finding) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    (only,) = history.steps(most=1)

    assert (only.number, only.moved) == (2, -10.0)


def test_a_reader_of_the_site_reads_the_same(finding: Finding) -> None:
    rebuild.rebuild_paths()
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    assert seen_at(finding.asset.site_id) == history.steps()


def test_a_reader_of_another_site_reads_no_name_and_no_unit(finding: Finding) -> None:
    other = factories.make_site("Ridgemoor")
    rebuild.rebuild_paths()
    factories.make_zone(other, "Press")
    Finding.objects.update(state=FindingState.CLOSED)
    rebuild.rebuild_paths()

    now, first = seen_at(other.pk)

    assert [step.units for step in (first, now)] == [0.0, 0.0]
    assert [step.reachable_lines for step in (first, now)] == [0, 0]
    assert now.because == ("zone Press was added",)
    assert now.elsewhere == 1


def test_the_answers_themselves_are_not_read(finding: Finding) -> None:
    rebuild.rebuild_paths()

    with CaptureQueriesContext(connection) as asked:
        assert len(history.steps()) == 1

    (query,) = asked.captured_queries
    assert not [name for name in paths.HEAVY if f'"{name}"' in query["sql"]]
