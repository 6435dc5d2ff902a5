"""The table of rules: what docs/method.md prints is what the compiler does."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from exposure.logic.paths.compile import compile_model, compile_plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.rules import CONTROL, FOOTHOLD, RULES, Rule, rule_table
from exposure.logic.paths.snapshot import (
    Access,
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    Gives,
    PlantSnapshot,
    VendorAccessRow,
    Window,
)
from tests.exposure.logic.paths.plants import northmill

METHOD = Path("docs/method.md").read_text(encoding="utf-8")
POLICY = ScoringPolicy(phishing=True)


def full() -> PlantSnapshot:
    """Northmill with something for every rule."""
    plant = northmill()
    jump = next(row for row in plant.findings if row.asset_id == "a-jump")
    return replace(
        plant,
        assets=(*plant.assets, AssetRow("a-out", "OUT-1", "")),
        findings=(*plant.findings, foothold(jump)),
        credentials=(
            CredentialRow(
                "k", "Panel sign-in", held_on=("a-jump",), opens=("a-hmi",), stored=True
            ),
        ),
        vendor_accesses=(VendorAccessRow("v", "Pumpwright", to_zone_id="z-cell"),),
    )


def names_in(plant: PlantSnapshot) -> set[str]:
    """Everything that the plant calls something, the ports, and the internet."""
    rows = (*plant.zones, *plant.lines, *plant.assets, *plant.conduits)
    return {
        "the internet",
        "Pumpwright",
        "Panel sign-in",
        *(row.name for row in rows),
        *(text for row in plant.findings for text in (row.ref, row.title)),
        *(str(row.port) for row in plant.findings),
    }


def foothold(row: FindingRow) -> FindingRow:
    return replace(row, id="f-jump-2", ref="SL-9", gives=Gives.FOOTHOLD)


def test_the_method_page_prints_the_table_of_the_compiler():
    assert rule_table() in METHOD


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_makes_a_step_that_people_can_read(rule: Rule):
    compiled = compile_plant(full(), policy=POLICY)

    made = [
        compiled[number]
        for number, place in enumerate(compiled.rule)
        if RULES[place] is rule
    ]

    assert made
    shape = re.compile(re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(rule.sentence)))
    for step in made:
        told = shape.fullmatch(step.sentence)
        assert told
        assert set(told.groups()) <= names_in(full())
        assert len(step.body) == len(rule.premises)
        assert bool(step.causes) == bool(rule.cause)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_technique_is_the_rules_or_that_of_the_finding(rule: Rule):
    compiled = compile_plant(full(), policy=POLICY)

    used = {
        compiled[number].technique
        for number, place in enumerate(compiled.rule)
        if RULES[place] is rule
    }

    if rule in (CONTROL, FOOTHOLD):
        assert used <= {row.technique for row in full().findings}
    else:
        assert used == {rule.technique}
        assert re.fullmatch(r"T0\d{3}|", rule.technique)


def test_the_readable_form_and_the_arrays_say_the_same():
    compiled = compile_plant(full(), policy=POLICY)

    model = compile_model(full(), policy=POLICY)

    assert compiled.model() == model
    assert len(model.steps) == len(compiled)


def numbers(row: str) -> list[str]:
    """The cells of the row of METHOD that begins with these words."""
    line = next(each for each in METHOD.splitlines() if each.startswith(f"| {row} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize(
    ("words", "access"),
    [
        ("a password that is the same on many devices", Access.REUSED),
        ("the sign-in of one person", Access.PERSONAL),
        ("a vendor's remote access", Access.VENDOR),
        ("mail to an office zone", Access.PHISHING),
    ],
)
def test_the_method_page_prints_the_chances_of_an_access(words: str, access: Access):
    policy = ScoringPolicy()

    assert numbers(words)[1:] == [
        f"{policy.accesses[access]:g}",
        f"{policy.widths[access]:g}",
    ]


@pytest.mark.parametrize(
    ("words", "factor"),
    [
        ("a second factor is asked for", ScoringPolicy().mfa_factor),
        (
            "a vendor's access is opened on request",
            ScoringPolicy().windows["on_request"],
        ),
        ("it is past its end and nothing answers", ScoringPolicy().windows["over"]),
    ],
)
def test_the_method_page_prints_what_makes_an_access_rarer(words: str, factor: float):
    assert numbers(words)[1] == f"x {factor:g}"
    assert ScoringPolicy().windows[Window.ALWAYS] == 1.0


def test_the_example_of_a_sign_in_on_the_method_page_is_right():
    policy = ScoringPolicy()
    reused = CredentialRow("k", "", shared=True, basis=Basis.IMPORTED)
    vendor = VendorAccessRow("v", "", basis=Basis.IMPORTED)

    assert policy.of_credential(reused) == pytest.approx(0.56)
    assert policy.of_vendor(replace(vendor, mfa=True)) == pytest.approx(0.028)
    assert "imported, reused password: .7 x .8 = .56" in METHOD
    assert ".35 x .8 x .1 = .028" in METHOD


def test_a_rule_that_opens_a_conduit_needs_its_ports():
    """A premise that the table shortens: a conduit without the port makes no step."""
    plant = replace(
        full(), conduits=(ConduitRow("c", "Rule 9", "z-dmz", "z-cell", ports=(9,)),)
    )

    compiled = compile_plant(plant, policy=POLICY)

    assert "conduit" not in {RULES[place].name for place in compiled.rule}
