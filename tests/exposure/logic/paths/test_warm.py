"""Nobody who asks for an analysis waits for a compiler."""

import pytest

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.kernels.compiled import COMPILED, KERNELS
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.warm import warm
from tests.exposure.logic.paths.plants import northmill


def compiled() -> dict[str, int]:
    """How often each kernel was compiled, for other types each time."""
    return {
        f"{each.__module__}.{each.__name__}": len(each.signatures) for each in KERNELS
    }


@pytest.mark.skipif(not COMPILED, reason="there is no compiler here")
@pytest.mark.parametrize("plant", [northmill(), PlantSnapshot()], ids=["plant", "none"])
def test_once_it_is_warm_an_analysis_compiles_nothing(plant):
    warm()
    before = compiled()

    analyse(plant, policy=ScoringPolicy(), seed="s", worlds=1_000)

    assert compiled() == before
    assert max(before.values()) > 0
