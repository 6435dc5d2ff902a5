"""Changes tried together: the figures of a plant in which they are made."""

import pytest
from pytest_django import Settings

from exposure.models import Finding, FindingState
from exposure.services import paths, rebuild, what_if
from exposure.services.what_if import try_changes
from tests import factories


@pytest.fixture(autouse=True)
def few_worlds(settings: Settings) -> None:
    """Draw few worlds, to be quick."""
    settings.PATH_WORLDS = 1024


def answer_now() -> paths.PathAnswer:
    rebuild.rebuild_paths()
    answer = paths.latest()
    assert answer is not None
    return answer


def test_it_is_what_a_rebuild_says_once_the_change_is_made(finding: Finding) -> None:
    answer = answer_now()

    tried = try_changes(answer, [f"finding:{finding.pk}"])

    Finding.objects.update(state=FindingState.CLOSED)
    after = answer_now()
    assert tried.before == answer.analysis.exposure > 0
    assert tried.after == after.analysis.exposure
    assert [row.way for row in tried.lines] == [
        row.best for row in after.analysis.lines
    ]


@pytest.mark.parametrize("most", [0, what_if.MOST_BYTES])
def test_what_is_remembered_between_two_questions_changes_no_answer(
    finding: Finding, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "MOST_BYTES", most)
    answer, change = answer_now(), f"finding:{finding.pk}"

    closed = try_changes(answer, [change])
    nothing = try_changes(answer, [])
    again = try_changes(answer, [change])

    assert closed == again
    assert nothing.before == nothing.after == answer.analysis.exposure
    assert nothing.lines[0].way == answer.analysis.lines[0].best


def test_two_doors_are_worth_something_together_only(finding: Finding) -> None:
    twin = factories.make_service(
        finding.asset, finding.service.first_run, port=44818, address="127.77.1.14"
    )
    other = factories.make_finding(twin, check_id="enip-open")
    answer = answer_now()
    doors = [f"finding:{each.pk}" for each in (finding, other)]

    alone = [try_changes(answer, [each]).removed for each in doors]
    together = try_changes(answer, doors)

    assert max(alone) < together.removed == answer.analysis.exposure
    assert [each.id for each in together.changes] == [
        each.id for each in answer.analysis.changes if each.id in doors
    ]


def test_what_is_none_of_its_changes_is_left_out(finding: Finding) -> None:
    tried = try_changes(answer_now(), ["finding:nobody", "", "line:\x00"])

    assert (tried.changes, tried.removed) == ((), 0.0)
