"""When new evidence leaves an agreed decision standing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.logic.materiality import Change, compare

SIGNED: dict[str, Any] = {
    "v": 1,
    "grade": "E3",
    "threat": "public_poc",
    "gives": "foothold",
    "zone": "Cell 2",
    "targets": [
        {"line": "Filling 1", "points": 3, "path": "p1"},
        {"line": "Pasteuriser 2", "points": 10, "path": "p2"},
    ],
    "policy": "f" * 64,
}
GRADES = st.sampled_from(["D", "E0", "E1", "E2", "E3", "E4"])
TARGETS = st.lists(
    st.fixed_dictionaries(
        {
            "line": st.sampled_from(["a", "b", "c"]),
            "points": st.sampled_from([1, 3, 10, 30]),
            "path": st.sampled_from(["p", "q"]),
        }
    ),
    unique_by=lambda row: row["line"],
    max_size=3,
)
BUNDLES = st.fixed_dictionaries(
    {
        "grade": GRADES,
        "threat": st.sampled_from(["none", "public_poc", "active"]),
        "targets": TARGETS,
        "zone": st.sampled_from(["Cell 1", "Cell 2"]),
    }
)


def change(**values: Any) -> Change:
    return compare(SIGNED, {**SIGNED, **values}).change


def test_it_finds_no_difference_in_the_same_facts() -> None:
    found = compare(SIGNED, dict(SIGNED))

    assert (found.change, found.differs) == (Change.SAME, "")


@pytest.mark.parametrize(
    "values",
    [
        {"grade": "E2"},
        {"grade": "D"},
        {"threat": "none"},
        {"gives": "nothing"},
        {"targets": []},
        {"targets": SIGNED["targets"][:1]},
        {"targets": [{"line": "Pasteuriser 2", "points": 3, "path": "p2"}]},
        {"grade": "E2", "targets": []},
    ],
)
def test_it_calls_less_of_everything_improved(values: dict[str, Any]) -> None:
    assert change(**values) is Change.IMPROVED


@pytest.mark.parametrize(
    "values",
    [
        {"grade": "E4"},
        {"grade": "E9"},
        {"grade": None},
        {"threat": "active"},
        {"gives": "control"},
        {"zone": "Cell 1"},
        {"policy": "0" * 64},
        {"controls": ["something new"]},
        {"grade": "E2", "threat": "active"},
        {"targets": [*SIGNED["targets"], {"line": "New", "points": 1, "path": "p"}]},
        {"targets": [{"line": "Filling 1", "points": 10, "path": "p1"}]},
        {"targets": [{"line": "Filling 1", "points": 3, "path": "another way"}]},
    ],
)
def test_it_calls_everything_else_material(values: dict[str, Any]) -> None:
    assert change(**values) is Change.MATERIAL


def test_it_says_what_differs() -> None:
    found = compare(SIGNED, {**SIGNED, "grade": "E4", "zone": "Cell 1"})

    assert found.differs == "the grade of the evidence (was E3, is E4), the zone"


@given(BUNDLES, BUNDLES)
def test_it_calls_two_ways_improved_only_if_nothing_differs(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    there, back = compare(one, other).change, compare(other, one).change

    if Change.MATERIAL not in (there, back):
        assert _bag(one) == _bag(other)


@given(BUNDLES, BUNDLES, BUNDLES)
def test_it_never_turns_two_steps_down_into_one_up(
    first: dict[str, Any], second: dict[str, Any], third: dict[str, Any]
) -> None:
    steps = {compare(first, second).change, compare(second, third).change}

    if Change.MATERIAL not in steps:
        assert compare(first, third).change is not Change.MATERIAL


def _bag(bundle: dict[str, Any]) -> dict[str, Any]:
    return {**bundle, "targets": sorted(bundle["targets"], key=lambda row: row["line"])}
