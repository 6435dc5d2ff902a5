"""A hop and a path are known no better than the worst of what they rest on."""

from dataclasses import replace

import pytest

from exposure.logic.grades import Grade
from exposure.logic.path_map import path_map
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.sight import ELSEWHERE, Sight, veiled
from exposure.logic.paths.snapshot import Basis, Gives, PlantSnapshot
from exposure.logic.paths.ways import Ways
from exposure.logic.paths.weakest import (
    WORST_FIRST,
    Confidence,
    rests_on,
    told_by_weakest,
    trust_in,
)
from tests.exposure.logic.paths.sign_in_plant import ADMIN, PLANT

GUESSED = replace(ADMIN, basis=Basis.ASSUMED)
BEYOND = replace(
    PLANT.findings[0], id="g", ref="SL-2", asset_id="plc", port=102, gives=Gives.NOTHING
)
WEAK = replace(PLANT.findings[0], id="g", ref="SL-2", asset_id="plc", port=22)


def answer(plant: PlantSnapshot) -> PathAnalysis:
    return analyse(plant, policy=ScoringPolicy(), seed="s", worlds=512)


def with_weakness(grade: Grade) -> PlantSnapshot:
    """The controller behind a port that was seen, with a weakness of this grade."""
    return replace(PLANT, findings=(*PLANT.findings, replace(WEAK, grade=grade)))


def test_the_order_is_that_of_strength_then_chance() -> None:
    policy = ScoringPolicy()
    chances = {**policy.grades, **policy.bases}
    worst = sorted(
        (word for word in WORST_FIRST if word not in ("D", "E4", "observed")),
        key=lambda word: (policy.widths[word], chances[word]),
    )

    # Both certain: of a validated weakness behind a port that was seen, it is named.
    assert (chances["E4"], chances["observed"]) == (1.0, 1.0)
    assert ("D", *worst, "E4", "observed") == WORST_FIRST


@pytest.mark.parametrize(
    ("plant", "word", "drawn", "confidence"),
    [
        (replace(PLANT, credentials=(GUESSED,)), "assumed", "assumed", Confidence.LOW),
        (
            replace(PLANT, credentials=(ADMIN,)),
            "imported",
            "imported",
            Confidence.MEDIUM,
        ),
        (with_weakness(Grade.E0), "E0", "assumed", Confidence.LOW),
        (with_weakness(Grade.E2), "E2", "imported", Confidence.MEDIUM),
        (with_weakness(Grade.E4), "E4", "observed", Confidence.HIGH),
    ],
)
def test_a_guess_behind_a_port_that_was_seen_is_no_observed_step(
    plant: PlantSnapshot, word: str, drawn: str, confidence: Confidence
) -> None:
    stored = answer(plant)
    causes = {row.id: row for row in stored.causes}

    told = told_by_weakest(stored)

    way = told.lines[0].best
    assert way is not None
    _, hop, lost = way.hops
    assert [row.word for row in rests_on(hop, causes)] == [word, "observed"]
    assert hop.basis == drawn
    assert lost.basis == "certain"
    trust = trust_in(way, causes)
    assert trust.confidence == confidence
    assert trust.cause is not None
    assert trust.cause.word == word
    # What is stored stays as it is, and with it every digest.
    assert stored.lines[0].best.hops[1].basis == "observed"
    edges = {edge.to_key: edge.basis for edge in path_map(told, plant).edges}
    assert edges["asset:plc"] == drawn


def test_what_is_drawn_says_in_words_what_is_known_worst() -> None:
    signs_in, theoretical, shown = (
        {
            edge.to_key: edge.title
            for edge in path_map(told_by_weakest(answer(plant)), plant).edges
        }["asset:plc"]
        for plant in (
            replace(PLANT, credentials=(GUESSED,)),
            with_weakness(Grade.E0),
            with_weakness(Grade.E4),
        )
    )

    assert signs_in == "EWS to PLC: Admin, assumed"
    assert theoretical.endswith("seen from Office; weakness theoretical")
    assert shown.endswith("seen from Office, observed; weakness validated")


def test_the_way_to_a_finding_knows_its_weakest_cause_and_hides_what_is_elsewhere() -> (
    None
):
    plant = replace(PLANT, credentials=(GUESSED,), findings=(*PLANT.findings, BEYOND))
    ids = frozenset({"ews", "office"})
    whole, part = (
        Ways(each, policy=ScoringPolicy(), sight=sight)
        for each, sight in (
            (plant, None),
            (veiled(plant, Sight(ids)), Sight(ids)),
        )
    )

    words = []
    for ways in (whole, part):
        hops = ways.to("g", asset_id="plc", port=102)
        found = ways.weakest_of(hops[1])
        assert found is not None
        words.append((found.word, found.label))

    assert words == [("assumed", "Admin"), ("assumed", ELSEWHERE)]


def test_a_path_without_luck_is_as_sure_as_the_plant() -> None:
    way = answer(PLANT).lines[0].best
    assert way is None
    best = answer(replace(PLANT, credentials=(ADMIN,))).lines[0].best
    assert best is not None

    assert trust_in(replace(best, hops=best.hops[-1:]), {}).hop is None
