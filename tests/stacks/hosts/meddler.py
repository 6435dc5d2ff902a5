"""Clients of others that change things: DNP3, MMS and ADS on ADDRESS, then "ready"."""

import asyncio
import sys
from contextlib import suppress

import pyads
from dnp3.master import (
    CommandBuilder,
    Master,
    MasterConfig,
    MasterRunnerError,
    MasterTcpRunner,
)
from pyiec61850 import pyiec61850 as lib

ADDRESS = sys.argv[1]


async def dnp3() -> None:
    """Reset the link, take the events away, switch an output."""
    master = Master(config=MasterConfig(outstation_address=10))
    switch = CommandBuilder().latch_on(0).build_direct_operate()
    async with MasterTcpRunner(master=master, host=ADDRESS) as runner:
        with suppress(MasterRunnerError):
            await runner.class_poll(class_1=True, class_2=False, class_3=False)
            await runner.request(switch.build_request(seq=1))


def mms() -> None:
    """Write a name into the substation."""
    partner = lib.IedConnection_create()
    lib.IedConnection_connect(partner, ADDRESS, 10102)
    lib.IedConnection_writeVisibleStringValue(
        partner, "BAY1LD0/LLN0.NamPlt.vendor", lib.IEC61850_FC_DC, "Mallory"
    )
    lib.IedConnection_close(partner)


def ads() -> None:
    """Stop the controller."""
    with suppress(pyads.ADSError):
        plc = pyads.Connection("127.0.0.1.1.1", 851, ADDRESS)
        plc.open()
        plc.write_control(pyads.ADSSTATE_STOP, 0, 0, pyads.PLCTYPE_INT)
        plc.close()


asyncio.run(dnp3())
mms()
ads()
print("ready", flush=True)
