"""An SNMP agent of pysnmp on ADDRESS, port 10161: versions 1, 2c and 3."""

import asyncio
import sys

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context

READABLE = (1, 3, 6, 1, 2, 1)


async def serve() -> None:
    agent = engine.SnmpEngine()
    transport = udp.UdpTransport().open_server_mode((sys.argv[1], 10161))
    config.add_transport(agent, udp.DOMAIN_NAME, transport)
    config.add_v1_system(agent, "readers", "public")
    for model in (1, 2):
        config.add_vacm_user(agent, model, "readers", "noAuthNoPriv", READABLE)
    cmdrsp.GetCommandResponder(agent, context.SnmpContext(agent))
    await transport._lport  # pysnmp opens its socket in a task of its own
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(serve())
