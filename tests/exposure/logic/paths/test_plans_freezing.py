"""Freezes: what they leave for changes without a window; and windows of networks."""

from dataclasses import replace
from datetime import timedelta

from exposure.logic.paths.plans.allowed import Allowed
from exposure.logic.paths.plans.board import work_by_line
from exposure.logic.paths.plans.freezing import Span, Task, Touching, free_times
from exposure.logic.paths.plans.items import NETWORK, Freeze, Limits
from exposure.logic.paths.plans.milp import best_set
from exposure.logic.paths.plans.pool import Pool
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.snapshot import ConduitRow
from tests.exposure.logic.paths.plannable import (
    MONDAY,
    change,
    ids_of,
    routes,
    sample_of,
    window,
)
from tests.exposure.logic.paths.sign_in_plant import ADMIN, PLANT, PUMPS

IN_6_H, IN_9_H = MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=9)
NEXT = Freeze("a", IN_6_H, IN_9_H)
NOW = Freeze("a", MONDAY - timedelta(days=1), IN_6_H)


def spans(*tasks, freezes=(NEXT,)):
    return list(free_times(tasks, freezes, now=MONDAY))


def test_what_fits_before_a_freeze_is_over_by_it_and_what_does_not_waits_for_its_end():
    fits, waits = spans(Task({"a"}, 6.0), Task({"a"}, 6.1))

    assert fits == Span(None, IN_6_H)
    assert waits == Span(IN_9_H, None)


def test_works_that_stop_one_line_share_the_time_before_a_freeze():
    first, second, third = spans(
        *(Task({"a"}, 1.0, {"a": hours}) for hours in (4.0, 2.0, 0.5))
    )

    assert (first, second) == (Span(None, IN_6_H), Span(None, IN_6_H))
    assert third == Span(IN_9_H, None)


def test_a_freeze_of_now_holds_up_and_freezes_that_touch_count_as_one():
    longer = Freeze("", MONDAY, IN_9_H)

    assert spans(Task({"a"}, 1.0), freezes=(NOW, NEXT)) == [Span(IN_9_H, None)]
    assert spans(Task({"b"}, 1.0), freezes=(NOW, longer)) == [Span(IN_9_H, None)]
    assert spans(Task({"b"}, 1.0), freezes=(NOW, NEXT)) == [Span(None, None)]


def test_hours_without_measure_have_a_time_all_the_same():
    endless = [Task({"a"}, 0.0, {"a": 100_000.0})] * 40

    assert spans(*endless)[-1] == Span(IN_9_H, None)


def test_a_change_touches_the_lines_of_the_devices_it_is_made_to_or_leads_to():
    rule = ConduitRow("c", "Rule 9", "office", "cell")
    plant = replace(
        PLANT, conduits=(rule,), credentials=(ADMIN,), vendor_accesses=(PUMPS,)
    )
    touching = Touching(Plant(plant))
    (line,) = (row.id for row in plant.lines)

    for kind, subject in (
        ("conduit", "c"),
        ("vendor", PUMPS.id),
        ("credential", ADMIN.id),
        ("same_zone", "cell"),
        ("service", "plc:22"),
    ):
        assert touching.lines(kind, subject) == (line,), kind
    assert touching.lines("finding", "f") == ()
    assert touching.lines("finding", "nobody") == ()


def test_a_window_is_no_use_while_a_line_is_frozen_that_the_change_touches():
    works = change("close", downtime={"b": 1.0})
    windows = (window("w", "b", day=0, hours=4), window("x", "b", day=1, hours=4))
    limits = Limits(windows=windows, freezes=(NOW,))

    alone = Allowed([works], limits).placed([0])
    beside = Allowed([replace(works, touches=("a",))], limits).placed([0])

    assert (alone, beside) == ({(0, "b"): 0}, {(0, "b"): 1})


def test_what_stops_no_line_and_is_bound_to_network_windows_is_made_in_them():
    model = routes(a=[(0.9,)], b=[(0.5,)])
    net = f"{NETWORK}s"
    windows = (window("n", net, day=0, hours=3), window("w", "a", day=0, hours=9))
    changes = [
        change("close a", ["a00"], hours=2, only_in=("n",)),
        change("close b", ["b00"], hours=2, only_in=("n",)),
        change("free"),
    ]

    def best(**limits):
        allowed = Allowed(changes, Limits(**limits))
        found = best_set(Pool(sample_of(model, changes)), allowed)
        return ids_of(changes, found.chosen)

    assert best(windows=windows) == {"close a"}
    assert best() == {"close a", "close b"}  # windows do not count
    allowed = Allowed(changes, Limits(windows=windows))
    assert allowed.placed([0, 2]) == {(0, net): 1}
    assert allowed.stands([0, 1]) == {}
    assert "no room" in allowed.misfit([0, 1])
    frozen = Freeze(net, MONDAY, MONDAY + timedelta(hours=2))
    assert best(windows=windows, freezes=(frozen,)) == set()
    (row,) = work_by_line(allowed, [0, 2])
    assert (row.is_network, row.hours, row.room) == (True, 2, 1)
