"""Who must agree on a finding."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.logic.routing import OTHERWISE, TABLE, Facts, route

LEVELS = st.sampled_from([None, 0.0, 1.0, 2.0, 3.0, 3.5, 4.0, 5.0])
KINDS = st.sampled_from(
    ["plc", "hmi", "scada", "ews", "historian", "gateway", "jump", "server", "sis", "other"]
)  # fmt: skip
FACTS = st.builds(
    Facts,
    level=LEVELS,
    is_safety=st.booleans(),
    kind=KINDS,
    protocol=st.sampled_from(["s7", "http", "ssh", "opcua"]),
    leads_to_ot=st.sampled_from([None, False, True]),
)


DEVICE = Facts(
    level=None, is_safety=False, kind="other", protocol="http", leads_to_ot=None
)
THREE = ("it", "ot", "safety")
BOTH = ("it", "ot")


@pytest.mark.parametrize(
    ("facts", "rule", "lead", "slots"),
    [
        ({"level": 1, "is_safety": True, "kind": "plc"}, "safety", "ot", THREE),
        ({"level": 4, "kind": "sis"}, "safety", "ot", THREE),
        ({"level": 1, "kind": "plc", "protocol": "s7"}, "field", "ot", BOTH),
        ({"kind": "hmi"}, "field", "ot", BOTH),
        ({"level": 4, "protocol": "modbus", "leads_to_ot": False}, "field", "ot", BOTH),
        ({"level": 2}, "field", "ot", BOTH),
        ({"level": 3, "kind": "server"}, "operations", "ot", BOTH),
        ({"level": 4, "kind": "historian"}, "operations", "ot", BOTH),
        ({"level": 3.5, "kind": "server"}, "remote_access", "it", BOTH),
        ({"level": 4, "kind": "jump", "protocol": "ssh"}, "remote_access", "it", BOTH),
        ({"level": 4, "leads_to_ot": True}, "office_to_plant", "it", BOTH),
        ({"level": 5, "leads_to_ot": False}, "office", "it", ("it",)),
        ({"level": 4, "leads_to_ot": None}, "unplaced", "it", BOTH),
        ({"level": None, "leads_to_ot": False}, "unplaced", "it", BOTH),
    ],
)
def test_it_takes_the_first_rule_that_matches(
    facts: dict[str, Any], rule: str, lead: str, slots: tuple[str, ...]
) -> None:
    found = route(replace(DEVICE, **facts))

    assert (found.rule, found.lead, found.slots) == (rule, lead, slots)


@given(FACTS)
def test_it_leaves_ot_out_only_where_nothing_leads_there(facts: Facts) -> None:
    if "ot" not in route(facts).slots:
        assert facts.leads_to_ot is False
        assert facts.level is not None
        assert facts.level >= 4


@given(FACTS)
def test_it_always_asks_somebody_and_says_why(facts: Facts) -> None:
    found = route(facts)

    assert "it" in found.slots
    assert found.lead in found.slots
    assert found.reason.endswith(".")


def test_it_fits_into_the_columns_of_a_case() -> None:
    for each in [*(rule.route for rule in TABLE), OTHERWISE]:
        assert len(each.rule) <= 20
        assert len(each.reason) <= 300
