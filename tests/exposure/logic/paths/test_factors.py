"""Every chance is a product of entries of the policy that can be looked up."""

import math

import pytest

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.factors import AS_COUNTED, Factors
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import CauseRow
from exposure.logic.paths.snapshot import FindingRow, PlantSnapshot
from tests.exposure.logic.paths.random_plants import random_plant


@pytest.mark.parametrize(
    "policy",
    [
        ScoringPolicy(),
        ScoringPolicy().with_phishing(),
        ScoringPolicy().without_assumed(),
    ],
    ids=lambda policy: policy.version,
)
def test_the_factors_of_every_cause_multiply_to_its_chance(
    policy: ScoringPolicy,
) -> None:
    kinds = set()
    for seed in range(12):
        plant = random_plant(seed)
        factors = Factors(plant, policy)

        for cause in analyse(plant, policy=policy, seed="s", worlds=64).causes:
            found = factors.of(cause)

            assert AS_COUNTED not in {each.words for each in found}
            assert math.prod(each.value for each in found) == pytest.approx(cause.p)
            kinds.add(cause.kind)
    assert kinds >= {"finding", "conduit", "service", "credential", "vendor"}


def test_what_the_reader_may_not_see_is_one_number() -> None:
    hidden = CauseRow("finding:x", "finding", "x", "another site", 0.42, "E3")

    (only,) = Factors(PlantSnapshot(), ScoringPolicy()).of(hidden)

    assert (only.words, only.value) == (AS_COUNTED, 0.42)


def test_a_verified_control_is_a_factor_of_its_own() -> None:
    row = FindingRow(
        "f", "SL-1", "a", 443, "weak", Grade.E3, Threat.ACTIVE, verified_control=True
    )
    cause = CauseRow("finding:f", "finding", "f", "SL-1", 0.7 * 0.3, "E3")

    found = Factors(PlantSnapshot(findings=(row,)), ScoringPolicy()).of(cause)

    assert [each.value for each in found] == [0.7, 1.0, 0.3]
    assert found[-1].words == "control is verified"
