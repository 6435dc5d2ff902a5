"""How much of the exposure goes through one cause."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.ground import Ground
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from exposure.logic.paths.through import Passage, Passages
from tests.exposure.logic.paths.plants import lively_model, rules_of
from tests.exposure.logic.paths.recount import SEED, WORLDS, passed_through, recounted
from tests.exposure.logic.paths.test_changes import worth


def passages(model: AttackModel) -> dict[str, Passage]:
    ground = Ground(graph_of(model), seed=SEED, worlds=WORLDS)
    causes = [cause.id for cause in model.causes]
    counted = Passages(ground, causes, needed=rules_of(model).needed_by)
    for forest in ground.forests():
        counted.add(forest)
    return counted.found()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**9).map(lively_model))
def test_what_goes_through_a_cause_is_what_walking_every_world_says(model):
    found = passages(model)

    for cause in model.causes:
        walks = [passed_through(model, cause.id, world) for world in range(WORLDS)]
        points = sum(
            row.points for won in walks for row in model.targets if row.fact in won
        )
        lines = {
            row.line_id for won in walks for row in model.targets if row.fact in won
        }
        assert found[cause.id].units == points / WORLDS
        assert set(found[cause.id].line_ids) == lines


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9).map(lively_model))
def test_it_lies_between_what_closing_removes_and_everything(model):
    found, total = passages(model), recounted(model)

    for row in worth(model):
        assert row.removes <= found[row.change.id].units + 1e-12
        assert found[row.change.id].units <= total


def test_a_step_back_to_what_was_needed_for_it_goes_through_nothing():
    model = AttackModel(
        causes=(Cause("finding:1", "finding", "1", "SL-1", 1.0, "E4"),),
        steps=(
            Step("in", "yard", ("net:internet",)),
            Step("on", "shed", ("yard",)),
            Step("back", "yard", ("shed",), ("finding:1",)),
        ),
        targets=(Target("yard", "yard", 10),),
    )

    assert passages(model)["finding:1"] == Passage(units=0.0, line_ids=())
