"""`demo fix` tells the plant and waits for its answer."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from launcher.plant import host_states, is_up, list_fixes, set_fix
from launcher.terminal import Fault, NotRunning


@pytest.fixture
def plant(tmp_path):
    fixes = {"hmi-login": "The panel asks for a password.", "tunnel": "It is closed."}
    (tmp_path / "inventory.json").write_text(json.dumps({"fixes": fixes}))
    return tmp_path


def report(plant, *fixed, **hosts):
    status = {"hosts": {name: {"up": up} for name, up in hosts.items()}, "fixed": fixed}
    (plant / "status.json").write_text(json.dumps(status))


def test_it_waits_until_the_plant_shows_the_fix(plant):
    report(plant)
    with ThreadPoolExecutor(1) as aside:
        told = aside.submit(set_fix, plant, "hmi-login", fixed=True, patience=10)
        while not (plant / "fixes.json").exists():
            assert not told.done()
        report(plant, "hmi-login")

        assert told.result() == "Fixed: The panel asks for a password."
    assert json.loads((plant / "fixes.json").read_text()) == {"fixed": ["hmi-login"]}


def test_it_keeps_the_other_fixes(plant):
    (plant / "fixes.json").write_text('{"fixed": ["tunnel", "hmi-login"]}')
    report(plant, "tunnel")

    set_fix(plant, "hmi-login", fixed=False)

    assert json.loads((plant / "fixes.json").read_text()) == {"fixed": ["tunnel"]}


def test_it_refuses_an_unknown_name_with_the_known_ones(plant):
    with pytest.raises(
        Fault, match=r"knows no fix 'x'; it offers: hmi-login, tunnel\."
    ):
        set_fix(plant, "x", fixed=True)
    assert not (plant / "fixes.json").exists()


def test_it_does_not_wait_for_ever(plant):
    report(plant)

    with pytest.raises(Fault, match="did not answer within 0 s"):
        set_fix(plant, "tunnel", fixed=True, patience=0)


def test_it_says_that_the_plant_does_not_run(tmp_path):
    with pytest.raises(NotRunning, match=r"\./sightline up"):
        set_fix(tmp_path, "tunnel", fixed=True)


def test_it_lists_what_is_open_and_what_is_fixed(plant):
    report(plant, "tunnel")

    lines = list_fixes(plant).splitlines()

    assert lines[0].split()[:2] == ["hmi-login", "open"]
    assert lines[1].split()[:2] == ["tunnel", "fixed"]


def test_it_is_up_when_every_host_is(plant):
    report(plant, a=True, b=False)
    assert host_states(plant) == {"a": "up", "b": "down"}
    assert not is_up(plant)

    report(plant, a=True, b=True)
    assert is_up(plant)


@pytest.mark.parametrize("text", ["", "[]", '{"hosts": []}', "\x00"])
def test_it_is_not_up_when_its_report_makes_no_sense(plant, text):
    (plant / "status.json").write_text(text)

    assert not is_up(plant)
