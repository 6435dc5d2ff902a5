"""What breaks a hop: every change that closes something it rests on."""

from dataclasses import replace

import pytest

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.on_hop import changes_on
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import Basis, ConduitRow, PlantSnapshot
from tests.exposure.logic.paths.sign_in_plant import ADMIN, PLANT, PUMPS

WEAK = replace(PLANT.findings[0], id="g", ref="SL-2", asset_id="plc", port=22)
INSIDE = replace(PLANT.services[1], seen_from="cell")
RULE = ConduitRow("c", "Rule 1", "office", "cell", basis=Basis.IMPORTED)


@pytest.mark.parametrize(
    ("plant", "breaks"),
    [
        (replace(PLANT, credentials=(ADMIN,)), {"finding:f", "credential:k"}),
        (
            replace(
                PLANT,
                services=(INSIDE,),
                findings=(WEAK,),
                conduits=(RULE,),
                vendor_accesses=(replace(PUMPS, conduit_id="c", ports=(22,)),),
            ),
            {"vendor:v", "conduit:c", "finding:g"},
        ),
        (
            replace(
                PLANT,
                services=(replace(PLANT.services[1], seen_from="office"),),
                findings=(WEAK,),
                vendor_accesses=(PUMPS,),
            ),
            {"vendor:v", "same_zone:cell", "finding:g"},
        ),
    ],
)
def test_every_kind_of_change_breaks_the_hop_that_rests_on_it(
    plant: PlantSnapshot, breaks: set[str]
) -> None:
    answer = analyse(plant, policy=ScoringPolicy(), seed="s", worlds=512)
    causes = {row.id: row for row in answer.causes}
    best = answer.lines[0].best
    assert best is not None

    found = [changes_on(hop, answer.changes, causes) for hop in best.hops]

    assert {row.id for rows in found for row in rows} == breaks
    # The line itself is lost for certain: nothing is cut there.
    assert found[-1] == []
    assert all(row.removes > 0 for rows in found for row in rows)
