from collections import Counter

import pytest

from plant import hosts
from plant.hosts import FIXES, HOSTS
from plant.stacks import MODULES
from plant.supervisor import inventory


def test_it_gives_every_host_an_address_of_its_own():
    addresses = Counter(each.address for each in HOSTS)

    assert max(addresses.values()) == 1


def test_it_has_a_stack_for_every_protocol():
    protocols = {each.protocol for one in HOSTS for each in one.services}

    assert protocols == set(MODULES)


@pytest.mark.parametrize("name", FIXES)
def test_it_changes_one_host_per_fix(name):
    changed = [each.key for each in HOSTS if name in each.fixes]

    assert len(changed) == 1


def test_it_names_no_fix_that_is_not_described():
    used = {name for each in HOSTS for name in each.fixes}

    assert used == set(FIXES)


def test_it_keeps_the_standard_port_where_it_may_be_opened(monkeypatch):
    monkeypatch.setattr(hosts, "_may_bind", lambda _port: True)

    assert hosts.actual_port(102) == 102


def test_it_moves_a_low_port_where_it_may_not_be_opened(monkeypatch):
    monkeypatch.setattr(hosts, "_may_bind", lambda _port: False)

    assert (hosts.actual_port(102), hosts.actual_port(4840)) == (10102, 4840)


def test_it_says_where_each_service_is(monkeypatch):
    monkeypatch.setattr(hosts, "_may_bind", lambda _port: False)

    router = next(each for each in inventory()["hosts"] if each["key"] == "RTR-UTIL")

    assert router["services"][1] == {
        "protocol": "s7",
        "port": 10102,
        "standard_port": 102,
        "transport": "tcp",
    }
