"""The same plant gives the same bytes, on every machine and after every change."""

import json

import pytest

from exposure.logic.paths.kernels.compiled import COMPILED
from tests.exposure.logic.paths.golden import digests_of, kept, plants
from tests.exposure.logic.paths.plain import without_a_compiler

MEANT = """
The engine answers something else. If that is meant: raise ENGINE in analyse.py (or in
plans/plan.py) and write what `python -m tests.exposure.logic.paths.golden` prints to
golden.json. If nothing was changed, this machine calculates in another way.
"""


@pytest.mark.parametrize("name", sorted(plants()))
def test_a_plant_gives_the_bytes_that_it_always_gave(name):
    assert digests_of(name) == kept()[name], MEANT


@pytest.mark.skipif(not COMPILED, reason="the test above had no compiler either")
def test_without_a_compiler_they_are_the_same():
    found = without_a_compiler(
        "tests.exposure.logic.paths.golden",
        "json.dumps(digests_of('northmill'))",
    )

    assert json.loads(found) == kept()["northmill"], MEANT
