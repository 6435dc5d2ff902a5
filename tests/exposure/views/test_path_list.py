"""The list of paths: the best way to each line, the next best ones, and what is left out."""

from dataclasses import replace

import pytest

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.views import path_page
from exposure.views.path_rows import Choice
from tests.exposure.logic.paths.test_plans_promises import worked_example


def test_ways_that_are_not_listed_are_counted_and_a_click_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(path_page, "MOST_OTHERS", 1)
    answer = analyse(worked_example(), policy=ScoringPolicy(), seed="x", worlds=512)
    causes = {row.id: row for row in answer.causes}
    choice = Choice(order="per-hour")

    def listed(choice: Choice) -> path_page._List:
        return path_page._List(answer, {}, causes, choice, None)

    first, whole = listed(choice), listed(replace(choice, all_ways=True))

    assert (len(first.others()), first.more()) == (1, 2)
    assert (len(whole.others()), whole.more()) == (3, 0)
    assert whole.others()[0].url.endswith("&order=per-hour&ways=all")
