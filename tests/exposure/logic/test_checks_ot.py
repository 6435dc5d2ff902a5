"""Every check of the further industrial protocols holds, fails and cannot tell."""

from typing import Any

import pytest

from exposure.logic.checks import BY_ID, evaluate
from exposure.logic.checks_ot import OT_CHECKS
from exposure.logic.grades import Grade, from_level
from exposure.logic.products import describe
from tests.exposure.logic.test_checks import NOW, judge
from tests.exposure.probes.test_transcripts import FOLDER, load

READ = {"read_answered": True}
PROTOCOLS = sorted(check.probe for check in OT_CHECKS)


@pytest.mark.parametrize(
    ("check", "facts", "holds", "level"),
    [
        ("dnp3-open", READ, True, "L2"),
        ("dnp3-open", {"outstation": 10}, None, "L1"),
        ("mms-open", READ, True, "L2"),
        ("mms-open", {"association": "refused"}, False, "L1"),
        ("mms-open", {"association": "broken off"}, None, "L1"),
        ("mms-open", {"association": "accepted"}, None, "L1"),
        ("ads-open", READ, True, "L2"),
        ("ads-open", {"ads_error": 7}, False, "L1"),
        ("ads-open", {"ads_error": 0}, None, "L1"),
        ("fins-open", READ, True, "L2"),
        ("fins-open", {"connection_error": 0x22}, False, "L1"),
        ("fins-open", {"connection_error": 0, "end_code": "2101"}, False, "L1"),
        ("fins-open", {"connection_error": 0x20}, None, "L1"),
        ("fox-open", {"version": "3.8.213"}, True, "L1"),
        ("fox-open", {"hello_refused": True}, None, "L1"),
        ("pcworx-open", READ, True, "L2"),
        ("pcworx-open", {}, None, "L1"),
        ("proconos-open", READ, True, "L2"),
        ("crimson-open", READ, True, "L2"),
        ("gesrtp-open", {"opened": True}, True, "L1"),
        ("gesrtp-open", {}, None, "L1"),
        ("atg-open", READ, True, "L2"),
        ("atg-open", {"command_refused": True}, False, "L1"),
        ("atg-open", {}, None, "L1"),
        ("codesys-open", {"login_answered": True}, True, "L1"),
        ("codesys-open", {}, None, "L1"),
        ("hartip-open", READ | {"session_status": 0}, True, "L2"),
        ("hartip-open", {"session_status": 15}, None, "L1"),
    ],
)
def test_it_judges_the_facts(
    check: str, facts: dict[str, Any], *, holds: bool | None, level: str
) -> None:
    assert judge(check, facts) == (holds, level)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_holds_on_what_was_recorded(protocol: str) -> None:
    _, recording, _ = load(FOLDER / f"{protocol}.json")

    [(check, verdict)] = evaluate(recording["facts"], protocol, now=NOW)

    assert check.id == f"{protocol}-open"
    assert verdict.holds is True
    assert verdict.level == recording["level"]


def test_it_judges_a_niagara_station_behind_tls_too() -> None:
    [(check, _)] = evaluate({"version": "4.10"}, "foxs", now=NOW)

    assert check.id == "fox-open"


def test_an_open_control_protocol_gives_control_as_modbus_does() -> None:
    gives = {check.id: check.gives for check in OT_CHECKS}

    assert gives.pop("fox-open") == "foothold"  # a sign-in still stands before it
    assert set(gives.values()) == {BY_ID["modbus-open"].gives} == {"control"}


def test_one_read_is_confirmed_and_a_second_run_validates_it() -> None:
    assert from_level("L2") is Grade.E3
    assert from_level("L2", agreeing_runs=2) is Grade.E4
    assert from_level("L1", agreeing_runs=2) is Grade.E1


@pytest.mark.parametrize(
    ("protocol", "line"),
    [
        ("dnp3", "outstation 10"),
        ("mms", "Northmill Relays BAY-7 2.4.1"),
        ("ads", "Beckhoff TestServer 1.2.3"),
        ("fins", "Omron CP1L-EM40DR-D 01.00"),
        ("fox", "Tridium Niagara 3.8.213"),
        ("pcworx", "Phoenix Contact ILC 191 ETH 2TX 2700976 4.42"),
        ("proconos", "ProConOS V4.2.0214 Oct 28 2011 V 3.95A.6       Mar  9 2012"),
        ("crimson", "Red Lion Controls G310C2"),
        ("gesrtp", "Emerson (GE) SRTP controller"),
        ("atg", "tank gauge NORTHMILL DAIRY"),
        ("codesys", "WAGO Nucleus PLUS Nucleus PLUS version unknown"),
        ("hartip", "Endress+Hauser device type e177 2.3"),
    ],
)
def test_a_list_shows_maker_product_and_version(protocol: str, line: str) -> None:
    _, recording, _ = load(FOLDER / f"{protocol}.json")

    assert describe(recording["facts"]) == line
