"""A SIP user agent server of aiosipua on ADDRESS, port 15060."""

import asyncio
import sys

from aiosipua.transport import UdpSipTransport
from aiosipua.uas import SipUAS


async def serve() -> None:
    transport = UdpSipTransport((sys.argv[1], 15060))
    server = SipUAS(transport, user_agent="Site telephones 4.2")
    await server.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(serve())
