"""What the plant allows: budgets, windows, freezes, prerequisites, and contradictions."""

from datetime import datetime, timedelta

import pytest

from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.items import (
    Freeze,
    Limits,
    PlanRefused,
    Window,
)
from exposure.logic.paths.plans.milp import best_set
from exposure.logic.paths.plans.pool import Pool
from tests.exposure.logic.paths.plannable import (
    MONDAY,
    change,
    exposed,
    ids_of,
    is_allowed,
    routes,
    sample_of,
    subsets,
    window,
)


def planned(model, changes, **limits):
    """The ids of the best set."""
    allowed = Allowed(changes, Limits(**limits))
    best = best_set(Pool(sample_of(model, changes)), allowed)
    return ids_of(changes, best.chosen)


def two_lines(**more):
    """Two lines with a door each, and the changes that close them: 2 h of line a."""
    model = routes(a=[(0.9,)], b=[(0.5,)])
    return model, [
        change("close a", ["a00"], hours=3, downtime={"a": 2.0}, **more),
        change("close b", ["b00"], hours=3, downtime={"a": 2.0}),
    ]


def test_which_sets_fit_is_what_trying_every_placement_says():
    for _, changes, limits, _ in exposed(80):
        allowed = Allowed(changes, limits)
        for chosen in subsets(len(changes)):
            made = [changes[place] for place in sorted(chosen)]
            assert allowed.fits(chosen) == is_allowed(made, limits)


@pytest.mark.parametrize(
    "limits",
    [
        {"hours": 5.9},
        {"total_downtime": 3.9},
        {"downtime": {"a": 3.9}},
        {"windows": (window("w", "a", day=0, hours=3.9),)},
        {
            "windows": (
                window("w", "a", day=0, hours=2),
                window("x", "a", day=1, hours=1),
            )
        },
        {
            "windows": (
                window("w", "a", day=0, hours=2),
                window("x", "b", day=1, hours=9),
            )
        },
    ],
)
def test_a_limit_that_holds_one_of_two_takes_the_better_one(limits):
    model, changes = two_lines()

    assert planned(model, changes, **limits) == {"close a"}


@pytest.mark.parametrize(
    "limits",
    [
        {"hours": 6},
        {"total_downtime": 4},
        {"downtime": {"a": 4.0, "b": 0.0}},
        {"windows": (window("w", "a", day=0, hours=4),)},
        {
            "windows": (
                window("w", "a", day=0, hours=2),
                window("x", "a", day=1, hours=2),
            )
        },
    ],
)
def test_a_limit_that_holds_both_takes_both(limits):
    model, changes = two_lines()

    assert planned(model, changes, **limits) == {"close a", "close b"}


def test_hours_that_are_no_whole_minutes_are_rounded_up_and_a_tenth_is_a_tenth():
    model = routes(a=[(0.9,)])
    tenths = [change("close", ["a00"], hours=1.1)]

    assert planned(model, tenths, hours=1.1) == {"close"}
    assert planned(model, [change("close", ["a00"], hours=1.101)], hours=1.1) == set()


def test_no_budget_at_all_plans_what_costs_nothing():
    model = routes(a=[(0.9,)], b=[(0.9,)])
    changes = [change("free", ["a00"], hours=0), change("dear", ["b00"])]

    assert planned(model, changes, hours=0, total_downtime=0) == {"free"}


def test_a_freeze_takes_its_hours_from_a_window():
    model, changes = two_lines()
    whole = window("w", "a", day=0, hours=4)
    frozen = Freeze("", MONDAY + timedelta(hours=3), MONDAY + timedelta(days=30))

    assert planned(model, changes, windows=(whole,), freezes=(frozen,)) == {"close a"}


def test_a_freeze_in_the_middle_leaves_the_longer_part():
    middle = Freeze("a", MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=2))
    elsewhere = Freeze("b", MONDAY, MONDAY + timedelta(hours=9))
    limits = Limits(
        windows=(window("w", "a", day=0, hours=6),), freezes=(middle, elsewhere)
    )

    (left,) = Allowed([], limits).windows

    assert (left.start, left.hours) == (MONDAY + timedelta(hours=2), 4)


def test_a_freeze_of_all_windows_leaves_what_stops_no_line():
    model = routes(a=[(0.9,)], b=[(0.9,)])
    changes = [change("stops", ["a00"], downtime={"a": 1.0}), change("not", ["b00"])]
    always = Freeze("", MONDAY - timedelta(days=1), MONDAY + timedelta(days=9))
    windows = (window("w", "a", day=0, hours=4),)

    assert planned(model, changes, windows=windows, freezes=(always,)) == {"not"}


def test_work_is_done_only_in_the_windows_it_is_for():
    windows = (window("w", "a", day=0, hours=2), window("x", "a", day=1, hours=2))
    model, changes = two_lines(only_in=("x",))
    allowed = Allowed(changes, Limits(windows=windows))

    assert planned(model, changes, windows=windows) == {"close a", "close b"}
    assert allowed.placed([0, 1]) == {(0, "a"): 1, (1, "a"): 0}
    assert planned(model, changes, windows=windows[:1]) == {"close b"}


def test_what_a_change_needs_comes_with_it_and_is_paid_for():
    model = routes(a=[(0.9,)], b=[(0.5,)])
    changes = [
        change("close a", ["a00"], hours=1, needs=("new switch",)),
        change("new switch", hours=5),
        change("close b", ["b00"], hours=2),
    ]

    assert planned(model, changes, hours=6) == {"close a", "new switch"}
    assert planned(model, changes, hours=5.9) == {"close b"}
    assert planned(model, changes, forbidden=frozenset({"new switch"})) == {"close b"}


def test_changes_that_need_each_other_are_made_together_or_not():
    model = routes(a=[(0.9,)])
    changes = [
        change("one", ["a00"], hours=1, needs=("two",)),
        change("two", hours=1, needs=("three", "two")),
        change("three", hours=1, needs=("one",)),
    ]

    assert planned(model, changes, hours=3) == {"one", "two", "three"}
    assert planned(model, changes, hours=2.9) == set()


def test_of_a_group_one_is_made():
    model = routes(a=[(0.9,)])
    changes = [
        change("guard", {"a00": 0.3}, hours=1, group="a"),
        change("fix", ["a00"], hours=3, group="a"),
    ]

    assert planned(model, changes) == {"fix"}
    assert planned(model, changes, hours=2) == {"guard"}


A_DAY = (MONDAY, MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (
            {"fixed": {"close a"}, "forbidden": {"close a"}},
            "The change close a is both fixed and forbidden.",
        ),
        (
            {"fixed": {"close a"}, "hours": 2},
            "What is fixed does not fit: it takes 3 h of engineering; 2 h are allowed.",
        ),
        (
            {"fixed": {"close a"}, "downtime": {"a": 1}},
            "What is fixed does not fit: it takes 2 h of downtime of one line; 1 h are allowed.",
        ),
        (
            {"fixed": {"close a"}, "total_downtime": 0},
            "What is fixed does not fit: it takes 2 h of downtime; 0 h are allowed.",
        ),
        (
            {"fixed": {"close a"}, "windows": (window("w", "b", day=0, hours=9),)},
            "What is fixed does not fit: no room was found for it in the windows.",
        ),
        (
            {"fixed": {"paint it"}},
            "The change paint it is not one of those to plan with.",
        ),
        (
            {"hours": float("nan")},
            "The hours for the engineering allowed are nan; choose from 0 to 100000.",
        ),
        (
            {"total_downtime": -1},
            "The hours for the downtime allowed are -1; choose from 0 to 100000.",
        ),
        (
            {"freezes": (Freeze("", *reversed(A_DAY)),)},
            "A window or freeze ends before it begins.",
        ),
        (
            {"freezes": (Freeze("", datetime(2026, 1, 1), datetime(2026, 1, 2)),)},  # noqa: DTZ001 - the mistake
            "A window or freeze does not say its time zone.",
        ),
        (
            {"windows": (Window("w", "a", *A_DAY, 1), Window("w", "b", *A_DAY, 1))},
            "Two windows have the same id.",
        ),
    ],
)
def test_limits_that_cannot_be_met_are_refused_in_words(limits, sentence):
    _, changes = two_lines()
    as_sets = {
        key: frozenset(value) if isinstance(value, set) else value
        for key, value in limits.items()
    }

    with pytest.raises(PlanRefused) as refused:
        Allowed(changes, Limits(**as_sets))

    assert str(refused.value) == sentence


def test_a_fixed_change_that_needs_a_forbidden_one_is_refused_in_words():
    changes = [change("close", needs=("switch",)), change("switch")]
    limits = Limits(fixed=frozenset({"close"}), forbidden=frozenset({"switch"}))

    with pytest.raises(PlanRefused, match=r"does not fit: Switch is forbidden\."):
        Allowed(changes, limits)


def test_two_fixed_ways_to_do_one_thing_are_refused_in_words():
    changes = [change("fix", group="g"), change("guard", group="g")]

    with pytest.raises(PlanRefused, match="can be changed in one way only"):
        Allowed(changes, Limits(fixed=frozenset({"fix", "guard"})))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([change("a"), change("a")], "Two changes have the same id."),
        ([change("a", needs=("b",))], "A needs the change b, which is not there."),
        (
            [change("a", hours=float("nan"))],
            "The hours for the engineering of A are nan; choose from 0 to 100000.",
        ),
        (
            [change("a", downtime={"x": -2.0})],
            "The hours for the downtime of A are -2; choose from 0 to 100000.",
        ),
    ],
)
def test_changes_that_cannot_be_are_refused_in_words(changes, sentence):
    with pytest.raises(PlanRefused) as refused:
        Allowed(changes, Limits())

    assert str(refused.value) == sentence
