"""Every check holds, fails and admits that it cannot tell."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exposure.logic.checks import (
    BY_ID,
    CHECKS,
    WeaknessCheck,
    evaluate,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PANEL: dict[str, Any] = {
    "status": 200,
    "title": "Miniweb Start Page",
    "panel_markers": ["hmi", "miniweb"],
    "password_input": False,
    "sign_in_words": [],
    "text_length": 300,
}


def judge(check: str, facts: dict[str, Any]) -> tuple[bool | None, str]:
    """Return whether the check holds, and the level that it proved."""
    found = evaluate(facts, BY_ID[check].probe, now=NOW)
    verdict = {each.id: verdict for each, verdict in found}[check]
    assert verdict.reason.endswith(".")
    return verdict.holds, verdict.level


@pytest.mark.parametrize(
    ("check", "facts", "holds", "level"),
    [
        (
            "s7-open",
            {"read_answered": True, "key_switch": 1, "protection_level": 0},
            True,
            "L3",
        ),
        ("s7-open", {"read_answered": True}, True, "L2"),
        (
            "s7-open",
            {"read_answered": True, "key_switch": 1, "protection_level": 3},
            False,
            "L2",
        ),
        (
            "s7-open",
            {"read_answered": True, "key_switch": 2, "protection_level": 0},
            False,
            "L2",
        ),
        ("s7-open", {"pdu_bytes": 240}, None, "L1"),
        ("modbus-open", {"read_answered": True, "registers_read": 1}, True, "L3"),
        ("modbus-open", {"read_exception": 2}, True, "L3"),
        ("modbus-open", {"read_answered": True, "read_exception": 1}, None, "L2"),
        ("modbus-open", {"read_exception": 11}, None, "L1"),
        ("enip-open", {"cip_status": 0}, True, "L3"),
        ("enip-open", {"cip_status": 8}, False, "L1"),
        ("enip-open", {"product": "1756-L61"}, None, "L1"),
        ("opcua-anonymous", {"anonymous_without_security": True}, True, "L2"),
        (
            "opcua-anonymous",
            {"anonymous_without_security": False, "endpoints": ["Sign"]},
            False,
            "L1",
        ),
        ("opcua-anonymous", {}, None, "L1"),
        ("mqtt-anonymous", {"return_code": 0}, True, "L2"),
        ("mqtt-anonymous", {"return_code": 5}, False, "L1"),
        ("mqtt-anonymous", {"return_code": 3}, None, "L1"),
        ("vnc-no-auth", {"security_types": [2, 1]}, True, "L2"),
        ("vnc-no-auth", {"security_types": [2]}, False, "L1"),
        ("vnc-no-auth", {}, None, "L1"),
        ("hmi-no-login", PANEL, True, "L2"),
        ("hmi-no-login", PANEL | {"password_input": True}, False, "L1"),
        ("hmi-no-login", PANEL | {"www_authenticate": "Basic"}, False, "L1"),
        ("hmi-no-login", PANEL | {"panel_markers": []}, False, "L1"),
        ("hmi-no-login", PANEL | {"status": 302}, None, "L1"),
        ("hmi-no-login", PANEL | {"text_length": 3}, None, "L1"),
        ("hmi-no-login", PANEL | {"sign_in_words": ["login"]}, None, "L1"),
        ("tls-expired", {"not_after": "2026-11-22T11:59:59+00:00"}, True, "L2"),
        ("tls-expired", {"not_after": "2026-11-22T12:00:00+00:00"}, False, "L1"),
        ("tls-expired", {}, None, "L1"),
        ("rdp-no-nla", {"nla_enforced": False}, True, "L2"),
        ("rdp-no-nla", {"nla_enforced": True}, False, "L1"),
        ("rdp-no-nla", {}, None, "L1"),
        ("rdp-no-nla", {"anomaly": "It chose what was not on offer."}, None, ""),
        ("iec104-open", {"test_confirmed": True}, True, "L1"),
        ("iec104-open", {}, None, "L1"),
    ],
)
def test_it_judges_the_facts(
    check: str, facts: dict[str, Any], *, holds: bool | None, level: str
) -> None:
    assert judge(check, facts) == (holds, level)


def test_it_judges_the_page_behind_tls_too() -> None:
    verdicts = {c.id: v for c, v in evaluate(PANEL, "https", now=NOW)}

    assert verdicts["hmi-no-login"].holds is True


def test_it_judges_the_broker_behind_tls_too() -> None:
    [(check, verdict)] = evaluate({"return_code": 0}, "mqtts", now=NOW)

    assert check.id == "mqtt-anonymous"
    assert verdict.holds is True


def test_it_has_nothing_to_say_about_a_probe_without_checks() -> None:
    assert evaluate({"banner": "hello"}, "banner", now=NOW) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_it_is_written_for_people(check: WeaknessCheck) -> None:
    assert "{asset}" in check.title
    assert check.title.endswith(".")
    assert check.not_done.endswith(".")
    assert re.fullmatch(r"T0\d{3}", check.technique)
    assert check.version >= 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_page_of_the_checks_explains_it(check: WeaknessCheck) -> None:
    page = (Path(__file__).parents[3] / "docs" / "checks.md").read_text()

    [row] = [line for line in page.splitlines() if line.startswith(f"| {check.id} |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[2] == check.gives
    assert all(cells)


def test_it_claims_control_only_with_the_words_write_not_attempted() -> None:
    for check, facts in [
        ("s7-open", {"read_answered": True, "key_switch": 1, "protection_level": 0}),
        ("modbus-open", {"registers_read": 1}),
        ("enip-open", {"cip_status": 0}),
    ]:
        [(_, verdict)] = evaluate(facts, BY_ID[check].probe, now=NOW)

        assert "Write not attempted." in verdict.reason
