"""How sure a trail makes us, and what several of them do together."""

import datetime as dt

import pytest

from exposure.logic.attribution import (
    MOST_HOPS,
    Hop,
    confidence,
    in_words,
    of_trail,
    sentence,
)

AT = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


def trail(*sources: str, start: int = 0) -> tuple[Hop, ...]:
    return tuple(
        Hop(start + place, f"n{start + place}", source, AT)
        for place, source in enumerate(sources)
    )


@pytest.mark.parametrize(
    ("sources", "sure"),
    [
        (("scope entry",), 1.0),
        (("scope entry", "address of"), 0.8),
        (("scope entry", "CNAME of", "address of"), 0.48),
        (("a source that nobody knows",), 0.3),
        ((), 0.0),
    ],
)
def test_weights_are_multiplied_along_a_trail(
    sources: tuple[str, ...], sure: float
) -> None:
    assert of_trail(trail(*sources)) == pytest.approx(sure)


def test_more_than_five_hops_prove_nothing() -> None:
    assert of_trail(trail(*["inside"] * MOST_HOPS)) == 1
    assert of_trail(trail(*["inside"] * (MOST_HOPS + 1))) == 0


def test_two_trails_of_their_own_are_surer_than_the_better_one() -> None:
    both = [trail("scope entry", "PTR of"), trail("scope entry", "crt.sh", start=10)]

    assert confidence(both) == pytest.approx(1 - 0.4 * 0.4)


def test_trails_that_share_an_uncertain_step_count_once() -> None:
    shared = trail("crt.sh")
    both = [
        (*shared, Hop(9, "a", "address of", AT)),
        (*shared, Hop(8, "a", "PTR of", AT)),
    ]

    assert confidence(both) == pytest.approx(0.6 * 0.8)


def test_many_guesses_never_make_certain() -> None:
    many = [trail("MX of", start=10 * number) for number in range(100)]

    assert confidence(many) == 0.99
    assert in_words(confidence(many)) == "almost certain"


def test_a_root_makes_certain_whatever_else_is_said() -> None:
    assert confidence([trail("owner"), trail("MX of", start=5)]) == 1


def test_nothing_is_known_without_a_trail() -> None:
    assert confidence([]) == 0
    assert in_words(0) == "unlikely"


def test_each_step_reads_as_a_sentence() -> None:
    root, found = (
        Hop(1, "plant.example", "scope entry", AT, "TH-1"),
        Hop(2, "edge.example", "CNAME of", AT),
    )
    asked = Hop(3, "x.example", "crt.sh", AT)

    assert sentence(root, None) == "plant.example is in the authorised scope (TH-1)"
    assert sentence(found, root) == "edge.example: CNAME of plant.example"
    assert sentence(asked, root) == "x.example: crt.sh, asked about plant.example"
    assert sentence(asked, None) == "x.example was found by crt.sh"
    assert sentence(Hop(4, "192.0.2.1", "inside", AT), root).endswith(
        "lies in plant.example"
    )
    assert sentence(Hop(5, "a.example", "owner", AT), None) == (
        "The owner said that a.example is theirs"
    )
