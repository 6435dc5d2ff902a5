"""What a plan tells: figures that add up, a curve, partners, and what is left open."""

import itertools

import pytest

from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.effects import Effects
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel, ModelRefused, Target
from exposure.logic.paths.plans.answer import Plan
from exposure.logic.paths.plans.items import Limits, PlanRefused
from exposure.logic.paths.plans.plan import Settings, plan
from tests.exposure.logic.paths.plannable import change, routes, window

QUICK = Settings(seed="thornby", worlds=1024, fresh_worlds=2048)


def planned(model, changes, *, settings=QUICK, on_point=lambda _: None, **limits):
    return plan(
        graph_of(model),
        changes,
        Limits(**limits),
        settings=settings,
        on_point=on_point,
    )


def plant():
    """Three lines: one by two doors, one by one, one by a chain; shared first door."""
    return routes(a=[(0.9, 0.8), (0.7,)], b=[(0.6,)], c=[(0.3, 0.9)])


def doors():
    return [
        change("a00", ["a00"], hours=2),
        change("a10", ["a10"], hours=3, downtime={"a": 2.0}),
        change("b00", {"b00": 0.1}, hours=1, downtime={"b": 4.0}),
        change("c01", ["c01"], hours=8, downtime={"a": 1.0, "c": 1.0}),
        change("c00", ["c00"], hours=9, downtime={"c": 9.0}, needs=("c01",)),
    ]


def test_the_same_input_gives_the_same_bytes_and_another_seed_other_worlds():
    first, again = planned(plant(), doors()), planned(plant(), doors())
    other = planned(plant(), doors(), settings=Settings("other", 1024, 2048))

    assert first.to_json() == again.to_json()
    assert Plan.from_json(first.to_json()) == first
    assert other.exposure_before != first.exposure_before


def test_it_is_judged_in_the_worlds_of_the_analysis_not_in_its_own():
    answer = planned(plant(), doors())
    graph, edits = graph_of(plant()), [row.edit for row in doors()]
    chosen = {place for place, row in enumerate(doors()) if row.id in _made(answer)}
    effects = Effects(graph, edits, seed=seed_number("thornby"), worlds=2048)

    assert answer.exposure_before == effects.loss(effects.state())
    assert answer.exposure == effects.loss(effects.state(chosen))
    assert answer.planned != answer.exposure


def test_what_changes_remove_adds_up_to_what_the_plan_removes():
    answer = planned(plant(), doors())
    made = [row for row in answer.changes if row.place]

    assert [row.place for row in made] == list(range(1, len(made) + 1))
    removed = sum(row.removes for row in made)
    assert removed == pytest.approx(answer.exposure_before - answer.exposure)
    left = sum(row.exposure for row in answer.lines)
    assert left == pytest.approx(answer.exposure)


def test_what_stops_no_line_comes_first_and_what_is_needed_before_what_needs_it():
    fixed = frozenset({"c00"})
    made = [
        row.id for row in planned(plant(), doors(), fixed=fixed).changes if row.place
    ]

    assert made[0] == "a00"
    assert made.index("c01") < made.index("c00")


def test_of_two_ways_as_good_the_plan_takes_the_one_with_less_downtime():
    sure = routes(a=[(1.0, 1.0)])
    dear = change("a", ["a00"], downtime={"a": 9.0})
    cheap = change("b", ["a01"], hours=90, downtime={"a": 1.0})

    for changes in ([dear, cheap], [cheap, dear]):
        answer = planned(sure, changes)
        assert _made(answer) == {"b"}
        assert [row.downtime for row in answer.frontier] == [0, 1]


def test_the_curve_falls_and_each_point_is_the_best_for_its_downtime():
    answer = planned(plant(), doors())

    for one, other in itertools.pairwise(answer.frontier):
        assert one.downtime < other.downtime
        assert one.planned > other.planned
    for point in answer.frontier:
        within = planned(plant(), doors(), total_downtime=point.downtime)
        assert within.planned == point.planned
        assert point.gap <= 1e-4
    assert answer.frontier[0].change_ids == ("a00",) or not answer.frontier[0].downtime
    assert [row.downtime for row in answer.frontier] == [0, 2, 4, 6, 8]


def test_points_are_told_as_they_come_better_ones_then_the_plan_then_the_curve():
    told = []
    answer = planned(plant(), doors(), on_point=told.append)
    at = next(
        place
        for place, row in enumerate(told)
        if row.change_ids == _ids_in_order(answer) and row.gap <= 1e-4
    )

    planned_losses = [row.planned for row in told[: at + 1]]
    assert planned_losses == sorted(planned_losses, reverse=True)
    assert set(answer.frontier) <= set(told[at:])


def test_when_the_time_is_up_the_greedy_sets_are_the_plan_and_nothing_is_claimed():
    hurried = Settings("thornby", 1024, 2048, seconds=0.0)

    answer = planned(plant(), doors(), settings=hurried)

    assert answer.exposure == planned(plant(), doors()).exposure
    assert not answer.is_complete
    assert not answer.is_proven
    assert answer.bound == 0


def test_a_stopped_plan_is_an_answer_that_says_so():
    told = []
    answer = plan(
        graph_of(plant()),
        doors(),
        Limits(hours=5),
        settings=QUICK,
        on_point=told.append,
        stopped=lambda: bool(told),
    )

    assert not answer.is_complete
    assert answer.exposure == told[-1].exposure < answer.exposure_before
    assert len(answer.frontier) < len(planned(plant(), doors(), hours=5).frontier)


def test_a_plan_that_is_stopped_before_it_begins_changes_nothing():
    answer = plan(
        graph_of(plant()), doors(), Limits(), settings=QUICK, stopped=lambda: True
    )

    assert answer.exposure == answer.exposure_before > 0
    assert not answer.is_complete
    assert answer.gap == 1


def test_doors_that_work_only_together_name_each_other():
    model = routes(a=[(0.9,), (0.9,)], b=[(0.5,)])
    changes = [change(each, [each]) for each in ("a00", "a10", "b00")]

    rows = {row.id: row for row in planned(model, changes).changes}

    assert rows["a00"].removes_alone > 0  # in the worlds in which the other is shut
    sure = routes(a=[(1.0,), (1.0,)], b=[(0.5,)])
    rows = {row.id: row for row in planned(sure, changes).changes}
    assert rows["a00"].works_with == ("a10",)
    assert rows["a10"].works_with == ("a00",)
    assert rows["b00"].works_with == ()
    assert rows["a00"].removes_alone == 0


def test_a_change_that_is_left_out_says_why():
    changes = [
        *doors(),
        change("other b", {"b00": 0.5}, group="b", hours=1),
        change("useless", {"a00": 1.0}),
    ]
    changes[2] = change("b00", {"b00": 0.1}, hours=1, group="b")
    answer = planned(plant(), changes, hours=15, forbidden=frozenset({"a10"}))
    why = {row.id: row.why_not for row in answer.changes}

    assert why["a10"] == "A10 is forbidden."
    assert why["other b"] == "B00 can be changed in one way only."
    assert why["useless"] == "It removes nothing more once the plan is made."
    assert why["c00"] == "it takes 20 h of engineering; 15 h are allowed."
    assert {why[each] for each in _made(answer)} == {""}


def test_work_is_told_with_the_window_it_is_done_in():
    windows = (
        window("sat", "a", day=5, hours=2),
        window("sun", "a", day=6, hours=2),
        window("c", "c", day=6, hours=1),
    )
    answer = planned(plant(), doors(), windows=windows)
    stops = {
        (row.id, stop.line_id): stop.window_id
        for row in answer.changes
        for stop in row.stops
        if row.place
    }

    assert stops == {("a10", "a"): "sat", ("c01", "a"): "sun", ("c01", "c"): "c"}
    assert answer.done_by == "2026-12-06T08:00:00+00:00"


def test_the_way_that_is_left_is_named_with_its_chance_after_the_plan():
    answer = planned(plant(), doors(), forbidden=frozenset({"c00", "c01"}))
    lines = {row.line_id: row for row in answer.lines}

    assert lines["a"].way is None
    assert lines["a"].reach == 0
    assert lines["b"].way.p == pytest.approx(0.06)
    assert lines["b"].way.cause_ids == ("b00",)
    assert lines["c"].way.p == pytest.approx(0.27)
    assert lines["c"].way.cause_ids == ("c00", "c01")
    assert lines["c"].way.facts == ("line:c",)
    assert [row.line_id for row in answer.lines] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("model", "changes", "limits", "sentence"),
    [
        (AttackModel(), [], {}, "Nothing is exposed, so there is nothing to plan."),
        (
            AttackModel(targets=(Target("a", "line:a", 10),)),
            [change("paint it")],
            {},
            "Nothing is exposed, so there is nothing to plan.",
        ),
        (
            plant(),
            [change("paint it")],
            {},
            "Nothing that is allowed removes any of the exposure.",
        ),
        (
            plant(),
            doors(),
            {"hours": 0},
            "Nothing that is allowed removes any of the exposure.",
        ),
        (plant(), [], {}, "Nothing that is allowed removes any of the exposure."),
        (
            routes(a=[(1.0,)], b=[(1.0,)]),
            [change("a00", ["a00"])],
            {},
            "One change without downtime removes 50 % of the exposure.",
        ),
        (
            routes(a=[(1.0,)]),
            [change("a00", ["a00"], downtime={"a": 1.5})],
            {},
            "One change with 1.5 h of downtime removes all of the exposure.",
        ),
    ],
)
def test_a_plan_is_one_sentence_also_where_there_is_nothing_to_do(
    model, changes, limits, sentence
):
    answer = planned(model, changes, **limits)

    assert answer.sentence == sentence
    assert answer.is_complete
    assert answer.is_proven


BOTH = frozenset({"a00"})


@pytest.mark.parametrize(
    ("changes", "more", "words"),
    [
        (doors(), {"fixed": BOTH, "forbidden": BOTH}, "both fixed and forbidden"),
        ([change("x", ["z"])], {}, "which is not in the model"),
        ([change("x", {"a00": float("nan")})], {}, "not a number from 0 to 1"),
        (doors(), {"settings": Settings("s", worlds=0)}, "worlds: choose from"),
        (doors(), {"settings": Settings("s", fresh_worlds=-1)}, "worlds: choose from"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(changes, more, words):
    with pytest.raises((PlanRefused, ModelRefused), match=words):
        planned(plant(), changes, **more)


def _made(answer: Plan) -> set[str]:
    return {row.id for row in answer.changes if row.place}


def _ids_in_order(answer: Plan) -> tuple[str, ...]:
    order = [row.id for row in doors()]
    return tuple(sorted(_made(answer), key=order.index))
