"""Names that nobody has: whoever answers for them answers for everything."""

from exposure.logic.names.wildcards import random_names


def test_random_names_are_below_their_level_and_differ() -> None:
    tried = random_names("cust.plant.example")

    assert len(set(tried)) == 3
    assert all(name.endswith(".cust.plant.example") for name in tried)
