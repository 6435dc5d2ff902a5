"""Paths that sign in or come with a vendor, told so that two people can check them."""

import math
from dataclasses import replace

import pytest

from exposure.logic.paths.analyse import analyse
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import LineResult
from exposure.logic.paths.snapshot import (
    Basis,
    ConduitRow,
    PlantSnapshot,
    Shut,
    ShutRow,
)
from tests.exposure.logic.paths.sign_in_plant import ADMIN, PLANT, PUMPS


def line_of(plant: PlantSnapshot) -> LineResult:
    (line,) = analyse(plant, policy=ScoringPolicy(), seed="s", worlds=10_240).lines
    return line


def test_a_hop_by_a_sign_in_says_who_held_it_and_what_it_opens():
    line = line_of(replace(PLANT, credentials=(ADMIN,)))

    assert line.best is not None
    taken, signed_in, lost = line.best.hops
    assert (taken.finding_id, taken.grade) == ("f", "E4")
    assert signed_in.how == (
        "PLC answers on port 22, seen from Office. EWS holds Admin. "
        "Admin signs in to PLC on port 22."
    )
    assert (signed_in.finding_id, signed_in.grade) == ("", "")
    assert (signed_in.technique, signed_in.port) == ("T0859", 22)
    assert signed_in.cause_ids == ("service:s2", "credential:k")
    assert lost.to_name == "Line 1"
    assert line.best.p == pytest.approx(0.56)
    assert line.reach == pytest.approx(0.56, abs=0.015)


def test_a_credential_that_every_route_uses_is_named():
    line = line_of(replace(PLANT, credentials=(ADMIN,)))

    words = [row.words for row in line.choke_points]
    assert "Every route uses Admin." in words


def test_a_vendor_over_a_conduit_comes_from_the_internet_and_names_both():
    rule = ConduitRow("c", "Rule 1", "office", "cell", basis=Basis.IMPORTED)
    finding = replace(PLANT.findings[0], id="g", ref="SL-2", asset_id="plc", port=22)
    vendor = replace(PUMPS, conduit_id="c", ports=(22,))
    quiet = replace(PLANT.services[1], seen_from="cell")

    line = line_of(
        replace(
            PLANT,
            services=(quiet,),
            findings=(finding,),
            conduits=(rule,),
            vendor_accesses=(vendor,),
        )
    )

    assert line.best is not None
    hop, _ = line.best.hops
    assert (hop.from_kind, hop.way) == ("internet", "remote access of Pumpwright")
    assert hop.how.startswith("The remote access of Pumpwright leads to Cell. ")
    assert hop.conduit_id == "c"
    assert hop.cause_ids == ("vendor:v", "conduit:c", "finding:g")
    assert hop.p == pytest.approx(math.prod((0.35, 0.8, 0.8)))


def test_a_vendor_in_a_zone_goes_on_from_the_internet():
    finding = replace(PLANT.findings[0], id="g", ref="SL-2", asset_id="plc", port=22)
    quiet = replace(PLANT.services[1], seen_from="cell")

    line = line_of(
        replace(PLANT, services=(quiet,), findings=(finding,), vendor_accesses=(PUMPS,))
    )

    assert line.best is not None
    hop, _ = line.best.hops
    assert (hop.from_kind, hop.to_name) == ("internet", "PLC")
    assert hop.how == (
        "The remote access of Pumpwright leads to Cell. "
        "PLC answers on port 22, seen from Cell. SL-2, old, gives control of PLC."
    )
    assert hop.p == pytest.approx(0.28)


def test_no_path_says_which_sign_in_would_be_the_way():
    nowhere = replace(ADMIN, held_on=())

    line = line_of(replace(PLANT, credentials=(nowhere,)))

    assert line.best is None
    assert (
        "Admin signs in to PLC, but an outsider takes nothing that holds it."
        in line.reasons
    )


def test_no_path_says_what_was_proven_shut_and_when():
    shut = (
        ShutRow("x", "plc", 22, "SL-7", Shut.CLOSED, "2026-11-04"),
        ShutRow("y", "plc", 102, "Port 102", Shut.GONE),
        ShutRow("z", "plc", 80, "SL-8", Shut.DISPROVED, "2026-11-05"),
    )

    line = line_of(replace(PLANT, shut=shut))

    assert set(line.reasons) >= {
        "SL-7 on PLC is closed, proven on 4 November 2026.",
        "Port 102 of PLC does not answer any more.",
        "SL-8 on PLC is disproved, proven on 5 November 2026.",
    }


def test_no_path_names_the_conduit_who_says_so_and_what_else_is_missing():
    rule = ConduitRow(
        "c", "Rule 9", "cell", to_asset_id="plc", ports=(22,), source="Drawing of May"
    )
    seen = replace(PLANT.services[1], seen_from="cell", known_since="2026-11-03")

    line = line_of(replace(PLANT, services=(PLANT.services[0], seen), conduits=(rule,)))

    assert set(line.reasons) >= {
        "Rule 9 (assumed: Drawing of May) leads to PLC, but an outsider has no presence "
        "in Cell.",
        "Port 22 of PLC was seen from Cell, since 3 November 2026, where an outsider is "
        "not.",
    }


@pytest.mark.parametrize(
    ("ports", "words"),
    [((9,), "permits no known port of PLC"), ((22,), "counts as closed here")],
)
def test_no_path_says_whether_a_conduit_permits_the_port(
    ports: tuple[int, ...], words: str
):
    rule = ConduitRow("c", "Rule 9", "office", "cell", ports=ports)
    seen = replace(PLANT.services[1], seen_from="cell")
    plant = replace(PLANT, services=(PLANT.services[0], seen), conduits=(rule,))

    (line,) = analyse(
        plant, policy=ScoringPolicy().without_assumed(), seed="s", worlds=64
    ).lines

    assert any(words in reason for reason in line.reasons)
