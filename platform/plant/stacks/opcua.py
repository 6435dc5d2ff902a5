"""OPC UA: asyncua, open to everybody or secured with a user name."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from asyncua import Server, ua

from plant.certificates import Wanted, key_pair
from plant.stacks import Place

MAKERS = {
    "SCADA-01": ("Inductive Automation", "Ignition OPC UA Server", "8.1.17"),
    "OPC-GW-02": ("Unified Automation GmbH", "UaGateway", "1.5.13"),
}
VALUES = {
    "Line1.FillerSpeed": 11840.0,
    "Line2.PasteuriserOutlet": 72.6,
    "Boiler1.SteamPressure": 8.2,
}


class _NobodyKnown:
    """Knows no user: every name and password is refused."""

    def get_user(self, *_args: Any, **_named: Any) -> None:
        """Return no user."""


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve the plant's values, in the clear or only to those with a user name."""
    # The library warns at each start that an open server is open.
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    server = Server(user_manager=_NobodyKnown()) if place.guarded else Server()
    await server.init()
    await _introduce(server, place)
    if place.guarded:
        await _secure(server, place)
    else:
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        server.set_identity_tokens([ua.AnonymousIdentityToken])
    async with server:
        yield


async def _introduce(server: Server, place: Place) -> None:
    maker, product, version = MAKERS[place.host.key]
    uri = f"urn:northmill:thornby:{place.host.key}"
    server.set_endpoint(f"opc.tcp://{place.address}:{place.port}/")
    server.product_uri = uri
    server.set_server_name(f"{product} {place.host.key}")
    await server.set_application_uri(uri)
    built = datetime(2022, 5, 17, tzinfo=UTC)
    await server.set_build_info(uri, maker, product, version, "0", built)
    index = await server.register_namespace("urn:northmill:thornby")
    for name, value in VALUES.items():
        node = await server.nodes.objects.add_variable(index, name, value)
        if name == "Line1.FillerSpeed":
            await node.set_writable()


async def _secure(server: Server, place: Place) -> None:
    uri = f"urn:northmill:thornby:{place.host.key}"
    wanted = Wanted(place.host.key, (uri, place.address), until_day=3650)
    pair = key_pair(place.state.certificates, f"{place.host.key}-opcua", wanted)
    await server.load_certificate(pair.certificate)
    await server.load_private_key(pair.key)
    server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    server.set_identity_tokens([ua.UserNameIdentityToken])
