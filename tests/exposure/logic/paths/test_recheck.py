"""A stored revision comes out the same from what it holds, or it is said what does not."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from exposure.logic.paths import export
from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.blob import pack
from exposure.logic.paths.compile import compile_graph
from exposure.logic.paths.export import GraphTooLarge, as_graphml, as_networkx
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.recheck import Stored, recheck
from exposure.logic.paths.snapshot import PlantSnapshot
from tests.exposure.logic.paths.plants import northmill

POLICY = ScoringPolicy()
PLANT = northmill()


@pytest.fixture(scope="module")
def stored() -> Stored:
    answer = analyse(PLANT, policy=POLICY, seed="northmill", worlds=300)
    return Stored(
        snapshot=PLANT.canonical(),
        result=answer.to_json(),
        graph=pack(compile_graph(PLANT, policy=POLICY)),
        snapshot_sha256=PLANT.sha256,
        policy_sha256=POLICY.sha256,
    )


def test_an_untouched_one_is_the_same_to_the_bit(stored: Stored) -> None:
    found = recheck(stored, POLICY)

    assert found.differs == ()
    assert (found.lines, found.worlds, found.compiled) == (len(PLANT.lines), 300, True)
    assert len(found.graph_sha256) == 64


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"snapshot_sha256": "0" * 64}, "not the one whose hash is stored"),
        ({"policy_sha256": "0" * 64}, "names another plant or another policy"),
        ({"graph": b"SLPATHS1" + b"0" * 64}, "cannot be read"),
        (
            {"graph": pack(compile_graph(PlantSnapshot(), policy=POLICY))},
            "has other lines",
        ),
    ],
)
def test_what_was_changed_is_named(
    stored: Stored, change: dict[str, bytes | str], words: str
) -> None:
    found = recheck(replace(stored, **change), POLICY)

    assert any(words in each for each in found.differs)


def test_a_figure_that_was_changed_is_named_with_both_values(stored: Stored) -> None:
    answer = analyse(PLANT, policy=POLICY, seed="northmill", worlds=300)
    first = answer.lines[0]
    forged = replace(
        answer,
        exposure=0.0,
        lines=(replace(first, reach=0.001, exposure=0.0), *answer.lines[1:]),
    )

    found = recheck(replace(stored, result=forged.to_json()), POLICY)

    assert f"{first.name}: reach 0.001 is stored, {first.reach!r} is counted" in (
        found.differs
    )
    assert any(each.startswith("exposure: 0") for each in found.differs)


def test_with_another_policy_only_the_worlds_are_drawn_again(stored: Stored) -> None:
    found = recheck(stored, POLICY.with_phishing())

    assert (found.differs, found.compiled) == ((), False)


def test_the_file_holds_every_fact_and_step_and_what_they_are_called() -> None:
    graph = compile_graph(PLANT, policy=POLICY)
    odd = replace(
        PLANT, lines=tuple(replace(row, name="<b>\x00 & Co") for row in PLANT.lines)
    )

    root = ET.fromstring(as_graphml(graph, odd))  # noqa: S314 - our own text

    space = "{http://graphml.graphdrawing.org/xmlns}"
    drawn = as_networkx(graph)
    assert len(root.findall(f".//{space}node")) == drawn.number_of_nodes()
    assert len(root.findall(f".//{space}edge")) == drawn.number_of_edges()
    labels = {each.text for each in root.findall(f".//{space}data[@key='label']")}
    assert "loss of <b> & Co" in labels


def test_a_graph_that_no_program_reads_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "MOST_STEPS", 1)

    with pytest.raises(GraphTooLarge, match="A file holds 1 at most"):
        as_graphml(compile_graph(PLANT, policy=POLICY), PLANT)
