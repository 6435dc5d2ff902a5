"""The scoring policy."""

import math
from dataclasses import replace

import pytest

from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.policy import PolicyRefused, ScoringPolicy
from exposure.logic.paths.snapshot import Basis, FindingRow


def finding(grade: Grade, threat: Threat) -> FindingRow:
    return FindingRow("f", "SL-1", "a", 443, "weak", grade, threat)


@pytest.mark.parametrize(
    ("grade", "threat", "chance"),
    [
        (Grade.E2, Threat.PUBLIC_POC, 0.24),
        (Grade.E3, Threat.ACTIVE, 0.7),
        (Grade.E4, Threat.NONE, 1.0),
        (Grade.E0, Threat.NONE, 0.015),
        (Grade.D, Threat.ACTIVE, 0.0),
    ],
)
def test_it_multiplies_grade_and_threat_unless_validated(grade, threat, chance):
    policy = ScoringPolicy()

    assert policy.of_finding(finding(grade, threat)) == pytest.approx(chance)


def test_it_gives_credit_to_verified_controls_only():
    policy = ScoringPolicy()

    assert policy.of_basis(Basis.IMPORTED) == 0.8
    assert policy.of_basis(Basis.IMPORTED, verified_control=True) == pytest.approx(0.08)
    proven = finding(Grade.E4, Threat.NONE)
    assert policy.of_finding(replace(proven, verified_control=True)) == 0.3
    assert policy.of_finding(replace(proven, control="Tested never")) == 1.0


def test_its_hash_covers_every_entry():
    plain = ScoringPolicy()

    others = [
        ScoringPolicy(version="prio-3"),
        ScoringPolicy(control_factor=0.2),
        ScoringPolicy(bases={**plain.bases, "assumed": 0.5}),
        ScoringPolicy(widths={**plain.widths, "E2": 30.0}),
        ScoringPolicy(accesses={**plain.accesses, "vendor": 0.5}),
        ScoringPolicy(windows={**plain.windows, "over": 0.5}),
        ScoringPolicy(mfa_factor=0.2),
        ScoringPolicy(finding_control_factor=0.2),
        ScoringPolicy(phishing=True),
        plain.with_phishing(),
        plain.without_assumed(),
    ]

    assert len({plain.sha256, *(policy.sha256 for policy in others)}) == 12


@pytest.mark.parametrize("value", [math.nan, -0.1, 1.1, math.inf])
def test_it_refuses_what_is_no_probability_and_names_it(value):
    table = {**ScoringPolicy().bases, "imported": value}

    with pytest.raises(PolicyRefused, match="imported"):
        ScoringPolicy(bases=table)


@pytest.mark.parametrize("value", [math.nan, -0.1, 1.1, math.inf])
def test_it_refuses_what_is_no_factor_and_names_it(value):
    plain = ScoringPolicy()

    with pytest.raises(PolicyRefused, match="second factor"):
        ScoringPolicy(mfa_factor=value)
    with pytest.raises(PolicyRefused, match="phishing"):
        ScoringPolicy(accesses={**plain.accesses, "phishing": value})
    with pytest.raises(PolicyRefused, match="on_request"):
        ScoringPolicy(windows={**plain.windows, "on_request": value})


def test_it_refuses_a_table_with_a_gap():
    with pytest.raises(PolicyRefused, match="E3"):
        ScoringPolicy(grades={"E0": 0.05, "E1": 0.15, "E2": 0.4})
