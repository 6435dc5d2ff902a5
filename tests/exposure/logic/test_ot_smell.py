"""What smells of a plant, and the reason that a person can check."""

import pytest

from exposure.logic import ot_smell


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"banner": "220 PLC FTP ready"}, 'its banner says "plc"'),
        ({"title": "SIMATIC HMI Miniweb"}, 'its title says "simatic"'),
        ({"subject": "CN=HMI-P2,O=Northmill Dairy Ltd"}, 'its subject says "hmi"'),
        ({"names": [7, "shop.example", "s7-1500.plant.example"]}, 's7-1500"'),
        ({"product": "BMX P34 2020", "vendor": "Schneider Electric"}, '"schneider"'),
        ({"product": "Modicon M340"}, 'its product says "modicon"'),
        ({"www_authenticate": 'Basic realm="WAGO 750-881"'}, 'says "wago"'),
        ({"mac": "00-1b-1b-01-02-03"}, "its network address belongs to Siemens"),
    ],
)
def test_it_names_the_word_and_where_it_stands(
    facts: dict[str, object], reason: str
) -> None:
    assert reason in ot_smell.smell_of_facts(facts)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"banner": "SSH-2.0-OpenSSH_9.6", "server": "nginx/1.18.0"},
        {"title": "Supplier portal", "subject": "CN=plants-and-flowers.example"},
        {"title": "replchmiscadas", "mac": "3c:ec:ef:00:00:01"},
        {"banner": None, "names": 5, "mac": 7},
    ],
)
def test_it_leaves_an_office_server_alone(facts: dict[str, object]) -> None:
    assert ot_smell.smell_of_facts(facts) == ""


def test_it_takes_the_word_of_the_inventory_for_controllers_only() -> None:
    reasons = [ot_smell.smell_of_inventory(kind) for kind in ("plc", "server", "")]

    assert reasons == ["the inventory calls it a plc", "", ""]


def test_it_names_an_industrial_answer_on_an_ordinary_port() -> None:
    said = ot_smell.smell_of_answer(8080, "modbus", is_industrial=True)

    assert said == "port 8080 answers as modbus"
    assert ot_smell.smell_of_answer(8080, "http", is_industrial=False) == ""
