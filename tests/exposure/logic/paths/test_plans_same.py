"""The same plan comes out of kernels that are compiled and of those that are not."""

from pathlib import Path

from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.plans.items import Limits
from exposure.logic.paths.plans.plan import Settings, plan
from tests.bench.plants import plant_graph
from tests.exposure.logic.paths.plain import without_a_compiler
from tests.exposure.logic.paths.plannable import change, exposed

ROOT = Path(__file__).parents[4]


def all_plans() -> str:
    """Some plans; printed by a process that has no compiler."""
    settings = Settings("both", worlds=600, fresh_worlds=700, points=3)
    plans = [
        plan(graph_of(model), changes, limits, settings=settings)
        for model, changes, limits, _ in exposed(3)
    ]
    graph = plant_graph(40)
    causes = [each for each in graph.cause_ids if each.startswith("exploit")]
    changes = [change(each, {each: 0.1}, hours=3) for each in causes[:9]]
    plans.append(plan(graph, changes, Limits(hours=9), settings=settings))
    return " ".join(each.to_json().decode() for each in plans)


def test_the_same_bytes_come_out_without_a_compiler():
    plain = without_a_compiler(__name__, "all_plans()")

    assert plain == all_plans()
