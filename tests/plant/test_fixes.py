import socket
import subprocess
from http.client import HTTPConnection

import pytest

pytestmark = pytest.mark.plant

ENDPOINTS = """
import asyncio, sys
from asyncua import Client
async def main():
    for each in await Client(sys.argv[1]).connect_and_get_server_endpoints():
        for token in each.UserIdentityTokens:
            print(each.SecurityMode.name, token.TokenType.name)
asyncio.run(main())
"""


def get(where):
    connection = HTTPConnection(*where, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def refuses(where):
    with socket.socket() as client:
        client.settimeout(10)
        return client.connect_ex(where) != 0


def test_it_closes_the_forwarded_port_and_keeps_the_router(start):
    router = start("RTR-UTIL")
    assert not refuses(router.where("s7"))

    report = router.fix("plc-port")

    assert report["fixed"] == ["plc-port"]
    assert refuses(router.where("s7"))
    assert get(router.where("http"))[0] == 200


def test_it_opens_the_forwarded_port_again(start):
    router = start("RTR-UTIL")
    router.fix("plc-port")

    router.fix()

    assert not refuses(router.where("s7"))


def test_it_asks_for_a_sign_in_instead_of_showing_the_process(start):
    panel = start("HMI-P2")
    assert "72.6" in get(panel.where("http"))[1]

    panel.fix("hmi-login")

    status, text = get(panel.where("http"))
    assert status == 401
    assert 'type="password"' in text
    assert "72.6" not in text


def test_it_leaves_other_hosts_as_they_are(start):
    panel = start("HMI-P2")

    report = panel.fix("hmi-login", "plc-port")

    assert report["fixed"] == ["hmi-login"]


def test_it_secures_the_scada_server(start, plant_python):
    scada = start("SCADA-01")
    assert endpoints(plant_python, scada) == "None_ Anonymous\n"

    scada.fix("opcua-anonymous")

    assert endpoints(plant_python, scada) == "SignAndEncrypt UserName\n"


def endpoints(python, running):
    address, port = running.where("opcua")
    command = [python, "-c", ENDPOINTS, f"opc.tcp://{address}:{port}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    return done.stdout
